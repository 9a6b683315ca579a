// SPDX-License-Identifier: Apache-2.0
//
// As many sources as sinks, equal weights, squared distances in few dimensions: an assignment, for which
// there are faster ways than the simplex.
#pragma once

#include <optional>

#include "transport/solution.hpp"

namespace pushforward::transport {

/// As many sources as sinks, all of one weight.
bool equal_weights(const Atoms& x, const Atoms& y);

/// The optimal plan and its potentials, where this is such a problem and it was solved; `points` are those of
/// problem.costs.
std::optional<Solution> solve_equal_weights(const Problem& problem, const AtomView& points);

}  // namespace pushforward::transport
