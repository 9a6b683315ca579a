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

// The auction for any weights.
class PartsAuction {
 public:
  PartsAuction(const CostOracle& costs, std::span<const double> a, std::span<const double> b)
      : costs_(costs),
        a_(a),
        b_(b),
        v_(zero_prices(costs.cols())),
        parts_(costs.cols()),
        waiting_(costs.rows()) {}

  // One scale; whether everything was placed within the bids allowed.
  bool run(float epsilon, std::size_t most_bids) {
    const std::size_t stop = bids_ + most_bids;
    need_.assign(a_.begin(), a_.end());
    for (std::size_t j = 0; j < b_.size(); ++j) parts_[j].assign(1, {v_[j], kNobody, b_[j]});
    queue_.clear();
    for (std::size_t i = 0; i < a_.size(); ++i) enqueue(static_cast<std::int32_t>(i));
    for (std::size_t head = 0; head < queue_.size(); ++head) {
      const std::int32_t i = queue_[head];
      waiting_[i] = 0;
      while (need_[i] > kDust) {
        if (bids_++ >= stop) return false;
        bid(i, epsilon);
      }
    }
    return true;
  }

  std::vector<Holding> holdings() const {
    std::vector<Holding> all;
    for (std::size_t j = 0; j < parts_.size(); ++j)
      for (const Part& part : parts_[j])
        if (part.holder != kNobody) all.push_back({part.holder, static_cast<std::int32_t>(j), part.mass});
    return all;
  }
  std::vector<float>& v() { return v_; }
  std::size_t bids() const { return bids_; }

 private:
  static constexpr std::int32_t kNobody = -1;
  static constexpr double kDust = 1e-13;  // of the mass: not worth a bid

  struct Part {
    float level;  // what v_j would be if this part set it: minus the price that was paid
    std::int32_t holder;
    double mass;
  };

  void enqueue(std::int32_t i) {
    if (waiting_[i]) return;
    waiting_[i] = 1;
    queue_.push_back(i);
  }

  void bid(std::int32_t i, float epsilon) {
    const TwoMinima best = costs_.two_smallest(static_cast<std::size_t>(i), v_.data());
    const float level =
        lowered(v_[best.column], std::isinf(best.second) ? epsilon : best.second - best.value + epsilon);
    std::vector<Part>& parts = parts_[best.column];
    double won = 0;
    while (need_[i] - won > kDust) {
      const auto cheapest = std::max_element(parts.begin(), parts.end(),
                                             [](const Part& p, const Part& q) { return p.level < q.level; });
      if (cheapest == parts.end() || cheapest->level <= level) break;
      take(i, *cheapest, won);
      if (cheapest->mass <= kDust) *cheapest = parts.back(), parts.pop_back();
    }
    need_[i] -= won;
    hold(parts, i, level, won);
    float highest = -std::numeric_limits<float>::infinity();
    for (const Part& part : parts) highest = std::max(highest, part.level);
    v_[best.column] = highest;
  }

  // Takes what is needed of a part; whoever held it needs it again. One's own part is taken too: it is paid
  // for anew.
  void take(std::int32_t i, Part& part, double& won) {
    const double mass = part.holder == i ? part.mass : std::min(need_[i] - won, part.mass);
    part.mass -= mass, won += mass;
    if (part.holder == i) need_[i] += mass;
    if (part.holder == kNobody || part.holder == i) return;
    need_[part.holder] += mass;
    enqueue(part.holder);
  }

  static void hold(std::vector<Part>& parts, std::int32_t i, float level, double mass) {
    if (!(mass > 0)) return;
    for (Part& part : parts)
      if (part.holder == i) {
        part.mass += mass, part.level = level;
        return;
      }
    parts.push_back({level, i, mass});
  }

  const CostOracle& costs_;
  std::span<const double> a_, b_;
  std::vector<float> v_;
  std::vector<std::vector<Part>> parts_;
  std::vector<double> need_{};
  std::vector<char> waiting_;
  std::vector<std::int32_t> queue_{};
  std::size_t bids_ = 0;
};

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

AuctionResult transport_auction(const CostOracle& costs, std::span<const double> a, std::span<const double> b,
                                const AuctionOptions& options) {
  AuctionResult result{.v = {}, .holdings = {}};
  PartsAuction auction(costs, a, b);
  const double unit = typical_cost(costs);
  for (double share = options.first;; share = std::max(share / options.factor, options.last)) {
    result.epsilon = share * unit;
    result.complete = auction.run(static_cast<float>(result.epsilon), options.bids_per_source * costs.rows());
    if (!result.complete || share <= options.last) break;
  }
  result.v = std::move(auction.v()), result.bids = auction.bids();
  if (result.complete) result.holdings = auction.holdings();
  return result;
}

}  // namespace pushforward::transport
