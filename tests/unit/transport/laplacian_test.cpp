// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "pushforward/random.hpp"
#include "transport/laplacian.hpp"

namespace pushforward::entropic {
namespace {

// A path whose links are 10^0, 10^-5, 10^-10, …: what flows along it is known, and x falls by flow/weight a
// link.
TEST(Laplacian, APathOfVeryUnequalLinks) {
  constexpr std::size_t n = 7;
  Matrix<double> weights(n, n);
  std::vector<double> y(n, 0);
  y[0] = 1, y[n - 1] = -1;
  const auto power = [](std::size_t k) { return std::pow(10, 5 * (static_cast<double>(k) - 1)); };
  for (std::size_t k = 1; k < n; ++k) weights(k, k - 1) = weights(k - 1, k) = 1 / power(k);
  const std::vector<double> x = solve_laplacian(weights, y);
  for (std::size_t k = 1; k < n; ++k) EXPECT_NEAR((x[k - 1] - x[k]) / power(k), 1, 1e-14) << k;
}

// Two parts of ten nodes, all links of which are 1 to 2 within and 1e-22 between them.
struct TwoParts {
  static constexpr std::size_t n = 20;
  Matrix<double> weights{n, n};

  TwoParts() {
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t k = 0; k < n; ++k)
        if (i != k)
          weights(i, k) =
              (i < 10) == (k < 10)
                  ? 1 + uniform01({1, 2, 3}, static_cast<std::uint32_t>(std::min(i, k) * n + std::max(i, k)))
                  : 1e-22;
  }
  std::vector<double> times(const std::vector<double>& x) const {
    std::vector<double> y(n, 0);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t k = 0; k < n; ++k) y[i] += weights(i, k) * (x[i] - x[k]);
    return y;
  }
};

TEST(Laplacian, WhatFlowsBetweenPartsThatHangTogetherByLittle) {
  TwoParts graph;
  std::vector<double> right(TwoParts::n, 0);
  std::fill(right.begin() + 10, right.end(), 5.0);
  const std::vector<double> y = graph.times(right), x = solve_laplacian(graph.weights, y);
  for (std::size_t i = 0; i < TwoParts::n; ++i) EXPECT_NEAR(x[i] - x[0], right[i], 1e-14) << i;
}

// Within a part all digits. Between them there are none: rounding leaves y a sum of 1e-15 over a part, which
// 1e-20 of links carries away at a difference of 1e5, whose last place is the tolerance.
TEST(Laplacian, WhatFlowsWithinThem) {
  TwoParts graph;
  std::vector<double> right(TwoParts::n);
  for (std::size_t i = 0; i < right.size(); ++i)
    right[i] = (i < 10 ? 0 : 5) + 0.25 * static_cast<double>(i % 4);
  const std::vector<double> y = graph.times(right), x = solve_laplacian(graph.weights, y);
  for (const std::size_t first : {std::size_t{0}, std::size_t{10}}) {
    const double tolerance = 1e-14 + 0x1p-50 * std::abs(x[first]);
    for (std::size_t i = first; i < first + 10; ++i)
      EXPECT_NEAR(x[i] - x[first], right[i] - right[first], tolerance) << i;
  }
}

}  // namespace
}  // namespace pushforward::entropic
