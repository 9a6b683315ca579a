// SPDX-License-Identifier: Apache-2.0
//
// The floor of a distance: what it reads where there is nothing to see.
//
// Two halves of one sample come from one distribution, and yet a distance between them is not 0: most
// estimates from samples are biased upwards, and all of them scatter. So a reading is judged beside
//
//   floor = √(mean over S random splits of D(X_a, X_b)²),   X_a, X_b two halves of X,
//
// by the same estimator: near the mean of a biased estimate, near the standard deviation of an unbiased one.
// Halves are smaller than X, so the floor stands a little too high: "within the floor" is no proof that the
// distributions are one; a test (two_sample.hpp) decides that.
#pragma once

#include <cstdint>

#include "pushforward/distance.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

struct FloorOptions {
  std::size_t splits = 3;  ///< S, random splits of X into halves
  std::uint64_t seed = 0;  ///< which splits
};

struct Floor {
  double value = 0;        ///< in the unit of the distance, ≥ 0
  std::size_t splits = 0;  ///< S
  std::size_t rows = 0;    ///< of each half: ⌊n/2⌋

  bool operator==(const Floor&) const = default;
};

/// Measures the floor of `distance` on halves of `x`, with what it derives from data (a bandwidth, ε) fixed
/// to its value on (x, y): `distance` is frozen to these samples unless it is a learned one. Weighted rows
/// keep their weights, divided by their sum. Throws RequestError for a distance without a single value, or
/// where half of `x` is too small for it; WorkError where halves have no value. Costs S measurements of half
/// the size; a learned distance is fitted S times.
Floor measure_floor(Distance& distance, const Facts& facts, const Sample& x, const Sample& y,
                    const FloorOptions& options = {});

}  // namespace pushforward
#pragma GCC visibility pop
