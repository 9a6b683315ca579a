// SPDX-License-Identifier: Apache-2.0
//
// Equal weights, as many sources as sinks: the fast ways against the network simplex, which does not share a
// line with them, on ordinary and on nasty points; all permutations for the smallest.
#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <set>

#include <gtest/gtest.h>

#include "pushforward/random.hpp"
#include "pushforward/transport.hpp"
#include "transport/assignment.hpp"
#include "transport/cell_order.hpp"
#include "transport/tree_assignment.hpp"

namespace pushforward {
namespace {

using transport::DenseAssignment;

double least_of_all_permutations(View<const double> costs) {
  std::vector<std::size_t> order(costs.rows);
  std::iota(order.begin(), order.end(), std::size_t{0});
  double least = INFINITY;
  do {
    double sum = 0;
    for (std::size_t i = 0; i < order.size(); ++i) sum += costs(i, order[i]);
    least = std::min(least, sum);
  } while (std::next_permutation(order.begin(), order.end()));
  return least;
}

TEST(Assignment, IsTheBestOfAllPermutations) {
  DenseAssignment assignment;  // one for all: its memory is used again
  for (const std::size_t n : {7u, 1u, 2u, 5u, 6u})
    for (std::uint64_t seed = 0; seed < 30; ++seed) {
      Matrix<double> costs(n, n);
      fill_uniform(costs.span(), Draw{seed, stream_id("costs"), n}, -1, 1);
      if (seed % 3 == 0)  // ties
        for (double& c : costs.span()) c = std::round(2 * c);
      assignment.set_costs(costs);
      assignment.solve();
      double sum = 0;
      std::set<std::int32_t> sinks;
      for (std::size_t i = 0; i < n; ++i) {
        const std::int32_t j = assignment.sink_of()[i];
        sinks.insert(j), sum += costs(i, static_cast<std::size_t>(j));
        for (std::size_t k = 0; k < n; ++k)
          EXPECT_LE(costs(i, static_cast<std::size_t>(j)) - assignment.v()[j],
                    costs(i, k) - assignment.v()[k] + 1e-14);
      }
      EXPECT_EQ(sinks.size(), n);
      EXPECT_NEAR(sum, least_of_all_permutations(costs), 1e-13) << n << ", seed " << seed;
    }
}

struct Pair {
  Matrix<double> x, y;
};
using Maker = std::function<Pair(std::size_t n, std::size_t d)>;

Pair normal(std::size_t n, std::size_t d) {
  Pair pair{Matrix<double>(n, d), Matrix<double>(n, d)};
  fill_normal(pair.x.span(), Draw{n, stream_id("x"), d}),
      fill_normal(pair.y.span(), Draw{n, stream_id("y"), d}, 0.3, 1.2);
  return pair;
}
Pair grid(std::size_t n, std::size_t d) {
  Pair pair = normal(n, d);
  for (Matrix<double>* points : {&pair.x, &pair.y})
    for (double& v : points->span()) v = std::round(2 * v);
  return pair;
}
Pair on_a_line(std::size_t n, std::size_t d) {
  Pair pair = normal(n, d);
  for (Matrix<double>* points : {&pair.x, &pair.y})
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t k = 1; k < d; ++k) (*points)(i, k) = 2 * (*points)(i, 0) + 1;
  return pair;
}
Pair far_clusters(std::size_t n, std::size_t d) {
  Pair pair = normal(n, d);
  for (std::size_t i = 0; i < n; ++i)
    pair.x(i, 0) += i % 3 == 0 ? 1e4 : 0, pair.y(i, 0) += i % 5 == 0 ? 1e4 : 0;
  return pair;
}
Pair heavy_tails(std::size_t n, std::size_t d) {
  Pair pair = normal(n, d);
  for (Matrix<double>* points : {&pair.x, &pair.y})
    for (double& v : points->span()) v = v * v * v * std::abs(v);
  return pair;
}
Pair all_alike(std::size_t n, std::size_t d) {
  Pair pair{Matrix<double>(n, d), Matrix<double>(n, d)};
  for (double& v : pair.y.span()) v = 1;
  return pair;
}
Pair the_same(std::size_t n, std::size_t d) {
  Pair pair = normal(n, d);
  for (std::size_t i = 0; i < n; ++i) std::copy_n(pair.x.row(i), d, pair.y.row(n - 1 - i));
  return pair;
}

// The two certificates bound both values from below, so that they agree to the sum of their gaps.
void expect_as_the_simplex(const Pair& pair, const std::string& method, const std::string& told) {
  const TransportResult fast = solve_transport({pair.x}, {pair.y});
  const TransportResult sure = solve_transport({pair.x}, {pair.y}, {.start = TransportStart::auction});
  EXPECT_NE(fast.method.find(method), std::string::npos) << told << ": " << fast.method;
  EXPECT_NE(sure.method.find("simplex"), std::string::npos) << told;
  EXPECT_LE(fast.gap, 1e-11) << told;
  EXPECT_EQ(fast.method.find("refined"), std::string::npos) << told << ": right only by repair";
  EXPECT_NEAR(fast.value, sure.value, (fast.gap + sure.gap + 1e-15) * std::abs(sure.value)) << told;
  ASSERT_EQ(fast.plan.size(), pair.x.rows()) << told;
  std::set<std::uint32_t> sinks;
  for (const TransportArc& arc : fast.plan) sinks.insert(arc.sink);
  EXPECT_EQ(sinks.size(), pair.y.rows()) << told;
}

const std::pair<const char*, Maker> kKinds[] = {{"normal", normal},           {"grid", grid},
                                                {"on a line", on_a_line},     {"far clusters", far_clusters},
                                                {"heavy tails", heavy_tails}, {"all alike", all_alike},
                                                {"the same", the_same}};

TEST(Assignment, AgreesWithTheSimplexOnEveryKindOfPoints) {
  for (const auto& [name, make] : kKinds)
    for (const std::size_t n : {1u, 9u, 64u, 200u})
      for (const std::size_t d : {2u, 3u, 8u})
        expect_as_the_simplex(make(n, d), "shortest augmenting paths",
                              std::string(name) + ", n " + std::to_string(n) + ", d " + std::to_string(d));
}

// Of many features, costs come from one product where that has the digits: not where points lie on top of one
// another, nor where the distances are nothing beside what lies between clusters.
TEST(Assignment, OfManyFeaturesAgreesWithTheSimplexOnEveryKindOfPoints) {
  for (const auto& [name, make] : kKinds)
    for (const std::size_t n : {1u, 9u, 64u, 200u})
      for (const std::size_t d : {9u, 40u, 300u}) {
        const std::string kind = name;
        expect_as_the_simplex(make(n, d), kind == "normal" ? "shortest augmenting paths" : "",
                              kind + ", n " + std::to_string(n) + ", d " + std::to_string(d));
      }
}

// The dual is checked here once more, from differences.
TEST(Assignment, OfManyFeaturesHasFeasiblePotentials) {
  Pair pair = normal(150, 100);
  for (Matrix<double>* points : {&pair.x, &pair.y})
    for (double& v : points->span()) v += 1e3;
  const TransportResult result = solve_transport({pair.x}, {pair.y});
  EXPECT_NE(result.method.find("shortest augmenting paths"), std::string::npos) << result.method;
  double worst = 0;
  for (std::size_t i = 0; i < 150; ++i)
    for (std::size_t j = 0; j < 150; ++j) {
      double cost = 0;
      for (std::size_t k = 0; k < 100; ++k) cost += std::pow(pair.x(i, k) - pair.y(j, k), 2);
      worst = std::max(worst, result.u[i] + result.v[j] - cost);
    }
  EXPECT_LE(worst, 1e-12);  // costs are some 200
}

// The tree is walked from 2500 points on. Heavy tails are left to the simplex, and price wars may end there:
// of either way the answer is the same.
TEST(TreeAssignment, AgreesWithTheSimplexOnEveryKindOfPoints) {
  for (const auto& [name, make] : kKinds)
    for (const std::size_t d : {2u, 3u}) {
      const std::string kind = name;
      const bool smooth = kind == "normal" || kind == "on a line" || kind == "the same";
      expect_as_the_simplex(make(2500, d), smooth ? "through a tree" : "", kind + ", d " + std::to_string(d));
    }
}

// Differences of points far from 0 are those near 0, to the last digit: here all coordinates are multiples of
// 2^-10.
TEST(TreeAssignment, AnOffsetChangesNoDigit) {
  Pair near = normal(2600, 2);
  for (Matrix<double>* points : {&near.x, &near.y})
    for (double& v : points->span()) v = std::round(v * 1024) / 1024;
  Pair far = near;
  for (Matrix<double>* points : {&far.x, &far.y})
    for (double& v : points->span()) v += 1e9;
  const TransportResult here = solve_transport({near.x}, {near.y}), there = solve_transport({far.x}, {far.y});
  EXPECT_NE(there.method.find("through a tree"), std::string::npos);
  EXPECT_DOUBLE_EQ(here.value, there.value);
  EXPECT_LE(there.gap, 1e-11);
}

// Integer coordinates: every cost is an integer, and so is the least sum, in which no digit is lost.
TEST(TreeAssignment, OfIntegersIsExact) {
  Pair pair = normal(5000, 2);
  for (Matrix<double>* points : {&pair.x, &pair.y})
    for (double& v : points->span()) v = std::round(3 * v);
  const TransportResult result = solve_transport({pair.x}, {pair.y});
  EXPECT_NE(result.method.find("through a tree"), std::string::npos) << result.method;
  EXPECT_EQ(result.value, std::round(result.value * 5000) / 5000);
}

// The dual is checked here once more without a tree: u_i + v_j ≤ c_ij for all pairs, to the rounding of costs
// up to 100.
TEST(TreeAssignment, PotentialsAreFeasibleForEveryPair) {
  const Pair pair = normal(2600, 2);
  const TransportResult result = solve_transport({pair.x}, {pair.y});
  double worst = 0;
  for (std::size_t i = 0; i < 2600; ++i)
    for (std::size_t j = 0; j < 2600; ++j) {
      const double a = pair.x(i, 0) - pair.y(j, 0), b = pair.x(i, 1) - pair.y(j, 1);
      worst = std::max(worst, result.u[i] + result.v[j] - (a * a + b * b));
    }
  EXPECT_LE(worst, 1e-13);
}

// Work beyond the budget is given up and said, not cut short.
TEST(TreeAssignment, GivesUpBeyondItsBudget) {
  const Pair pair = normal(3000, 2);
  for (Matrix<double> points : {pair.x, pair.y})
    EXPECT_FALSE(transport::tree_assignment(points, pair.y, 2000));
}

TEST(CellOrder, IsAPermutationWhoseRunsAreCells) {
  for (const std::size_t n : {1u, 8u, 9u, 100u, 513u}) {
    const Pair pair = normal(n, 2);
    const std::vector<std::uint32_t> order = transport::cell_order(pair.x);
    EXPECT_EQ(std::set<std::uint32_t>(order.begin(), order.end()).size(), n);
    if (n <= 64) continue;
    // The first 64 places against the next: they overlap in at most one coordinate.
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY},
           next_low[2] = {INFINITY, INFINITY}, next_high[2] = {-INFINITY, -INFINITY};
    for (std::size_t a = 0; a < std::min<std::size_t>(128, n); ++a)
      for (std::size_t k = 0; k < 2; ++k) {
        const double v = pair.x(order[a], k);
        double &l = a < 64 ? low[k] : next_low[k], &h = a < 64 ? high[k] : next_high[k];
        l = std::min(l, v), h = std::max(h, v);
      }
    const auto apart = [&](std::size_t k) { return high[k] <= next_low[k] || next_high[k] <= low[k]; };
    EXPECT_TRUE(apart(0) || apart(1)) << n;
  }
}

}  // namespace
}  // namespace pushforward
