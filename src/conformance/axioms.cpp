// SPDX-License-Identifier: Apache-2.0
//
// A complete row, examples that hold, and the axioms, each where the facts claim it.
//
// Random draws alone do not find a false claim of the triangle inequality: squares of Hilbert distances
// (energy, MMD²) keep it on almost every random triple. The half-and-half mixture m of x and y always exposes
// them, since D(x,m) = D(m,y) = D(x,y)/4. That a distance is zero on itself is tried with the rows in another
// order too, and that weights count is tried three ways: an atom split in two, weights 1/n spelled out, and a
// doubled row against a doubled weight.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "conformance/report.hpp"

namespace pushforward::conformance {
namespace {

constexpr double kZero = 1e-6;  // relative to the distance of two different samples: roots make 1e-8 of 1e-16

std::string pair_text(const char* left, double a, const char* right, double b) {
  return fmt::format("{} = {:.17g}, {} = {:.17g}", left, a, right, b);
}

void check_example(Report& report, const DistanceExample& example) {
  const std::string text = report.entry().name + (example.options.empty() ? "" : ":" + example.options);
  const auto made = report.entry().make(parse_spec(text, "example"), report.options().seed);
  const auto points = [&](const std::vector<double>& values) {
    return Points(View<const double>{values.data(), values.size() / example.d, example.d});
  };
  const Reading reading =
      made->measure({points(example.x), example.x_weights}, {points(example.y), example.y_weights});
  const std::vector<double> numbers = numbers_of(reading);
  const bool holds = !numbers.empty() && (numbers[0] == example.value ||
                                          std::abs(numbers[0] - example.value) <=
                                              example.tolerance * std::max(1.0, std::abs(example.value)));
  if (!holds)
    report.found("worked example",
                 fmt::format("{} gives {:.17g}, by hand {:.17g} ({})", text,
                             numbers.empty() ? std::nan("") : numbers[0], example.value, example.by_hand));
  if (example.by_hand.empty()) report.found("worked example", "does not say how its value comes about");
}

// Pairs of samples for the axioms: sizes equal and unequal, one to three features.
struct Case {
  Cloud x, y, z;
};

std::vector<Case> cases(const Report& report) {
  std::vector<Case> all;
  const std::size_t sizes[][4] = {{5, 5, 5, 2}, {6, 4, 7, 1}, {4, 7, 5, 3}};
  std::uint64_t step = 0;
  for (const auto& [n, m, l, features] : sizes) {
    const auto cloud = [&, d = features](std::size_t size, double shift) {
      return normal_cloud(report.n(size), report.d(d), report.draw("axioms").at(step++), shift);
    };
    all.push_back({cloud(n, 0), cloud(m, 0.7), cloud(l, -0.4)});
    if (!report.facts().weighted) continue;
    Case weighted = all.back();
    for (Cloud* part : {&weighted.x, &weighted.y, &weighted.z})
      *part = with_random_weights(std::move(*part), report.draw("axiom weights").at(step++));
    all.push_back(std::move(weighted));
  }
  return all;
}

void check_non_negative(Report& report, const Case& c) {
  for (const Cloud* other : {&c.x, &c.y, &c.z})
    if (const double value = report.value(c.x, *other); value < 0)
      report.found("non-negative", fmt::format("got {:.17g}", value));
}

void check_zero(Report& report, const Case& c) {
  Cloud reversed = c.x;
  for (std::size_t i = 0; i < c.x.n(); ++i)
    std::copy_n(c.x.points.row(i), c.x.d(), reversed.points.row(c.x.n() - 1 - i));
  std::reverse(reversed.weights.begin(), reversed.weights.end());
  const double reference = std::abs(report.value(c.x, c.y));
  for (const Cloud* same : {&c.x, static_cast<const Cloud*>(&reversed)})
    if (const double value = report.value(c.x, *same); !(std::abs(value) <= kZero * reference))
      report.found("zero on itself", fmt::format("D(x,x) = {:.3g} where D(x,y) = {:.3g}", value, reference));
}

void check_symmetry(Report& report, const Case& c) {
  const double one = report.value(c.x, c.y), other = report.value(c.y, c.x);
  if (!close(one, other, report.options().value_tolerance))
    report.found("symmetric", pair_text("D(x,y)", one, "D(y,x)", other));
}

void check_triangle(Report& report, const Case& c) {
  std::vector<Cloud> between = {c.z};
  const bool plain = c.x.weights.empty() && c.y.weights.empty() && c.x.n() == c.y.n();
  if (plain || report.facts().weighted) between.push_back(mixture(c.x, c.y));
  for (const Cloud& z : between) {
    const double direct = report.value(c.x, c.y), around = report.value(c.x, z) + report.value(z, c.y);
    if (direct > around * (1 + report.options().value_tolerance))
      report.found("metric", pair_text("D(x,y)", direct, "D(x,z) + D(z,y)", around));
  }
}

// The first atom becomes two with 0.3 and 0.7 of its mass.
Cloud with_split_atom(const Cloud& x) {
  const double n = static_cast<double>(x.n());
  Cloud split{Matrix<double>(x.n() + 1, x.d()), x.weights};
  if (split.weights.empty()) split.weights.assign(x.n(), 1 / n);
  std::copy_n(x.points.data(), x.points.size(), split.points.data());
  std::copy_n(x.points.row(0), x.d(), split.points.row(x.n()));
  split.weights.push_back(0.7 * split.weights[0]);
  split.weights[0] *= 0.3;
  return split;
}

Cloud with_equal_weights(Cloud x) {
  if (x.weights.empty()) x.weights.assign(x.n(), 1 / static_cast<double>(x.n()));
  return x;
}

void check_weights(Report& report, const Case& c) {
  const double tolerance = report.options().value_tolerance, value = report.value(c.x, c.y);
  const auto same = [&](const char* what, double other) {
    if (!close(value, other, tolerance)) report.found("weighted", pair_text("D(x,y)", value, what, other));
  };
  same("with an atom of x split in two", report.value(with_split_atom(c.x), c.y));
  same("with an atom of y split in two", report.value(c.x, with_split_atom(c.y)));
  same("with weights 1/n spelled out", report.value(with_equal_weights(c.x), with_equal_weights(c.y)));
}

// One row twice is one row of twice the weight.
void check_counting(Report& report, const Case& c) {
  if (!c.x.weights.empty()) return;
  const std::size_t n = c.x.n();
  Cloud twice = with_split_atom(c.x), heavy = c.x;
  twice.weights.clear();
  heavy.weights.assign(n, 1 / static_cast<double>(n + 1));
  heavy.weights[0] *= 2;
  const double counted = report.value(twice, c.y), weighed = report.value(heavy, c.y);
  if (!close(counted, weighed, report.options().value_tolerance))
    report.found("weighted", pair_text("a row twice", counted, "a row of twice the weight", weighed));
}

}  // namespace

void check_row(Report& report) {
  const DistanceEntry& entry = report.entry();
  const auto need = [&](const std::string& text, const char* what) {
    if (text.empty()) report.found("a complete row", fmt::format("no {}", what));
  };
  need(entry.title, "title"), need(entry.formula, "formula"), need(entry.source, "source");
  for (const OptionRow& row : entry.options) need(row.meaning, ("meaning of option " + row.name).c_str());
  if (entry.examples.empty()) report.found("worked example", "there is none");
  for (const DistanceExample& example : entry.examples)
    report.attempt("worked example", [&] { check_example(report, example); });
  report.expect_refusal("an option that does not exist", [&] {
    Spec odd = report.spec();
    odd.options.emplace_back("no-such-option", "1");
    entry.make(odd, 0);
  });
}

void check_axioms(Report& report) {
  const Facts& facts = report.facts();
  const auto attempt = [&](bool claimed, const char* promise, void (*check)(Report&, const Case&),
                           const Case& c) {
    if (claimed) report.attempt(promise, [&] { check(report, c); });
  };
  for (const Case& c : cases(report)) {
    attempt(facts.non_negative, "non-negative", check_non_negative, c);
    attempt(facts.zero_on_itself, "zero on itself", check_zero, c);
    attempt(facts.symmetric, "symmetric", check_symmetry, c);
    attempt(facts.metric, "metric", check_triangle, c);
    attempt(facts.weighted, "weighted", check_weights, c);
    attempt(facts.weighted, "weighted", check_counting, c);
  }
}

}  // namespace pushforward::conformance
