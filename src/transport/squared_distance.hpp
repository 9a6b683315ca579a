// SPDX-License-Identifier: Apache-2.0
//
// One squared distance in float64 from the coordinates' differences: right to its own last digits.
#pragma once

#include <cstddef>

namespace pushforward::transport {

/// Σ_k ((x_k − y_k) · factor)², by vectors; off by at most d/4 + 4 units in its last place, and often by a
/// tenth of that.
double squared_distance(const double* x, const double* y, std::size_t d, double factor);

}  // namespace pushforward::transport
