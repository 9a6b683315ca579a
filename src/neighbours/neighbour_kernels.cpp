// SPDX-License-Identifier: Apache-2.0
//
// Two vectors of queries against four points: eight sums in registers, each coordinate of a query loaded once
// for four points and each coordinate of a point broadcast once for two vectors, so that the processor is
// busy with subtractions and fused multiply-adds and not with loads. The difference form Σ(x−y)² costs one
// operation more than ‖x‖² − 2x·y + ‖y‖² and keeps all digits of a small distance, which is what a neighbour
// search is about. Nearly all pairs are too far: a group's eight comparisons are or-ed and tested once.
//
// Each step (subtract, fused multiply-add, in the order of the coordinates) is monotone in rounding, so a
// distance to a box computed like this never exceeds the computed distance to a point in the box: pruning by
// boxes loses nothing.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "neighbours/neighbour_kernels.cpp"
#include <hwy/foreach_target.h>
// clang-format off: the order matters
#include <hwy/highway.h>
// clang-format on

#include "neighbours/neighbour_kernels.hpp"

HWY_BEFORE_NAMESPACE();
namespace pushforward::neighbours {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class T>
using Tag = hn::CappedTag<T, 16>;  // a block of 64 is at least four vectors

// Squared distances of two vectors of queries from each of four points.
template <class V>
struct Tile {
  V a0, a1, a2, a3, b0, b1, b2, b3;
};

template <class T, class V = hn::Vec<Tag<T>>>
HWY_INLINE Tile<V> distances(const T* queries, std::size_t d, const T* points) {
  const Tag<T> tag;
  const std::size_t lanes = hn::Lanes(tag);
  V a0 = hn::Zero(tag), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
  for (std::size_t k = 0; k < d; ++k) {
    const V x = hn::Load(tag, queries + k * kQueryBlock),
            y = hn::Load(tag, queries + k * kQueryBlock + lanes);
    const V r0 = hn::Set(tag, points[k]), r1 = hn::Set(tag, points[d + k]);
    const V x0 = hn::Sub(x, r0), y0 = hn::Sub(y, r0), x1 = hn::Sub(x, r1), y1 = hn::Sub(y, r1);
    a0 = hn::MulAdd(x0, x0, a0), b0 = hn::MulAdd(y0, y0, b0);
    a1 = hn::MulAdd(x1, x1, a1), b1 = hn::MulAdd(y1, y1, b1);
    const V r2 = hn::Set(tag, points[2 * d + k]), r3 = hn::Set(tag, points[3 * d + k]);
    const V x2 = hn::Sub(x, r2), y2 = hn::Sub(y, r2), x3 = hn::Sub(x, r3), y3 = hn::Sub(y, r3);
    a2 = hn::MulAdd(x2, x2, a2), b2 = hn::MulAdd(y2, y2, b2);
    a3 = hn::MulAdd(x3, x3, a3), b3 = hn::MulAdd(y3, y3, b3);
  }
  return {a0, a1, a2, a3, b0, b1, b2, b3};
}

// Whether any of the eight vectors holds a lane that `near(vector, query half, point)` accepts.
template <class T, class V, class Near>
HWY_INLINE bool any_near(const Tile<V>& t, const Near& near) {
  const auto first =
      hn::Or(hn::Or(near(t.a0, 0, 0), near(t.b0, 1, 0)), hn::Or(near(t.a1, 0, 1), near(t.b1, 1, 1)));
  const auto second =
      hn::Or(hn::Or(near(t.a2, 0, 2), near(t.b2, 1, 2)), hn::Or(near(t.a3, 0, 3), near(t.b3, 1, 3)));
  return !hn::AllFalse(Tag<T>(), hn::Or(first, second));
}

template <class V, class Take>
HWY_INLINE void for_each_vector(const Tile<V>& t, const Take& take) {
  take(t.a0, 0, 0), take(t.b0, 1, 0), take(t.a1, 0, 1), take(t.b1, 1, 1);
  take(t.a2, 0, 2), take(t.b2, 1, 2), take(t.a3, 0, 3), take(t.b3, 1, 3);
}

// Enters one point into the lists of one vector of queries, from the last rank up: in each lane, what is
// farther moves down by one until the place is found. All lanes at once, so a hit in one costs what hits in
// all cost.
template <class T, class V>
HWY_INLINE void insert(V value, std::uint32_t row, std::size_t lane, const NearestLists<T>& lists) {
  using Row = typename NearestLists<T>::Row;
  const Tag<T> tag;
  const hn::Rebind<Row, Tag<T>> row_tag;
  const auto own = hn::Set(row_tag, static_cast<Row>(row));
  const auto left_out = hn::RebindMask(tag, hn::Eq(own, hn::Load(row_tag, lists.self + lane)));
  const V v = hn::IfThenElse(left_out, hn::Inf(tag), value);
  std::size_t rank = lists.keep - 1;
  V here = hn::Load(tag, lists.value + rank * kQueryBlock + lane);
  auto here_row = hn::Load(row_tag, lists.row + rank * kQueryBlock + lane);
  auto enters = hn::Lt(v, here);
  for (;; --rank) {
    T* value_at = lists.value + rank * kQueryBlock + lane;
    Row* row_at = lists.row + rank * kQueryBlock + lane;
    V next = hn::IfThenElse(enters, v, here);
    auto next_row = hn::IfThenElse(hn::RebindMask(row_tag, enters), own, here_row);
    if (rank == 0) {
      hn::Store(next, tag, value_at), hn::Store(next_row, row_tag, row_at);
      return;
    }
    const V above = hn::Load(tag, value_at - kQueryBlock);
    const auto above_row = hn::Load(row_tag, row_at - kQueryBlock);
    const auto higher = hn::Lt(v, above);
    next = hn::IfThenElse(higher, above, next);
    next_row = hn::IfThenElse(hn::RebindMask(row_tag, higher), above_row, next_row);
    hn::Store(next, tag, value_at), hn::Store(next_row, row_tag, row_at);
    if (hn::AllFalse(tag, higher)) return;
    here = above, here_row = above_row, enters = higher;
  }
}

template <class T>
bool enter(const T* queries, std::size_t d, const T* points, std::size_t count, const std::uint32_t* rows,
           const NearestLists<T>& lists) {
  const Tag<T> tag;
  const std::size_t lanes = hn::Lanes(tag);
  const T* limits = lists.value + (lists.keep - 1) * kQueryBlock;
  bool entered = false;
  for (std::size_t l = 0; l < kQueryBlock; l += 2 * lanes)
    for (std::size_t p = 0; p < count; p += kPointGroup) {
      const auto tile = distances(queries + l, d, points + p * d);
      const auto near = [&](auto value, std::size_t half, std::size_t) {
        return hn::Lt(value, hn::Load(tag, limits + l + half * lanes));
      };
      if (HWY_LIKELY(!(any_near<T>(tile, near)))) continue;
      entered = true;
      for_each_vector(tile, [&](auto value, std::size_t half, std::size_t j) {
        if (!hn::AllFalse(tag, near(value, half, j))) insert<T>(value, rows[p + j], l + half * lanes, lists);
      });
    }
  return entered;
}

// Appends the lanes of `value` that are set in `mask`.
template <class V, class M>
HWY_INLINE std::size_t append(M mask, V value, std::size_t lane, std::size_t point, Hit* hits) {
  const Tag<float> tag;
  if (hn::AllFalse(tag, mask)) return 0;
  alignas(64) float values[16];
  alignas(8) std::uint8_t bits[8] = {};
  hn::Store(value, tag, values);
  hn::StoreMaskBits(tag, mask, bits);
  std::size_t count = 0;
  for (std::size_t l = 0; l < hn::Lanes(tag); ++l)
    if ((bits[l / 8] >> (l % 8)) & 1)
      hits[count++] = {static_cast<std::uint32_t>(lane + l), static_cast<std::uint32_t>(point), values[l]};
  return count;
}

std::size_t scan(const float* queries, std::size_t d, const float* points, std::size_t count,
                 const float* limits, Hit* hits) {
  const Tag<float> tag;
  const std::size_t lanes = hn::Lanes(tag);
  std::size_t found = 0;
  for (std::size_t l = 0; l < kQueryBlock; l += 2 * lanes)
    for (std::size_t p = 0; p < count; p += kPointGroup) {
      const auto tile = distances(queries + l, d, points + p * d);
      const auto near = [&](auto value, std::size_t, std::size_t j) {
        return hn::Le(value, hn::Set(tag, limits[p + j]));
      };
      if (HWY_LIKELY(!(any_near<float>(tile, near)))) continue;
      for_each_vector(tile, [&](auto value, std::size_t half, std::size_t j) {
        found += append(near(value, half, j), value, l + half * lanes, p + j, hits + found);
      });
    }
  return found;
}

template <class T>
void distances_of_boxes(const T* low, const T* high, std::size_t d, std::size_t count, std::size_t stride,
                        const T* own_low, const T* own_high, T* out) {
  const Tag<T> tag;
  for (std::size_t b = 0; b < count; b += hn::Lanes(tag)) {
    auto sum = hn::Zero(tag);
    for (std::size_t k = 0; k < d; ++k) {
      const auto above = hn::Sub(hn::LoadU(tag, low + k * stride + b), hn::Set(tag, own_high[k]));
      const auto below = hn::Sub(hn::Set(tag, own_low[k]), hn::LoadU(tag, high + k * stride + b));
      const auto gap = hn::Max(hn::Max(above, below), hn::Zero(tag));
      sum = hn::MulAdd(gap, gap, sum);
    }
    hn::StoreU(sum, tag, out + b);
  }
}

template <class T>
bool any_within(const T* queries, std::size_t d, const T* low, const T* high, const T* limits) {
  const Tag<T> tag;
  for (std::size_t l = 0; l < kQueryBlock; l += hn::Lanes(tag)) {
    auto sum = hn::Zero(tag);
    for (std::size_t k = 0; k < d; ++k) {
      const auto x = hn::Load(tag, queries + k * kQueryBlock + l);
      const auto gap = hn::Max(hn::Max(hn::Sub(hn::Set(tag, low[k]), x), hn::Sub(x, hn::Set(tag, high[k]))),
                               hn::Zero(tag));
      sum = hn::MulAdd(gap, gap, sum);
    }
    if (!hn::AllFalse(tag, hn::Lt(sum, hn::Load(tag, limits + l)))) return true;
  }
  return false;
}

bool enter_float(const float* q, std::size_t d, const float* p, std::size_t n, const std::uint32_t* rows,
                 const NearestLists<float>& lists) {
  return enter(q, d, p, n, rows, lists);
}
bool enter_double(const double* q, std::size_t d, const double* p, std::size_t n, const std::uint32_t* rows,
                  const NearestLists<double>& lists) {
  return enter(q, d, p, n, rows, lists);
}
void boxes_float(const float* low, const float* high, std::size_t d, std::size_t n, std::size_t stride,
                 const float* a, const float* b, float* out) {
  distances_of_boxes(low, high, d, n, stride, a, b, out);
}
void boxes_double(const double* low, const double* high, std::size_t d, std::size_t n, std::size_t stride,
                  const double* a, const double* b, double* out) {
  distances_of_boxes(low, high, d, n, stride, a, b, out);
}
bool within_float(const float* q, std::size_t d, const float* low, const float* high, const float* limits) {
  return any_within(q, d, low, high, limits);
}
bool within_double(const double* q, std::size_t d, const double* low, const double* high,
                   const double* limits) {
  return any_within(q, d, low, high, limits);
}

}  // namespace HWY_NAMESPACE
}  // namespace pushforward::neighbours
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pushforward::neighbours {

HWY_EXPORT(enter_float);
HWY_EXPORT(enter_double);
HWY_EXPORT(scan);
HWY_EXPORT(boxes_float);
HWY_EXPORT(boxes_double);
HWY_EXPORT(within_float);
HWY_EXPORT(within_double);

bool enter_points(const float* q, std::size_t d, const float* p, std::size_t n, const std::uint32_t* rows,
                  const NearestLists<float>& lists) {
  return HWY_DYNAMIC_DISPATCH(enter_float)(q, d, p, n, rows, lists);
}
bool enter_points(const double* q, std::size_t d, const double* p, std::size_t n, const std::uint32_t* rows,
                  const NearestLists<double>& lists) {
  return HWY_DYNAMIC_DISPATCH(enter_double)(q, d, p, n, rows, lists);
}
std::size_t scan_by_point(const float* q, std::size_t d, const float* p, std::size_t n, const float* limits,
                          Hit* hits) {
  return HWY_DYNAMIC_DISPATCH(scan)(q, d, p, n, limits, hits);
}
void box_distances(const float* low, const float* high, std::size_t d, std::size_t n, std::size_t stride,
                   const float* a, const float* b, float* out) {
  HWY_DYNAMIC_DISPATCH(boxes_float)(low, high, d, n, stride, a, b, out);
}
void box_distances(const double* low, const double* high, std::size_t d, std::size_t n, std::size_t stride,
                   const double* a, const double* b, double* out) {
  HWY_DYNAMIC_DISPATCH(boxes_double)(low, high, d, n, stride, a, b, out);
}
bool box_within(const float* q, std::size_t d, const float* low, const float* high, const float* limits) {
  return HWY_DYNAMIC_DISPATCH(within_float)(q, d, low, high, limits);
}
bool box_within(const double* q, std::size_t d, const double* low, const double* high, const double* limits) {
  return HWY_DYNAMIC_DISPATCH(within_double)(q, d, low, high, limits);
}

}  // namespace pushforward::neighbours
#endif
