// SPDX-License-Identifier: Apache-2.0
//
// Products of float32 matrices by tiles of 6 × 16, for processors whose vectors hold eight numbers.
#pragma once

#include <cstddef>

namespace pushforward {

/// C = A·B of stored matrices, A m × k (k × m with transpose_a) and B k × n (n × k with transpose_b): adds to
/// C with `accumulate`, then adds the bias to every row, then takes max(·, 0) or, below 0, slope·(·).
struct TileProduct {
  std::size_t m = 0, n = 0, k = 0;           ///< at least 1
  std::size_t ld_a = 0, ld_b = 0, ld_c = 0;  ///< elements from one stored row to the next
  bool transpose_a = false, transpose_b = false;
  const float* a = nullptr;
  const float* b = nullptr;
  float* c = nullptr;
  const float* bias = nullptr;
  bool rectify = false;
  float slope = 0;
  bool accumulate = false;
};

/// Whether this processor has vectors of eight numbers.
bool has_product_tiles();

/// By one thread. An element of C is one chain of sums over k whatever else is computed: the same bits for a
/// part of C as for the whole.
void multiply_by_tiles(const TileProduct& product);

}  // namespace pushforward
