// SPDX-License-Identifier: Apache-2.0
//
// Entropic optimal transport: Sinkhorn's algorithm.
//
//   OT_ε(x,y) = min_P ⟨P,C⟩ + ε·KL(P‖a⊗b),  C_ij = ‖x_i−y_j‖^p,  P's marginals a and b
//             = max_{f,g} Σ a_i f_i + Σ b_j g_j − ε(Σ_ij a_i b_j exp((f_i+g_j−C_ij)/ε) − 1)
//
// [Cuturi 2013; the log domain and ε-scaling: Schmitzer 2019; the symmetric updates of a self-term: Feydy et
// al. 2019]. The value reported is the dual one, a lower bound of OT_ε whatever the iterations reached, and
// exact to second order in what is missing.
//
// Memory: O((n+m)d), and up to 16 MB of exponentials (each in float32 and float64) that a thread keeps for
// its next call, for p = 2 in d ≤ 8; else also 4nm bytes (8nm while finishing) if that is within
// `SinkhornOptions::memory`, and O((n+m)d) again, recomputing costs in tiles at every iteration, if it is
// not.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "pushforward/sample.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

struct SinkhornOptions {
  double epsilon = 0;           ///< > 0, in the unit of the cost
  double p = 2;                 ///< the cost is ‖x−y‖^p, p > 0
  long long iterations = 2000;  ///< at most so many, those at larger ε included
  double tolerance = 1e-7;  ///< Σ_i |Σ_j P_ij − a_i| at which to stop; 0 = exactly `iterations`, all at ε
  std::size_t memory = std::size_t{1} << 30;  ///< bytes that a stored cost table may take
};

struct SinkhornResult {
  double value = 0;           ///< OT_ε, from the dual
  double transport_cost = 0;  ///< ⟨P,C⟩
  double marginal_error =
      0;  ///< Σ_i |Σ_j P_ij − a_i| + Σ_j |Σ_i P_ij − b_j|, of the plan divided by its mass
  double error_bound = 0;    ///< of |OT_ε − value|: what marginals that are off can hide, and rounding
  double rounding = 0;       ///< what rounding may do to the value, a bound
  bool converged = false;    ///< marginal_error ≤ tolerance (always false with tolerance 0 unless it is 0)
  long long iterations = 0;  ///< full iterations: rows and columns once each
  bool stored = false;       ///< whether a table of costs was kept
  std::vector<double> f, g;  ///< potentials: P_ij = a_i b_j exp((f_i+g_j−C_ij)/ε); self-terms: f only
};

/// OT_ε(x, y). The gradient is that of the value by the envelope theorem at fixed ε:
/// ∂/∂x_i = Σ_j P_ij ∇‖x_i−y_j‖^p (0 where they coincide and p ≤ 1), ∂/∂a_i = f_i.
/// Throws RequestError for ε ≤ 0 or not finite, p ≤ 0, or costs beyond the largest number.
SinkhornResult sinkhorn(const Sample& x, const Sample& y, const SinkhornOptions& options,
                        const Gradient& gradient = {});

/// OT_ε(x, x) by symmetric updates, which halve the error at each iteration whatever ε is. The gradient is
/// with respect to one of the two arguments (half of the whole, by symmetry).
SinkhornResult sinkhorn_self(const Sample& x, const SinkhornOptions& options, const Gradient& gradient = {});

/// Σ_ij a_i b_j ‖x_i−y_j‖^p.
double mean_cost(const Sample& x, const Sample& y, double p);

}  // namespace pushforward
#pragma GCC visibility pop
