// SPDX-License-Identifier: Apache-2.0
//
// Sums of a kernel at places of a user's: the value of a mean embedding there.
#pragma once

#include <vector>

#include "pushforward/kernel.hpp"

namespace pushforward {

/// Σ_j v_j k(z_i, y_j) of each row of `at`, v being the sample's weights, or all 1 where it has none: of
/// these pairs alone, in double precision, in the tiles of `kernel_sums`. An order that depends on the sizes
/// only.
std::vector<double> kernel_sums_at(const Kernel& kernel, const Points& at, const Sample& y);

}  // namespace pushforward
