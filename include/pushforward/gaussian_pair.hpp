// SPDX-License-Identifier: Apache-2.0
//
// Closed forms between two Gaussians of R^d.
//
// In coordinates where q = N(0, I) and p = N(δ, diag λ) everything between them is a sum over d terms. The
// pair is kept in numbers that neither overflow nor lose digits (wide.hpp); what comes out is rounded once.
#pragma once

#pragma GCC visibility push(default)
namespace pushforward {

struct GaussianPair;

/// KL(p‖q) = ½ Σ (λ − 1 − ln λ + δ²).
double gaussian_kl(const GaussianPair& pair);
/// KL(q‖p).
double gaussian_reverse_kl(const GaussianPair& pair);
/// Rényi divergence of order α > 0: with s = α + (1−α)λ it is Σ αδ²/(2s) + (ln s − (1−α) ln λ)/(2(1−α)); +∞
/// where some s ≤ 0. α = 1 gives KL(p‖q).
double gaussian_renyi(const GaussianPair& pair, double alpha);
/// D_α = (∫ p^α q^(1−α) − 1)/(α(α − 1)) for any α but 0 and 1.
double gaussian_alpha(const GaussianPair& pair, double alpha);
/// −∫ p ln q = ½ (d ln 2π + ln det Σ_q + Σ (λ + δ²)).
double gaussian_cross_entropy(const GaussianPair& pair);
/// ∫ (p − q)².
double gaussian_squared_l2(const GaussianPair& pair);

}  // namespace pushforward
#pragma GCC visibility pop
