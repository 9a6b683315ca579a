// SPDX-License-Identifier: Apache-2.0
//
// Samples seen along directions.
//
// A block of directions times a sample packed in panels is a product that leaves each direction's projections
// in one row, ready to be sorted. float32 samples are projected and sorted in float32, others in double; both
// are centred at the pooled mean in double first, so that a common offset costs no digits.
#pragma once

#include <span>
#include <vector>

#include "pushforward/distance.hpp"
#include "pushforward/one_dimensional.hpp"

namespace pushforward {

/// `count` directions in R^d, a unit row each: a function of the seed, the row and d alone. In R¹ all are 1.
Matrix<double> random_directions(std::size_t count, std::size_t d, std::uint64_t seed);

/// Two samples that can be compared along any direction.
class Projected {
 public:
  virtual ~Projected() = default;

  /// W_p^p along each row of `directions`. Where `gradient` asks, writes Σ_l ∂W_p^p(θ_l)/∂x and the same for
  /// weights.
  virtual std::vector<double> powers(View<const double> directions, double p,
                                     const Gradient& gradient = {}) const = 0;
  /// ∂W_p^p(θ)/∂θ at one direction, all d components.
  virtual std::vector<double> slope(std::span<const double> direction, double p) const = 0;
};

std::unique_ptr<Projected> make_projected(const Sample& x, const Sample& y);

/// How far rounding moves W_p of projections: no more than it moves the projections.
Rounding projected_rounding(const Sample& x, const Sample& y);

}  // namespace pushforward
