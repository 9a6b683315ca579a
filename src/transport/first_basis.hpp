// SPDX-License-Identifier: Apache-2.0
//
// Where the simplex starts: a feasible spanning tree, the nearer to the optimum the better.
#pragma once

#include <span>
#include <vector>

#include "transport/auction.hpp"
#include "transport/cost_oracle.hpp"
#include "transport/spanning_tree.hpp"

namespace pushforward::transport {

/// Each source in turn sends what it has to the open sinks of smallest c_ij − v_j (v: padded, −∞ in the
/// padding): n + m row scans. Every step closes exactly one source or sink, so that the arcs form a tree.
/// With v = 0 this is the row-minimum rule; with good potentials its basis is nearly optimal.
std::vector<BasicArc> greedy_basis(const CostOracle& costs, std::span<const double> a,
                                   std::span<const double> b, ColumnPotentials<float> v);

/// A tree, and a part of the mass that is to move along arcs outside of it.
struct Crossover {
  std::vector<BasicArc> tree;
  std::vector<Holding> extras;
};

/// A complete auction's plan: of its arcs, those of most mass that close no cycle, joined to a tree by arcs
/// of small reduced cost at its prices (Kruskal's rule on the few best of each row; what is left is joined by
/// each part's own best arc); and the arcs that would have closed a cycle, with their masses.
Crossover auction_basis(const CostOracle& costs, const AuctionResult& auction);

}  // namespace pushforward::transport
