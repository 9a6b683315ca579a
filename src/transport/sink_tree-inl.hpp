// SPDX-License-Identifier: Apache-2.0
//
// "Where is ‖x − y_j‖² − v_j smallest?" answered through a tree, in D dimensions.
//
// Sinks stand in an order in which every aligned run of 8^l of them is a cell of a k-d tree, so that a node
// needs no pointers: node c of level l has the eight children 8c … 8c+7 of level l − 1, which are one cache
// line of each number (eight sinks at the bottom). A node keeps its box, a slope g (D numbers) and r with v_j
// ≤ g·y_j + r for all sinks below it, hence, coordinate by coordinate,
//   ‖x − y‖² − v ≥ min over the box of Σ (x − y)² − g y  − r,   reached at y = x + g/2, cut to the box.
// Potentials of transport are smooth, with ∇v(y) = 2(y − x) where y is held by x: with slopes from the plan
// so far, the bound is off by curvature alone and a query opens some ten groups at any size; without slopes
// it is off by the box times the way that masses travel, and opens √n.
//
// One changed v climbs the tree until no r changes; new slopes, or a whole new v, are one pass. Bounds are
// rounded by a few 1e-16 of numbers about 1, so that comparisons leave kSlack: nothing is missed.
//
// Included once per target (highway's convention for -inl files).
#if defined(PUSHFORWARD_TRANSPORT_SINK_TREE_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef PUSHFORWARD_TRANSPORT_SINK_TREE_INL_HPP_
#undef PUSHFORWARD_TRANSPORT_SINK_TREE_INL_HPP_
#else
#define PUSHFORWARD_TRANSPORT_SINK_TREE_INL_HPP_
#endif

#include <algorithm>
#include <limits>
#include <vector>

#include "hwy/highway.h"
#include "pushforward/tensor.hpp"
#include "transport/cell_order.hpp"

HWY_BEFORE_NAMESPACE();
namespace pushforward::transport::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr double kSlack = 2e-15;
constexpr double kFar = std::numeric_limits<double>::infinity();
constexpr double kNoCutoff = 1e300;  // below infinity, which is what padding is at
constexpr std::size_t kChildren = 8;

struct TwoSinks {
  double value = kFar, second = kFar;  // of cost − v
  std::int32_t sink = -1, other = -1;  // places
};
struct OneSink {
  double value = kFar;
  std::int32_t sink = -1;
};

template <std::size_t D>
class SinkTree {
 public:
  using Eight = hn::CappedTag<double, kChildren>;  // a whole group, or as much of it as a vector holds
  using V = hn::Vec<Eight>;

  explicit SinkTree(View<const double> points) : n_(points.rows), order_(cell_order(points)) {
    const std::size_t groups = (n_ + kChildren - 1) / kChildren;
    y_.resize(groups, kChildren * D);
    v_.assign(groups * kChildren, -kFar);
    std::fill_n(v_.begin(), n_, 0.0);
    for (std::size_t a = 0; a < groups * kChildren; ++a)
      for (std::size_t k = 0; k < D; ++k) coordinate(a, k) = points(order_[std::min(a, n_ - 1)], k);
    levels_.emplace_back();
    for (std::size_t nodes = groups; nodes > 1; nodes = levels_.back().groups) add_level(nodes);
    refresh();
  }

  std::size_t size() const { return n_; }
  const std::vector<std::uint32_t>& order() const { return order_; }
  double v(std::size_t place) const { return v_[place]; }
  double at(std::size_t place, std::size_t k) const {
    return y_(place / kChildren, k * kChildren + place % kChildren);
  }
  /// Groups that queries opened.
  std::size_t visited() const { return visited_; }

  /// The mean squared size of the boxes of eight.
  double spacing() const {
    if (levels_.size() < 2) return 1;
    double sum = 0;
    const std::size_t whole = n_ / kChildren;
    for (std::size_t c = 0; c < whole; ++c)
      for (std::size_t k = 0; k < D; ++k) {
        const double* box = levels_[1].box.row(c / kChildren);
        const double side = box[(D + k) * kChildren + c % kChildren] - box[k * kChildren + c % kChildren];
        sum += side * side;
      }
    return sum / static_cast<double>(std::max<std::size_t>(1, whole));
  }

