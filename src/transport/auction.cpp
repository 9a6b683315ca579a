// SPDX-License-Identifier: Apache-2.0
// Scales, bids and holders; the algorithm and its three rules stand in the header.
#include "transport/auction.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pushforward::transport {
namespace {

// v less `amount`, and less by at least one unit in its last place.
float lowered(float v, float amount) {
  const float lower = v - amount;
  return lower < v ? lower : std::nextafter(v, -std::numeric_limits<float>::infinity());
}

// By how much a bid raises the price: until the second best is better by ε.
float rise(const TwoMinima& best, float epsilon) {
  return std::isinf(best.second) ? epsilon : best.second - best.value + epsilon;
}

// The auction for equal weights: every sink has one holder.
class Assignment {
 public:
  explicit Assignment(const CostOracle& costs)
      : costs_(costs), v_(column_potentials(costs.cols(), 0.0f)), holder_(costs.cols()) {}

  // One scale: everybody looks for a sink. Whether all found one within the bids allowed.
  bool run(float epsilon, std::size_t most_bids) {
    std::fill(holder_.begin(), holder_.end(), -1);
    const std::size_t stop = bids_ + most_bids;
    for (std::size_t first = 0; first < costs_.rows(); ++first)
      for (auto i = static_cast<std::int32_t>(first); i >= 0;) {
        if (bids_ == stop) return false;
        ++bids_;
        const TwoMinima best = costs_.two_smallest(static_cast<std::size_t>(i), v_.data());
        v_.data()[best.column] = lowered(v_.data()[best.column], rise(best, epsilon));
        std::swap(i, holder_[best.column]);
      }
    return true;
  }

  std::vector<Holding> holdings() const {
    std::vector<Holding> all;
    for (std::size_t j = 0; j < holder_.size(); ++j)
      all.push_back({holder_[j], static_cast<std::int32_t>(j), 1 / static_cast<double>(holder_.size())});
    return all;
  }
  const ColumnPotentials<float>& v() const { return v_; }
  std::size_t bids() const { return bids_; }

 private:
  const CostOracle& costs_;
  ColumnPotentials<float> v_;
  std::vector<std::int32_t> holder_;
  std::size_t bids_ = 0;
};

// The auction for any weights.
class Parts {
 public:
  Parts(const CostOracle& costs, std::span<const double> a, std::span<const double> b)
      : costs_(costs),
        a_(a),
        b_(b),
        v_(column_potentials(costs.cols(), 0.0f)),
        parts_(costs.cols()),
        waiting_(costs.rows()) {}

  // One scale; whether everything was placed within the bids allowed.
  bool run(float epsilon, std::size_t most_bids) {
    const std::size_t stop = bids_ + most_bids;
    need_.assign(a_.begin(), a_.end());
    for (std::size_t j = 0; j < b_.size(); ++j) parts_[j].assign(1, {v_.data()[j], kNobody, b_[j]});
    queue_.clear();
    for (std::size_t i = 0; i < a_.size(); ++i) enqueue(static_cast<std::int32_t>(i));
    for (std::size_t head = 0; head < queue_.size(); ++head) {
      const std::int32_t i = queue_[head];
      waiting_[i] = 0;
      while (need_[i] > kDust) {
        if (bids_ == stop) return false;
        ++bids_;
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
  const ColumnPotentials<float>& v() const { return v_; }
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
    const float level = lowered(v_.data()[best.column], rise(best, epsilon));
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
    v_.data()[best.column] = highest;
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
  ColumnPotentials<float> v_;
  std::vector<std::vector<Part>> parts_;
  std::vector<double> need_{};
  std::vector<char> waiting_;
  std::vector<std::int32_t> queue_{};
  std::size_t bids_ = 0;
};

// Scales from coarse to fine, by even steps; keeps what the last scale that ended left.
template <class Auction>
AuctionResult scaled(const CostOracle& costs, const AuctionOptions& options, Auction auction) {
  constexpr double kFirst =
      0.05;  // of the largest cost that can occur, which is between ½ and 1 in the oracle's units
  const double last = options.last * std::max(typical_cost(costs), 1e-30);
  const double scales = std::max(1.0, std::round(std::log(kFirst / last) / std::log(options.factor)));
  const double factor = std::pow(kFirst / last, 1 / scales);
  AuctionResult result{.v = {}, .holdings = {}};
  for (double step = 0, epsilon = kFirst; step <= scales; ++step, epsilon /= factor) {
    const std::size_t before = auction.bids();
    const bool ended = auction.run(static_cast<float>(epsilon), options.most_bids * costs.rows());
    result.bids = auction.bids();
    if (!ended) break;
    result.v = auction.v(), result.holdings = auction.holdings(), result.epsilon = epsilon,
    result.complete = true;
    if (result.bids - before > options.enough_bids * costs.rows()) break;
  }
  if (!result.complete) result.v = auction.v();
  return result;
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
  return scaled(costs, options, Assignment(costs));
}

AuctionResult transport_auction(const CostOracle& costs, std::span<const double> a, std::span<const double> b,
                                const AuctionOptions& options) {
  return scaled(costs, options, Parts(costs, a, b));
}

}  // namespace pushforward::transport
