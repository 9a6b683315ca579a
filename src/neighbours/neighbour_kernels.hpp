// SPDX-License-Identifier: Apache-2.0
//
// Inner loops of the neighbour search: 64 queries at a time against a few points at a time.
//
// Layout: a block holds 64 queries column-wise, coordinate k of query l at queries[k·64 + l], so that a
// vector holds one coordinate of many queries; points are plain rows, padded to a multiple of four with NaN
// (which is near nothing). Boxes are bounds per coordinate. T is float or double.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace pushforward::neighbours {

inline constexpr std::size_t kQueryBlock = 64;  ///< queries in a block
inline constexpr std::size_t kPointGroup = 4;   ///< points are padded to a multiple of this

/// A pair that is near enough: squared distance of query `lane` and point `point` of a call.
struct Hit {
  std::uint32_t lane, point;
  float value;
};

/// The nearest points of 64 queries so far: of rank r (0 = nearest) for query l at [r·64 + l]. Row numbers
/// are as wide as distances, so that both move by the same masks.
template <class T>
struct NearestLists {
  using Row = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  T* value;  ///< squared distances, ascending in rank; infinite where nothing was found yet
  Row* row;
  std::size_t keep;  ///< ranks
  const Row* self;   ///< per query: the row that is left out
};

/// Enters `count` points (a multiple of kPointGroup; rows[p] is the row number of point p) where they are
/// nearer than the last rank. Returns whether any was. Among equally near points the first stays.
bool enter_points(const float* queries, std::size_t d, const float* points, std::size_t count,
                  const std::uint32_t* rows, const NearestLists<float>& lists);
bool enter_points(const double* queries, std::size_t d, const double* points, std::size_t count,
                  const std::uint32_t* rows, const NearestLists<double>& lists);

/// Finds the pairs with ‖query − point‖² ≤ limits[point]; `count` as above, `hits` has room for 64·count.
/// Returns how many there are, in an order that depends on nothing but the arguments.
std::size_t scan_by_point(const float* queries, std::size_t d, const float* points, std::size_t count,
                          const float* limits, Hit* hits);

/// Squared distance of one box to each of `count` boxes: low and high hold coordinate k of box b at
/// [k·stride + b]; `count` is a multiple of 16.
void box_distances(const float* low, const float* high, std::size_t d, std::size_t count, std::size_t stride,
                   const float* own_low, const float* own_high, float* out);
void box_distances(const double* low, const double* high, std::size_t d, std::size_t count,
                   std::size_t stride, const double* own_low, const double* own_high, double* out);

/// Whether any query is nearer to the box than its limit (squared).
bool box_within(const float* queries, std::size_t d, const float* low, const float* high,
                const float* limits);
bool box_within(const double* queries, std::size_t d, const double* low, const double* high,
                const double* limits);

}  // namespace pushforward::neighbours
