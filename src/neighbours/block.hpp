// SPDX-License-Identifier: Apache-2.0
//
// Up to 64 queries that stand together, and the leaves in the order in which to look at them.
//
// Leaves are taken by the distance of their box's middle from the block's, roughly (64 buckets; an exact
// order costs more than it saves): near leaves first makes the limits fall early, and then most leaves are
// skipped by the distance between boxes alone.
#pragma once

#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <vector>

#include "neighbours/leaves.hpp"
#include "ops/neighbour_kernels.hpp"

namespace pushforward::neighbours {

template <class T>
class Block {
 public:
  explicit Block(const Leaves<T>& points)
      : points_(points),
        queries_(points.d(), ops::kQueryBlock),
        gaps_(points.padded_count()),
        middles_(points.padded_count()) {}

  /// Loads the queries at these places (at most 64) and orders the leaves for them.
  void load(const Leaves<T>& queries, std::span<const std::uint32_t> places) {
    const std::size_t d = points_.d();
    low_.assign(d, std::numeric_limits<T>::max()), high_.assign(d, std::numeric_limits<T>::lowest());
    for (std::size_t l = 0; l < ops::kQueryBlock; ++l) {
      const T* query = queries.point(places[l < places.size() ? l : 0]);
      for (std::size_t k = 0; k < d; ++k) {
        queries_(k, l) = query[k];
        low_[k] = std::min(low_[k], query[k]), high_[k] = std::max(high_[k], query[k]);
      }
    }
    ops::box_distances(points_.lows(), points_.highs(), d, points_.padded_count(), low_.data(), high_.data(),
                       gaps_.data());
    order_leaves();
  }

  const T* queries() const { return queries_.data(); }
  std::span<const std::uint32_t> leaves() const { return order_; }
  T gap(std::uint32_t leaf) const { return gaps_[leaf]; }  ///< squared distance of its box from the block's

 private:
  void order_leaves() {
    constexpr std::size_t kBuckets = 64;
    for (std::size_t k = 0; k < low_.size(); ++k) low_[k] = low_[k] / 2 + high_[k] / 2;
    ops::box_distances(points_.centres(), points_.centres(), points_.d(), points_.padded_count(), low_.data(),
                       low_.data(), middles_.data());
    const std::size_t count = points_.count();
    const T most = *std::max_element(middles_.begin(), middles_.begin() + static_cast<std::ptrdiff_t>(count));
    const T factor = most > 0 ? static_cast<T>(kBuckets - 1) / most : T{0};
    const auto bucket = [&](std::size_t b) {
      return std::min(kBuckets - 1, static_cast<std::size_t>(std::min(middles_[b], most) * factor));
    };
    std::array<std::uint32_t, kBuckets + 1> start{};
    for (std::size_t b = 0; b < count; ++b) ++start[bucket(b) + 1];
    for (std::size_t i = 0; i < kBuckets; ++i) start[i + 1] += start[i];
    order_.resize(count);
    for (std::size_t b = 0; b < count; ++b) order_[start[bucket(b)]++] = static_cast<std::uint32_t>(b);
  }

  const Leaves<T>& points_;
  Matrix<T> queries_;  // d × 64
  std::vector<T> low_{}, high_{}, gaps_, middles_;
  std::vector<std::uint32_t> order_{};
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
  const std::size_t each = points * d * ops::kQueryBlock / 16;
  return 1 + kOperations / std::max<std::size_t>(1, each);
}

/// 0 … n−1.
inline std::vector<std::uint32_t> all_places(std::size_t n) {
  std::vector<std::uint32_t> places(n);
  for (std::size_t i = 0; i < n; ++i) places[i] = static_cast<std::uint32_t>(i);
  return places;
}

}  // namespace pushforward::neighbours
