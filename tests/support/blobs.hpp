// SPDX-License-Identifier: Apache-2.0
// Points in groups, for tests whose kernels must be as narrow as a group to see anything.
#pragma once

#include <cmath>

#include "pushforward/random.hpp"
#include "pushforward/tensor.hpp"

namespace pushforward::testing {

/// Nine groups in a square of side 2, alike for any correlation but within a group: what the median of
/// distances, 1.4, does not see and a kernel as wide as a group does.
inline Matrix<double> blobs(std::size_t n, double correlation, std::uint64_t seed) {
  Matrix<double> points(n, 2);
  fill_normal(points.span(), Draw{seed}.on("blobs"), 0.0, 1.0);
  for (std::size_t i = 0; i < n; ++i) {
    const auto group =
        static_cast<std::size_t>(9 * uniform01(Draw{seed}.on("group"), static_cast<std::uint32_t>(i)));
    const double u = points(i, 0),
                 v = correlation * u + std::sqrt(1 - correlation * correlation) * points(i, 1);
    points(i, 0) = static_cast<double>(group % 3) + 0.17 * u;
    points(i, 1) = static_cast<double>(group / 3) + 0.17 * v;
  }
  return points;
}

}  // namespace pushforward::testing
