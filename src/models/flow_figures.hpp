// SPDX-License-Identifier: Apache-2.0
//
// What there is to say of a flow dx/dt = v(x, t) that carries a source p₀ at t = 0 to data at t = 1.
//
//   log-likelihood   ln p₁(x₁) = ln p₀(x₀) − ∫₀¹ tr ∂v/∂x dt along the way that ends in x₁ [Chen et al.,
//   "Neural
//                    ordinary differential equations", NeurIPS 2018, theorem 1]. The trace is exact (D
//                    tangent passes) in up to kExactTrace dimensions, else Hutchinson's E eᵀ(∂v/∂x)e over
//                    signs e that stay the same along a way [Grathwohl et al., "FFJORD", ICLR 2019].
//   path energy      E ∫₀¹ ‖v(x_t, t)‖² dt ≥ W₂²(p₀, p₁), with equality where ways are straight and do not
//   cross
//                    [Benamou & Brenier, Numerische Mathematik 84 (2000)].
#pragma once

#include <vector>

#include "models/flow_source.hpp"
#include "models/velocity_field.hpp"
#include "pushforward/integrate.hpp"

namespace pushforward {

inline constexpr std::size_t kExactTrace = 16;

/// Brings rows from one time to another, in place.
void carry(VelocityField& field, View<float> rows, double from, double to, const Solver& solver);

struct LogLikelihoods {
  std::vector<double> values{};  ///< nats, a row
  std::vector<double>
      variances{};  ///< of those over `probes` draws of e, each; empty where the trace is exact
};
/// Of rows of data, under a source whose density is known.
LogLikelihoods log_likelihoods(VelocityField& field, const FlowSource& source, View<const float> rows,
                               std::size_t probes, const Draw& draw, const Solver& solver);

/// Carries rows from 0 to 1, in place, and returns the mean of ∫ ‖v‖² dt.
double path_energy(VelocityField& field, View<float> rows, const Solver& solver);

}  // namespace pushforward
