// SPDX-License-Identifier: Apache-2.0
//
// Sums of exponentials over a row, for log-sum-exp: one exponential a pair and width is the whole cost of a
// Parzen score besides its matrix product.
#include "scores/parzen_kernels.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "scores/parzen_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/vector_math-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace pushforward {
namespace HWY_NAMESPACE {
namespace {

float Largest(const float* values, std::size_t n) {
  const FloatTag d;
  const std::size_t lanes = hn::Lanes(d);
  FloatVector best = Constant(values[0]);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) best = hn::Max(best, hn::LoadU(d, values + i));
  float result = hn::GetLane(hn::MaxOfLanes(d, best));
  for (; i < n; ++i) result = std::max(result, values[i]);
  return result;
}

double SumExponentials(const float* values, std::size_t n, float reference, float factor) {
  const FloatVector top = Constant(reference), scale = Constant(factor);
  return SumOver(n, [&](std::size_t i, std::size_t count) HWY_ATTR {
    return ExpNonPositive(hn::Mul(scale, hn::Sub(LoadUpTo(values + i, count), top)));
  });
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace pushforward
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pushforward {
namespace {
HWY_EXPORT(Largest);
HWY_EXPORT(SumExponentials);
}  // namespace

float vectors::largest(const float* values, std::size_t n) {
  return HWY_DYNAMIC_DISPATCH(Largest)(values, n);
}
double vectors::sum_exponentials(const float* values, std::size_t n, float reference, float factor) {
  return HWY_DYNAMIC_DISPATCH(SumExponentials)(values, n, reference, factor);
}

}  // namespace pushforward
#endif  // HWY_ONCE
