// SPDX-License-Identifier: Apache-2.0
//
// The checker is checked: a correct distance passes, and each planted error is found.
//
// The class below is a plain energy distance, 2E|X−Y| − E|X−X′| − E|Y−Y′|, with gradients in points and
// weights. A flaw is one wrong line in it or one false claim in its row; most are errors that a well-known
// library shipped.
#include <cmath>
#include <functional>
#include <limits>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "pushforward/conformance.hpp"
#include "pushforward/error.hpp"
#include "pushforward/spec.hpp"

namespace pushforward {
namespace {

enum class Flaw {
  none,
  halved,  // value and gradient both halved: differences agree, the example does not
  example_missing,
  gradient_halved,
  gradient_sign,
  gradient_added,
  gradient_last_row,  // not written
  gradient_swaps,     // columns exchanged
  second_gradient_sign,
  other_direction,  // with a gradient in y
  weight_gradient_wrong,
  weight_gradient_uniform,  // right only for equal weights
  value_notices_gradient,
  negative,
  asymmetric,
  not_zero,
  squared_called_metric,
  weights_ignored,
  weights_of_y_ignored,
  atoms_counted,
  accepts_nan,
  accepts_other_d,
  accepts_empty,
  accepts_bad_weights,
  vague_refusal,
  remembers,
  random,
  wrong_smallest,
  nan_on_duplicates,
  float_differs,
  rounds_to_float,
  freeze_moves,
  nothing_said,
  any_option,
  throws_on_plain,
};

double weight(const Sample& s, std::size_t i) {
  return s.weights.empty() ? 1.0 / static_cast<double>(s.n()) : s.weights[i];
}

class Energy : public Distance {
 public:
  explicit Energy(Flaw flaw) : flaw_(flaw) {}

  Reading measure(const Sample& x, const Sample& y, const Gradient& grad) const override {
    check(x, y);
    Reading reading{.value = value(x, y), .estimator = "all pairs", .unit = "the data's unit"};
    if (is(Flaw::nothing_said)) reading.estimator.clear();
    if (is(Flaw::value_notices_gradient) && grad.wanted()) *reading.value += 1e-7;
    if (is(Flaw::remembers)) *reading.value += 1e-9 * calls_, calls_ += x.points.at(0, 0) > 1 ? 1 : 0;
    if (is(Flaw::random)) *reading.value += 1e-9 * static_cast<double>(++calls_);
    if (is(Flaw::nan_on_duplicates) && *reading.value == 0)
      reading.value = std::numeric_limits<double>::quiet_NaN();
    if (grad.points.wanted()) points_gradient(x, y, grad.points);
    if (!grad.weights.empty()) weights_gradient(x, y, grad.weights);
    return reading;
  }
  Reading measure_in_y(const Sample& x, const Sample& y, const Gradient& grad) const override {
    Reading reading = measure(y, x, grad);
    if (is(Flaw::second_gradient_sign))
      for (double& g : grad.points.span()) g = -g;
    if (is(Flaw::other_direction)) *reading.value *= 1 + 1e-6;
    return reading;
  }
  void freeze(const Sample&, const Sample&) override { frozen_ = is(Flaw::freeze_moves) ? 1.001 : 1.0; }

 private:
  bool is(Flaw flaw) const { return flaw_ == flaw; }

  void check(const Sample& x, const Sample& y) const {
    if (is(Flaw::accepts_nan) || is(Flaw::accepts_other_d) || is(Flaw::accepts_empty) ||
        is(Flaw::accepts_bad_weights))
      return check_some(x, y);
    Facts facts{.weighted = true};
    if (is(Flaw::wrong_smallest)) facts.smallest_n = 3;
    if (is(Flaw::throws_on_plain) && x.d() == 1) throw std::runtime_error("one feature");
    try {
      check_samples("energy", x, y, facts);
    } catch (const RequestError&) {
      if (is(Flaw::vague_refusal)) throw RequestError("energy: bad input");
      throw;
    }
  }
  void check_some(const Sample& x, const Sample& y) const {
    if (!is(Flaw::accepts_empty) && (x.n() == 0 || y.n() == 0)) throw RequestError("empty");
    if (x.n() == 0 || y.n() == 0) return;
    if (x.d() != y.d() && !is(Flaw::accepts_other_d)) throw RequestError("different d");
    if (x.d() != y.d()) return;
    Sample a = x, b = y;
    if (is(Flaw::accepts_bad_weights)) a.weights = {}, b.weights = {};
    if (!is(Flaw::accepts_nan)) check_samples("energy", a, b, {.weighted = true});
  }

