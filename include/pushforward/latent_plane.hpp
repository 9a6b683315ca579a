// SPDX-License-Identifier: Apache-2.0
//
// Decoded observations over the plane of a two-dimensional code.
//
// With quantile spacing the grid's coordinates are Φ⁻¹((k+½)/g), so that every cell holds the same share of
// the N(0, I) prior [Kingma & Welling 2014, appendix A]; with linear spacing they are equal steps over
// ±range.
#pragma once

#include "pushforward/run.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

struct PlaneOptions {
  std::size_t grid = 20;  ///< images a side
  bool quantile = true;
  double range = 3;
};

/// grid² rows in reading order, the first coordinate to the right, the second upwards; in the data's units.
Tensor decode_plane(const Run& run, const PlaneOptions& options);

}  // namespace pushforward
#pragma GCC visibility pop
