// SPDX-License-Identifier: Apache-2.0
// Gromov–Wasserstein: isometries, by hand, stationarity against every other plan, and what is refused.
#include "pushforward/gromov_wasserstein.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "pushforward/error.hpp"
#include "pushforward/random.hpp"

namespace pushforward {
namespace {

Matrix<double> cloud(std::size_t n, std::size_t d, std::uint64_t seed) {
  Matrix<double> points(n, d);
  fill_normal(points.span(), Draw{seed, stream_id("gromov")}, 0.0, 1.0);
  return points;
}

double distance(const Matrix<double>& x, std::size_t i, std::size_t l) {
  double square = 0;
  for (std::size_t k = 0; k < x.cols(); ++k) square += std::pow(x(i, k) - x(l, k), 2);
  return std::sqrt(square);
}

// As it is defined, over four indices.
double value_of(const std::vector<TransportArc>& plan, const Matrix<double>& x, const Matrix<double>& y) {
  double sum = 0;
  for (const TransportArc& one : plan)
    for (const TransportArc& other : plan)
      sum += one.mass * other.mass *
             std::pow(distance(x, one.source, other.source) - distance(y, one.sink, other.sink), 2);
  return sum;
}

// Pairs 1 and 3 apart, matched either way: (1 − 3)² for the half of all pairs that are of two points. (abᵀ is
// a saddle.)
TEST(GromovWasserstein, OfTwoPairsByHand) {
  const std::vector<double> x = {0, 1}, y = {5, 8};
  const Sample sx{View<const double>{x.data(), 2, 1}}, sy{View<const double>{y.data(), 2, 1}};
  EXPECT_NEAR(gromov_wasserstein(sx, sy).value, 2, 1e-12);
  EXPECT_NEAR(gromov_wasserstein(sx, sy, {.p = 2}).value, 32, 1e-11);
}

// One point sees no distance: the value is the mean square of the other's.
TEST(GromovWasserstein, OfOnePointIsTheMeanSquareDistance) {
  const std::vector<double> x = {7}, y = {0, 1, 3};
  const GromovResult result =
      gromov_wasserstein({View<const double>{x.data(), 1, 1}}, {View<const double>{y.data(), 3, 1}});
  EXPECT_NEAR(result.value, 2 * (1 + 9 + 4) / 9.0, 1e-12);
  EXPECT_TRUE(result.converged);
}

// The same points turned, shifted and shuffled, in a space with one dimension more: unequal weights tell the
// conditional gradient where to begin.
TEST(GromovWasserstein, FindsAnIsometry) {
  const std::size_t n = 12;
  const Matrix<double> x = cloud(n, 2, 1);
  Matrix<double> y(n, 3);
  std::vector<double> a(n), b(n);
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t at = (5 * i + 3) % n;
    y(at, 0) = 4 + 0.6 * x(i, 0) - 0.8 * x(i, 1), y(at, 1) = -2, y(at, 2) = 0.8 * x(i, 0) + 0.6 * x(i, 1);
    a[i] = b[at] = static_cast<double>(i + 1) * 2 / static_cast<double>(n * (n + 1));
  }
  const GromovResult result = gromov_wasserstein({Points(x.view()), a}, {Points(y.view()), b});
  EXPECT_NEAR(result.value, 0, 1e-12);
  for (const TransportArc& arc : result.plan)
    if (arc.mass > 1e-9) {
      EXPECT_EQ(arc.sink, (5 * arc.source + 3) % n);
    }
}

TEST(GromovWasserstein, ValueMarginalsAndStationarityAreAsDefined) {
  for (const auto& [n, m] : {std::pair<std::size_t, std::size_t>{6, 6}, {5, 9}, {20, 13}}) {
    const Matrix<double> x = cloud(n, 2, n), y = cloud(m, 3, 100 + m);
    for (const double epsilon : {0.0, 3.0}) {
      const GromovResult result =
          gromov_wasserstein({Points(x.view())}, {Points(y.view())}, {.epsilon = epsilon});
      EXPECT_TRUE(result.converged) << n << " " << epsilon;
      EXPECT_NEAR(result.value, value_of(result.plan, x, y), 1e-9 * result.value);
      std::vector<double> rows(n), columns(m);
      for (const TransportArc& arc : result.plan) rows[arc.source] += arc.mass, columns[arc.sink] += arc.mass;
      for (const double row : rows) EXPECT_NEAR(row, 1 / static_cast<double>(n), 1e-10);
      for (const double column : columns) EXPECT_NEAR(column, 1 / static_cast<double>(m), 1e-9);
    }
  }
}

// No step towards any of the 720 permutations lowers the value. E is quadratic on the way there, so its slope
// at the start is −3E(0) + 4E(½) − E(1), exactly.
TEST(GromovWasserstein, NoSmallStepIsBetter) {
  const std::size_t n = 6;
  const Matrix<double> x = cloud(n, 2, 3), y = cloud(n, 2, 4);
  const GromovResult result = gromov_wasserstein({Points(x.view())}, {Points(y.view())});
  std::vector<std::uint32_t> order(n);
  std::iota(order.begin(), order.end(), 0u);
  const auto on_the_way = [&](double t) {
    std::vector<TransportArc> moved = result.plan;
    for (TransportArc& arc : moved) arc.mass *= 1 - t;
    for (std::uint32_t i = 0; i < n; ++i) moved.push_back({i, order[i], t / static_cast<double>(n)});
    return value_of(moved, x, y);
  };
  do EXPECT_GE(4 * on_the_way(0.5) - on_the_way(1) - 3 * result.value, -1e-9 * result.value);
  while (std::next_permutation(order.begin(), order.end()));
}

TEST(GromovWasserstein, EntropyTendsToAStationaryPointAsItVanishes) {
  const Matrix<double> x = cloud(10, 2, 1), y = cloud(10, 2, 2);
  const double few = gromov_wasserstein({Points(x.view())}, {Points(y.view())}, {.epsilon = 10}).value,
               fewer = gromov_wasserstein({Points(x.view())}, {Points(y.view())}, {.epsilon = 1}).value;
  EXPECT_LT(fewer, few);
}

TEST(GromovWasserstein, SaysWhenItHasNotConverged) {
  const Matrix<double> x = cloud(20, 2, 5), y = cloud(20, 2, 6);
  EXPECT_FALSE(gromov_wasserstein({Points(x.view())}, {Points(y.view())}, {.iterations = 1}).converged);
}

TEST(GromovWasserstein, RefusesBadInput) {
  const Matrix<double> x = cloud(3, 2, 1);
  const std::vector<double> w = {1, 1, 1};
  const Sample sample{Points(x.view())};
  EXPECT_THROW(gromov_wasserstein({Points(x.view()), w}, sample), RequestError);
  EXPECT_THROW(gromov_wasserstein(sample, sample, {.epsilon = -1}), RequestError);
  EXPECT_THROW(gromov_wasserstein(sample, sample, {.p = 0}), RequestError);
  EXPECT_THROW(gromov_wasserstein(x.view(), x.view(), {}, {}), RequestError);  // 3 × 2
  Matrix<double> skew(2, 2);
  skew(0, 1) = 1, skew(1, 0) = 2;
  EXPECT_THROW(gromov_wasserstein(skew.view(), skew.view(), {}, {}), RequestError);
}

}  // namespace
}  // namespace pushforward
