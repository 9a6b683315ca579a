// SPDX-License-Identifier: Apache-2.0
// Vector kernels of transport on the line.
#pragma once

#include <cstddef>

namespace pushforward {

/// Σ_i |a_i − b_i|^p, differences and sums in double precision.
double sum_of_powers(const float* a, const float* b, std::size_t n, double p);
double sum_of_powers(const double* a, const double* b, std::size_t n, double p);

}  // namespace pushforward
