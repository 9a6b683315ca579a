// SPDX-License-Identifier: Apache-2.0
// Divergences between mixtures on the line, by quadrature.
#pragma once

#include "pushforward/cell_terms.hpp"
#include "pushforward/density.hpp"

namespace pushforward {

/// ∫ term(p(x), q(x)) dx and what is made of it.
DensityReading integrate_terms(const CellTerms& terms, const LineDensity& p, const LineDensity& q);
/// W_p by quantile functions, W_1 and the energy distance by distribution functions. `absolute`: an error of
/// the integral that is small enough whatever its value.
DensityReading integrate_on_the_line(const OnTheLine& what, const LineDensity& p, const LineDensity& q,
                                     double absolute = 0);
/// −∫ p ln p.
DensityReading integrate_entropy(const LineDensity& p);

}  // namespace pushforward
