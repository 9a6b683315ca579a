// SPDX-License-Identifier: Apache-2.0
//
// The same question gets the same answer, and a question without an answer gets a sentence.
#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "conformance/report.hpp"

namespace pushforward::conformance {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

struct Pair {
  Cloud x, y;
};

Pair pair(const Report& report, std::size_t n = 6, std::size_t m = 8, std::size_t d = 2) {
  return {normal_cloud(report.n(n), report.d(d), report.draw("inputs x")),
          normal_cloud(report.n(m), report.d(d), report.draw("inputs y"), 0.5, 1.3)};
}

std::vector<double> measured(const Distance& distance, const Sample& x, const Sample& y) {
  return numbers_of(distance.measure(x, y));
}

void check_bits(Report& report) {
  const auto samples = pair(report);
  const auto &x = samples.x, &y = samples.y;
  const auto distance = report.make();
  const std::vector<double> first = measured(*distance, x.sample(), y.sample());
  if (first.empty()) report.found("a number", "neither a value nor parts");
  if (first != measured(*distance, x.sample(), y.sample()))
    report.found("repeatable", "other bits when asked again");
  if (first != measured(*report.make(), x.sample(), y.sample()))
    report.found("repeatable", "another object with the same seed gives other bits");
  const Cloud other = normal_cloud(report.n(7), report.d(2), report.draw("in between"), 3, 2);
  measured(*distance, other.sample(), y.sample());
  if (first != measured(*distance, x.sample(), y.sample()))
    report.found("no memory between calls", "other bits after another sample was measured");
}

void check_frozen(Report& report) {
  const auto samples = pair(report);
  const auto &x = samples.x, &y = samples.y;
  const auto distance = report.make();
  const std::vector<double> before = measured(*distance, x.sample(), y.sample());
  distance->freeze(x.sample(), y.sample());
  const std::vector<double> after = measured(*distance, x.sample(), y.sample());
  for (std::size_t i = 0; i < before.size(); ++i)
    if (i >= after.size() || !close(before[i], after[i], report.options().value_tolerance))
      return report.found(
          "freeze", fmt::format("changed the value on the samples it was given, from {:.17g}", before[i]));
}

void check_precisions(Report& report) {
  const auto samples = pair(report);
  const auto &x = samples.x, &y = samples.y;
  Matrix<float> x32(x.n(), x.d()), y32(y.n(), y.d());
  Cloud x64 = x, y64 = y;
  const auto round = [](const Cloud& from, Matrix<float>& narrow, Cloud& wide) {
    for (std::size_t e = 0; e < from.points.size(); ++e)
      wide.points.data()[e] = narrow.data()[e] = static_cast<float>(from.points.data()[e]);
  };
  round(x, x32, x64), round(y, y32, y64);
  const Sample narrow_x{View<const float>(x32), {}}, narrow_y{View<const float>(y32), {}};
  const auto distance = report.make();
  const std::vector<double> narrow = measured(*distance, narrow_x, narrow_y);
  const std::vector<double> wide = measured(*distance, x64.sample(), y64.sample());
  const std::vector<double> mixed = measured(*distance, narrow_x, y64.sample());
  for (std::size_t i = 0; i < wide.size(); ++i)
    for (const std::vector<double>* other : {&narrow, &mixed})
      if (!close(wide[i], other->at(i), report.options().precision_tolerance, 1e-3))
        report.found("float32 and float64 agree",
                     fmt::format("{:.9g} against {:.9g}", other->at(i), wide[i]));
}

void check_explains(Report& report) {
  const auto samples = pair(report);
  const auto &x = samples.x, &y = samples.y;
  const Reading reading = report.make()->measure(x.sample(), y.sample());
  if (reading.estimator.empty()) report.found("explains itself", "no name of the estimator");
  if (reading.value && reading.unit.empty()) report.found("explains itself", "no unit");
}

// Ordinary input where the estimator is defined, a sentence elsewhere; never NaN, never another exception.
void check_awkward(Report& report, const std::string& what, const Cloud& x, const Cloud& y) {
  try {
    const std::vector<double> numbers = measured(*report.make(), x.sample(), y.sample());
    if (std::any_of(numbers.begin(), numbers.end(), [](double v) { return std::isnan(v); }))
      report.found("awkward samples", fmt::format("NaN for {}", what));
  } catch (const RequestError&) {  // not defined here, and says so
  } catch (const std::exception& problem) {
    report.found("awkward samples", fmt::format("threw '{}' for {}", problem.what(), what));
  }
}

void check_ordinary(Report& report) {
  const auto [x, y] = pair(report, 12, 10);
  Cloud constant = x, same = x, duplicated = x;
  for (std::size_t i = 0; i < x.n(); ++i) {
    constant.points(i, 0) = 3;
    for (std::size_t k = 0; k < x.d(); ++k)
      same.points(i, k) = 1, duplicated.points(i, k) = x.points(i / 3, k);
  }
  check_awkward(report, "a constant column", constant, y);
  check_awkward(report, "constant columns in both", constant, constant);
  check_awkward(report, "all rows the same", same, y);
  check_awkward(report, "all rows of both the same", same, same);
  check_awkward(report, "every row three times", duplicated, y);
  check_awkward(report, "identical samples", x, x);
}

void check_smallest(Report& report) {
  const std::size_t n = std::max<std::size_t>(1, report.facts().smallest_n), d = report.d(2);
  const Cloud x = normal_cloud(n, d, report.draw("smallest x")),
              y = normal_cloud(n, d, report.draw("smallest y"));
  const std::string promise = fmt::format("defined from {} on", n);
  report.attempt(promise, [&] {
    for (double number : measured(*report.make(), x.sample(), y.sample()))
      if (std::isnan(number)) report.found(promise, "NaN");
  });
  if (n == 1) return;
  const Cloud few = normal_cloud(n - 1, d, report.draw("too few"));
  report.expect_refusal("too few observations", [&] { report.make()->measure(few.sample(), y.sample()); },
                        {fmt::format("{}", n)});
  report.expect_refusal("too few observations", [&] { report.make()->measure(x.sample(), few.sample()); });
}

void check_not_numbers(Report& report) {
  for (double bad : {kNaN, std::numeric_limits<double>::infinity()})
    for (bool first : {true, false}) {
      auto samples = pair(report);
      auto &x = samples.x, &y = samples.y;
      const std::size_t column = x.d() - 1, row = report.n(6) - 2;
      (first ? x : y).points(row, column) = bad;
      report.expect_refusal(fmt::format("{} in the {} sample", bad, first ? "first" : "second"),
                            [&] { report.make()->measure(x.sample(), y.sample()); },
                            {fmt::format("row {}", row), fmt::format("column {}", column)});
    }
}

void check_shapes(Report& report) {
  const auto samples = pair(report);
  const auto &x = samples.x, &y = samples.y;
  const Cloud wider = normal_cloud(y.n(), y.d() + 1, report.draw("wider"));
  const Cloud empty{Matrix<double>(0, x.d())};
  report.expect_refusal("different numbers of features",
                        [&] { report.make()->measure(x.sample(), wider.sample()); });
  report.expect_refusal("an empty sample", [&] { report.make()->measure(empty.sample(), y.sample()); });
  report.expect_refusal("an empty sample", [&] { report.make()->measure(x.sample(), empty.sample()); });
  if (report.facts().largest_d == 0) return;
  const Cloud a = normal_cloud(report.n(5), report.facts().largest_d + 1, report.draw("too wide"));
  report.expect_refusal("too many features", [&] { report.make()->measure(a.sample(), a.sample()); });
}

void check_bad_weights(Report& report) {
  auto samples = pair(report);
  auto &x = samples.x, &y = samples.y;
  const auto measure = [&] { report.make()->measure(x.sample(), y.sample()); };
  const double n = static_cast<double>(x.n());
  x.weights.assign(x.n(), 1 / n);
  if (!report.facts().weighted) {
    x.weights[0] = 2 / n, x.weights[1] = 0;
    return report.expect_refusal("weights, which it does not take", measure);
  }
  x.weights[0] = -1 / n, x.weights[1] = 3 / n;
  report.expect_refusal("a negative weight", measure);
  x.weights.assign(x.n(), 0.5 / n);
  report.expect_refusal("weights that sum to one half", measure);
  x.weights.assign(x.n() - 1, 1 / (n - 1));
  report.expect_refusal("a weight too few", measure);
  x.weights.assign(x.n(), kNaN);
  report.expect_refusal("NaN weights", measure);
}

}  // namespace

void check_repeatable(Report& report) {
  report.attempt("repeatable", [&] { check_bits(report); });
  report.attempt("freeze", [&] { check_frozen(report); });
  report.attempt("float32 and float64 agree", [&] { check_precisions(report); });
  report.attempt("explains itself", [&] { check_explains(report); });
}

void check_refusals(Report& report) {
  check_ordinary(report);
  check_smallest(report);
  check_not_numbers(report);
  check_shapes(report);
  check_bad_weights(report);
}

}  // namespace pushforward::conformance
