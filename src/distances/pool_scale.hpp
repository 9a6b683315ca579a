// SPDX-License-Identifier: Apache-2.0
//
// How large the numbers of two samples are, from which distances derive how far rounding may move them
// (Distance::rounding).
//
// A Wasserstein distance moves by no more than its points do, so a rounding of the coordinates, ε·max|x|·√d,
// bounds that of the value, plans and projections included.
#pragma once

#include "pushforward/sample.hpp"

namespace pushforward {

struct PoolScale {
  double epsilon = 0;   ///< of the samples' precision: float32 when both are, else float64
  double largest = 0;   ///< max ‖z‖ over both samples
  double spread = 0;    ///< max ‖z − mean‖
  double variance = 0;  ///< mean ‖z − mean‖²
};

PoolScale pool_scale(const Sample& x, const Sample& y);

}  // namespace pushforward
