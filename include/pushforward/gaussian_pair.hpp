// SPDX-License-Identifier: Apache-2.0
//
// Two Gaussians of R^d, brought to the coordinates in which everything between them is a sum over d terms.
//
// With L the Cholesky factor of Σ_q and U the eigenvectors of L⁻¹Σ_pL⁻ᵀ, the map x ↦ Uᵀ L⁻¹ (x − μ_q) makes
// q = N(0, I) and p = N(δ, diag λ). Divergences that do not change under invertible maps (all f-divergences
// and Rényi's) are then sums of one-dimensional ones, with no determinants to overflow and no cancellation
// near λ = 1.
#pragma once

#include <vector>

#pragma GCC visibility push(default)
namespace pushforward {

struct GaussianPair {
  std::vector<double> lambda;  ///< d: variances of p
  std::vector<double> delta;   ///< d: means of p
  double log_det_q = 0;        ///< ln det Σ_q, for what is not invariant (entropies, L2)

  /// The same pair with p and q exchanged.
  GaussianPair swapped() const;
};

/// KL(p‖q) = ½ Σ (λ − 1 − ln λ + δ²).
double gaussian_kl(const GaussianPair& pair);
/// Rényi divergence of order α ≥ 0: with s = α + (1−α)λ it is Σ αδ²/(2s) + (ln s − (1−α) ln λ)/(2(1−α)); +∞
/// where some s ≤ 0. α = 1 gives KL(p‖q), α = 0 gives KL(q‖p) (the limit of R_α/α, which is what D_0 is).
double gaussian_renyi(const GaussianPair& pair, double alpha);
/// Differential entropy of p in nats: ½ ln det(2πe Σ_p).
double gaussian_entropy(const GaussianPair& pair);
/// ∫ (p − q)².
double gaussian_squared_l2(const GaussianPair& pair);

}  // namespace pushforward
#pragma GCC visibility pop
