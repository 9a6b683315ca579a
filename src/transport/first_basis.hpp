// SPDX-License-Identifier: Apache-2.0
//
// Where the simplex starts: a feasible spanning tree, the nearer to the optimum the better.
#pragma once

#include <span>
#include <vector>

#include "transport/cost_oracle.hpp"
#include "transport/spanning_tree.hpp"

namespace pushforward::transport {

/// Each source in turn sends what it has to the open sinks of smallest c_ij − v_j (v: padded, −∞ in the
/// padding): n + m row scans. Every step closes exactly one source or sink, so that the arcs form a tree.
/// With v = 0 this is the row-minimum rule; with good potentials its basis is nearly optimal.
std::vector<BasicArc> greedy_basis(const CostOracle& costs, std::span<const double> a,
                                   std::span<const double> b, std::vector<float> v);

}  // namespace pushforward::transport
