// SPDX-License-Identifier: Apache-2.0
//
// The assignment problem among many points of two or three dimensions at squared cost, through a tree:
// 100,000 points a side in seconds and some tens of megabytes (tree_auction-inl.hpp says how).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "pushforward/tensor.hpp"

namespace pushforward::transport {

struct TreePlan {
  std::vector<std::int32_t> sink_of{};  ///< of each source
  std::vector<double> u{}, v{};         ///< u_i = min_j c_ij − v_j, of all j
  std::size_t bids = 0, cycles = 0;     ///< of the auction; that the repair cancelled
};

/// Points n × d with d = 2 or 3, in units in which they lie within 1 of one another and not far from 0; none
/// where the work exceeds `most_opened` groups of the tree (heavy tails: a price war).
std::optional<TreePlan> tree_assignment(View<const double> x, View<const double> y, std::size_t most_opened);

}  // namespace pushforward::transport
