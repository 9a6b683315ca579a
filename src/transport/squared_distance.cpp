// SPDX-License-Identifier: Apache-2.0
// Four vectors of sums, so that additions overlap.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "transport/squared_distance.cpp"
#include "hwy/foreach_target.h"
// after foreach_target.h
#include "hwy/highway.h"
#include "transport/squared_distance.hpp"

HWY_BEFORE_NAMESPACE();
namespace pushforward::transport::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

double SquaredDistance(const double* x, const double* y, std::size_t d, double factor) {
  const hn::ScalableTag<double> t;
  const std::size_t lanes = hn::Lanes(t);
  const auto unit = hn::Set(t, factor);
  auto s0 = hn::Zero(t), s1 = s0, s2 = s0, s3 = s0;
  const auto add = [&](std::size_t k, auto& sum) HWY_ATTR {
    const auto difference = hn::Mul(hn::Sub(hn::LoadU(t, x + k), hn::LoadU(t, y + k)), unit);
    sum = hn::MulAdd(difference, difference, sum);
  };
  std::size_t k = 0;
  for (; k + 4 * lanes <= d; k += 4 * lanes)
    add(k, s0), add(k + lanes, s1), add(k + 2 * lanes, s2), add(k + 3 * lanes, s3);
  for (; k + lanes <= d; k += lanes) add(k, s0);
  double sum = hn::GetLane(hn::SumOfLanes(t, hn::Add(hn::Add(s0, s1), hn::Add(s2, s3))));
  for (; k < d; ++k) sum += (x[k] - y[k]) * factor * ((x[k] - y[k]) * factor);
  return sum;
}

}  // namespace pushforward::transport::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pushforward::transport {
HWY_EXPORT(SquaredDistance);

double squared_distance(const double* x, const double* y, std::size_t d, double factor) {
  return HWY_DYNAMIC_DISPATCH(SquaredDistance)(x, y, d, factor);
}

}  // namespace pushforward::transport
#endif
