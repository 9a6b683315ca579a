// SPDX-License-Identifier: Apache-2.0
//
// Transport on the line against values by hand, its own certificate (dual = primal, potentials feasible),
// central differences, and the mean of W2² over uniform samples, known in closed form.
#include <algorithm>
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "ops/sort.hpp"
#include "pushforward/error.hpp"
#include "pushforward/one_dimensional.hpp"
#include "pushforward/random.hpp"
#include "transport/line_kernels.hpp"

namespace pushforward {
namespace {

Sample line(const std::vector<double>& x, std::span<const double> weights = {}) {
  return {View<const double>{x.data(), x.size(), 1}, weights};
}

std::vector<double> normals(std::size_t n, std::uint64_t seed, double sd = 1, double mean = 0) {
  std::vector<double> x(n);
  fill_normal(std::span<double>(x), Draw{seed, stream_id("line test"), 0}, mean, sd);
  return x;
}

std::vector<double> random_weights(std::size_t n, std::uint64_t seed) {
  std::vector<double> w(n);
  fill_uniform(std::span<double>(w), Draw{seed, stream_id("line weights"), 0}, 0.1, 1.9);
  const double sum = std::accumulate(w.begin(), w.end(), 0.0);
  for (double& value : w) value /= sum;
  return w;
}

TEST(Sort, OrdersAgreeWithAStableSort) {
  std::vector<double> values = {3, -0.0, 1e300, 0.0, -1e300, 3, -2.5, 3, 1e-310, -1e-310};
  for (std::size_t i = 0; i < 500; ++i) values.push_back(std::floor(10 * std::sin(static_cast<double>(i))));
  const std::vector<float> floats = {3, -0.0f, 1e30f, 0.0f, -1e30f, 3, -2.5f, 3, 1e-40f, -1e-40f, 7, -7};
  const auto check = [](const auto& input) {
    std::vector<std::uint32_t> expected(input.size()), order;
    std::iota(expected.begin(), expected.end(), 0u);
    std::stable_sort(expected.begin(), expected.end(), [&](auto i, auto j) { return input[i] < input[j]; });
    auto sorted = input;
    sort_with_order(std::span(input), sorted, order);
    EXPECT_EQ(order, expected);
    for (std::size_t i = 0; i < input.size(); ++i) EXPECT_EQ(sorted[i], input[order[i]]);
  };
  check(values), check(floats);
}

TEST(LineKernels, SumsAgreeWithPlainLoops) {
  for (std::size_t n : {1, 7, 8, 31, 32, 33, 1000}) {
    const auto a = normals(n, 1), b = normals(n, 2);
    const std::vector<float> fa(a.begin(), a.end()), fb(b.begin(), b.end());
    for (double p : {1.0, 2.0, 3.0, 1.5}) {
      double plain = 0, plain_float = 0;
      for (std::size_t i = 0; i < n; ++i) plain += std::pow(std::abs(a[i] - b[i]), p);
      for (std::size_t i = 0; i < n; ++i) plain_float += std::pow(std::abs(double{fa[i]} - double{fb[i]}), p);
      EXPECT_NEAR(sum_of_powers(a.data(), b.data(), n, p), plain, 1e-13 * plain);
      EXPECT_NEAR(sum_of_powers(fa.data(), fb.data(), n, p), plain_float, 1e-13 * plain_float);
    }
  }
}

TEST(OneDimensional, ByHand) {
  // Sorted: (0, 1, 3) against (1, 2, 6): |0−1| + |1−2| + |3−6| = 5, squares 1 + 1 + 9 = 11, cubes 1 + 1 + 27
  // = 29.
  const std::vector<double> x = {3, 0, 1}, y = {6, 1, 2};
  EXPECT_DOUBLE_EQ(one_dimensional_power(line(x), line(y), 1), 5.0 / 3);
  EXPECT_DOUBLE_EQ(one_dimensional_power(line(x), line(y), 2), 11.0 / 3);
  EXPECT_DOUBLE_EQ(one_dimensional_power(line(x), line(y), 3), 29.0 / 3);
}

TEST(OneDimensional, UnequalSizesAndWeightsByHand) {
  // δ0 against half at 1, half at 3: W1 = ½·1 + ½·3 = 2, W2² = ½ + 9/2 = 5.
  const std::vector<double> one = {0}, two = {3, 1};
  EXPECT_DOUBLE_EQ(one_dimensional_power(line(one), line(two), 1), 2);
  EXPECT_DOUBLE_EQ(one_dimensional_power(line(two), line(one), 2), 5);
  // ¾ at 0 and ¼ at 4 against ½ at 0 and ½ at 4: a quarter moves by 4.
  const std::vector<double> x = {0, 4}, a = {0.75, 0.25};
  EXPECT_DOUBLE_EQ(one_dimensional_power(line(x, a), line(x), 1), 1);
  EXPECT_DOUBLE_EQ(one_dimensional_power(line(x, a), line(x), 2), 4);
}

TEST(OneDimensional, EqualFractionsMeetExactly) {
  // 6 and 4 points, three and two of each value: the same measure, so nothing may move.
  const std::vector<double> six = {1, 1, 1, 2, 2, 2}, four = {2, 1, 2, 1};
  EXPECT_EQ(one_dimensional_power(line(six), line(four), 1), 0);
}

TEST(OneDimensional, MixedPrecisionsAgreeWithDouble) {
  const std::vector<float> x = {0.1f, -2.7f, 5.3f};
  const std::vector<double> xd(x.begin(), x.end()), y = {1, 2, 3.3};
  const Sample floats{View<const float>{x.data(), 3, 1}};
  EXPECT_DOUBLE_EQ(one_dimensional_power(floats, line(y), 2), one_dimensional_power(line(xd), line(y), 2));
  EXPECT_DOUBLE_EQ(one_dimensional_power(floats, floats, 1), 0);
}

struct Case {
  std::vector<double> x, y, a, b;
};

std::vector<Case> cases() {
  std::vector<Case> all;
  all.push_back({normals(40, 1), normals(40, 2, 1.2, 0.3), {}, {}});
  all.push_back({normals(30, 3), normals(47, 4), {}, {}});
  all.push_back({normals(30, 5), normals(20, 6), random_weights(30, 7), random_weights(20, 8)});
  all.push_back({{1, 1, 1, 2, 2, 5}, {1, 2, 2, 2}, {}, {}});            // ties
  all.push_back({{0, 1, 2, 3}, {0.5, 2.5}, {0, 0.5, 0, 0.5}, {1, 0}});  // atoms without mass
  all.push_back({{7}, {-1, 2}, {}, {}});
  return all;
}

TEST(OneDimensional, PlanIsFeasibleAndItsDualCertifiesIt) {
  for (const Case& c : cases())
    for (double p : {1.0, 2.0, 3.5}) {
      const auto plan = one_dimensional_plan(line(c.x, c.a), line(c.y, c.b), p);
      const std::size_t n = c.x.size(), m = c.y.size();
      std::vector<double> a = c.a, b = c.b, row(n, 0), col(m, 0);
      if (a.empty()) a.assign(n, 1.0 / static_cast<double>(n));
      if (b.empty()) b.assign(m, 1.0 / static_cast<double>(m));
      for (std::size_t k = 0; k < plan.mass.size(); ++k)
        row[plan.i[k]] += plan.mass[k], col[plan.j[k]] += plan.mass[k];
      double dual = 0;
      for (std::size_t i = 0; i < n; ++i) EXPECT_NEAR(row[i], a[i], 1e-15);
      for (std::size_t j = 0; j < m; ++j) EXPECT_NEAR(col[j], b[j], 1e-15);
      for (std::size_t i = 0; i < n; ++i) dual += a[i] * plan.u[i];
      for (std::size_t j = 0; j < m; ++j) dual += b[j] * plan.v[j];
      EXPECT_NEAR(dual, plan.power, 1e-12 * std::max(1.0, plan.power));
      EXPECT_NEAR(plan.power, one_dimensional_power(line(c.x, c.a), line(c.y, c.b), p),
                  1e-13 * (1 + plan.power));
      for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < m; ++j)
          EXPECT_LE(plan.u[i] + plan.v[j], std::pow(std::abs(c.x[i] - c.y[j]), p) + 1e-10);
    }
}

TEST(OneDimensional, GradientsMatchCentralDifferences) {
  const std::size_t n = 25, m = 31;
  auto x = normals(n, 11);
  const auto y = normals(m, 12, 1.3, 0.2);
  auto a = random_weights(n, 13);
  const auto b = random_weights(m, 14);
  for (double p : {1.0, 2.0, 2.7}) {
    std::vector<double> points(n, 99), weights(n, 99);
    one_dimensional_power(line(x, a), line(y, b), p, {{points.data(), n, 1}, weights});
    for (std::size_t i = 0; i < n; ++i) {
      const double h = 1e-6, before = x[i];
      x[i] = before + h;
      const double up = one_dimensional_power(line(x, a), line(y, b), p);
      x[i] = before - h;
      const double down = one_dimensional_power(line(x, a), line(y, b), p);
      x[i] = before;
      EXPECT_NEAR(points[i], (up - down) / (2 * h), 1e-7);
    }
    for (std::size_t i = 0; i + 1 < n; ++i) {  // moves mass from atom i+1 to atom i: the sum stays 1
      const double h = 1e-7;
      a[i] += h, a[i + 1] -= h;
      const double up = one_dimensional_power(line(x, a), line(y, b), p);
      a[i] -= 2 * h, a[i + 1] += 2 * h;
      const double down = one_dimensional_power(line(x, a), line(y, b), p);
      a[i] += h, a[i + 1] -= h;
      EXPECT_NEAR(weights[i] - weights[i + 1], (up - down) / (2 * h), 1e-6);
    }
  }
}

TEST(OneDimensional, UniformSamplesAverageTheClosedForm) {
  // E W2² between two n-samples of U(0,1) is 1/(3(n+1)) [order statistics: Var x_(i) =
  // i(n+1−i)/((n+1)²(n+2))]. Its spread per repetition is about its mean, so 2000 repetitions give a standard
  // error below 3 %; 5 of them.
  for (std::size_t n : {1, 5, 50}) {
    double mean = 0;
    const std::uint64_t repetitions = 2000;
    std::vector<double> x(n), y(n);
    for (std::uint64_t r = 0; r < repetitions; ++r) {
      fill_uniform(std::span<double>(x), Draw{21, stream_id("x"), r});
      fill_uniform(std::span<double>(y), Draw{21, stream_id("y"), r});
      mean += one_dimensional_power(line(x), line(y), 2) / static_cast<double>(repetitions);
    }
    const double expected = 1.0 / (3.0 * static_cast<double>(n + 1));
    EXPECT_NEAR(mean, expected, 0.15 * expected);
  }
}

TEST(OneDimensional, RefusesWhatIsNotDefined) {
  const std::vector<double> x = {1, 2}, huge = {1e200, -1e200}, none;
  EXPECT_THROW(one_dimensional_power(line(x), line(x), 0.5), RequestError);
  EXPECT_THROW(one_dimensional_power(line(x), line(none), 1), RequestError);
  EXPECT_THROW(one_dimensional_power(line(x), line(huge), 2), RequestError);
  const Sample plane{View<const double>{x.data(), 1, 2}};
  EXPECT_THROW(one_dimensional_power(plane, plane, 1), RequestError);
  const std::vector<double> zero = {0, 0};
  EXPECT_THROW(one_dimensional_power(line(x, zero), line(x), 1), RequestError);
}

}  // namespace
}  // namespace pushforward
