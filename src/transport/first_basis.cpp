// SPDX-License-Identifier: Apache-2.0
// Greedy bases, and trees from an auction's plan.
#include "transport/first_basis.hpp"

#include <algorithm>
#include <limits>

namespace pushforward::transport {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// Which nodes hang together (sources first, then sinks): union-find with path halving.
class Parts {
 public:
  explicit Parts(std::size_t nodes) : parent_(nodes), count_(nodes) {
    for (std::size_t x = 0; x < nodes; ++x) parent_[x] = static_cast<std::int32_t>(x);
  }
  std::int32_t of(std::int32_t x) {
    while (parent_[x] != x) x = parent_[x] = parent_[parent_[x]];
    return x;
  }
  bool join(std::int32_t x, std::int32_t y) {
    x = of(x), y = of(y);
    if (x == y) return false;
    parent_[x] = y, --count_;
    return true;
  }
  std::size_t count() const { return count_; }

 private:
  std::vector<std::int32_t> parent_;
  std::size_t count_;
};

struct PricedArc {
  float reduced;
  BasicArc arc;
};

// The completion of one auction's forest to a tree.
class Completion {
 public:
  Completion(const CostOracle& costs, const AuctionResult& auction)
      : costs_(costs),
        v_(auction.v),
        epsilon_(static_cast<float>(auction.epsilon)),
        parts_(costs.rows() + costs.cols()),
        least_(costs.rows(), kInfinity) {
    std::vector<Holding> holdings = auction.holdings;
    std::stable_sort(holdings.begin(), holdings.end(),
                     [](const Holding& p, const Holding& q) { return p.mass > q.mass; });
    for (const Holding& h : holdings) {
      if (!add({h.source, h.sink})) extras_.push_back(h);
      const auto i = static_cast<std::size_t>(h.source), j = static_cast<std::size_t>(h.sink);
      least_[i] = std::min(least_[i], static_cast<float>(costs.at(i, j)) - v_.data()[j]);
    }
  }

  Crossover run() {
    float width = 4 * epsilon_;
    for (int pass = 0; pass < 4 && parts_.count() > 1; ++pass, width *= 4) join_by_best_arcs(width);
    for (std::size_t i = 0; i < costs_.rows() && parts_.count() > 1; ++i) join_part_of(i);
    for (std::size_t j = 0; j < costs_.cols() && parts_.count() > 1; ++j)
      add({0, static_cast<std::int32_t>(j)});
    return {std::move(arcs_), std::move(extras_)};
  }

 private:
  std::int32_t sink(std::int32_t j) const { return static_cast<std::int32_t>(costs_.rows()) + j; }
  bool add(BasicArc arc) {
    if (!parts_.join(arc.source, sink(arc.sink))) return false;
    arcs_.push_back(arc);
    return true;
  }

  // Kruskal on the arcs within `width` of their row's minimum, a few from each row.
  void join_by_best_arcs(float width) {
    constexpr std::size_t kMost = 16;
    std::int32_t columns[kMost];
    std::vector<PricedArc> candidates;
    for (std::size_t i = 0; i < costs_.rows(); ++i) {
      const float least = least_[i];
      const auto row = static_cast<std::int32_t>(i);
      const std::size_t count = costs_.below(i, v_.data(), least + width, kMost, columns);
      for (std::size_t k = 0; k < count; ++k)
        if (parts_.of(row) != parts_.of(sink(columns[k]))) {
          const double cost = costs_.at(i, static_cast<std::size_t>(columns[k]));
          candidates.push_back({static_cast<float>(cost) - v_.data()[columns[k]] - least, {row, columns[k]}});
        }
    }
    std::sort(candidates.begin(), candidates.end(), [](const PricedArc& p, const PricedArc& q) {
      return p.reduced != q.reduced         ? p.reduced < q.reduced
             : p.arc.source != q.arc.source ? p.arc.source < q.arc.source
                                            : p.arc.sink < q.arc.sink;
    });
    for (const PricedArc& candidate : candidates) add(candidate.arc);
  }

  // The best arc from source i to another part.
  void join_part_of(std::size_t i) {
    ColumnPotentials<float> others = v_;
    const auto row = static_cast<std::int32_t>(i);
    bool any = false;
    for (std::size_t j = 0; j < costs_.cols(); ++j) {
      const bool same = parts_.of(sink(static_cast<std::int32_t>(j))) == parts_.of(row);
      if (same) others.data()[j] = -kInfinity;
      any = any || !same;
    }
    if (any) add({row, costs_.smallest(i, others.data()).column});
  }

  const CostOracle& costs_;
  ColumnPotentials<float> v_;
  float epsilon_;
  Parts parts_;
  std::vector<float> least_;  // of each row's own arcs: its minimum but for ε
  std::vector<BasicArc> arcs_{};
  std::vector<Holding> extras_{};
};

}  // namespace

std::vector<BasicArc> greedy_basis(const CostOracle& costs, std::span<const double> a,
                                   std::span<const double> b, ColumnPotentials<float> v) {
  std::vector<double> want(b.begin(), b.end());
  std::vector<BasicArc> arcs;
  arcs.reserve(a.size() + b.size());
  std::size_t open = b.size();
  for (std::size_t i = 0; i < a.size(); ++i) {
    double have = a[i];
    while (open > 0) {
      const std::int32_t j = costs.smallest(i, v.data()).column;
      arcs.push_back({static_cast<std::int32_t>(i), j});
      const double flow = std::min(have, want[j]);
      const bool source_closes = i + 1 < a.size() && (open == 1 || have <= want[j]);
      have -= flow, want[j] -= flow;
      if (source_closes) break;
      v.data()[j] = -kInfinity, --open;
    }
  }
  return arcs;
}

Crossover auction_basis(const CostOracle& costs, const AuctionResult& auction) {
  return Completion(costs, auction).run();
}

}  // namespace pushforward::transport
