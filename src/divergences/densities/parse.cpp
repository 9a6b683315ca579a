// SPDX-License-Identifier: Apache-2.0
//
// Reading densities as a user writes them.
//
//   density   = component { "+" component }
//   component = [ WEIGHT "*" ] factor { "*" factor }          a product: the coordinates side by side
//   factor    = FAMILY "(" number { "," number } ")" | "mvnormal(" numbers "," numbers ")" | "(" density ")"
//   numbers   = FILE | number { "+" number }                  a covariance row by row
//
// A weight is a number and a factor begins with a letter or a bracket, so '*' is never ambiguous. A product
// with a mixture in brackets is multiplied out. Every complaint names the character at which reading stopped.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>

#include <fmt/format.h>

#include "core/synonyms.hpp"
#include "core/text.hpp"
#include "divergences/densities/line_families.hpp"
#include "pushforward/data.hpp"
#include "pushforward/density.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

using Family = LineComponent::Family;
using Factor = std::variant<LineComponent, GaussianDensity>;

struct Product {
  double weight = 1;
  std::vector<Factor> factors;

  std::size_t d() const {
    std::size_t sum = 0;
    for (const Factor& f : factors)
      sum += std::holds_alternative<LineComponent>(f) ? 1 : std::get<GaussianDensity>(f).d();
    return sum;
  }
};

constexpr const char* kForms =
    "a family, such as normal(mean,sd), uniform(a,b), laplace(mean,scale), exponential(rate) or "
    "mvnormal(MEAN,COV)";

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::vector<Product> all() {
    std::vector<Product> products = mixture();
    if (!at_end()) refuse(fmt::format("'{}'", text_.substr(at_)), "'+' and a component, or the end");
    return products;
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
  std::string here() { return at_end() ? "the end" : fmt::format("'{}'", text_[at_]); }
  bool take(char c) {
    skip_space();
    if (at_ == text_.size() || text_[at_] != c) return false;
    return ++at_, true;
  }
  void expect(char c) {
    if (!take(c)) refuse(here(), fmt::format("'{}'", c));
  }
  double number() {
    skip_space();
    double value = 0;
    const char* end = text_.data() + text_.size();
    const auto [stop, problem] = std::from_chars(text_.data() + at_, end, value);
    if (problem != std::errc{} || !std::isfinite(value)) refuse(here(), "a finite number");
    at_ = static_cast<std::size_t>(stop - text_.data());
    return value;
  }

  std::vector<Product> mixture() {
    std::vector<Product> products;
    double sum = 0;
    std::size_t terms = 0;
    do {
      const std::size_t begin = at_;
      std::vector<Product> more = component();
      for (Product& product : more) {
        if (!products.empty() && product.d() != products[0].d())
          at_ = begin, refuse(fmt::format("a component of {} coordinates", product.d()),
                              fmt::format("{}, as the first one has", products[0].d()));
        sum += product.weight;
        products.push_back(std::move(product));
      }
      ++terms;
    } while (take('+'));
    if (!(std::abs(sum - 1) <= 1e-6))
      refuse(fmt::format("weights that sum to {:.9g}", sum), "a sum of 1 within 1e-6",
             "0.5*normal(-2,1)+0.5*normal(2,1)");
    return products;
  }

  // A weight, and the product of its factors, multiplied out.
  std::vector<Product> component() {
    skip_space();
    double weight = 1;
    const bool weighted =
        at_ < text_.size() && text_[at_] != '(' && !std::isalpha(static_cast<unsigned char>(text_[at_]));
    if (weighted) weight = number(), expect('*');
    if (!(weight >= 0)) refuse(fmt::format("a weight of {}", weight), "a weight that is not negative");
    std::vector<Product> products = {{weight, {}}};
    do {
      const std::vector<Product> factor = one_factor();
      std::vector<Product> longer;
      for (const Product& left : products)
        for (const Product& right : factor) {
          longer.push_back(left);
          longer.back().weight *= right.weight;
          longer.back().factors.insert(longer.back().factors.end(), right.factors.begin(),
                                       right.factors.end());
        }
      if (longer.size() > kMostProducts)
        refuse(fmt::format("a product of {} components", longer.size()),
               fmt::format("{} or fewer", kMostProducts));
      products = std::move(longer);
    } while (take('*'));
    return products;
  }

  std::vector<Product> one_factor() {
    if (take('(')) {
      std::vector<Product> inner = mixture();
      expect(')');
      return inner;
    }
    const std::size_t begin = at_;
    const std::string word = name();
    if (plain_word(word) == "mvnormal") return {{1, {gaussian(begin)}}};
    return {{1, {line(family(word, begin))}}};
  }

  std::string name() {
    skip_space();
    const std::size_t begin = at_;
    while (at_ < text_.size() && std::isalpha(static_cast<unsigned char>(text_[at_]))) ++at_;
    if (at_ == begin) refuse(here(), kForms);
    return std::string(text_.substr(begin, at_ - begin));
  }

  const LineFamily& family(const std::string& word, std::size_t begin) {
    std::vector<std::string> valid = {"mvnormal"};
    for (const LineFamily& row : line_families()) valid.emplace_back(row.name);
    if (const auto place = place_of_word(word, valid); place && *place > 0)
      return line_families()[*place - 1];
    at_ = begin;
    const std::string near = nearest_word(word, valid);
    refuse(fmt::format("'{}'", word), kForms, near.empty() ? "" : fmt::format("did you mean '{}'?", near));
  }

  LineComponent line(const LineFamily& row) {
    const std::size_t begin = at_;
    expect('(');
    std::vector<double> numbers = {number()};
    while (take(',')) numbers.push_back(number());
    expect(')');
    if (numbers.size() < row.least || numbers.size() > row.most)
      at_ = begin, refuse(fmt::format("{} numbers", numbers.size()), std::string(row.form));
    LineComponent c;
    c.family = row.family, c.a = numbers[0];
    if (row.family == Family::student)
      c.c = numbers[0], c.a = numbers.size() > 1 ? numbers[1] : 0, c.b = numbers.size() > 2 ? numbers[2] : 1;
    else if (numbers.size() > 1)
      c.b = numbers[1];
    check_component(c, fmt::format("density '{}': character {}", text_, begin + 1));
    return c;
  }

  // "0+1" without a sign problem: a number, then '+' and another one. Nothing where the text is no such list.
  static std::optional<std::vector<double>> inline_numbers(std::string_view text) {
    std::vector<double> numbers;
    const char *at = text.data(), *end = text.data() + text.size();
    for (;; ++at) {
      double value = 0;
      const auto [stop, problem] = std::from_chars(at, end, value);
      if (problem != std::errc{}) return {};
      numbers.push_back(value), at = stop;
      if (at == end) return numbers;
      if (*at != '+') return {};
    }
  }

  // A file, or numbers joined by '+', up to `stop`.
  Matrix<double> argument(char stop, std::size_t d) {
    skip_space();
    const std::size_t begin = at_, end = text_.find(stop, at_);
    if (end == std::string_view::npos) at_ = text_.size(), refuse("the end", fmt::format("'{}'", stop));
    std::string_view piece = text_.substr(begin, end - begin);
    while (piece.ends_with(' ')) piece.remove_suffix(1);
    std::string numbers(piece);
    std::erase(numbers, ' ');
    std::error_code ignored;  // a name that is too long is a name that does not exist
    const bool file = std::filesystem::exists(std::string(piece), ignored);
    const auto given = file ? std::nullopt : inline_numbers(numbers);
    if (!given) {
      Matrix<double> values = load_data(piece).doubles();
      at_ = end + 1;
      return values;
    }
    const std::size_t rows = d == 0 ? 1 : d, columns = d == 0 ? given->size() : d;
    if (given->size() != rows * columns)
      refuse(fmt::format("a covariance of {} numbers", given->size()),
             fmt::format("{} of them, row by row, as the mean's {} coordinates say", d * d, d));
    Matrix<double> values(rows, columns);
    std::copy(given->begin(), given->end(), values.data());
    at_ = end + 1;
    return values;
  }

  GaussianDensity gaussian(std::size_t begin) {
    expect('(');
    const Matrix<double> mean = argument(',', 0);
    if (mean.rows() != 1 && mean.cols() != 1)
      refuse(fmt::format("a mean of {} × {}", mean.rows(), mean.cols()), "one row or one column");
    Matrix<double> covariance = argument(')', mean.size());
    const std::string where = fmt::format("density '{}'", text_.substr(begin, at_ - begin));
    return make_gaussian(where, {mean.span().begin(), mean.span().end()}, std::move(covariance));
  }

  static constexpr std::size_t kMostProducts = 1000;
  std::string_view text_;
  std::size_t at_ = 0;
};

