// SPDX-License-Identifier: Apache-2.0
//
// The check: an entry a time moves by h and h/2 each way, and (4 Δ(h/2) − Δ(h))/3 has an error of O(h⁴).
// Where Δ(h) and Δ(h/2) disagree there is a kink within h (an optimal plan changes, a neighbour, a sign);
// such entries are counted apart. Mass moves between neighbouring rows, for only changes that keep its sum
// matter.
#include "distance_gradient.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "endings.hpp"
#include "pushforward/error.hpp"
#include "table_output.hpp"

namespace pushforward::cli {
namespace {

constexpr std::size_t kMostChecked = 400;     // entries, evenly spaced
constexpr double kStep = 1e-4, kKink = 1e-5;  // of the points' spread; relative
constexpr double kMassStep = 0.05;            // of the smaller of two masses

bool in_points(const GradientRequest& request) { return request.wrt == "points"; }

bool has(const Facts& facts, const GradientRequest& request) {
  return in_points(request) ? facts.gradient_points : facts.gradient_weights;
}

std::vector<std::string> names_with(const GradientRequest& request) {
  std::vector<std::string> names;
  for (const DistanceEntry& entry : distances())
    if (has(entry.facts, request)) names.push_back(entry.name);
  return names;
}

// Both samples in float64, whatever they came in: differences need its accuracy.
struct Side {
  Matrix<double> points;
  std::vector<double> weights;

  Sample sample() const { return {points.view(), weights}; }
};

Side side_of(const Sample& sample, const Dataset& data, bool spelled_out) {
  Side side{data.doubles(), {sample.weights.begin(), sample.weights.end()}};
  if (spelled_out && side.weights.empty())
    side.weights.assign(sample.n(), 1 / static_cast<double>(sample.n()));
  return side;
}

double spread_of(const Matrix<double>& points) {
  double mean = 0, square = 0;
  const auto n = static_cast<double>(points.size());
  for (double v : points.span()) mean += v / n;
  for (double v : points.span()) square += (v - mean) * (v - mean) / n;
  return square > 0 ? std::sqrt(square) : 1;
}

class Differences {
 public:
  Differences(const Distance& distance, Side x, Side y, const GradientRequest& request)
      : distance_(distance), x_(std::move(x)), y_(std::move(y)), request_(request) {}

  Matrix<double> gradient(Reading& reading) {
    Matrix<double> out(moved().points.rows(), in_points(request_) ? moved().points.cols() : 1);
    Gradient wanted;
    if (in_points(request_))
      wanted.points = out.view();
    else
      wanted.weights = out.span();
    reading = request_.of == "x" ? distance_.measure(x_.sample(), y_.sample(), wanted)
                                 : distance_.measure_in_y(x_.sample(), y_.sample(), wanted);
    return out;
  }

  Fields compare(const Matrix<double>& gradient) {
    double most = 0, error = 0;
    for (double g : gradient.span()) most = std::max(most, std::abs(g));
    const std::size_t entries = in_points(request_) ? gradient.size() : gradient.rows() - 1;
    const std::size_t checked = std::min(entries, kMostChecked);
    long long kinks = 0;
    for (std::size_t c = 0; c < checked; ++c) {
      const std::size_t e = c * entries / checked;
      const double got = in_points(request_) ? gradient.data()[e] : gradient(e, 0) - gradient(e + 1, 0);
      const auto wanted = derivative(e, most);
      if (wanted)
        error = std::max(error, std::abs(got - *wanted));
      else
        ++kinks;
    }
    return {{"largest_entry", most}, {"checked", checked}, {"kinks", kinks}, {"largest_error", error}};
  }

 private:
  Side& moved() { return request_.of == "x" ? x_ : y_; }

  // ∂D by central differences, or nothing at a kink.
  std::optional<double> derivative(std::size_t entry, double scale) {
    const double step = in_points(request_)
                            ? kStep * spread_of(moved().points)
                            : kMassStep * std::min(moved().weights[entry], moved().weights[entry + 1]);
    if (!(step > 0)) return std::nullopt;
    const auto central = [&](double h) { return (value(entry, h) - value(entry, -h)) / (2 * h); };
    const double wide = central(step), narrow = central(step / 2);
    if (std::abs(wide - narrow) > kKink * std::max({std::abs(wide), std::abs(narrow), scale}))
      return std::nullopt;
    return (4 * narrow - wide) / 3;
  }

  double value(std::size_t entry, double by) {
    double* first = in_points(request_) ? moved().points.data() + entry : moved().weights.data() + entry;
    double* second = in_points(request_) ? nullptr : first + 1;
    const double before = *first, other = second ? *second : 0;
    *first += by;
    if (second) *second -= by;
    const double found = distance_.measure(x_.sample(), y_.sample()).value.value_or(0);
    *first = before;
    if (second) *second = other;
    return found;
  }

  const Distance& distance_;
  Side x_, y_;
  const GradientRequest& request_;
};

std::vector<std::string> columns_of(const GradientRequest& request, const Dataset& data) {
  if (!in_points(request)) return {"weight"};
  if (data.columns.size() == data.cols()) return data.columns;
  std::vector<std::string> names;
  for (std::size_t k = 0; k < data.cols(); ++k) names.push_back(fmt::format("x{}", k));
  return names;
}

void check_word(const char* option, const std::string& got, const std::vector<std::string>& valid) {
  if (std::find(valid.begin(), valid.end(), got) == valid.end()) throw unknown_word(option, got, valid);
}

}  // namespace

void check_gradient(const GradientRequest& request, const std::vector<Spec>& specs, bool force) {
  check_word("--of", request.of, {"x", "y"});
  check_word("--wrt", request.wrt, {"points", "weights"});
  if (!request.wanted()) return;
  if (specs.size() != 1)
    throw RequestError(Complaint{"--gradient", fmt::format("{} distances", specs.size()), "one: -m SPEC"});
  const Facts facts = facts_of(specs[0]);
  if (!has(facts, request))
    throw RequestError(
        Complaint{"--gradient", fmt::format("{}, which has none in {}", specs[0].text(), request.wrt),
                  fmt::format("one of {}", fmt::join(names_with(request), ", ")),
                  facts.learned ? "a learned distance has one through its network, while it trains" : ""});
  if (!request.output.empty()) check_output(request.output, table_endings(), force);
}

Reading measure_gradient(Distance& distance, const SamplePair& pair, const GradientRequest& request) {
  distance.freeze(pair.x(), pair.y());
  const bool spelled_out = !in_points(request);
  Differences differences(distance, side_of(pair.x(), pair.x_data(), spelled_out),
                          side_of(pair.y(), pair.y_data(), spelled_out), request);
  Reading reading;
  const Matrix<double> gradient = differences.gradient(reading);
  const Dataset& data = request.of == "x" ? pair.x_data() : pair.y_data();
  if (!request.output.empty()) write_table(request.output, gradient.view(), columns_of(request, data));
  Fields said = {{"of", request.of == "x" ? "X" : "Y"}, {"in", request.wrt}, {"rows", gradient.rows()}};
  if (request.check)
    for (Field& field : differences.compare(gradient)) said.push_back(std::move(field));
  if (!request.output.empty()) said.emplace_back("output", request.output);
  reading.extra.emplace_back("gradient", said);
  return reading;
}

}  // namespace pushforward::cli
