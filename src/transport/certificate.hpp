// SPDX-License-Identifier: Apache-2.0
//
// The proof that a plan is optimal, for all the atoms that came in.
//
// Any u, v with u_i + v_j ≤ c_ij for every pair bound every plan's cost from below: Σ f c ≥ Σ f (u + v) = Σ a
// u + Σ b v (weak duality). So the distance of the two values bounds the error of the plan, whatever the
// solver did. Feasibility holds by construction: u_i is min_j c_ij − v_j, taken in float64 over all j. Atoms
// of weight 0 add nothing to either value but get potentials too, the largest that are feasible: sinks
// against the sources with mass, then sources against all sinks.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "pushforward/transport.hpp"
#include "transport/atoms.hpp"
#include "transport/cost_oracle.hpp"

namespace pushforward::transport {

/// Costs of some atoms (rows) against others: sources `of` against sinks `against`, or with `columns` sinks
/// against sources.
using SomeCosts = std::function<std::unique_ptr<CostOracle>(
    const std::vector<std::size_t>& of, const std::vector<std::size_t>& against, bool columns)>;

/// Gives the atoms without mass their potentials; those with mass have theirs in result.u and result.v.
void extend_potentials(TransportResult& result, const Atoms& x, const Atoms& y, const SomeCosts& costs_of);

/// Moves the potentials' constant to Σ a u = 0, and sorts the plan.
void settle(TransportResult& result, const Atoms& x);

/// Dual value and gap from the potentials of a plan on the line, where costs and their differences along the
/// staircase are rounded: never below what rounding could hide.
void certify(TransportResult& result, const Atoms& x, const Atoms& y);

}  // namespace pushforward::transport
