// SPDX-License-Identifier: Apache-2.0
//
// Patches of images as rows of a matrix, and their sum back: convolutions as matrix products.
//
// Row (b, p, q) of the columns of B images holds the patch under result pixel (p, q): kernel rows, kernel
// columns, channels, zero outside the image. Then y = columns·wᵀ, and the adjoint is a product and a sum of
// overlapping patches. Nine times more memory than the image for a 3×3 kernel, so images go a few at a time.
// Groups are not for this form.
#pragma once

#include "ops/convolution.hpp"

namespace pushforward {

/// columns: (B·H′·W′) × filter.
void unfold(const Convolution& geometry, View<const float> images, View<float> columns);
/// Writes to `images` the sum of the patches: the adjoint of unfold.
void fold(const Convolution& geometry, View<const float> columns, View<float> images);

}  // namespace pushforward
