// SPDX-License-Identifier: Apache-2.0
//
// The matrix product that layers are made of: C = op(A)·op(B) [+ bias] [rectified], or C += op(A)·op(B).
//
// All matrices are row-major and contiguous; op is the identity or the transpose. Primitives are memoised by
// shape, so a product allocates nothing once its shape has been seen. With Precision::bf16 both factors are
// rounded to bfloat16 on the way in and sums are kept in float32.
#pragma once

#include <string>

#include "pushforward/shape.hpp"
#include "pushforward/tensor.hpp"

namespace pushforward {

struct Product {
  View<const float> a{};  ///< m × k, or k × m with transpose_a
  View<const float> b{};  ///< k × n, or n × k with transpose_b
  View<float> c{};        ///< m × n
  bool transpose_a = false, transpose_b = false;
  const float* bias = nullptr;  ///< n numbers, added to every row
  bool rectify = false;         ///< max(·, 0) or, below 0, slope·(·), after the bias
  float slope = 0;
  bool accumulate = false;  ///< C += instead of C =; with neither bias nor rectify
  Precision precision = Precision::f32;
};

/// Computes it. The shapes must fit (checked: RequestError).
void multiply(const Product& product);

/// The library that multiplies, with its version: "oneDNN 2.6.3".
std::string product_library();

}  // namespace pushforward