  // In the very arithmetic of the vectors, so that a known value is found again.
  double cost(const double* x, std::size_t place) const {
    const hn::CappedTag<double, 1> one;
    auto sum = hn::Zero(one);
    for (std::size_t k = 0; k < D; ++k) {
      const auto difference = hn::Sub(hn::Set(one, x[k]), hn::Set(one, at(place, k)));
      sum = k == 0 ? hn::Mul(difference, difference) : hn::MulAdd(difference, difference, sum);
    }
    return hn::GetLane(sum);
  }

  // One price changes.
  void set(std::size_t place, double value) {
    v_[place] = value;
    std::size_t c = place;
    for (std::size_t l = 1; l < levels_.size(); ++l) {
      c /= kChildren;
      const double rest = l == 1 ? rest_of_points(c) : rest_of_nodes(l, c);
      if (rest == levels_[l].rest.data()[c]) return;
      levels_[l].rest.data()[c] = rest;
    }
  }
  // All prices, by place, and a guess of their slopes there (n × D).
  void set_all(const std::vector<double>& values, View<const double> slopes) {
    std::copy(values.begin(), values.end(), v_.begin());
    set_slopes(slopes);
  }
  void set_slopes(View<const double> slopes) {
    for (std::size_t l = 1; l < levels_.size(); ++l) {
      for (std::size_t c = 0; c < nodes_below(l); ++c) mean_slope(l, c, slopes);
      if (l > 1)
        for (std::size_t c = 0; c < nodes_below(l - 1); ++c) set_offset(l - 1, c);
    }
    refresh();
  }

  /// The two smallest; `cutoff` is at least the second smallest (infinity where nothing is known).
  TwoSinks two(const double* x, double cutoff) {
    TwoSinks best;
    cutoff = std::min(cutoff, kNoCutoff);
    search(x, cutoff, [&](std::size_t group, const double* values, unsigned found) {
      for (; found != 0; found &= found - 1) {
        const int k = __builtin_ctz(found);
        const auto place = static_cast<std::int32_t>(group * kChildren + static_cast<std::size_t>(k));
        if (values[k] < best.value)
          best = {values[k], best.value, place, best.sink};
        else if (values[k] < best.second)
          best.second = values[k], best.other = place;
      }
      cutoff = std::min(cutoff, best.second);
    });
    return best;
  }
  OneSink one(const double* x, double cutoff) {
    OneSink best;
    cutoff = std::min(cutoff, kNoCutoff);
    search(x, cutoff, [&](std::size_t group, const double* values, unsigned found) {
      for (; found != 0; found &= found - 1) {
        const int k = __builtin_ctz(found);
        if (values[k] < best.value)
          best = {values[k], static_cast<std::int32_t>(group * kChildren + static_cast<std::size_t>(k))};
      }
      cutoff = std::min(cutoff, best.value);
    });
    return best;
  }
  /// Places with cost − v at most `cutoff`, appended.
  void below(const double* x, double cutoff, std::vector<std::int32_t>& places) {
    search(x, cutoff, [&](std::size_t group, const double*, unsigned found) {
      for (; found != 0; found &= found - 1)
        places.push_back(static_cast<std::int32_t>(group * kChildren) + __builtin_ctz(found));
    });
  }

 private:
  struct Level {  // describes the nodes of the level below it, eight a row
    std::size_t groups = 0;
    Matrix<double> box, slope;    // low and high by coordinate; g by coordinate
    Matrix<double> rest, offset;  // r, and what it rises by at most when the parent's slope is taken for g
  };
  struct Open {
    double bound;
    std::uint32_t level, group;
  };

  double& coordinate(std::size_t place, std::size_t k) {
    return y_(place / kChildren, k * kChildren + place % kChildren);
  }
  // How many nodes level l describes.
  std::size_t nodes_below(std::size_t l) const { return l == 1 ? y_.rows() : levels_[l - 1].groups; }

