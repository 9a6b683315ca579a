// SPDX-License-Identifier: Apache-2.0
//
// How near an image is to what it should be.
//
// For values in 0…1 (range 1), an image a row:
//
//   PSNR = 10 log₁₀(1 / MSE)                                             decibel; ∞ for equal images
//   SSIM = mean over windows of (2μμ′ + C₁)(2σ_xy + C₂) / ((μ² + μ′² + C₁)(σ² + σ′² + C₂))
//
// with means, variances (over the weights, without n − 1) and covariance in a window of 11 × 11 pixels under
// a Gaussian of deviation 1.5 whose weights sum to 1, C₁ = 0.01², C₂ = 0.03², over the windows that lie
// inside the image; colour images are the mean over their channels [Wang, Bovik, Sheikh & Simoncelli, "Image
// quality assessment: from error visibility to structural similarity", IEEE TIP 13, 2004]. Cost: 5·2·11
// products a pixel and channel (the window is a product of two rows of weights).
//
// Letters: B images, D values each.
#pragma once

#include <vector>

#include "pushforward/data.hpp"
#include "pushforward/tensor.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

/// A number an image (B), in decibel. RequestError unless both are B × D.
std::vector<double> psnr(View<const float> images, View<const float> clean);

/// Whether images of this shape hold a window: 11 × 11 pixels or more.
bool has_ssim(RowShape shape);
/// A number an image (B), −1…1, 1 for equal images. RequestError unless both are B × D of this shape and it
/// holds a window.
std::vector<double> ssim(View<const float> images, View<const float> clean, RowShape shape);

}  // namespace pushforward
#pragma GCC visibility pop
