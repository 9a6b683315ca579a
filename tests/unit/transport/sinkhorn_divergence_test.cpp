// SPDX-License-Identifier: Apache-2.0
//
// The Sinkhorn divergence where its terms cancel: samples that are nearly equal, ε far above and far below
// all costs, a row a billion away. References in 60 digits are Newton's iterations on the dual by mpmath
// (mp.dps = 60, marginals right to 1e-59); for p = 2 a translation by v has S = ‖v‖² whatever ε is.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "pushforward/distance.hpp"
#include "pushforward/random.hpp"
#include "pushforward/transport.hpp"
#include "transport/same_measure.hpp"
#include "transport/sinkhorn_divergence.hpp"

namespace pushforward {
namespace {

using entropic::bounded_sinkhorn;
using entropic::BoundedValue;

Matrix<double> normal_points(std::size_t n, std::size_t d, std::uint64_t seed) {
  Matrix<double> out(n, d);
  fill_normal(out.span(), Draw{seed, stream_id("sinkhorn divergence test"), 0}, 0.0, 1.0);
  return out;
}

Matrix<double> moved(const Matrix<double>& x, double by) {
  Matrix<double> out = x;
  for (double& value : out.span()) value += by;
  return out;
}

// Rows from the last to the first.
Matrix<double> reversed(const Matrix<double>& x) {
  Matrix<double> out(x.rows(), x.cols());
  for (std::size_t i = 0; i < x.rows(); ++i) std::copy_n(x.row(i), x.cols(), out.row(x.rows() - 1 - i));
  return out;
}

double relative(double eps, const Matrix<double>& x, const Matrix<double>& y, double p = 2) {
  return eps * mean_cost({x}, {y}, p);
}

TEST(SinkhornDivergence, OfATranslationIsItsSquare) {
  const Matrix<double> x = normal_points(40, 3, 1);
  for (const double by : {1e-9, 1e-6, 1e-3, 1.0}) {
    const Matrix<double> y = reversed(moved(x, by));
    // What adding `by` rounded: the mean of what was added in truth, with Var of 2⁻⁵³ each.
    double square = 0;
    for (std::size_t i = 0; i < x.rows(); ++i)
      for (std::size_t k = 0; k < 3; ++k) square += std::pow(y(x.rows() - 1 - i, k) - x(i, k), 2) / 40;
    for (const double eps : {1e-4, 0.05, 1.0, 1e6, 1e12, 1e100}) {
      const BoundedValue found = bounded_sinkhorn({x}, {y}, {.epsilon = relative(eps, x, y)}, true);
      ASSERT_TRUE(found.value) << by << " " << eps;
      // Roundings of `by` are not the same in all rows: 1e-16 each, of `by` with their square root.
      const double rounding = 1e-15 * by + 1e-32;
      EXPECT_NEAR(*found.value, square, found.error_bound + rounding) << by << " " << eps;
      EXPECT_LE(found.error_bound, 1e-3 * square + rounding) << by << " " << eps;
    }
  }
}

struct Reference {
  double p, epsilon, value;
};

TEST(SinkhornDivergence, AgreesWithSixtyDigits) {
  const double h = 0x1p-20;
  Matrix<double> x(5, 2), y(5, 2);
  const double points[] = {0, 0, 1, 0.25, -0.5, 2, 0.75, -1.5, -2, -0.125},
               steps[] = {h, 0, 0, -2 * h, h, h, 0, 0, -h, h};
  for (std::size_t e = 0; e < 10; ++e) x.data()[e] = points[e], y.data()[e] = points[e] + steps[e];
  for (const Reference& right : {Reference{1, 0.25, 1.1016709368604660562e-6},
                                 {1, 4, 3.3935875835717816541e-7},
                                 {1, 1e9, 2.2233682641542209144e-7},
                                 {1.5, 0.25, 1.3288670033567262879e-9},
                                 {1.5, 4, 4.9884952093203148111e-10},
                                 {1.5, 1e9, 2.6781607137492318934e-10},
                                 {2, 0.25, 1.64701115358439711e-12},
                                 {2, 4, 6.8159588791681684148e-13},
                                 {2, 1e9, 3.6379789196964313017e-14}}) {
    const BoundedValue found = bounded_sinkhorn({x}, {y}, {.epsilon = right.epsilon, .p = right.p}, true);
    ASSERT_TRUE(found.value);
    EXPECT_NEAR(*found.value, right.value, found.error_bound + 1e-15 * right.value)
        << right.p << " " << right.epsilon;
    EXPECT_LE(found.error_bound, 1e-3 * right.value) << right.p << " " << right.epsilon;
  }
}

// The bound of plain iterations holds: against the same in 32 digits, which a strict tolerance asks for.
TEST(SinkhornDivergence, TheBoundHoldsWhateverTheToleranceWas) {
  const Matrix<double> x = normal_points(30, 2, 2), y = normal_points(25, 2, 3), z = moved(x, 1e-3);
  for (const double p : {1.0, 2.0})
    for (const Matrix<double>* other : std::initializer_list<const Matrix<double>*>{&y, &z})
      for (const double eps : {0.01, 0.3, 100.0, 1e9}) {
        const double epsilon = relative(eps, x, *other, p);
        const BoundedValue right = bounded_sinkhorn(
            {x}, {*other}, {.epsilon = epsilon, .p = p, .iterations = 20000, .tolerance = 1e-9}, true);
        for (const double tolerance : {1e-2, 1e-4, 0.0}) {
          const BoundedValue rough = bounded_sinkhorn(
              {x}, {*other}, {.epsilon = epsilon, .p = p, .iterations = 30, .tolerance = tolerance}, true);
          ASSERT_TRUE(right.value && rough.value);
          EXPECT_NEAR(*rough.value, *right.value, rough.error_bound + right.error_bound) << p << " " << eps;
          EXPECT_EQ(rough.way, "");
        }
      }
}

TEST(SinkhornDivergence, TheSameMeasureInAnotherOrderIsAtNought) {
  const Matrix<double> x = normal_points(20, 2, 4), y = reversed(x);
  Matrix<double> twice(40, 2);
  for (std::size_t i = 0; i < 40; ++i) std::copy_n(x.row(i / 2), 2, twice.row(i));
  const Matrix<double>* others[] = {&x, &y, &twice};
  for (const Matrix<double>* other : others) {
    const BoundedValue found = bounded_sinkhorn({x}, {*other}, {.epsilon = 0.3}, true);
    EXPECT_EQ(found.value, 0.0);
    EXPECT_EQ(found.error_bound, 0.0);
  }
}

TEST(SinkhornDivergence, SameMeasureComparesWeightsInAll) {
  Matrix<double> x(2, 1), y(3, 1);
  x(1, 0) = 1, y(1, 0) = 1, y(2, 0) = 1;
  const std::vector<double> half = {0.5, 0.5}, parts = {0.5, 0.125, 0.375},
                            other = {0.5, 0.125, 0.3750000000000001}, none = {0, 0.5, 0.5};
  EXPECT_TRUE(same_measure({x, half}, {y, parts}));
  EXPECT_TRUE(same_measure({x}, {y, parts}));
  EXPECT_FALSE(same_measure({x, half}, {y, other}));
  EXPECT_FALSE(same_measure({x, half}, {y, none}));
  EXPECT_FALSE(same_measure({x}, {y}));
  Matrix<double> one(1, 1);
  one(0, 0) = 1;
  EXPECT_TRUE(same_measure({one}, {y, none}));
}

TEST(SinkhornDivergence, OfNearlyEqualWeights) {
  Matrix<double> x(2, 1);
  x(1, 0) = 1;
  const double h = 0x1p-40;
  const std::vector<double> a = {0.5, 0.5}, b = {0.5 + h, 0.5 - h};
  const BoundedValue found = bounded_sinkhorn({x, a}, {x, b}, {.epsilon = 1e9}, true);
  ASSERT_TRUE(found.value);
  // ε far above the costs: ‖difference of means‖² = h², to L²/ε.
  EXPECT_NEAR(*found.value, h * h, 1e-6 * h * h);
}

TEST(SinkhornDivergence, BesideARowABillionAway) {
  Matrix<double> x = normal_points(50, 3, 5), y = moved(x, 0);
  for (std::size_t i = 0; i < 50; ++i) y(i, 0) += 1;
  for (std::size_t k = 0; k < 3; ++k) x(49, k) = y(49, k) = -999999999;
  for (const double eps : {1e-3, 0.05}) {
    const BoundedValue found = bounded_sinkhorn({x}, {y}, {.epsilon = relative(eps, x, y)}, true);
    EXPECT_NEAR(found.value.value_or(0), 0.98, 1e-6) << eps;  // 49 of 50 rows move by 1
  }
}

// As ε vanishes the value is the exact one, and said to be within ε times the entropy of it.
TEST(SinkhornDivergence, WithAnEpsilonBelowAllCosts) {
  const Matrix<double> x = normal_points(30, 2, 6), y = normal_points(30, 2, 7);
  const double exact = solve_transport({x}, {y}).value;
  for (const double epsilon : {1e-10, 1e-18, 1e-150, 1e-300})
    for (const bool debias : {false, true}) {
      const BoundedValue found = bounded_sinkhorn({x}, {y}, {.epsilon = epsilon}, debias);
      ASSERT_TRUE(found.value) << epsilon;
      EXPECT_NEAR(*found.value, exact, found.error_bound + 4e-15) << epsilon;
      EXPECT_LE(found.error_bound, epsilon * std::log(30) + 1e-12) << epsilon;
    }
}

TEST(SinkhornDivergence, WithAnEpsilonAboveAllCosts) {
  // Beyond 2048 points the product plan is what is left; S is then ‖difference of means‖².
  const Matrix<double> x = normal_points(2100, 2, 8), y = moved(normal_points(50, 2, 9), 0.25);
  double square = 0;
  for (std::size_t k = 0; k < 2; ++k) {
    double difference = 0;
    for (std::size_t i = 0; i < x.rows(); ++i) difference += x(i, k) / 2100;
    for (std::size_t j = 0; j < y.rows(); ++j) difference -= y(j, k) / 50;
    square += difference * difference;
  }
  const BoundedValue found = bounded_sinkhorn({x}, {y}, {.epsilon = 1e15}, true);
  ASSERT_TRUE(found.value);
  EXPECT_NEAR(*found.value, square, 1e-12);
  EXPECT_LT(found.error_bound, 1e-11);
}

// What iterations leave is said where better is not asked for; what can be no value is none.
TEST(SinkhornDivergence, NoValueThatMeansNothing) {
  const Matrix<double> x = normal_points(40, 2, 10), y = normal_points(40, 2, 11);
  for (const double eps : {1e-18, 1e-30, 1e-300}) {
    const BoundedValue found =
        bounded_sinkhorn({x}, {y}, {.epsilon = relative(eps, x, y), .iterations = 100, .tolerance = 0}, true);
    if (!found.value) continue;
    EXPECT_LE(*found.value, mean_cost({x}, {y}, 2) * 1.001);
    EXPECT_NEAR(*found.value, solve_transport({x}, {y}).value, found.error_bound);
  }
}

// The gradient of S for a translation by v, p = 2: x_i moves a_i of the mass away, −2 a_i v.
TEST(SinkhornDivergence, GradientsOfNearlyEqualSamples) {
  const double by = 1e-6;
  const Matrix<double> x = normal_points(20, 2, 12), y = moved(x, by);
  Matrix<double> points(20, 2);
  std::vector<double> weights(20);
  bounded_sinkhorn({x}, {y}, {.epsilon = 0.5}, true, {points.view(), weights});
  for (const double slope : points.span()) EXPECT_NEAR(slope, -2 * by / 20, 1e-3 * by / 20);
  // ∂S/∂a_i at y = x + v is linear in x_i: −2 v·x_i + O(v²), up to a constant.
  const auto side = [&](std::size_t i) { return weights[i] + 2 * by * (x(i, 0) + x(i, 1)); };
  for (std::size_t i = 1; i < 20; ++i) EXPECT_NEAR(side(i), side(0), 1e-4 * by) << i;
}

TEST(SinkhornDivergence, TheReadingSaysItsBound) {
  const Matrix<double> x = normal_points(30, 2, 13), y = moved(x, 1e-6);
  const Reading reading = make_distance(parse_spec("sinkhorn"))->measure({x}, {y});
  ASSERT_TRUE(reading.value);
  EXPECT_NEAR(*reading.value, 2e-12, 1e-8 * 2e-12);
  const Field* bound = find_field(reading.extra, "error_bound");
  ASSERT_NE(bound, nullptr);
  EXPECT_LT(std::get<double>(bound->value), 1e-20);
  const Matrix<double> far = moved(x, 1e5);
  EXPECT_THROW(make_distance(parse_spec("sinkhorn:eps=1e300"))->measure({x}, {far}), std::exception);
}

}  // namespace
}  // namespace pushforward
