// SPDX-License-Identifier: Apache-2.0
#include "pages/line_grid.hpp"

#include <algorithm>
#include <cmath>

namespace pushforward::pages {

Matrix<double> line_grid(const Points& x, const Points& y) {
  constexpr std::size_t kNodes = 401;
  double low = HUGE_VAL, high = -HUGE_VAL;
  for (const Points* points : {&x, &y})
    for (std::size_t i = 0; i < points->n(); ++i)
      low = std::min(low, points->at(i, 0)), high = std::max(high, points->at(i, 0));
  const double pad = high > low ? 0.1 * (high - low) : 1;
  low -= pad, high += pad;
  Matrix<double> grid(kNodes, 1);
  for (std::size_t i = 0; i < kNodes; ++i)
    grid(i, 0) = std::lerp(low, high, static_cast<double>(i) / static_cast<double>(kNodes - 1));
  return grid;
}

}  // namespace pushforward::pages
