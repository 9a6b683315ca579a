// SPDX-License-Identifier: Apache-2.0
//
// Unbalanced transport by Kullback–Leibler, by a primal-dual interior-point method.
//
//   min Σ f c + ρ KL(f1‖a) + ρ KL(fᵀ1‖b)   =   max ρ Σ a (1 − e^(−u/ρ)) + ρ Σ b (1 − e^(−v/ρ))  over  u + v ≤
//   c
//
// At the optimum f1 = p(u) = a e^(−u/ρ), fᵀ1 = q(v) = b e^(−v/ρ) and f s = 0 with slacks s = c − u − v ≥ 0.
// Newton's method follows f s = μ to μ → 0 [S. Wright, Primal-Dual Interior-Point Methods, 1997]: with W =
// f/s, a step solves
//
//   (W1 + p/ρ) Δu + W Δv = p − μ (1/s) 1,   Wᵀ Δu + (Wᵀ1 + q/ρ) Δv = q − μ (1/s)ᵀ 1,
//
// by a Cholesky factor of the smaller side's Schur complement. Slacks are computed from u and v, so the dual
// is feasible at every step, and any f ≥ 0 is a plan: the two values prove themselves, however far the method
// came. Some 20 to 60 steps, whatever the costs. As slacks vanish, W outgrows p/ρ like
// one over the gap, so the factor's rounding ends the descent at gaps of 10⁻¹⁵ to some 10⁻⁹. First-order ways
// (scaling, majorization) need thousands to 10⁻⁶ at small ε or large ρ.
#pragma once

#include <span>
#include <vector>

#include "pushforward/tensor.hpp"

namespace pushforward::transport {

struct InteriorPoint {
  Matrix<double> plan{};  ///< n × m, above 0 everywhere
  std::vector<double> u{}, v{};
  std::size_t steps = 0;
};

/// Masses above 0.
InteriorPoint unbalanced_by_interior_point(View<const double> cost, std::span<const double> a,
                                           std::span<const double> b, double rho);

}  // namespace pushforward::transport
