// SPDX-License-Identifier: Apache-2.0
//
// ε-scaling auctions: nearly optimal prices, and nearly optimal plans, from row scans alone.
//
// [Bertsekas, "The auction algorithm", 1988; Bertsekas & Castañon, "The auction algorithm for the
// transportation problem", 1989.] A source without a sink bids for the one of smallest c_ij − v_j, so
// much that the second smallest becomes as good and ε more: v_j falls by (second − smallest) + ε, and
// whoever held the sink looks for another. When all are placed each pays at most ε too much. Done for ε
// from coarse to fine, each scale starting from the prices of the one before, that takes some 20 to 70
// bids a source; a bid is one vectorised scan.
//
// It is used to *start* the simplex, never to answer: floating point cannot shrink ε to nothing, and two
// sources may raise a price by ε for ever (a price war). Three rules keep it from costing more than it
// saves:
// * The first ε is taken from the largest cost that can occur, not from the mean: with heavy tails
//   the first scale otherwise is a price war among the outliers.
// * A scale that needs many bids is the last: in the plane, uneven weights shatter into small
//   parts, and finer prices cost more bids than the pivots that they would save.
// * Bids are counted; a scale that exceeds its share is dropped, and what the scale before it left
//   is used. So the plan that is handed on is always complete.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "transport/cost_oracle.hpp"

namespace pushforward::transport {

struct AuctionOptions {
  double last = 3e-4;            ///< the last ε, as a share of the typical cost
  double factor = 5;             ///< from scale to scale, about
  std::size_t most_bids = 60;    ///< per source, in a scale; more and the scale is dropped
  std::size_t enough_bids = 60;  ///< per source, in a scale; more and the scale is the last
};

/// A part of a sink's mass that a source holds.
struct Holding {
  std::int32_t source, sink;
  double mass;
};

struct AuctionResult {
  ColumnPotentials<float> v;      ///< padded; −∞ in the padding
  std::vector<Holding> holdings;  ///< the plan of the last scale that ended
  double epsilon = 0;             ///< that scale's ε, in the oracle's units
  std::size_t bids = 0;
  bool complete = false;  ///< false when not even the first scale ended
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
