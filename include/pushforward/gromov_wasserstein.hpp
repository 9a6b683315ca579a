// SPDX-License-Identifier: Apache-2.0
//
// Gromov–Wasserstein: how two samples compare by their inner distances alone, wherever they lie.
//
//   GW = min Σ_ijkl (C_ik − D_jl)² f_ij f_kl   over  f ≥ 0,  f1 = a,  fᵀ1 = b
//
// C_ik and D_jl are distances within the first and within the second sample, so that the two need not share a
// space [Mémoli, Found. Comput. Math. 11, 2011]. The problem is not convex: what is found is a stationary
// point, from f = abᵀ, and the answer says how nearly stationary it is.
//
//   ε = 0   conditional gradient: exact transport at the gradient's costs, then the best step towards its
//   plan [Vayer,
//           Chapel, Flamary, Tavenard & Courty, ICML 2019]. `stationarity` is ⟨∇, f − f*⟩ ≥ 0, the most that
//           the linear model could gain; 0 at a stationary point.
//   ε > 0   f minimizes ⟨∇(f), f⟩ + ε KL(f‖abᵀ) anew each time, by Sinkhorn's algorithm [Peyré, Cuturi &
//   Solomon, ICML
//           2016]. `stationarity` is the change of the plan, Σ |f − f′|.
//
// Time n²m + nm² a step for the gradient, and the transport; memory O(n² + m² + nm).
#pragma once

#include "pushforward/transport.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

struct GromovOptions {
  double p = 1;                   ///< inner distances are ‖x−x′‖^p, p > 0
  double epsilon = 0;             ///< ≥ 0, in the unit of the value
  std::size_t iterations = 1000;  ///< at most
  double tolerance = 1e-9;        ///< of stationarity: relative to the value, or of the plan's change
};

struct GromovResult {
  double value = 0;  ///< Σ (C − D)² f f, without the entropy
  double stationarity = 0;
  bool converged = false;
  std::size_t iterations = 0;
  std::vector<TransportArc> plan{};  ///< masses above 0 (with ε: above 10⁻¹² of all), by source, then sink
};

/// x and y may have different widths; weights sum to 1. Throws RequestError for weights that do not, points
/// that are not finite, ε < 0, and distances that overflow.
GromovResult gromov_wasserstein(const Sample& x, const Sample& y, const GromovOptions& options = {});
/// The same for two matrices of inner distances, symmetric and finite.
GromovResult gromov_wasserstein(View<const double> within_x, View<const double> within_y,
                                std::span<const double> a, std::span<const double> b,
                                const GromovOptions& options = {});

}  // namespace pushforward
#pragma GCC visibility pop
