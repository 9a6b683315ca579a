// SPDX-License-Identifier: Apache-2.0
//
// An assignment at squared cost through a tree over the sinks: an auction, then an exact repair.
//
// 1. Prices from coarse to fine: the centroids of eight neighbors on either side are assigned first,
// recursively; a
//    sink begins with its centroid's price, moved as the cost of the centroid's source moves between the two.
// 2. An ε-scaling auction in float64 (auction.hpp has the rules) whose first ε is the squared size of a cell
// of eight.
//    A source keeps its sink from scale to scale where it is within ε of its best, and its last two sinks
//    give the cutoff of its next query. ε goes down to 1e-6 of a cell: below the data's own gaps a scale is
//    one or two bids a source.
// 3. What is left is repaired exactly: with u_i what source i pays, every j with c_ij − v_j < u_i is lowered
// to
//    v_j = c_ij − u_i, and its owner looks again (label correcting). Where the owner is an ancestor of i,
//    that closes a cycle of negative cost, and the plan is shifted along it. It ends with an optimal plan and
//    feasible prices.
//
// Price wars at outliers, and repairs that do not end, are given up by budget; the caller then takes the
// simplex.
//
// Included once per target, after sink_tree-inl.hpp.
#if defined(PUSHFORWARD_TRANSPORT_TREE_AUCTION_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef PUSHFORWARD_TRANSPORT_TREE_AUCTION_INL_HPP_
#undef PUSHFORWARD_TRANSPORT_TREE_AUCTION_INL_HPP_
#else
#define PUSHFORWARD_TRANSPORT_TREE_AUCTION_INL_HPP_
#endif

#include <cmath>
#include <deque>
#include <memory>

#include "transport/sink_tree-inl.hpp"
#include "transport/tree_assignment.hpp"

HWY_BEFORE_NAMESPACE();
namespace pushforward::transport::HWY_NAMESPACE {

constexpr double kFactor = 5;         // from scale to scale
constexpr double kFirst = 0.5;        // ε of the first scale, in cells
constexpr double kCoarseLast = 0.01;  // and of the last on coarse levels
constexpr double kLast = 1e-6;        // and of the last
constexpr double kLastOfCost = 1e-7;  // or of the typical cost, if that is less
constexpr double kLeast = 1e-15;      // or of the rounding of costs up to 1
constexpr double kCoarsest = 0.05;    // ε where there is nothing coarser
constexpr std::size_t kSmall = 1000;  // points below which no coarser problem is made
constexpr double kExact = 1e-16;      // of costs up to 1: what repair tells apart
constexpr std::size_t kMostChecks = 200, kMostSteps = 20'000;  // of repair, per source

template <std::size_t D>
class TreeAuction {
 public:
  TreeAuction(View<const double> x, View<const double> y)
      : n_(x.rows),
        tree_(y),
        x_order_(cell_order(x)),
        x_(n_, D),
        holder_(n_, -1),
        sink_(n_, -1),
        last_(n_, -1),
        last_but_one_(n_, -1) {
    for (std::size_t i = 0; i < n_; ++i) std::copy_n(x.row(x_order_[i]), D, x_.row(i));
  }

  // Whether it ended within `most` groups opened.
  bool solve(std::size_t most) {
    budget_ = most;
    double first = 0;
    if (!start(first)) return false;
    const double last = std::max(kLeast, std::min(kLast * tree_.spacing(), kLastOfCost * typical()));
    return scales(first, last) && repair();
  }

  TreePlan plan() {
    TreePlan plan{.sink_of = std::vector<std::int32_t>(n_),
                  .u = std::vector<double>(n_),
                  .v = std::vector<double>(n_),
                  .bids = bids_,
                  .cycles = cycles_};
    for (std::size_t j = 0; j < n_; ++j) plan.v[tree_.order()[j]] = tree_.v(j);
    for (std::size_t i = 0; i < n_; ++i) {
      plan.sink_of[x_order_[i]] = static_cast<std::int32_t>(tree_.order()[place_of(i)]);
      plan.u[x_order_[i]] = tree_.one(x_.row(i), paid(i) + kSlack).value;
    }
    return plan;
  }

