// SPDX-License-Identifier: Apache-2.0
//
// Kantorovich's potential, as a function of any point.
#pragma once

#include <memory>

#include "pushforward/sample.hpp"
#include "pushforward/witness.hpp"

namespace pushforward {

/// f(z) = min_j ‖z − y_j‖^p − v_j with the exact dual's v: the potential on all of space that has the same
/// dual value. For p = 1 its slope is at most 1 and E_p f − E_q f = W₁ (Kantorovich–Rubinstein). Copies both
/// samples.
std::unique_ptr<Witness> transport_witness(const Sample& x, const Sample& y, double p);

}  // namespace pushforward
