// SPDX-License-Identifier: Apache-2.0
// Gaussians of R^d: reduction to the pair of closed forms, and Monte Carlo where there is none.
#pragma once

#include "divergences/wide_pair.hpp"
#include "pushforward/cell_terms.hpp"
#include "pushforward/density.hpp"

namespace pushforward {

/// Both in the coordinates where q = N(0, I) and p = N(δ, diag λ). RequestError for a singular covariance.
GaussianPair gaussian_pair(const GaussianDensity& p, const GaussianDensity& q);

/// Differential entropy in nats. RequestError for a singular covariance.
double gaussian_entropy(const GaussianDensity& p);

/// Σ-free: E over the mixture ½p + ½q of term/density, with its standard error.
DensityReading sample_terms(const CellTerms& terms, const GaussianPair& pair, const DensityOptions& options);

/// 2E‖X−Y‖ − E‖X−X'‖ − E‖Y−Y'‖ by independent draws, with its standard error.
DensityReading sample_energy(const GaussianDensity& p, const GaussianDensity& q,
                             const DensityOptions& options);

}  // namespace pushforward
