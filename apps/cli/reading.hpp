// SPDX-License-Identifier: Apache-2.0
// A distance's reading as people read it.
#pragma once

#include "pushforward/fields.hpp"
#include "pushforward/read_distance.hpp"

namespace pushforward::cli {

/// "mmd  0.00123 ± 0.00004 (squared MMD): 9 times the floor", then the floor, estimator, sizes and options
/// below it.
void print_reading(const Fields& reading);

}  // namespace pushforward::cli
