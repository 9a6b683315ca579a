// SPDX-License-Identifier: Apache-2.0
//
// Rounding to bfloat16 with integers: adding 0x7fff, plus 1 where the kept half is odd, carries exactly when
// the dropped half is above a half, or is a half and the kept one odd. NaN gets its quiet bit instead, lest
// the carry turn it into a zero. Six operations a vector, less than the memory costs.
#include "ops/bfloat16.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "pushforward/threads.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/bfloat16.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/vector_math-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace pushforward {
namespace HWY_NAMESPACE {
namespace {

void RoundToBf16(const float* from, std::uint16_t* to, std::size_t n) {
  const FloatTag d;
  const hn::RebindToUnsigned<FloatTag> words;
  const hn::Rebind<std::uint16_t, FloatTag> halves;
  const std::size_t lanes = hn::Lanes(d);
  HWY_ALIGN std::uint16_t rest[HWY_MAX_BYTES / sizeof(float)];
  for (std::size_t i = 0; i < n; i += lanes) {
    const FloatVector v = LoadUpTo(from + i, std::min(lanes, n - i));
    const auto bits = hn::BitCast(words, v);
    const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(words, 1u));
    const auto nearest = hn::Add(bits, hn::Add(odd, hn::Set(words, 0x7fffu)));
    const auto quiet = hn::Or(bits, hn::Set(words, 0x00400000u));
    const auto nan = hn::RebindMask(words, hn::IsNaN(v));
    const auto half = hn::TruncateTo(halves, hn::ShiftRight<16>(hn::IfThenElse(nan, quiet, nearest)));
    std::uint16_t* here = i + lanes <= n ? to + i : rest;
    hn::StoreU(half, halves, here);
    if (here == rest) std::memcpy(to + i, rest, (n - i) * sizeof(std::uint16_t));
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace pushforward
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pushforward {
namespace {
HWY_EXPORT(RoundToBf16);
constexpr std::size_t kGrain = 65536;  // elements that are worth a thread
}  // namespace

void round_to_bf16(std::span<const float> from, std::uint16_t* to) {
  parallel_for(from.size(), kGrain, [&](std::size_t begin, std::size_t end) {
    HWY_DYNAMIC_DISPATCH(RoundToBf16)(from.data() + begin, to + begin, end - begin);
  });
}

void round_to_bf16(std::span<const float> from, float* to) {
  constexpr std::size_t kBlock = 1024;
  parallel_for(from.size(), kGrain, [&](std::size_t begin, std::size_t end) {
    std::uint16_t halves[kBlock];
    for (std::size_t at = begin; at < end; at += kBlock) {
      const std::size_t count = std::min(kBlock, end - at);
      HWY_DYNAMIC_DISPATCH(RoundToBf16)(from.data() + at, halves, count);
      for (std::size_t i = 0; i < count; ++i)
        to[at + i] = std::bit_cast<float>(static_cast<std::uint32_t>(halves[i]) << 16);
    }
  });
}

}  // namespace pushforward
#endif  // HWY_ONCE
