// SPDX-License-Identifier: Apache-2.0
//
// The potential of entropic transport, as a function of any point.
#pragma once

#include <memory>
#include <optional>

#include "pushforward/sinkhorn.hpp"
#include "pushforward/witness.hpp"

namespace pushforward {

/// δS/δp(z): how the value rises when a little of p's mass is put at z. Of OT_ε it is the potential
/// f(z) = −ε ln Σ_j b_j exp((g_j − ‖z−y_j‖^p)/ε), of the debiased divergence f less that of OT_ε(x, x) [Feydy
/// et al., AISTATS 2019]. `value` is S. Copies both samples.
std::unique_ptr<Witness> sinkhorn_witness(const Sample& x, const Sample& y, const SinkhornOptions& options,
                                          bool debiased, std::optional<double> value);

}  // namespace pushforward
