// SPDX-License-Identifier: Apache-2.0
// A coordinate of a component, given those before it.
#pragma once

#include <span>

#include "pushforward/density.hpp"

namespace pushforward {

inline constexpr std::size_t kRowsAStep = 4096;  // of sample_density

/// The distribution on the line of coordinate k, given the deviates z_j of the coordinates before it (empty:
/// at 0).
inline LineComponent conditional(const SpaceDensity::Component& c, const Matrix<double>& root, std::size_t k,
                                 std::span<const double> z) {
  LineComponent axis = c.axes[k];
  if (axis.family != LineComponent::Family::normal) return axis;
  for (std::size_t j = 0; j < z.size(); ++j) axis.a += root(k, j) * z[j];
  axis.b = root(k, k);
  return axis;
}

}  // namespace pushforward
