// SPDX-License-Identifier: Apache-2.0
// Partial and unbalanced transport: by hand, against every choice of what to move, and by their own proofs.
#include "pushforward/relaxed_transport.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <gtest/gtest.h>

#include "pushforward/error.hpp"
#include "pushforward/random.hpp"

namespace pushforward {
namespace {

using Kind = Relaxation::Kind;

Matrix<double> cloud(std::size_t n, std::size_t d, std::uint64_t seed, double mean = 0) {
  Matrix<double> points(n, d);
  fill_normal(points.span(), Draw{seed, stream_id("relaxed")}, mean, 1.0);
  return points;
}

std::vector<double> some_masses(std::size_t n, std::uint64_t seed) {
  std::vector<double> masses;
  for (std::size_t i = 0; i < n; ++i)
    masses.push_back(i % 5 == 3 ? 0
                                : 0.1 + uniform01(Draw{seed}.on("masses"), static_cast<std::uint32_t>(i)));
  return masses;
}

double squared(const Matrix<double>& x, std::size_t i, const Matrix<double>& y, std::size_t j) {
  double sum = 0;
  for (std::size_t k = 0; k < x.cols(); ++k) sum += (x(i, k) - y(j, k)) * (x(i, k) - y(j, k));
  return sum;
}

// The plan keeps its limits, the potentials theirs, and both values are what they are said to be.
void expect_proven(const RelaxedResult& result, const Matrix<double>& cost, std::vector<double> a,
                   std::vector<double> b, const Relaxation& relaxation, double tolerance) {
  if (a.empty()) a.assign(cost.rows(), 1 / static_cast<double>(cost.rows()));
  if (b.empty()) b.assign(cost.cols(), 1 / static_cast<double>(cost.cols()));
  std::vector<double> rows(a.size()), columns(b.size());
  double primal = 0, moved = 0, dual = 0;
  for (const TransportArc& arc : result.plan) {
    EXPECT_GT(arc.mass, 0);
    rows[arc.source] += arc.mass, columns[arc.sink] += arc.mass, moved += arc.mass;
    primal += arc.mass * cost(arc.source, arc.sink);
  }
  const double rho = relaxation.amount, half = result.multiplier / 2,
               slack = 1e-12 * (1 + std::abs(half) + rho);
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t j = 0; j < b.size(); ++j)
      EXPECT_LE(result.u[i] + result.v[j], cost(i, j) + slack * (1 + cost(i, j)));
  const auto side = [&](const std::vector<double>& masses, const std::vector<double>& left,
                        const std::vector<double>& potentials) {
    for (std::size_t i = 0; i < masses.size(); ++i) {
      const double mass = masses[i], u = potentials[i];
      if (relaxation.kind != Kind::kl) {
        EXPECT_LE(left[i], mass + 1e-14);
      }
      if (relaxation.kind == Kind::partial) {
        EXPECT_LE(u, half + slack);
        dual -= mass * (half - u);
      } else if (relaxation.kind == Kind::tv) {
        EXPECT_LE(std::abs(u), rho + slack);
        primal += rho * std::abs(left[i] - mass), dual += mass * u;
      } else {
        primal += rho * ((left[i] > 0 ? left[i] * std::log(left[i] / mass) : 0) - left[i] + mass);
        dual += rho * mass * (1 - std::exp(-u / rho));
      }
    }
  };
  side(a, rows, result.u), side(b, columns, result.v);
  if (relaxation.kind == Kind::partial) {
    EXPECT_NEAR(moved, rho, 1e-13);
    dual += rho * result.multiplier;
  }
  EXPECT_NEAR(result.moved, moved, 1e-13);
  EXPECT_NEAR(result.value, primal, 1e-12 * primal);
  EXPECT_NEAR(result.dual, dual, 1e-12 * primal);
  EXPECT_LE(primal - dual, tolerance * primal);
  EXPECT_GE(result.gap * primal, primal - dual - 1e-13 * primal);  // what is told covers what is found
}

Matrix<double> costs_of(const Matrix<double>& x, const Matrix<double>& y) {
  Matrix<double> cost(x.rows(), y.rows());
  for (std::size_t i = 0; i < x.rows(); ++i)
    for (std::size_t j = 0; j < y.rows(); ++j) cost(i, j) = squared(x, i, y, j);
  return cost;
}

// Three points of mass 1/3 each at 0, 1, 10 against 0.5, 2, 3, at |x − y|²: a third moves 0 → 0.5 or 1 → 0.5
// for ¼, two thirds 0 → 0.5 and 1 → 2 for ¼ + 1, and ½ the third and half of the next.
TEST(PartialTransport, ByHand) {
  const std::vector<double> x = {0, 1, 10}, y = {0.5, 2, 3};
  const Sample sx{View<const double>{x.data(), 3, 1}}, sy{View<const double>{y.data(), 3, 1}};
  const auto value = [&](double mass) { return solve_relaxed(sx, sy, {Kind::partial, mass}).value; };
  EXPECT_NEAR(value(1.0 / 3), 0.25 / 3, 1e-15);
  EXPECT_NEAR(value(2.0 / 3), 1.25 / 3, 1e-15);
  EXPECT_NEAR(value(0.5), 0.25 / 3 + 1.0 / 6, 1e-15);
  EXPECT_NEAR(value(1), (0.25 + 1 + 49) / 3, 1e-13);
  EXPECT_NEAR(solve_relaxed(sx, sy, {Kind::partial, 0.5}).multiplier, 1, 1e-14);
}

// Every way to choose k of n equal sources and sinks, matched in every order.
TEST(PartialTransport, IsTheBestOfAllChoices) {
  constexpr std::size_t n = 5;
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const Matrix<double> x = cloud(n, 2, seed), y = cloud(n, 2, seed + 100), cost = costs_of(x, y);
    for (std::size_t k = 1; k <= n; ++k) {
      double best = std::numeric_limits<double>::infinity();
      std::vector<std::size_t> sources(n), sinks(n);
      std::iota(sources.begin(), sources.end(), 0u);
      do {  // the first k of each order
        std::iota(sinks.begin(), sinks.end(), 0u);
        do {
          double sum = 0;
          for (std::size_t r = 0; r < k; ++r) sum += cost(sources[r], sinks[r]);
          best = std::min(best, sum);
        } while (std::next_permutation(sinks.begin(), sinks.end()));
        std::reverse(sources.begin() + static_cast<std::ptrdiff_t>(k),
                     sources.end());  // their order is no choice
      } while (std::next_permutation(sources.begin(), sources.end()));
      const Relaxation relaxation{Kind::partial, static_cast<double>(k) / n};
      const RelaxedResult result = solve_relaxed({Points(x.view())}, {Points(y.view())}, relaxation);
      EXPECT_NEAR(result.value, best / n, 1e-14);
      expect_proven(result, cost, {}, {}, relaxation, 1e-12);
    }
  }
}

