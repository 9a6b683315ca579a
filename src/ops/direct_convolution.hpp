// SPDX-License-Identifier: Apache-2.0
//
// Direct convolutions of a batch on the calling thread, by oneDNN (ops_onednn_convolution.cpp); the choice
// between them and matrix products is made in convolution.cpp, whose callers are the layers.
#pragma once

#include "ops/convolution.hpp"

namespace pushforward::direct {

void convolve(const Convolution& geometry, View<const float> x, View<const float> w, View<float> y,
              const Epilogue& after, Precision precision);
void convolve_transposed(const Convolution& geometry, View<const float> y, View<const float> w, View<float> x,
                         Precision precision);
/// Writes dw.
void convolve_weights(const Convolution& geometry, View<const float> x, View<const float> y, View<float> dw,
                      Precision precision);

}  // namespace pushforward::direct