  void add_level(std::size_t nodes) {
    Level level;
    level.groups = (nodes + kChildren - 1) / kChildren;
    level.box = Matrix<double>(level.groups, 2 * kChildren * D);
    level.slope = Matrix<double>(level.groups, kChildren * D);
    level.rest = Matrix<double>(level.groups, kChildren), level.offset = level.rest;
    std::fill_n(level.rest.data(), level.rest.size(), -kFar);
    for (std::size_t c = 0; c < level.groups * kChildren; ++c)
      for (std::size_t k = 0; k < D; ++k) {
        const auto [low, high] = c < nodes ? side_of(c, k) : std::pair{0.0, 0.0};
        level.box(c / kChildren, k * kChildren + c % kChildren) = low;
        level.box(c / kChildren, (D + k) * kChildren + c % kChildren) = high;
      }
    levels_.push_back(std::move(level));
  }

  // Of node c of the highest level so far.
  std::pair<double, double> side_of(std::size_t c, std::size_t k) const {
    double low = kFar, high = -kFar;
    const bool bottom = levels_.size() == 1;
    const std::size_t count =
        bottom ? kChildren : std::min(kChildren, nodes_below(levels_.size() - 1) - c * kChildren);
    for (std::size_t q = 0; q < count; ++q) {
      const double* of = bottom ? y_.row(c) : levels_.back().box.row(c);
      low = std::min(low, of[k * kChildren + q]);
      high = std::max(high, of[(bottom ? k : D + k) * kChildren + q]);
    }
    return {low, high};
  }

  void mean_slope(std::size_t l, std::size_t c, View<const double> slopes) {
    const std::size_t below = l == 1 ? n_ : nodes_below(l - 1);
    const std::size_t count = std::min(kChildren, below - c * kChildren);
    for (std::size_t k = 0; k < D; ++k) {
      double sum = 0;
      for (std::size_t q = 0; q < count; ++q)
        sum += l == 1 ? slopes(c * kChildren + q, k) : levels_[l - 1].slope(c, k * kChildren + q);
      levels_[l].slope(c / kChildren, k * kChildren + c % kChildren) = sum / static_cast<double>(count);
    }
  }
  void set_offset(std::size_t l, std::size_t c) {
    const std::size_t group = c / kChildren, at = c % kChildren;
    double offset = 0;
    for (std::size_t k = 0; k < D; ++k) {
      const double turn = levels_[l].slope(group, k * kChildren + at) -
                          levels_[l + 1].slope(group / kChildren, k * kChildren + group % kChildren);
      const double* box = levels_[l].box.row(group);
      offset += std::max(turn * box[k * kChildren + at], turn * box[(D + k) * kChildren + at]);
    }
    levels_[l].offset.data()[c] = offset;
  }

  void refresh() {
    for (std::size_t l = 1; l < levels_.size(); ++l)
      for (std::size_t c = 0; c < nodes_below(l); ++c)
        levels_[l].rest.data()[c] = l == 1 ? rest_of_points(c) : rest_of_nodes(l, c);
  }
  double rest_of_points(std::size_t c) const {
    const Eight t;
    const double* slope = levels_[1].slope.row(c / kChildren) + c % kChildren;
    auto most = hn::Set(t, -kFar);
    for (std::size_t q = 0; q < kChildren; q += hn::Lanes(t)) {
      auto rest = hn::LoadU(t, v_.data() + c * kChildren + q);
      for (std::size_t k = 0; k < D; ++k)
        rest =
            hn::NegMulAdd(hn::Set(t, slope[k * kChildren]), hn::Load(t, y_.row(c) + k * kChildren + q), rest);
      most = hn::Max(most, rest);
    }
    return hn::GetLane(hn::MaxOfLanes(t, most));
  }
  double rest_of_nodes(std::size_t l, std::size_t c) const {
    const Eight t;
    const double *rest = levels_[l - 1].rest.row(c), *offset = levels_[l - 1].offset.row(c);
    auto most = hn::Set(t, -kFar);
    for (std::size_t q = 0; q < kChildren; q += hn::Lanes(t))
      most = hn::Max(most, hn::Add(hn::Load(t, rest + q), hn::Load(t, offset + q)));
    return hn::GetLane(hn::MaxOfLanes(t, most));
  }