// A Gaussian of one coordinate is a normal.
LineComponent on_the_line(const Factor& factor) {
  if (const auto* line = std::get_if<LineComponent>(&factor)) return *line;
  const auto& g = std::get<GaussianDensity>(factor);
  return {Family::normal, 1, g.mean[0], std::sqrt(g.covariance(0, 0)), 0};
}

// All coordinates of a product; `covariance` holds those that are normal.
SpaceDensity::Component side_by_side(const Product& product) {
  SpaceDensity::Component out{product.weight, {}, Matrix<double>(product.d(), product.d())};
  for (const Factor& factor : product.factors) {
    const std::size_t at = out.axes.size();
    if (const auto* g = std::get_if<GaussianDensity>(&factor)) {
      for (std::size_t i = 0; i < g->d(); ++i) {
        out.axes.push_back({Family::normal, 1, g->mean[i], std::sqrt(g->covariance(i, i)), 0});
        for (std::size_t j = 0; j < g->d(); ++j) out.covariance(at + i, at + j) = g->covariance(i, j);
      }
      continue;
    }
    const auto& line = std::get<LineComponent>(factor);
    out.axes.push_back(line);
    if (line.family == Family::normal) out.covariance(at, at) = line.b * line.b;
  }
  return out;
}

bool is_gaussian(const SpaceDensity::Component& c) {
  return std::all_of(c.axes.begin(), c.axes.end(),
                     [](const LineComponent& axis) { return axis.family == Family::normal; });
}

}  // namespace

KnownDensity parse_density(std::string_view text) {
  const std::vector<Product> products = Reader(without_blanks(text)).all();
  if (products.size() == 1 && products[0].factors.size() == 1)
    if (const auto* g = std::get_if<GaussianDensity>(&products[0].factors[0])) return *g;
  if (products[0].d() == 1) {
    std::vector<LineComponent> components;
    for (const Product& product : products) {
      components.push_back(on_the_line(product.factors[0]));
      components.back().weight = product.weight;
    }
    return LineDensity(std::move(components));
  }
  std::vector<SpaceDensity::Component> components;
  for (const Product& product : products) components.push_back(side_by_side(product));
  if (components.size() == 1 && is_gaussian(components[0])) {
    GaussianDensity g{{}, std::move(components[0].covariance)};
    for (const LineComponent& axis : components[0].axes) g.mean.push_back(axis.a);
    return g;
  }
  return SpaceDensity(std::move(components));
}

}  // namespace pushforward