  double at(const Sample& s, std::size_t i, std::size_t k) const {
    const double v = s.points.at(i, k);
    return is(Flaw::rounds_to_float) ? static_cast<double>(static_cast<float>(v)) : v;
  }
  double norm(const Sample& a, std::size_t i, const Sample& b, std::size_t j) const {
    double sum = 0;
    for (std::size_t k = 0; k < std::min(a.d(), b.d()); ++k) sum += std::pow(at(a, i, k) - at(b, j, k), 2);
    return std::sqrt(sum);
  }
  double mass(const Sample& s, std::size_t i, bool first) const {
    const double n = static_cast<double>(s.n());
    if (is(Flaw::weights_ignored) || (is(Flaw::weights_of_y_ignored) && !first)) return 1 / n;
    return is(Flaw::atoms_counted) ? weight(s, i) * (1 + 1e-3 / n) : weight(s, i);
  }
  double mean(const Sample& a, bool a_first, const Sample& b, bool b_first) const {
    double sum = 0;
    for (std::size_t i = 0; i < a.n(); ++i)
      for (std::size_t j = 0; j < b.n(); ++j)
        sum += mass(a, i, a_first) * mass(b, j, b_first) * norm(a, i, b, j);
    return sum;
  }
  double value(const Sample& x, const Sample& y) const {
    double v = 2 * mean(x, true, y, false) - mean(x, true, x, true) - mean(y, false, y, false);
    if (!is(Flaw::negative)) v = std::max(0.0, v);
    if (is(Flaw::halved)) v /= 2;
    if (is(Flaw::negative)) v -= 1e-3;
    if (is(Flaw::not_zero)) v += 1e-3;
    if (is(Flaw::asymmetric)) v *= 1 + 1e-6 * x.points.at(0, 0);
    if (is(Flaw::float_differs) && std::holds_alternative<View<const float>>(x.points.data)) v *= 1.01;
    return v * frozen_;
  }

  void points_gradient(const Sample& x, const Sample& y, View<double> out) const {
    for (std::size_t i = 0; i < x.n(); ++i)
      for (std::size_t k = 0; k < x.d(); ++k) {
        if (is(Flaw::gradient_last_row) && i + 1 == x.n()) continue;
        double g = 2 * weight(x, i) * (pull(x, i, y, k) - pull(x, i, x, k));
        if (is(Flaw::halved) || is(Flaw::gradient_halved)) g /= 2;
        if (is(Flaw::gradient_sign) && k > 0) g = -g;
        double& place = out(i, is(Flaw::gradient_swaps) ? x.d() - 1 - k : k);
        place = is(Flaw::gradient_added) ? place + g : g;
      }
  }
  double pull(const Sample& x, std::size_t i, const Sample& other, std::size_t k) const {
    double sum = 0;
    for (std::size_t j = 0; j < other.n(); ++j)
      if (const double r = norm(x, i, other, j); r > 0)
        sum += weight(other, j) * (x.points.at(i, k) - other.points.at(j, k)) / r;
    return sum;
  }
  void weights_gradient(const Sample& x, const Sample& y, std::span<double> out) const {
    for (std::size_t i = 0; i < x.n(); ++i) {
      out[i] = 0;
      for (std::size_t j = 0; j < y.n(); ++j) out[i] += 2 * weight(y, j) * norm(x, i, y, j);
      const double uniform = 1.0 / static_cast<double>(x.n());
      for (std::size_t j = 0; j < x.n(); ++j)
        out[i] -= 2 * (is(Flaw::weight_gradient_uniform) ? uniform : weight(x, j)) * norm(x, i, x, j);
      if (is(Flaw::halved)) out[i] /= 2;
      if (is(Flaw::weight_gradient_wrong)) out[i] *= 1.001;
    }
  }

