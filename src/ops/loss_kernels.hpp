// SPDX-License-Identifier: Apache-2.0
//
// The row kernels under losses.cpp: value and gradient of a row (or of a run of elements) in one pass.
#pragma once

#include <cstddef>

namespace pushforward::vectors {

// Each returns the sum over n elements in double precision; `gradient`, where not null, gets scale ·
// derivative.

/// Σ(y−x)², 2(y−x).
double squared_error(const float* y, const float* x, float* gradient, float scale, std::size_t n);
/// Σ softplus(a) − x·a, s(a) − x.
double cross_entropy(const float* a, const float* x, float* gradient, float scale, std::size_t n);
/// Σ(m−x)² and (m−x)·factor: the Gaussian of one variance, whose constants the caller adds.
double gaussian(const float* mean, const float* x, float* gradient, float factor, std::size_t n);
/// Σ ½[(m−x)²e^−s + s], s = floor + softplus(h − floor), for n means m and n numbers h; gradients of both.
double gaussian_head(const float* mean, const float* h, const float* x, float floor, float* d_mean,
                     float* d_h, float scale, std::size_t n);
/// z = μ + e^(v/2)·ε.
void reparametrise(const float* mean, const float* v, const float* draws, float* z, std::size_t n);
/// ½ Σ (μ² + (e^v − 1) − v).
double latent_divergence(const float* mean, const float* v, std::size_t n);
/// d_mean = kl·μ, d_v = kl·½(e^v − 1).
void latent_divergence_gradient(const float* mean, const float* v, float kl, float* d_mean, float* d_v,
                                std::size_t n);
/// d_mean += dz, d_v += dz·ε·½e^(v/2).
void reparametrise_gradient(const float* v, const float* draws, const float* dz, float* d_mean, float* d_v,
                            std::size_t n);

}  // namespace pushforward::vectors