// Of kl, the descent ends between 10⁻¹⁵ and 10⁻⁹ (interior_point.hpp).
TEST(RelaxedTransport, ProvesItselfForAnyMassesAndSizes) {
  for (const std::size_t d : {1, 2, 10})
    for (const std::size_t n : {1, 7, 40})
      for (const std::size_t m : {1, 13, 40}) {
        const Matrix<double> x = cloud(n, d, n), y = cloud(m, d, m + 1, 0.5), cost = costs_of(x, y);
        const std::vector<double> a = some_masses(n, 1), b = some_masses(m, 2);
        const double least =
            std::min(std::accumulate(a.begin(), a.end(), 0.0), std::accumulate(b.begin(), b.end(), 0.0));
        for (const Relaxation& relaxation :
             {Relaxation{Kind::partial, 0.3 * least}, Relaxation{Kind::partial, least},
              Relaxation{Kind::tv, 0.1}, Relaxation{Kind::tv, 30}, Relaxation{Kind::kl, 0.05},
              Relaxation{Kind::kl, 1}, Relaxation{Kind::kl, 100}})
          expect_proven(solve_relaxed({Points(x.view()), a}, {Points(y.view()), b}, relaxation), cost, a, b,
                        relaxation, relaxation.kind == Kind::kl ? 1e-8 : 1e-11);
      }
}