  Flaw flaw_;
  double frozen_ = 1;
  mutable int calls_ = 0;
};

DistanceEntry entry_with(Flaw flaw) {
  DistanceEntry entry{
      .name = "planted",
      .title = "Energy distance",
      .formula = "2E|X−Y| − E|X−X′| − E|Y−Y′|",
      .source = "Székely & Rizzo 2013",
      .options = {{"p", "2", "unused"}},
      .facts = {.symmetric = true,
                .non_negative = true,
                .zero_on_itself = true,
                .weighted = true,
                .gradient_points = true,
                .gradient_weights = true},
      .examples = {{.options = "", .d = 1, .x = {0}, .y = {3}, .value = 6, .by_hand = "2·3 − 0 − 0"}},
      .make = [flaw](const Spec& spec, std::uint64_t) {
        SpecReader read(spec);
        read.number("p", 2);
        if (flaw != Flaw::any_option) read.finish();
        return std::make_unique<Energy>(flaw);
      }};
  if (flaw == Flaw::squared_called_metric) entry.facts.metric = true;
  if (flaw == Flaw::example_missing) entry.examples.clear();
  return entry;
}

TEST(ConformanceOfDistances, PassesACorrectClass) {
  for (const Finding& finding : check_distance(entry_with(Flaw::none))) ADD_FAILURE() << finding.text();
}

// What a row does not claim is not asked for: its buffers stay poisoned, and that is no finding.
TEST(ConformanceOfDistances, PassesClaimsOfOneGradientAlone) {
  DistanceEntry points = entry_with(Flaw::none), weights = entry_with(Flaw::none),
                neither = entry_with(Flaw::none);
  points.facts.gradient_weights = weights.facts.gradient_points = false;
  neither.facts.gradient_points = neither.facts.gradient_weights = false;
  for (const DistanceEntry* entry : {&points, &weights, &neither})
    for (const Finding& finding : check_distance(*entry)) ADD_FAILURE() << finding.text();
}

struct Planted {
  Flaw flaw;
  const char* promise;  ///< the start of the promise under which it must be found
};

class PlantedError : public testing::TestWithParam<Planted> {};

TEST_P(PlantedError, IsFoundUnderItsName) {
  const std::vector<Finding> findings = check_distance(entry_with(GetParam().flaw));
  std::string seen;
  for (const Finding& finding : findings) {
    if (finding.promise.starts_with(GetParam().promise)) return SUCCEED();
    seen += finding.text() + "\n";
  }
  FAIL() << "wanted a finding about '" << GetParam().promise << "', got " << findings.size() << ":\n" << seen;
}

const Planted kPlanted[] = {
    {Flaw::halved, "worked example"},
    {Flaw::example_missing, "worked example"},
    {Flaw::gradient_halved, "gradient in points"},
    {Flaw::gradient_sign, "gradient in points"},
    {Flaw::gradient_added, "gradient in points"},
    {Flaw::gradient_last_row, "gradient in points"},
    {Flaw::gradient_swaps, "gradient in points"},
    {Flaw::second_gradient_sign, "gradient in the second"},
    {Flaw::other_direction, "one direction"},
    {Flaw::weight_gradient_wrong, "gradient in weights"},
    {Flaw::weight_gradient_uniform, "gradient in weights"},
    {Flaw::value_notices_gradient, "value independent"},
    {Flaw::negative, "non-negative"},
    {Flaw::asymmetric, "symmetric"},
    {Flaw::not_zero, "zero on itself"},
    {Flaw::squared_called_metric, "metric"},
    {Flaw::weights_ignored, "weighted"},
    {Flaw::weights_of_y_ignored, "weighted"},
    {Flaw::atoms_counted, "weighted"},
    {Flaw::accepts_nan, "refuses NaN"},
    {Flaw::accepts_nan, "refuses inf"},
    {Flaw::accepts_other_d, "refuses different"},
    {Flaw::accepts_empty, "refuses an empty"},
    {Flaw::accepts_bad_weights, "refuses a negative"},
    {Flaw::accepts_bad_weights, "refuses weights that sum"},
    {Flaw::vague_refusal, "refuses"},
    {Flaw::remembers, "no memory"},
    {Flaw::random, "repeatable"},
    {Flaw::wrong_smallest, "defined from 1"},
    {Flaw::nan_on_duplicates, "awkward"},
    {Flaw::float_differs, "float32"},
    {Flaw::rounds_to_float, "gradient"},
    {Flaw::freeze_moves, "freeze"},
    {Flaw::nothing_said, "explains itself"},
    {Flaw::any_option, "refuses an option"},
    {Flaw::throws_on_plain, "symmetric"},
};

INSTANTIATE_TEST_SUITE_P(Each, PlantedError, testing::ValuesIn(kPlanted));

// A class that takes weights although its row says that it does not.
// trainers.
TEST(ConformanceOfDistances, FalseClaimsOfFactsAreFound) {
  DistanceEntry entry = entry_with(Flaw::none);
  entry.facts.weighted = false;  // then weights must be refused, and they are not
  const std::vector<Finding> findings = check_distance(entry);
  EXPECT_TRUE(std::any_of(findings.begin(), findings.end(),
                          [](const Finding& f) { return f.promise.starts_with("refuses weights"); }));
}

}  // namespace
}  // namespace pushforward
