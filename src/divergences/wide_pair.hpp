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

#include "divergences/wide.hpp"

namespace pushforward {

struct GaussianPair {
  std::vector<Wide> lambda;  ///< d: variances of p
  std::vector<Wide> delta;   ///< d: means of p
  Wide log_det_q = 0;        ///< ln det Σ_q, for what is not invariant (entropies, L2)

  /// The same pair with p and q exchanged.
  GaussianPair swapped() const;
};

/// Two normals on the line, from their means and deviations.
GaussianPair line_pair(double mean_p, double spread_p, double mean_q, double spread_q);

/// The differential entropy of a Gaussian with this ln det Σ, in nats.
double gaussian_entropy(std::size_t d, const Wide& log_det);

}  // namespace pushforward