 private:
  std::size_t place_of(std::size_t i) const { return static_cast<std::size_t>(sink_[i]); }
  double value(std::size_t i, std::int32_t place) const {
    return tree_.cost(x_.row(i), static_cast<std::size_t>(place)) - tree_.v(static_cast<std::size_t>(place));
  }
  double paid(std::size_t i) const { return value(i, sink_[i]); }

  double typical() const {
    constexpr std::size_t kPairs = 256;
    double sum = 0;
    for (std::size_t k = 0; k < kPairs; ++k)
      sum += tree_.cost(x_.row(k * 7919 % n_), k * 104729 % n_) / kPairs;
    return sum;
  }

  // The first ε, with prices from a coarser problem where there is one.
  bool start(double& first) {
    first = kCoarsest;
    if (n_ < kSmall) return true;
    const std::size_t m = n_ / kChildren;
    Matrix<double> x(m, D), y(m, D);
    for (std::size_t c = 0; c < m; ++c)
      for (std::size_t q = 0; q < kChildren; ++q)
        for (std::size_t k = 0; k < D; ++k) {
          x(c, k) += x_(c * kChildren + q, k) / kChildren;
          y(c, k) += tree_.at(c * kChildren + q, k) / kChildren;
        }
    TreeAuction coarse(x, y);
    coarse.budget_ = budget_;
    double from = 0;
    if (!coarse.start(from) || !coarse.scales(from, kCoarseLast * coarse.tree_.spacing())) return false;
    take_prices(coarse, m);
    first = kFirst * tree_.spacing();
    return true;
  }
  void take_prices(const TreeAuction& coarse, std::size_t m) {
    std::vector<std::size_t> place(m);
    for (std::size_t a = 0; a < m; ++a) place[coarse.tree_.order()[a]] = a;
    std::vector<double> v(n_);
    Matrix<double> slopes(n_, D);
    for (std::size_t j = 0; j < n_; ++j) {
      const std::size_t a = place[std::min(j / kChildren, m - 1)];
      const double* x = coarse.x_.row(static_cast<std::size_t>(coarse.holder_[a]));
      v[j] = coarse.tree_.v(a) + tree_.cost(x, j) - coarse.tree_.cost(x, a);
      for (std::size_t k = 0; k < D; ++k) slopes(j, k) = 2 * (tree_.at(j, k) - x[k]);
    }
    tree_.set_all(v, slopes);
  }

  bool scales(double from, double to) {
    for (double epsilon = from;; epsilon = std::max(epsilon / kFactor, to)) {
      if (!run(epsilon)) return false;
      slopes_of_holders();
      if (epsilon <= to) return true;
    }
  }
  void slopes_of_holders() {
    Matrix<double> slopes(n_, D);
    for (std::size_t j = 0; j < n_; ++j)
      for (std::size_t k = 0; k < D; ++k)
        slopes(j, k) = 2 * (tree_.at(j, k) - x_(static_cast<std::size_t>(holder_[j]), k));
    tree_.set_slopes(slopes);
  }

  // What is known of source i's second best: the worse of the two that it bid for last.
  TwoSinks two(std::size_t i) {
    const bool known = last_[i] >= 0 && last_but_one_[i] >= 0;
    const double cutoff = known ? std::max(value(i, last_[i]), value(i, last_but_one_[i])) : kFar;
    const TwoSinks best = tree_.two(x_.row(i), cutoff);
    last_[i] = best.sink, last_but_one_[i] = best.other;
    return best;
  }
  void bid(std::int32_t i, double epsilon) {
    const TwoSinks best = two(static_cast<std::size_t>(i));
    const auto place = static_cast<std::size_t>(best.sink);
    const double old = tree_.v(place), now = old - (best.second - best.value + epsilon);
    tree_.set(place, now < old ? now : std::nextafter(old, -kFar));
    ++bids_;
  }
  // One scale; sources that are within ε of their best stay.
  bool run(double epsilon) {
    std::vector<std::int32_t> waiting;
    for (std::size_t i = 0; i < n_; ++i) {
      if (sink_[i] >= 0) {
        const double have = paid(i);
        if (have <= two(i).value + epsilon) continue;
        holder_[place_of(i)] = -1, sink_[i] = -1;
      }
      waiting.push_back(static_cast<std::int32_t>(i));
    }
    for (std::int32_t i : waiting)
      while (i >= 0) {
        if (tree_.visited() > budget_) return false;
        bid(i, epsilon);
        const std::int32_t place = last_[static_cast<std::size_t>(i)];
        const std::int32_t out = holder_[static_cast<std::size_t>(place)];
        holder_[static_cast<std::size_t>(place)] = i, sink_[static_cast<std::size_t>(i)] = place;
        if (out >= 0) sink_[static_cast<std::size_t>(out)] = -1;
        i = out;
      }
    return true;
  }

