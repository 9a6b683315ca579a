// SPDX-License-Identifier: Apache-2.0
//
// Vector scans of one row of costs: the smallest, the two smallest, those below a threshold.
//
// The index of a minimum costs as much to carry along as the minimum itself (compare, blend, increment for
// every vector). So a row is taken in blocks of 64 columns: within a block only minima are taken, once per
// block the block's number is blended in, and at the end the winner's block is recomputed to find the column:
// 6 instead of 9 instructions per vector for the squared distance in the plane.
//
// A `Row` is a function of the column that returns a vector of costs. Included once per target by the files
// that define one (highway's convention for -inl.h files).
#if defined(PUSHFORWARD_TRANSPORT_ROW_SCAN_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef PUSHFORWARD_TRANSPORT_ROW_SCAN_INL_H_
#undef PUSHFORWARD_TRANSPORT_ROW_SCAN_INL_H_
#else
#define PUSHFORWARD_TRANSPORT_ROW_SCAN_INL_H_
#endif

#include <limits>

#include "hwy/cache_control.h"
#include "hwy/highway.h"
#include "transport/cost_oracle.hpp"

HWY_BEFORE_NAMESPACE();
namespace pushforward::transport::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// A row of costs in memory. It asks for the cache lines 4 KB ahead: scans of long rows otherwise wait for
// memory, since the hardware's own prefetcher stalls behind the chain of minima.
template <class D>
struct LoadedRow {
  D d;
  const hn::TFromD<D>* HWY_RESTRICT costs;
  HWY_INLINE hn::Vec<D> operator()(std::size_t j) const {
    hwy::Prefetch(costs + j + 4096 / sizeof(hn::TFromD<D>));
    return hn::LoadU(d, costs + j);
  }
};

// √s. In float32 by one Newton step on the processor's 12- to 14-bit 1/√s, right to about two units in the
// last place and three times as fast as the square root instruction, which vectors share with division; 0
// stays 0.
template <class D, class V>
HWY_INLINE V FastRoot(D d, V s) {
  if constexpr (sizeof(hn::TFromD<D>) == 4) {
    const auto inverse = hn::ApproximateReciprocalSqrt(hn::Max(s, hn::Set(d, 1e-36f)));
    const auto root = hn::Mul(s, inverse);
    const auto half = hn::Mul(root, hn::Set(d, 0.5f));
    return hn::Mul(root, hn::NegMulAdd(half, inverse, hn::Set(d, 1.5f)));
  } else {
    return hn::Sqrt(s);
  }
}

// Of the block that begins at `base`, the offset of the smallest cost − v among every N-th column from
// `lane`.
template <class D, class Row, class Real>
HWY_INLINE std::size_t SmallestInBlock(D d, const Row& row, const Real* HWY_RESTRICT v, std::size_t base,
                                       std::size_t lane) {
  HWY_ALIGN Real values[kBlock];
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t k = 0; k < kBlock; k += lanes)
    hn::Store(hn::Sub(row(base + k), hn::Load(d, v + base + k)), d, values + k);
  std::size_t best = lane;
  for (std::size_t k = lane; k < kBlock; k += lanes)
    if (values[k] < values[best]) best = k;
  return best;
}

// The lane where `value` sits, and the number of the block that it came from.
template <class D, class V>
HWY_INLINE std::size_t BlockOfLane(D d, V blocks, std::size_t lane) {
  HWY_ALIGN hn::TFromD<D> numbers[HWY_MAX_BYTES / sizeof(hn::TFromD<D>)];
  hn::Store(blocks, d, numbers);
  return static_cast<std::size_t>(numbers[lane]);
}

template <class D, class Row, class Real = hn::TFromD<D>>
HWY_INLINE RowMinimum<Real> ScanSmallest(D d, const Row& row, const Real* HWY_RESTRICT v,
                                         std::size_t columns) {
  const std::size_t lanes = hn::Lanes(d);
  auto smallest = hn::Set(d, std::numeric_limits<Real>::infinity());
  auto block = hn::Zero(d), winner = hn::Zero(d);
  for (std::size_t j = 0; j < columns; j += kBlock) {
    auto here = hn::Sub(row(j), hn::Load(d, v + j));
    for (std::size_t k = lanes; k < kBlock; k += lanes)
      here = hn::Min(here, hn::Sub(row(j + k), hn::Load(d, v + j + k)));
    winner = hn::IfThenElse(hn::Lt(here, smallest), block, winner);
    smallest = hn::Min(smallest, here);
    block = hn::Add(block, hn::Set(d, Real{1}));
  }
  const auto value = hn::MinOfLanes(d, smallest);
  const std::size_t lane = hn::FindKnownFirstTrue(d, hn::Eq(smallest, value));
  const std::size_t base = BlockOfLane(d, winner, lane) * kBlock;
  return {hn::GetLane(value), static_cast<std::int32_t>(base + SmallestInBlock(d, row, v, base, lane))};
}

template <class D, class Row>
HWY_INLINE TwoMinima ScanTwoSmallest(D d, const Row& row, const float* HWY_RESTRICT v, std::size_t columns) {
  const std::size_t lanes = hn::Lanes(d);
  const auto infinity = hn::Set(d, std::numeric_limits<float>::infinity());
  auto first = infinity, second = infinity;
  auto block = hn::Zero(d), winner = hn::Zero(d);
  for (std::size_t j = 0; j < columns; j += kBlock) {
    const auto before = first;
    for (std::size_t k = 0; k < kBlock; k += lanes) {
      const auto here = hn::Sub(row(j + k), hn::Load(d, v + j + k));
      second = hn::Min(second, hn::Max(first, here));
      first = hn::Min(first, here);
    }
    winner = hn::IfThenElse(hn::Lt(first, before), block, winner);
    block = hn::Add(block, hn::Set(d, 1.0f));
  }
  const auto value = hn::MinOfLanes(d, first);
  const std::size_t lane = hn::FindKnownFirstTrue(d, hn::Eq(first, value));
  const std::size_t base = BlockOfLane(d, winner, lane) * kBlock;
  const auto others =
      hn::IfThenElse(hn::Eq(hn::Iota(d, 0), hn::Set(d, static_cast<float>(lane))), infinity, first);
  return {hn::GetLane(value), hn::GetLane(hn::MinOfLanes(d, hn::Min(others, second))),
          static_cast<std::int32_t>(base + SmallestInBlock(d, row, v, base, lane))};
}

template <class D, class Row, class Real = hn::TFromD<D>>
HWY_INLINE std::size_t ScanBelow(D d, const Row& row, const Real* HWY_RESTRICT v, std::size_t columns,
                                 Real threshold, std::size_t most, std::int32_t* out) {
  HWY_ALIGN Real values[HWY_MAX_BYTES / sizeof(Real)];
  const std::size_t lanes = hn::Lanes(d);
  const auto limit = hn::Set(d, threshold);
  std::size_t count = 0;
  for (std::size_t j = 0; j < columns && count < most; j += lanes) {
    const auto here = hn::Sub(row(j), hn::Load(d, v + j));
    if (hn::AllFalse(d, hn::Lt(here, limit))) continue;
    hn::Store(here, d, values);
    for (std::size_t k = 0; k < lanes && count < most; ++k)
      if (values[k] < threshold) out[count++] = static_cast<std::int32_t>(j + k);
  }
  return count;
}

}  // namespace pushforward::transport::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
