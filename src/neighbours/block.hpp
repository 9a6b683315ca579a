// SPDX-License-Identifier: Apache-2.0
//
// Up to 64 queries that stand together, and the leaves in the order in which to look at them.
//
// The nearest group of leaves comes first, which makes the limits fall at once; of the others only leaves
// whose boxes are within the limit are listed at all, by the distance of their box's middle from the block's,
// roughly (64 buckets; an exact order costs more than it saves).
#pragma once

#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <vector>

#include "neighbours/leaves.hpp"
#include "neighbours/neighbour_kernels.hpp"

namespace pushforward::neighbours {

template <class T>
class Block {
 public:
  /// A leaf with the squared distances of its box, and of its box's middle, from the block's.
  struct Place {
    std::uint32_t leaf;
    T gap, middle;
  };

  explicit Block(const Leaves<T>& points)
      : points_(points),
        queries_(points.d(), neighbours::kQueryBlock),
        group_gaps_(points.group_boxes().stride()),
        group_middles_(group_gaps_.size()) {}

  /// Loads the queries at these places (at most 64).
  void load(const Leaves<T>& queries, std::span<const std::uint32_t> places) {
    const std::size_t d = points_.d();
    low_.assign(d, std::numeric_limits<T>::max()), high_.assign(d, std::numeric_limits<T>::lowest());
    for (std::size_t l = 0; l < neighbours::kQueryBlock; ++l) {
      const T* query = queries.point(places[l < places.size() ? l : 0]);
      for (std::size_t k = 0; k < d; ++k) {
        queries_(k, l) = query[k];
        low_[k] = std::min(low_[k], query[k]), high_[k] = std::max(high_[k], query[k]);
      }
    }
    middle_.resize(d);
    for (std::size_t k = 0; k < d; ++k) middle_[k] = low_[k] / 2 + high_[k] / 2;
    const std::size_t count = points_.group_boxes().stride();
    distances(points_.group_boxes(), 0, count, group_gaps_.data(), group_middles_.data());
  }

  const T* queries() const { return queries_.data(); }
  /// The group whose middle is nearest.
  std::size_t nearest_group() const {
    const auto end = group_middles_.begin() + static_cast<std::ptrdiff_t>(points_.groups());
    return static_cast<std::size_t>(std::min_element(group_middles_.begin(), end) - group_middles_.begin());
  }
  T group_gap(std::size_t g) const { return group_gaps_[g]; }

  /// Lists the leaves of group g whose gap is below `limit`.
  void list_group(std::size_t g, T limit) {
    T gaps[kGroup], middles[kGroup];
    distances(points_.leaf_boxes(), g * kGroup, kGroup, gaps, middles);
    const std::size_t size = std::min(kGroup, points_.count() - g * kGroup);
    for (std::size_t b = 0; b < size; ++b)
      if (gaps[b] < limit)
        listed_.push_back({static_cast<std::uint32_t>(g * kGroup + b), gaps[b], middles[b]});
  }
  /// What was listed since the last call, nearest middles first.
  std::span<const Place> take_listed() {
    constexpr std::size_t kBuckets = 64;
    T most = 0;
    for (const Place& place : listed_) most = std::max(most, place.middle);
    const T factor = most > 0 ? static_cast<T>(kBuckets - 1) / most : T{0};
    const auto bucket = [&](const Place& p) {
      return std::min(kBuckets - 1, static_cast<std::size_t>(p.middle * factor));
    };
    std::array<std::uint32_t, kBuckets + 1> start{};
    for (const Place& place : listed_) ++start[bucket(place) + 1];
    for (std::size_t i = 0; i < kBuckets; ++i) start[i + 1] += start[i];
    sorted_.resize(listed_.size());
    for (const Place& place : listed_) sorted_[start[bucket(place)]++] = place;
    listed_.clear();
    return sorted_;
  }

 private:
  void distances(const Boxes<T>& boxes, std::size_t first, std::size_t count, T* gaps, T* middles) const {
    neighbours::box_distances(boxes.low.data() + first, boxes.high.data() + first, points_.d(), count,
                              boxes.stride(), low_.data(), high_.data(), gaps);
    neighbours::box_distances(boxes.middle.data() + first, boxes.middle.data() + first, points_.d(), count,
                              boxes.stride(), middle_.data(), middle_.data(), middles);
  }

  const Leaves<T>& points_;
  Matrix<T> queries_;  // d × 64
  std::vector<T> low_{}, high_{}, middle_{}, group_gaps_, group_middles_;
  std::vector<Place> listed_{}, sorted_{};
};

/// ‖x_i − y_j‖² in double, of coordinates times `scale`.
template <class A, class B>
double exact_square(View<const A> x, std::size_t i, View<const B> y, std::size_t j, double scale) {
  double sum = 0;
  for (std::size_t k = 0; k < x.cols; ++k) {
    const double difference = (static_cast<double>(x(i, k)) - static_cast<double>(y(j, k))) * scale;
    sum += difference * difference;
  }
  return sum;
}

/// Relative error of a squared distance summed in float32 over d coordinates.
inline double float_slack(std::size_t d) { return (static_cast<double>(d) + 8) * 0x1p-24; }

/// Blocks of queries that are worth a thread of their own: about a million vector operations. Fewer are
/// answered sooner than another thread wakes up.
inline std::size_t worth_a_thread(std::size_t points, std::size_t d) {
  constexpr std::size_t kOperations = 1'000'000;
  const std::size_t each = points * d * neighbours::kQueryBlock / 16;
  return 1 + kOperations / std::max<std::size_t>(1, each);
}

/// 0 … n−1.
inline std::vector<std::uint32_t> all_places(std::size_t n) {
  std::vector<std::uint32_t> places(n);
  for (std::size_t i = 0; i < n; ++i) places[i] = static_cast<std::uint32_t>(i);
  return places;
}

}  // namespace pushforward::neighbours
