// SPDX-License-Identifier: Apache-2.0
#include "transport/auction.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pushforward::transport {
namespace {

std::vector<float> zero_prices(std::size_t cols) {
  std::vector<float> v(padded(cols), 0.0f);
  std::fill(v.begin() + static_cast<std::ptrdiff_t>(cols), v.end(), -std::numeric_limits<float>::infinity());
  return v;
}

// v less `amount`, and less by at least one unit in its last place.
float lowered(float v, float amount) {
  const float lower = v - amount;
  return lower < v ? lower : std::nextafter(v, -std::numeric_limits<float>::infinity());
}

// One scale: everybody looks for a sink. Returns whether all found one within the bids allowed.
bool assign(const CostOracle& costs, float epsilon, std::size_t most_bids, std::vector<float>& v,
            std::vector<std::int32_t>& holder, std::size_t& bids) {
  std::fill(holder.begin(), holder.end(), -1);
  const std::size_t stop = bids + most_bids;
  for (std::size_t first = 0; first < costs.rows(); ++first) {
    auto i = static_cast<std::int32_t>(first);
    while (i >= 0) {
      if (bids++ >= stop) return false;
      const TwoMinima bid = costs.two_smallest(static_cast<std::size_t>(i), v.data());
      const float rise = std::isinf(bid.second) ? epsilon : bid.second - bid.value + epsilon;
      v[bid.column] = lowered(v[bid.column], rise);
      std::swap(i, holder[bid.column]);
    }
  }
  return true;
}

}  // namespace

double typical_cost(const CostOracle& costs) {
  constexpr std::size_t kPairs = 256;
  double sum = 0;
  for (std::size_t k = 0; k < kPairs; ++k)
    sum += std::abs(costs.at(k * 7919 % costs.rows(), k * 104729 % costs.cols()));
  return sum / kPairs;
}

AuctionResult assignment_auction(const CostOracle& costs, const AuctionOptions& options) {
  AuctionResult result{.v = zero_prices(costs.cols()), .holdings = {}};
  std::vector<std::int32_t> holder(costs.cols());
  const double unit = typical_cost(costs);
  for (double share = options.first;; share = std::max(share / options.factor, options.last)) {
    result.epsilon = share * unit;
    result.complete = assign(costs, static_cast<float>(result.epsilon),
                             options.bids_per_source * costs.rows(), result.v, holder, result.bids);
    if (!result.complete) return result;
    if (share <= options.last) break;
  }
  for (std::size_t j = 0; j < holder.size(); ++j)
    result.holdings.push_back(
        {holder[j], static_cast<std::int32_t>(j), 1 / static_cast<double>(holder.size())});
  return result;
}

}  // namespace pushforward::transport
