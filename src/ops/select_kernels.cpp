// SPDX-License-Identifier: Apache-2.0
//
// Masks and winners as vectors of floats: 0 or a gain, the number of a piece. Bits would take a thirty-second
// of the memory, but next to the products that they stand between nothing of it is felt, and a mask in floats
// is applied by one multiplication.
//
// Pieces of a maxout unit stand U apart, so that neighbouring units are neighbours in memory and a vector of
// units is compared at once.
#include "ops/select_kernels.hpp"

#include <algorithm>

#include "pushforward/threads.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/select_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/vector_math-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace pushforward {
namespace HWY_NAMESPACE {
namespace {

void Drop(const float* x, float* mask, float rate, float gain, float* y, std::size_t n) {
  ForVectors(n, [&](std::size_t i, std::size_t count) HWY_ATTR {
    const auto kept = hn::Ge(LoadUpTo(mask + i, count), Constant(rate));
    const FloatVector m = hn::IfThenElseZero(kept, Constant(gain));
    StoreUpTo(m, mask + i, count);
    StoreUpTo(hn::Mul(LoadUpTo(x + i, count), m), y + i, count);
  });
}

void MultiplyElements(const float* x, const float* mask, float* y, std::size_t n) {
  ForVectors(n, [&](std::size_t i, std::size_t count) HWY_ATTR {
    StoreUpTo(hn::Mul(LoadUpTo(x + i, count), LoadUpTo(mask + i, count)), y + i, count);
  });
}

// One row each.
void LargestPiece(const float* a, std::size_t pieces, std::size_t units, float* y, float* winner) {
  ForVectors(units, [&](std::size_t j, std::size_t count) HWY_ATTR {
    FloatVector best = LoadUpTo(a + j, count), number = hn::Zero(FloatTag());
    for (std::size_t p = 1; p < pieces; ++p) {
      const FloatVector v = LoadUpTo(a + p * units + j, count);
      const auto wins = hn::Or(hn::Gt(v, best), hn::IsNaN(v));
      best = hn::IfThenElse(wins, v, best);
      number = hn::IfThenElse(wins, Constant(static_cast<float>(p)), number);
    }
    StoreUpTo(best, y + j, count);
    StoreUpTo(number, winner + j, count);
  });
}

void PickPiece(const float* a, std::size_t pieces, std::size_t units, const float* winner, float* y) {
  ForVectors(units, [&](std::size_t j, std::size_t count) HWY_ATTR {
    const FloatVector number = LoadUpTo(winner + j, count);
    FloatVector value = LoadUpTo(a + j, count);
    for (std::size_t p = 1; p < pieces; ++p)
      value = hn::IfThenElse(hn::Eq(number, Constant(static_cast<float>(p))),
                             LoadUpTo(a + p * units + j, count), value);
    StoreUpTo(value, y + j, count);
  });
}

void SpreadToPiece(const float* y, std::size_t pieces, std::size_t units, const float* winner, float* a) {
  ForVectors(units, [&](std::size_t j, std::size_t count) HWY_ATTR {
    const FloatVector number = LoadUpTo(winner + j, count), value = LoadUpTo(y + j, count);
    for (std::size_t p = 0; p < pieces; ++p)
      StoreUpTo(hn::IfThenElseZero(hn::Eq(number, Constant(static_cast<float>(p))), value), a + p * units + j,
                count);
  });
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace pushforward
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pushforward {
namespace {
HWY_EXPORT(Drop);
HWY_EXPORT(MultiplyElements);
HWY_EXPORT(LargestPiece);
HWY_EXPORT(PickPiece);
HWY_EXPORT(SpreadToPiece);

constexpr std::size_t kGrain = 16384;  // elements that are worth a thread

template <class Body>
void by_rows(View<const float> wide, const Body& body) {
  const std::size_t grain = std::max<std::size_t>(1, kGrain / std::max<std::size_t>(1, wide.cols));
  parallel_for(wide.rows, grain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) body(i);
  });
}

}  // namespace

void vectors::drop(std::span<const float> x, std::span<float> mask, float rate, float gain,
                   std::span<float> y) {
  parallel_for(x.size(), kGrain, [&](std::size_t begin, std::size_t end) {
    HWY_DYNAMIC_DISPATCH(Drop)
    (x.data() + begin, mask.data() + begin, rate, gain, y.data() + begin, end - begin);
  });
}

void vectors::multiply_elements(std::span<const float> x, std::span<const float> mask, std::span<float> y) {
  parallel_for(x.size(), kGrain, [&](std::size_t begin, std::size_t end) {
    HWY_DYNAMIC_DISPATCH(MultiplyElements)
    (x.data() + begin, mask.data() + begin, y.data() + begin, end - begin);
  });
}

void vectors::largest_piece(View<const float> a, View<float> y, View<float> winner) {
  by_rows(a, [&](std::size_t i) {
    HWY_DYNAMIC_DISPATCH(LargestPiece)(a.row(i), a.cols / y.cols, y.cols, y.row(i), winner.row(i));
  });
}

void vectors::pick_piece(View<const float> a, View<const float> winner, View<float> y) {
  by_rows(a, [&](std::size_t i) {
    HWY_DYNAMIC_DISPATCH(PickPiece)(a.row(i), a.cols / y.cols, y.cols, winner.row(i), y.row(i));
  });
}

void vectors::spread_to_piece(View<const float> y, View<const float> winner, View<float> a) {
  by_rows(a, [&](std::size_t i) {
    HWY_DYNAMIC_DISPATCH(SpreadToPiece)(y.row(i), a.cols / y.cols, y.cols, winner.row(i), a.row(i));
  });
}

}  // namespace pushforward
#endif  // HWY_ONCE
