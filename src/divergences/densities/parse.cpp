// SPDX-License-Identifier: Apache-2.0
//
// Reading densities as a user writes them.
//
//   density   = component { "+" component } | "mvnormal(" FILE "," FILE ")"
//   component = [ WEIGHT "*" ] FAMILY "(" number "," number ")"
//
// Every complaint names the character at which reading stopped.
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "pushforward/data.hpp"
#include "pushforward/density.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

using Family = LineComponent::Family;

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  LineDensity mixture() {
    std::vector<LineComponent> components = {component()};
    while (take('+')) components.push_back(component());
    if (!at_end()) refuse(fmt::format("'{}'", text_.substr(at_)), "'+' and a component, or the end");
    if (components.size() > 1) check_weights(components);
    return LineDensity(std::move(components));
  }

 private:
  [[noreturn]] void refuse(const std::string& got, const std::string& wanted, std::string hint = "") const {
    throw RequestError(
        Complaint{fmt::format("density '{}': character {}", text_, at_ + 1), got, wanted, std::move(hint)});
  }
  void skip_space() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool at_end() {
    skip_space();
    return at_ == text_.size();
  }
  bool take(char c) {
    skip_space();
    if (at_ == text_.size() || text_[at_] != c) return false;
    return ++at_, true;
  }
  void expect(char c) {
    if (take(c)) return;
    refuse(at_ == text_.size() ? "the end" : fmt::format("'{}'", text_[at_]), fmt::format("'{}'", c));
  }
  double number() {
    skip_space();
    double value = 0;
    const char* end = text_.data() + text_.size();
    const auto [stop, problem] = std::from_chars(text_.data() + at_, end, value);
    if (problem != std::errc{} || !std::isfinite(value))
      refuse(at_end() ? "the end" : fmt::format("'{}'", text_[at_]), "a finite number");
    at_ = static_cast<std::size_t>(stop - text_.data());
    return value;
  }
  Family family() {
    skip_space();
    const std::size_t begin = at_;
    while (at_ < text_.size() && std::isalpha(static_cast<unsigned char>(text_[at_]))) ++at_;
    const std::string word(text_.substr(begin, at_ - begin));
    if (word == "normal") return Family::normal;
    if (word == "uniform") return Family::uniform;
    if (word == "laplace") return Family::laplace;
    at_ = begin;
    if (word.empty())
      refuse(at_end() ? "the end" : fmt::format("'{}'", text_[at_]),
             "normal(mean,sd), uniform(a,b) or laplace(mean,scale)");
    const std::vector<std::string> valid = {"normal", "uniform", "laplace", "mvnormal"};
    const std::string near = nearest_word(word, valid);
    refuse(fmt::format("'{}'", word), "normal, uniform or laplace",
           word == "mvnormal" ? "mvnormal stands alone, not in a mixture"
           : near.empty()     ? ""
                              : fmt::format("did you mean '{}'?", near));
  }
  LineComponent component() {
    skip_space();
    LineComponent c;
    const bool weighted = at_ < text_.size() && !std::isalpha(static_cast<unsigned char>(text_[at_]));
    if (weighted) c.weight = number(), expect('*');
    if (!(c.weight >= 0)) refuse(fmt::format("a weight of {}", c.weight), "a weight that is not negative");
    c.family = family();
    expect('(');
    c.a = number();
    expect(',');
    c.b = number();
    expect(')');
    if (c.family == Family::uniform ? !(c.a < c.b) : !(c.b > 0))
      refuse(fmt::format("({}, {})", c.a, c.b),
             c.family == Family::uniform ? "the smaller end first" : "a spread above 0");
    return c;
  }
  void check_weights(const std::vector<LineComponent>& components) const {
    double sum = 0;
    for (const LineComponent& c : components) sum += c.weight;
    if (!(std::abs(sum - 1) <= 1e-6))
      refuse(fmt::format("weights that sum to {:.9g}", sum), "a sum of 1 within 1e-6",
             "0.5*normal(-2,1)+0.5*normal(2,1)");
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

// mvnormal(MEAN,COV)
GaussianDensity read_gaussian(std::string_view text) {
  const std::string where = fmt::format("density '{}'", text);
  const std::size_t open = text.find('('), comma = text.find(',');
  if (!text.ends_with(')') || comma == std::string_view::npos || comma < open)
    throw RequestError(Complaint{where, "no two files in brackets", "mvnormal(MEAN.npy,COV.npy)"});
  const auto file = [&](std::size_t begin, std::size_t end) {
    std::string_view name = text.substr(begin, end - begin);
    while (name.starts_with(' ')) name.remove_prefix(1);
    while (name.ends_with(' ')) name.remove_suffix(1);
    return load_data(name).doubles();
  };
  const Matrix<double> mean = file(open + 1, comma);
  Matrix<double> covariance = file(comma + 1, text.size() - 1);
  if (mean.rows() != 1 && mean.cols() != 1)
    throw RequestError(Complaint{where, fmt::format("a mean of {} × {}", mean.rows(), mean.cols()),
                                 "one row or one column"});
  return make_gaussian(where, {mean.span().begin(), mean.span().end()}, std::move(covariance));
}

}  // namespace

KnownDensity parse_density(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  if (text.starts_with("mvnormal")) return read_gaussian(text);
  return Reader(text).mixture();
}

}  // namespace pushforward
