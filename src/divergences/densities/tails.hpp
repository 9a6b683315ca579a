// SPDX-License-Identifier: Apache-2.0
// Does an integral over densities converge, and where does its integrand live?
#pragma once

#include <span>
#include <vector>

#include "pushforward/cell_terms.hpp"
#include "pushforward/density.hpp"

namespace pushforward {

/// False where ∫ term(p,q) is +∞: mass of one outside the other's support where that counts infinitely, or
/// tails (or poles at an end) too heavy for the term's powers and logarithms.
bool converges(const CellTerms& terms, const LineDensity& p, const LineDensity& q);
bool converges(const CellTerms& terms, const SpaceDensity& p, const SpaceDensity& q);
/// Whether ∫ p^a q^(1−a) dx converges in the tails, a > 1: what the second moment of a ratio needs.
bool power_converges(double a, const SpaceDensity& p, const SpaceDensity& q);

/// Landmarks of p^a q^(1−a), which may peak far from both p and q and be far wider than either.
std::vector<double> power_landmarks(std::span<const LineComponent> p, std::span<const LineComponent> q,
                                    double a);

/// Whether the term grows with the first power of |u| near p = q: total variation has a kink there.
bool has_kink(const CellTerms& terms);

}  // namespace pushforward
