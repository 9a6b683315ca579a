// SPDX-License-Identifier: Apache-2.0
//
// Points in an order in which near ones stand together, cut into leaves of 32 with a box around each.
//
// The order is that of a balanced k-d tree (split the widest coordinate at its median), but no tree is kept:
// from five coordinates on a tree prunes little, and comparing a block of queries with all boxes, 16 at a
// time, costs less than walking one. For d = 8 about half of the leaves are skipped.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "pushforward/points.hpp"
#include "pushforward/tensor.hpp"

namespace pushforward::neighbours {

inline constexpr std::size_t kLeaf = 32;

/// Where the points lie: coordinates are used as (x − centre)·scale, within ±1, so that float32 neither
/// overflows nor wastes digits on a common offset. The scale is a power of two.
struct Frame {
  std::vector<double> centre{};  ///< d
  double scale = 1;
  double rounding = 0;  ///< most that rounding two points to float32 moves their scaled distance

  Frame(const Points& a, const Points& b);
};

/// Row numbers in k-d order.
std::vector<std::uint32_t> kd_order(const Points& points);

template <class T>
class Leaves {
 public:
  /// `order` as from kd_order; keeps a reference to it.
  Leaves(const Points& points, const Frame& frame, std::span<const std::uint32_t> order);

  std::size_t n() const { return order_.size(); }
  std::size_t d() const { return d_; }
  std::size_t count() const { return (n() + kLeaf - 1) / kLeaf; }
  std::size_t padded_count() const { return padded_; }
  /// Original row of the point at place i of the order.
  std::uint32_t original(std::size_t i) const { return order_[i]; }
  const std::uint32_t* originals(std::size_t i) const { return order_.data() + i; }  ///< from place i on
  const T* point(std::size_t i) const { return rows_.row(i); }
  /// Points of leaf b, padded with NaN to a multiple of four.
  std::size_t padded_size(std::size_t b) const;
  /// Boxes side by side for box_distances: coordinate k of box b at [k·padded_count() + b].
  const T* lows() const { return lows_.data(); }
  const T* highs() const { return highs_.data(); }
  const T* centres() const { return centres_.data(); }  ///< middles of the boxes, laid out alike
  /// The box of leaf b alone, d numbers each.
  const T* low(std::size_t b) const { return low_.row(b); }
  const T* high(std::size_t b) const { return high_.row(b); }

 private:
  void make_boxes();

  std::span<const std::uint32_t> order_;
  std::size_t d_, padded_;
  Matrix<T> rows_;                    // (n + 3) × d
  Matrix<T> lows_, highs_, centres_;  // d × padded
  Matrix<T> low_, high_;              // leaves × d
};

}  // namespace pushforward::neighbours
