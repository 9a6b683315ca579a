// SPDX-License-Identifier: Apache-2.0
//
// Points in an order in which near ones stand together, cut into leaves of 32 and groups of 32 leaves, with a
// box around each.
//
// The order is that of a balanced k-d tree (split the widest coordinate at its median), but no tree is kept:
// from five coordinates on a tree prunes little, and comparing a block of queries with the boxes of all
// groups, then with those of the near groups' leaves, 16 at a time, costs less than walking one. For d = 8
// about half of the leaves are skipped, for d = 2 nearly all.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "pushforward/sample.hpp"
#include "pushforward/tensor.hpp"

namespace pushforward::neighbours {

inline constexpr std::size_t kLeaf = 32;   ///< points in a leaf
inline constexpr std::size_t kGroup = 32;  ///< leaves in a group

/// Boxes side by side for box_distances: coordinate k of box b at [k·stride + b], padded with boxes that are
/// near nothing.
template <class T>
struct Boxes {
  Matrix<T> low, high, middle;  // d × stride

  void make(std::size_t count, std::size_t d);
  void set(std::size_t b, const T* lows, const T* highs);
  std::size_t stride() const { return low.cols(); }
};

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
  std::size_t groups() const { return (count() + kGroup - 1) / kGroup; }
  /// Original row of the point at place i of the order.
  std::uint32_t original(std::size_t i) const { return order_[i]; }
  const std::uint32_t* originals(std::size_t i) const { return order_.data() + i; }  ///< from place i on
  const T* point(std::size_t i) const { return rows_.row(i); }
  /// Points of leaf b, padded with NaN to a multiple of four.
  std::size_t padded_size(std::size_t b) const;
  const Boxes<T>& leaf_boxes() const { return boxes_; }
  const Boxes<T>& group_boxes() const { return group_boxes_; }
  /// The box of leaf b alone, d numbers each.
  const T* low(std::size_t b) const { return low_.row(b); }
  const T* high(std::size_t b) const { return high_.row(b); }

 private:
  void make_boxes();
  void make_group_boxes();

  std::span<const std::uint32_t> order_;
  std::size_t d_;
  Matrix<T> rows_;  // (n + 3) × d
  Boxes<T> boxes_{}, group_boxes_{};
  Matrix<T> low_{}, high_{};  // leaves × d
};

}  // namespace pushforward::neighbours