// One point each: the mass m that moves over cost c minimizes m c + ρ (KL(m‖a) + KL(m‖b)), at m = √(ab)
// e^(−c/2ρ); by total variation all of the smaller mass moves where c < 2ρ, else none.
TEST(RelaxedTransport, OnePointEachByHand) {
  const std::vector<double> x = {0}, y = {2}, a = {0.5}, b = {3};
  const Sample sx{View<const double>{x.data(), 1, 1}, a}, sy{View<const double>{y.data(), 1, 1}, b};
  const RelaxedResult kl = solve_relaxed(sx, sy, {Kind::kl, 1.5});
  const double mass = std::sqrt(1.5) * std::exp(-4 / 3.0);
  EXPECT_NEAR(kl.moved, mass, 1e-9);
  EXPECT_NEAR(kl.value, 1.5 * (3.5 - 2 * mass), 1e-12);
  EXPECT_NEAR(solve_relaxed(sx, sy, {Kind::tv, 3}).value, 0.5 * 4 + 3 * 2.5, 1e-13);
  EXPECT_NEAR(solve_relaxed(sx, sy, {Kind::tv, 1.9}).value, 1.9 * 3.5, 1e-13);
}

TEST(RelaxedTransport, TendsToExactTransportAsMassGetsDear) {
  const Matrix<double> x = cloud(30, 2, 1), y = cloud(30, 2, 2, 1);
  const double exact = solve_transport({Points(x.view())}, {Points(y.view())}).value;
  const auto value = [&](Kind kind, double rho) {
    return solve_relaxed({Points(x.view())}, {Points(y.view())}, {kind, rho}).value;
  };
  EXPECT_NEAR(value(Kind::tv, 1000), exact, 1e-12 * exact);
  // Of KL, value = exact − O(1/ρ): ρ Σ a (1 − e^(−u/ρ)) = Σ a u − Σ a u²/2ρ + …
  EXPECT_LT(value(Kind::kl, 1e4), exact);
  EXPECT_NEAR(value(Kind::kl, 1e4), exact, 2e-3 * exact);
  EXPECT_NEAR(value(Kind::partial, 1), exact, 1e-12 * exact);
}

TEST(RelaxedTransport, IdenticalSamplesStayWhereTheyAre) {
  const Matrix<double> x = cloud(20, 3, 1);
  for (const Kind kind : {Kind::partial, Kind::tv, Kind::kl}) {
    const RelaxedResult result = solve_relaxed({Points(x.view())}, {Points(x.view())}, {kind, 0.5});
    EXPECT_NEAR(result.value, 0, 1e-9);
    EXPECT_NEAR(result.moved, kind == Kind::partial ? 0.5 : 1, 1e-6);
  }
}

TEST(RelaxedTransport, RefusesBadInputInOneLine) {
  const Matrix<double> x = cloud(3, 2, 1), y = cloud(2, 2, 2);
  const std::vector<double> negative = {1, -1, 1}, none = {0, 0, 0};
  const auto expect_refused = [&](const Sample& from, const Relaxation& relaxation, const std::string& word) {
    try {
      solve_relaxed(from, {Points(y.view())}, relaxation);
      ADD_FAILURE() << word;
    } catch (const RequestError& error) {
      EXPECT_NE(std::string(error.what()).find(word), std::string::npos) << error.what();
    }
  };
  expect_refused({Points(x.view())}, {Kind::partial, 1.01}, "at most 1, what X has");
  expect_refused({Points(x.view())}, {Kind::partial, -1}, "above 0");
  expect_refused({Points(x.view())}, {Kind::kl, 0}, "above 0");
  expect_refused({Points(x.view())}, {Kind::tv, -2}, "above 0");
  expect_refused({Points(x.view()), negative}, {Kind::kl, 1}, "-1 at 1");
  expect_refused({Points(x.view()), none}, {Kind::kl, 1}, "mass above 0");
  Matrix<double> cost(1, 1);
  cost(0, 0) = -1;
  EXPECT_THROW(solve_relaxed(cost.view(), {}, {}, {Kind::tv, 1}), RequestError);
  for (const char* text : {"kl", "kl:", "l2:1", "kl:-1", "tv:0", "tv:nan", ""})
    EXPECT_THROW(parse_relaxation(text, "--unbalanced"), RequestError) << text;
  EXPECT_EQ(parse_relaxation("tv:2.5", "x").amount, 2.5);
}

}  // namespace
}  // namespace pushforward
