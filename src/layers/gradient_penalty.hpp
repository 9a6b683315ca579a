// SPDX-License-Identifier: Apache-2.0
//
// The gradient penalty of a critic and its exact gradient.
#pragma once

#include "pushforward/network.hpp"

namespace pushforward {

/// Memory of one penalty; reused from step to step.
struct PenaltyTrace {
  Trace trace;
  Tensor ones, slopes, direction;
};

/// Refuses a network that no penalty suits: a layer without a tangent pass (batch norm), named; not one
/// output.
void check_penalised(const Network& network);

/// P = λ·mean_i (‖∇ₓf(x_i)‖ − 1)² over the B rows of x, f the network's only output and the norm over all its
/// inputs [Gulrajani et al., NeurIPS 2017]; one-sided: λ·mean max(0, ‖∇f‖ − 1)². Adds ∂P/∂parameters (exact)
/// and returns P. RequestError where a layer has no tangent pass (batch norm), naming it.
double gradient_penalty(Network& network, View<const float> x, double weight, bool one_sided,
                        PenaltyTrace& memory, const Pass& pass);

}  // namespace pushforward