  static unsigned at_most(Eight t, V values, double cutoff, std::size_t shift) {
    std::uint8_t bits[8] = {};
    hn::StoreMaskBits(t, hn::Le(values, hn::Set(t, cutoff)), bits);
    return static_cast<unsigned>(bits[0]) << shift;
  }
  // Eight values of cost − v, and which of them are at most `cutoff`.
  unsigned open_points(const double* x, std::size_t group, double cutoff, double* values) const {
    const Eight t;
    unsigned found = 0;
    for (std::size_t q = 0; q < kChildren; q += hn::Lanes(t)) {
      auto difference = hn::Sub(hn::Set(t, x[0]), hn::Load(t, y_.row(group) + q));
      auto sum = hn::Mul(difference, difference);
      for (std::size_t k = 1; k < D; ++k) {
        difference = hn::Sub(hn::Set(t, x[k]), hn::Load(t, y_.row(group) + k * kChildren + q));
        sum = hn::MulAdd(difference, difference, sum);
      }
      const V value = hn::Sub(sum, hn::LoadU(t, v_.data() + group * kChildren + q));
      hn::Store(value, t, values + q);
      found |= at_most(t, value, cutoff, q);
    }
    return found;
  }
  // The lower bounds of eight nodes.
  unsigned open_nodes(const double* x, const Level& level, std::size_t group, double cutoff,
                      double* bounds) const {
    const Eight t;
    const double *box = level.box.row(group), *slope = level.slope.row(group), *rest = level.rest.row(group);
    unsigned found = 0;
    for (std::size_t q = 0; q < kChildren; q += hn::Lanes(t)) {
      auto bound = hn::Neg(hn::Load(t, rest + q));
      for (std::size_t k = 0; k < D; ++k) {
        const auto low = hn::Load(t, box + k * kChildren + q),
                   high = hn::Load(t, box + (D + k) * kChildren + q);
        const auto g = hn::Load(t, slope + k * kChildren + q), place = hn::Set(t, x[k]);
        const auto free = hn::MulAdd(hn::Set(t, 0.5), g, place);
        const auto y = hn::Min(hn::Max(free, low), high), difference = hn::Sub(place, y);
        bound = hn::MulAdd(difference, difference, hn::NegMulAdd(g, y, bound));
      }
      hn::Store(bound, t, bounds + q);
      found |= at_most(t, bound, cutoff + kSlack, q);
    }
    return found;
  }

  // Opens all groups of sinks that may hold a value of at most `cutoff`, nearest boxes first; use(group,
  // values, which) may lower the cutoff.
  template <class Use>
  void search(const double* x, const double& cutoff, const Use& use) {
    HWY_ALIGN double values[kChildren];
    Open stack[kChildren * 24];
    std::size_t top = 0;
    stack[top++] = {-kFar, static_cast<std::uint32_t>(levels_.size() - 1), 0};
    while (top > 0) {
      const Open open = stack[--top];
      if (!(open.bound <= cutoff + kSlack)) continue;
      ++visited_;
      if (open.level == 0) {
        if (const unsigned found = open_points(x, open.group, cutoff, values)) use(open.group, values, found);
        continue;
      }
      unsigned found = open_nodes(x, levels_[open.level], open.group, cutoff, values);
      const std::size_t first = top;
      for (; found != 0; found &= found - 1) {
        const auto k = static_cast<std::uint32_t>(__builtin_ctz(found));
        std::size_t place = top++;
        for (; place > first && stack[place - 1].bound < values[k]; --place) stack[place] = stack[place - 1];
        stack[place] = {values[k], open.level - 1, open.group * static_cast<std::uint32_t>(kChildren) + k};
      }
    }
  }

  std::size_t n_;
  std::vector<std::uint32_t> order_;
  Matrix<double> y_;  // a group of eight a row, coordinate by coordinate
  std::vector<double> v_;
  std::vector<Level> levels_;  // [l] describes the nodes of level l − 1; [0] is empty
  std::size_t visited_ = 0;
};

}  // namespace pushforward::transport::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
