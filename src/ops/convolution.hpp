// SPDX-License-Identifier: Apache-2.0
//
// Convolutions over images, channels last, in all three directions.
//
// One geometry ties an *image* (H × W × C) to a *result* (H′ × W′ × O):
//   y[p, q, o] = Σ_{i, j, c} w[o, i, j, c] · x[p·s − t + i·d, q·s′ − l + j·d′, c],
// zero outside the image, s the stride, d the dilation, t and l the zeros above and left. Zeros below and
// right are as many as H′ and W′ need. With g groups, result channel o sees only the C/g channels of its
// group. A convolution layer runs it forwards; a transposed one runs its adjoint, from result to image.
//
// The weight is a matrix of O rows, a row a filter: kernel rows, kernel columns, channels of the group.
// Nothing is allocated once a shape has been seen. With Precision::bf16 both factors are rounded and sums are
// kept in float32.
#pragma once

#include "pushforward/extent.hpp"
#include "pushforward/shape.hpp"
#include "pushforward/tensor.hpp"

namespace pushforward {

struct Convolution {
  RowShape image, result;
  Extent kernel{}, stride{}, dilation{};
  Extent before{0, 0};  ///< zeros above and left
  std::size_t groups = 1;

  /// Elements of a filter.
  std::size_t filter() const { return kernel.area() * image.channels / groups; }
  /// Multiplications and additions for one image.
  double operations() const {
    return 2.0 * static_cast<double>(result.size()) * static_cast<double>(filter());
  }
};

/// What is done to every output after the sum: a bias a channel, then max(·, 0) or, below 0, slope·(·).
struct Epilogue {
  const float* bias = nullptr;
  bool rectify = false;
  float slope = 0;
};

/// y = x ∗ w, then the epilogue: B × image → B × result.
void convolve(const Convolution& geometry, View<const float> x, View<const float> w, View<float> y,
              const Epilogue& after, Precision precision);
/// The adjoint in x, then the epilogue: B × result → B × image.
void convolve_transposed(const Convolution& geometry, View<const float> y, View<const float> w, View<float> x,
                         const Epilogue& after, Precision precision);
/// Adds to dw the gradient of ⟨y, x ∗ w⟩ in w.
void convolve_weights(const Convolution& geometry, View<const float> x, View<const float> y, View<float> dw,
                      Precision precision);

/// Applies an epilogue to `y`, whose columns are channels.
void finish(View<float> y, const Epilogue& after);

}  // namespace pushforward
