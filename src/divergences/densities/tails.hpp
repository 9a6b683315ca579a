// SPDX-License-Identifier: Apache-2.0
// Does an integral over densities converge, and where does its integrand live?
#pragma once

#include <vector>

#include "pushforward/cell_terms.hpp"
#include "pushforward/density.hpp"

namespace pushforward {

/// False where ∫ term(p,q) is +∞: mass of one outside the other's support where that counts infinitely, or
/// tails too heavy for the term's powers.
bool converges(const CellTerms& terms, const LineDensity& p, const LineDensity& q);

/// Landmarks of p^a q^(1−a), which may peak far from both p and q and be far wider than either.
std::vector<double> power_landmarks(const LineDensity& p, const LineDensity& q, double a);

}  // namespace pushforward
