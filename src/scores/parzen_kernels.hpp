// SPDX-License-Identifier: Apache-2.0
//
// The row kernels under parzen.cpp.
#pragma once

#include <cstddef>

namespace pushforward::vectors {

/// The largest of n ≥ 1 numbers.
float largest(const float* values, std::size_t n);
/// Σ exp(factor·(values_i − reference)) for reference ≥ every value and factor > 0, in double precision;
/// terms below 1e-37 count as 1e-38.
double sum_exponentials(const float* values, std::size_t n, float reference, float factor);

}  // namespace pushforward::vectors
