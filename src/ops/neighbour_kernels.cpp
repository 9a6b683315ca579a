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
#define HWY_TARGET_INCLUDE "ops/neighbour_kernels.cpp"
#include <hwy/foreach_target.h>
// clang-format off: the order matters
#include <hwy/highway.h>
// clang-format on

#include "ops/neighbour_kernels.hpp"

HWY_BEFORE_NAMESPACE();
namespace pushforward::ops {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class T>
using Tag = hn::CappedTag<T, 16>;  // a block of 64 is at least four vectors

// Appends the lanes of `value` that are set in `mask`.
template <class D, class V, class M, class T = hn::TFromD<D>>
HWY_INLINE std::size_t append(D tag, M mask, V value, std::size_t lane, std::size_t point, Hit<T>* hits) {
  if (hn::AllFalse(tag, mask)) return 0;
  alignas(64) T values[16];
  alignas(8) std::uint8_t bits[8] = {};
  hn::Store(value, tag, values);
  hn::StoreMaskBits(tag, mask, bits);
  std::size_t count = 0;
  for (std::size_t l = 0; l < hn::Lanes(tag); ++l)
    if ((bits[l / 8] >> (l % 8)) & 1)
      hits[count++] = {static_cast<std::uint32_t>(lane + l), static_cast<std::uint32_t>(point), values[l]};
  return count;
}

template <bool kByPoint, class T>
std::size_t scan(const T* queries, std::size_t d, const T* points, std::size_t count, const T* limits,
                 Hit<T>* hits) {
  const Tag<T> tag;
  const std::size_t lanes = hn::Lanes(tag);
  std::size_t found = 0;
  for (std::size_t l = 0; l < kQueryBlock; l += 2 * lanes)
    for (std::size_t p = 0; p < count; p += kPointGroup) {
      const T* r = points + p * d;
      auto a0 = hn::Zero(tag), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
      for (std::size_t k = 0; k < d; ++k) {
        const auto x = hn::Load(tag, queries + k * kQueryBlock + l);
        const auto y = hn::Load(tag, queries + k * kQueryBlock + l + lanes);
        const auto r0 = hn::Set(tag, r[k]), r1 = hn::Set(tag, r[d + k]);
        const auto x0 = hn::Sub(x, r0), y0 = hn::Sub(y, r0), x1 = hn::Sub(x, r1), y1 = hn::Sub(y, r1);
        a0 = hn::MulAdd(x0, x0, a0), b0 = hn::MulAdd(y0, y0, b0);
        a1 = hn::MulAdd(x1, x1, a1), b1 = hn::MulAdd(y1, y1, b1);
        const auto r2 = hn::Set(tag, r[2 * d + k]), r3 = hn::Set(tag, r[3 * d + k]);
        const auto x2 = hn::Sub(x, r2), y2 = hn::Sub(y, r2), x3 = hn::Sub(x, r3), y3 = hn::Sub(y, r3);
        a2 = hn::MulAdd(x2, x2, a2), b2 = hn::MulAdd(y2, y2, b2);
        a3 = hn::MulAdd(x3, x3, a3), b3 = hn::MulAdd(y3, y3, b3);
      }
      const auto near = [&](auto value, std::size_t vector, std::size_t j) {
        if constexpr (kByPoint) return hn::Le(value, hn::Set(tag, limits[p + j]));
        return hn::Lt(value, hn::Load(tag, limits + l + vector * lanes));
      };
      const auto any =
          hn::Or(hn::Or(hn::Or(near(a0, 0, 0), near(b0, 1, 0)), hn::Or(near(a1, 0, 1), near(b1, 1, 1))),
                 hn::Or(hn::Or(near(a2, 0, 2), near(b2, 1, 2)), hn::Or(near(a3, 0, 3), near(b3, 1, 3))));
      if (HWY_LIKELY(hn::AllFalse(tag, any))) continue;
      const auto take = [&](auto value, std::size_t vector, std::size_t j) {
        found += append(tag, near(value, vector, j), value, l + vector * lanes, p + j, hits + found);
      };
      take(a0, 0, 0), take(b0, 1, 0), take(a1, 0, 1), take(b1, 1, 1);
      take(a2, 0, 2), take(b2, 1, 2), take(a3, 0, 3), take(b3, 1, 3);
    }
  return found;
}

template <class T>
void distances_of_boxes(const T* low, const T* high, std::size_t d, std::size_t count, const T* own_low,
                        const T* own_high, T* out) {
  const Tag<T> tag;
  for (std::size_t b = 0; b < count; b += hn::Lanes(tag)) {
    auto sum = hn::Zero(tag);
    for (std::size_t k = 0; k < d; ++k) {
      const auto above = hn::Sub(hn::LoadU(tag, low + k * count + b), hn::Set(tag, own_high[k]));
      const auto below = hn::Sub(hn::Set(tag, own_low[k]), hn::LoadU(tag, high + k * count + b));
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

#define PUSHFORWARD_BOTH(T, name)                                                                      \
  std::size_t by_query_##name(const T* q, std::size_t d, const T* p, std::size_t n, const T* limits,   \
                              Hit<T>* hits) {                                                          \
    return scan<false>(q, d, p, n, limits, hits);                                                      \
  }                                                                                                    \
  void boxes_##name(const T* low, const T* high, std::size_t d, std::size_t n, const T* a, const T* b, \
                    T* out) {                                                                          \
    distances_of_boxes(low, high, d, n, a, b, out);                                                    \
  }                                                                                                    \
  bool within_##name(const T* q, std::size_t d, const T* low, const T* high, const T* limits) {        \
    return any_within(q, d, low, high, limits);                                                        \
  }
PUSHFORWARD_BOTH(float, float)
PUSHFORWARD_BOTH(double, double)
#undef PUSHFORWARD_BOTH

std::size_t by_point_float(const float* q, std::size_t d, const float* p, std::size_t n, const float* limits,
                           Hit<float>* hits) {
  return scan<true>(q, d, p, n, limits, hits);
}

}  // namespace HWY_NAMESPACE
}  // namespace pushforward::ops
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pushforward::ops {

HWY_EXPORT(by_query_float);
HWY_EXPORT(by_query_double);
HWY_EXPORT(by_point_float);
HWY_EXPORT(boxes_float);
HWY_EXPORT(boxes_double);
HWY_EXPORT(within_float);
HWY_EXPORT(within_double);

std::size_t scan_by_query(const float* q, std::size_t d, const float* p, std::size_t n, const float* limits,
                          Hit<float>* hits) {
  return HWY_DYNAMIC_DISPATCH(by_query_float)(q, d, p, n, limits, hits);
}
std::size_t scan_by_query(const double* q, std::size_t d, const double* p, std::size_t n,
                          const double* limits, Hit<double>* hits) {
  return HWY_DYNAMIC_DISPATCH(by_query_double)(q, d, p, n, limits, hits);
}
std::size_t scan_by_point(const float* q, std::size_t d, const float* p, std::size_t n, const float* limits,
                          Hit<float>* hits) {
  return HWY_DYNAMIC_DISPATCH(by_point_float)(q, d, p, n, limits, hits);
}
void box_distances(const float* low, const float* high, std::size_t d, std::size_t n, const float* a,
                   const float* b, float* out) {
  HWY_DYNAMIC_DISPATCH(boxes_float)(low, high, d, n, a, b, out);
}
void box_distances(const double* low, const double* high, std::size_t d, std::size_t n, const double* a,
                   const double* b, double* out) {
  HWY_DYNAMIC_DISPATCH(boxes_double)(low, high, d, n, a, b, out);
}
bool box_within(const float* q, std::size_t d, const float* low, const float* high, const float* limits) {
  return HWY_DYNAMIC_DISPATCH(within_float)(q, d, low, high, limits);
}
bool box_within(const double* q, std::size_t d, const double* low, const double* high, const double* limits) {
  return HWY_DYNAMIC_DISPATCH(within_double)(q, d, low, high, limits);
}

}  // namespace pushforward::ops
#endif
