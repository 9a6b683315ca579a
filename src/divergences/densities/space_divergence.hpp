// SPDX-License-Identifier: Apache-2.0
// Divergences between mixtures of R^d: cubature in few dimensions, Monte Carlo in many.
#pragma once

#include "pushforward/cell_terms.hpp"
#include "pushforward/density.hpp"

namespace pushforward {

inline constexpr std::size_t kMostCubature = 3;  // dimensions

/// ∫ term(p(x), q(x)) dx, d ≤ kMostCubature.
DensityReading cubature_of_terms(const CellTerms& terms, const SpaceDensity& p, const SpaceDensity& q,
                                 double absolute = 0);
/// −∫ p ln p, d ≤ kMostCubature.
DensityReading cubature_of_entropy(const SpaceDensity& p);

/// The same by draws, any d. RequestError where the estimate would have no finite standard error.
DensityReading sample_terms(const CellTerms& terms, const SpaceDensity& p, const SpaceDensity& q,
                            const DensityOptions& options);
DensityReading sample_entropy(const SpaceDensity& p, const DensityOptions& options);
DensityReading sample_energy(const SpaceDensity& p, const SpaceDensity& q, const DensityOptions& options);

}  // namespace pushforward
