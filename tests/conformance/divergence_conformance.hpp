// SPDX-License-Identifier: Apache-2.0
//
// What every divergence between known distributions promises, checked in one call from its registry row:
// worked examples, range, the facts that it claims, and its gradient. Used on the whole registry, on
// deliberately wrong rows (which it must catch), and free to be used on a reader's own.
#pragma once

#include <string>
#include <vector>

#include "pushforward/divergence.hpp"

namespace pushforward::testing {

/// Broken promises, one line each; empty if `entry` with these options keeps them all.
std::vector<std::string> broken_promises(const DivergenceEntry& entry, const std::string& options);

}  // namespace pushforward::testing
