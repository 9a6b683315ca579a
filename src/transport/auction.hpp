// SPDX-License-Identifier: Apache-2.0
//
// ε-scaling auctions: nearly optimal prices, and nearly optimal plans, from row scans alone.
//
// [Bertsekas, "The auction algorithm", 1988; Bertsekas & Castañon, "The auction algorithm for the
// transportation problem", 1989.] A source without a sink bids for the one of smallest c_ij − v_j, so much
// that the second smallest becomes as good and ε more: v_j falls by (second − smallest) + ε, and whoever held
// the sink looks for another. When all are placed each pays at most ε too much. Done for ε from coarse to
// fine, each scale starting from the prices of the one before, that takes some 20 to 70 bids a source; a bid
// is one vectorised scan.
//
// It is used to *start* the simplex, never to answer: floating point cannot shrink ε to nothing, and on heavy
// tails two sources may raise a price by ε for ever (a price war). So bids are counted: an auction that
// exceeds its share stops and says that its plan is incomplete. Then its prices are used and its plan is not.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "transport/cost_oracle.hpp"

namespace pushforward::transport {

struct AuctionOptions {
  double first = 0.1, last = 3e-4;   ///< ε as a share of the typical cost
  double factor = 5;                 ///< from scale to scale
  std::size_t bids_per_source = 60;  ///< at most, in each scale
};

/// A part of a sink's mass that a source holds.
struct Holding {
  std::int32_t source, sink;
  double mass;
};

struct AuctionResult {
  std::vector<float> v;           ///< padded; −∞ in the padding
  std::vector<Holding> holdings;  ///< the plan; meaningless unless complete
  double epsilon = 0;             ///< the last ε, in the oracle's units
  std::size_t bids = 0;
  bool complete = false;
};

/// The mean cost of a few hundred pairs, the yardstick of ε.
double typical_cost(const CostOracle& costs);

/// n = m, equal weights: every sink has one holder.
AuctionResult assignment_auction(const CostOracle& costs, const AuctionOptions& options);

/// Any weights: a sink is held in parts, each at the price that was bid for it; a bid takes the cheapest
/// parts first. The plan's arcs may close cycles.
AuctionResult transport_auction(const CostOracle& costs, std::span<const double> a, std::span<const double> b,
                                const AuctionOptions& options);

}  // namespace pushforward::transport