  // Label correcting: sources whose price is not known to be the best wait in a queue.
  bool repair() {
    lowered_by_.assign(n_, -1), queued_.assign(n_, 1);
    u_.resize(n_);
    for (std::size_t i = 0; i < n_; ++i) u_[i] = paid(i), queue_.push_back(static_cast<std::int32_t>(i));
    std::vector<std::int32_t> found;
    for (std::size_t checks = 0; !queue_.empty(); ++checks) {
      if (checks > kMostChecks * n_ || steps_ > kMostSteps * n_ || tree_.visited() > budget_) return false;
      const std::int32_t i = queue_.front();
      queue_.pop_front(), queued_[static_cast<std::size_t>(i)] = 0;
      found.clear();
      tree_.below(x_.row(static_cast<std::size_t>(i)), u_[static_cast<std::size_t>(i)] - kExact, found);
      for (const std::int32_t j : found)
        if (!relax(i, j)) break;
    }
    return true;
  }
  void wait(std::int32_t i) {
    u_[static_cast<std::size_t>(i)] = paid(static_cast<std::size_t>(i));
    if (!queued_[static_cast<std::size_t>(i)]) queued_[static_cast<std::size_t>(i)] = 1, queue_.push_back(i);
  }
  // Source i would rather have sink j. False where the plan was shifted, so that what i pays is another.
  bool relax(std::int32_t i, std::int32_t j) {
    const auto sink = static_cast<std::size_t>(j);
    const double to = tree_.cost(x_.row(static_cast<std::size_t>(i)), sink) - u_[static_cast<std::size_t>(i)];
    if (!(to < tree_.v(sink) - kExact)) return true;
    if (comes_from(i, j)) {
      shift(i, j);
      return false;
    }
    tree_.set(sink, to), lowered_by_[sink] = i;
    wait(holder_[sink]);
    return true;
  }
  // Whether sink j's owner is i or stands behind what i pays.
  bool comes_from(std::int32_t i, std::int32_t j) {
    std::size_t steps = 0;
    for (std::int32_t a = i; a >= 0 && steps <= n_;
         a = lowered_by_[place_of(static_cast<std::size_t>(a))], ++steps_) {
      ++steps;
      if (sink_[static_cast<std::size_t>(a)] == j) return true;
    }
    return false;
  }
  // Along the cycle every source takes the sink that it lowered; i takes j.
  void shift(std::int32_t i, std::int32_t j) {
    ++cycles_;
    std::int32_t take = j, source = i;
    for (bool last = false; !last;) {
      const std::int32_t was = sink_[static_cast<std::size_t>(source)],
                         up = lowered_by_[static_cast<std::size_t>(was)];
      last = was == j;
      sink_[static_cast<std::size_t>(source)] = take, holder_[static_cast<std::size_t>(take)] = source;
      lowered_by_[static_cast<std::size_t>(take)] = -1;
      wait(source);
      take = was, source = up;
    }
    lowered_by_[static_cast<std::size_t>(j)] = -1;
  }

  std::size_t n_, budget_ = 0, bids_ = 0, cycles_ = 0, steps_ = 0;
  SinkTree<D> tree_;
  std::vector<std::uint32_t> x_order_;
  Matrix<double> x_;  // in the order of cells
  std::vector<std::int32_t> holder_, sink_, last_, last_but_one_, lowered_by_{};
  std::vector<double> u_{};
  std::vector<char> queued_{};
  std::deque<std::int32_t> queue_{};
};

}  // namespace pushforward::transport::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
