// SPDX-License-Identifier: Apache-2.0
//
// The witness of a kernel's discrepancy.
#pragma once

#include <memory>

#include "pushforward/kernel.hpp"
#include "pushforward/witness.hpp"

namespace pushforward {

/// f(z) = (Σ_i w_i k(z, x_i) − Σ_j v_j k(z, y_j)) / MMD: of all functions of norm at most 1 in the kernel's
/// space the one whose means differ most, by MMD = √(all pairs' MMD²) [Gretton et al., JMLR 13, 2012, section
/// 2.3]. 0 everywhere where MMD is 0. Copies both samples.
std::unique_ptr<Witness> kernel_witness(const Kernel& kernel, const Sample& x, const Sample& y);

}  // namespace pushforward
