// SPDX-License-Identifier: Apache-2.0
// Vectorised row scans against plain loops, for every way of keeping costs.
#include <algorithm>
#include <cmath>
#include <memory>

#include <gtest/gtest.h>

#include "pushforward/random.hpp"
#include "transport/cost_oracle.hpp"

namespace pushforward::transport {
namespace {

struct Problem {
  Matrix<double> x, y, costs;
  std::unique_ptr<CostOracle> oracle;
  std::string name;
};

Matrix<double> points(std::size_t n, std::size_t d, std::uint64_t step) {
  Matrix<double> out(n, d);
  fill_normal(out.span(), Draw{21, stream_id("cost test"), step});
  if (n > 3) std::copy_n(out.row(0), d, out.row(2));  // a tie
  return out;
}

Problem make(std::size_t n, std::size_t m, std::size_t d, double p, int kind) {
  Problem problem{points(n, d, n + m), points(m, d, 7 * n + m), Matrix<double>(n, m), nullptr, ""};
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < m; ++j) {
      double square = 0;
      for (std::size_t k = 0; k < d; ++k) square += std::pow(problem.x(i, k) - problem.y(j, k), 2);
      problem.costs(i, j) = std::pow(square, p / 2);
    }
  const AtomView atoms = {problem.x, problem.y};
  problem.oracle = kind == 0   ? point_costs(atoms, p)
                   : kind == 1 ? stored_costs(atoms, p)
                   : kind == 3 ? squared_costs(atoms)
                               : matrix_costs(problem.costs);
  problem.name = std::to_string(n) + " x " + std::to_string(m) + ", d=" + std::to_string(d) +
                 ", p=" + std::to_string(p) + ", kind " + std::to_string(kind);
  return problem;
}

template <class Check>
void for_all(const Check& check) {
  for (std::size_t m : {1, 5, 63, 64, 65, 200})
    for (std::size_t d : {1, 2, 3, 5, 33})
      for (double p : {1.0, 2.0, 2.7})
        for (int kind : {0, 1, 2, 3}) {
          if (kind == 3 && (p != 2 || d < 33)) continue;  // in few, points lie too near
          const Problem problem = make(4, m, d, p, kind);
          ASSERT_NE(problem.oracle, nullptr) << problem.name;
          SCOPED_TRACE(problem.name);
          check(problem);
        }
}

// Potentials that matter: of the size of the costs.
template <class Real>
ColumnPotentials<Real> potentials(const CostOracle& costs) {
  auto v = column_potentials(costs.cols(), Real{0});
  for (std::size_t j = 0; j < costs.cols(); ++j)
    v.data()[j] = static_cast<Real>(0.1 * uniform01(Draw{22}, static_cast<std::uint32_t>(j)));
  return v;
}

TEST(TransportCosts, AreTheCostsScaledToAtMostOne) {
  for_all([](const Problem& problem) {
    for (std::size_t i = 0; i < problem.costs.rows(); ++i)
      for (std::size_t j = 0; j < problem.costs.cols(); ++j) {
        EXPECT_NEAR(problem.oracle->at(i, j) * problem.oracle->scale(), problem.costs(i, j),
                    1e-14 * problem.costs(i, j));
        EXPECT_LE(problem.oracle->at(i, j), 1);
      }
  });
}

// What an assignment scans: the costs, but for some last digits, and never the smallest beyond the last
// column.
TEST(TransportCosts, OfAProductAreTheCosts) {
  for_all([](const Problem& problem) {
    const View<const double> kept = problem.oracle->kept();
    if (!kept.wanted()) return;
    ASSERT_EQ(kept.cols, padded(problem.costs.cols()));
    for (std::size_t i = 0; i < problem.costs.rows(); ++i)
      for (std::size_t j = 0; j < kept.cols; ++j)
        if (j < problem.costs.cols())
          EXPECT_NEAR(kept(i, j), problem.oracle->at(i, j), 1e-15);
        else
          EXPECT_GT(kept(i, j), 1);
  });
}

// Columns that lie nearer to one another than the product tells apart: the smallest is that of exact costs.
TEST(TransportCosts, OfAProductSettleNearTiesExactly) {
  constexpr std::size_t kD = 40;
  const Matrix<double> x = points(30, kD, 1);
  Matrix<double> y(64, kD);
  fill_normal(y.span(), Draw{1, stream_id("near ties"), 2}, 0, 1e-16);
  const Matrix<double> at = points(1, kD, 3);
  for (std::size_t j = 0; j < y.rows(); ++j)
    for (std::size_t k = 0; k < kD; ++k) y(j, k) += at(0, k);
  const AtomView atoms = {x, y};
  const std::unique_ptr<CostOracle> costs = squared_costs(atoms);
  ASSERT_NE(costs, nullptr);
  const std::vector<double> v(padded(y.rows()), 0.0);
  for (std::size_t i = 0; i < x.rows(); ++i) {
    double least = HUGE_VAL;
    for (std::size_t j = 0; j < y.rows(); ++j) least = std::min(least, costs->at(i, j));
    EXPECT_EQ(costs->smallest(i, v.data()).value, least) << i;
  }
}

// Two clusters a million apart, a hundred thousandth wide: squares of norms have no digit of such distances.
TEST(TransportCosts, OfAProductSayWhereDigitsAreLost) {
  Matrix<double> x = points(20, 30, 1), y = points(20, 30, 2);
  for (Matrix<double>* of : {&x, &y})
    for (std::size_t i = 0; i < 20; ++i)
      for (std::size_t k = 0; k < 30; ++k) (*of)(i, k) = 1e-5 * (*of)(i, k) + (i % 2 == 0 ? 1e6 : 0);
  EXPECT_EQ(squared_costs({x, y}), nullptr);
}

TEST(TransportCosts, Float64RowMinimumIsExact) {
  for_all([](const Problem& problem) {
    const auto v = potentials<double>(*problem.oracle);
    for (std::size_t i = 0; i < problem.costs.rows(); ++i) {
      double least = INFINITY;
      for (std::size_t j = 0; j < problem.costs.cols(); ++j)
        least = std::min(least, problem.oracle->at(i, j) - v.data()[j]);
      const auto found = problem.oracle->smallest(i, v.data());
      EXPECT_NEAR(found.value, least, 4e-15);
      const auto j = static_cast<std::size_t>(found.column);
      EXPECT_NEAR(problem.oracle->at(i, j) - v.data()[j], least, 4e-15);
    }
  });
}

TEST(TransportCosts, Float32ScansAgreeWithPlainLoops) {
  for_all([](const Problem& problem) {
    const CostOracle& costs = *problem.oracle;
    const auto v = potentials<float>(costs);
    for (std::size_t i = 0; i < costs.rows(); ++i) {
      std::vector<double> reduced;
      for (std::size_t j = 0; j < costs.cols(); ++j)
        reduced.push_back(costs.at(i, j) - static_cast<double>(v.data()[j]));
      std::vector<double> sorted = reduced;
      std::sort(sorted.begin(), sorted.end());
      constexpr double kTolerance = 2e-6;  // costs are at most 1; a few dozen float32 roundoffs
      const TwoMinima two = costs.two_smallest(i, v.data());
      EXPECT_NEAR(two.value, sorted[0], kTolerance);
      EXPECT_NEAR(reduced[static_cast<std::size_t>(two.column)], sorted[0], kTolerance);
      if (sorted.size() > 1)
        EXPECT_NEAR(two.second, sorted[1], kTolerance);
      else
        EXPECT_TRUE(std::isinf(two.second));
      const auto one = costs.smallest(i, v.data());
      EXPECT_EQ(one.value, two.value);
      EXPECT_EQ(one.column, two.column);
      const auto threshold = static_cast<float>(sorted[sorted.size() / 2] + 3 * kTolerance);
      std::vector<std::int32_t> columns(costs.cols());
      const std::size_t count = costs.below(i, v.data(), threshold, columns.size(), columns.data());
      EXPECT_GE(count, sorted.size() / 2 + 1);
      EXPECT_TRUE(std::is_sorted(columns.begin(), columns.begin() + static_cast<std::ptrdiff_t>(count)));
      for (std::size_t c = 0; c < count; ++c)
        EXPECT_LT(reduced[static_cast<std::size_t>(columns[c])], static_cast<double>(threshold) + kTolerance);
      EXPECT_EQ(costs.below(i, v.data(), threshold, 1, columns.data()), 1u);
    }
  });
}

}  // namespace
}  // namespace pushforward::transport
