// SPDX-License-Identifier: Apache-2.0
//
// Optimiser sweeps: one read and one write of values, gradients and moments, with the gradients set to zero
// and their square sum taken on the way.
//
// A sweep does some twenty operations an element and moves 28 bytes; memory is what it costs, so a separate
// pass to clip, to zero or to look for NaN would each cost a third of it again. Square roots and divisions
// are exact ones (Highway's approximations lie within 12 bits, which is too coarse for √v near zero). The
// kernels take any n; arenas are padded to whole vectors, so the rest loop is for users' own buffers.
#include "ops/sweep_kernels.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/sweep_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/vector_math-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace pushforward {
namespace HWY_NAMESPACE {
namespace {

using vectors::AdamFactors;
using vectors::Sweep;

// Numbers of no consequence become 0 (NaN stays): a dead unit's moments would otherwise decay into subnormal
// numbers, on which processors are a hundred times slower.
HWY_INLINE FloatVector Flush(FloatVector v, float least) {
  return hn::IfThenZeroElse(hn::Lt(hn::Abs(v), Constant(least)), v);
}
HWY_INLINE FloatVector FlushMoment(FloatVector m) { return Flush(m, 1e-30f); }
// g², where g beside the ε of a rule is not nothing.
HWY_INLINE FloatVector Squared(FloatVector g) {
  const FloatVector seen = Flush(g, 1e-17f);
  return hn::Mul(seen, seen);
}

// One optimiser: rule(i, count, g, θ) returns the new θ; g is scaled and carries the decay.
template <class Rule>
HWY_INLINE double SweepBy(const Sweep& s, std::size_t n, const Rule& rule) {
  const FloatVector scale = Constant(s.gradient_scale), lambda = Constant(s.decay);
  return SumOver(n, [&](std::size_t i, std::size_t count) HWY_ATTR {
    const FloatVector raw = LoadUpTo(s.gradients + i, count);
    const FloatVector value = LoadUpTo(s.values + i, count);
    FloatVector g = hn::Mul(scale, raw);
    if (s.decays) g = hn::MulAdd(hn::Mul(lambda, LoadUpTo(s.decays + i, count)), value, g);
    StoreUpTo(rule(i, count, g, value), s.values + i, count);
    StoreUpTo(hn::Zero(FloatTag()), s.gradients + i, count);
    return hn::Mul(raw, raw);
  });
}

double Sgd(const Sweep& s, float rate, float momentum, bool nesterov, std::size_t n) {
  const FloatVector r = Constant(rate), mu = Constant(momentum);
  return SweepBy(s, n, [&](std::size_t i, std::size_t count, FloatVector g, FloatVector value) HWY_ATTR {
    if (!s.first) return hn::NegMulAdd(r, g, value);
    const FloatVector m = FlushMoment(hn::MulAdd(mu, LoadUpTo(s.first + i, count), g));
    StoreUpTo(m, s.first + i, count);
    return hn::NegMulAdd(r, nesterov ? hn::MulAdd(mu, m, g) : m, value);
  });
}

// θ − r·g/(√v + ε).
HWY_INLINE FloatVector Scaled(FloatVector value, FloatVector rate, FloatVector g, FloatVector v,
                              FloatVector eps) {
  return hn::NegMulAdd(rate, hn::Div(g, hn::Add(hn::Sqrt(v), eps)), value);
}

double RmsProp(const Sweep& s, float rate, float rho, float rest, float epsilon, std::size_t n) {
  const FloatVector r = Constant(rate), keep = Constant(rho), take = Constant(rest), eps = Constant(epsilon);
  return SweepBy(s, n, [&](std::size_t i, std::size_t count, FloatVector g, FloatVector value) HWY_ATTR {
    const FloatVector v =
        FlushMoment(hn::MulAdd(keep, LoadUpTo(s.second + i, count), hn::Mul(take, Squared(g))));
    StoreUpTo(v, s.second + i, count);
    return Scaled(value, r, g, v, eps);
  });
}

double Adagrad(const Sweep& s, float rate, float epsilon, std::size_t n) {
  const FloatVector r = Constant(rate), eps = Constant(epsilon);
  return SweepBy(s, n, [&](std::size_t i, std::size_t count, FloatVector g, FloatVector value) HWY_ATTR {
    const FloatVector v = hn::Add(Squared(g), LoadUpTo(s.second + i, count));
    StoreUpTo(v, s.second + i, count);
    return Scaled(value, r, g, v, eps);
  });
}

double Adam(const Sweep& s, const AdamFactors& f, std::size_t n) {
  const FloatVector b1 = Constant(f.beta1), a1 = Constant(f.rest1), b2 = Constant(f.beta2),
                    a2 = Constant(f.rest2), eps = Constant(f.epsilon), rate = Constant(f.rate),
                    root_scale = Constant(f.second_scale), shrink = Constant(f.shrink);
  Sweep plain = s;
  if (f.decoupled) plain.decays = nullptr;  // decoupled: the gradient does not see the decay
  return SweepBy(plain, n, [&](std::size_t i, std::size_t count, FloatVector g, FloatVector value) HWY_ATTR {
    const FloatVector m = FlushMoment(hn::MulAdd(b1, LoadUpTo(s.first + i, count), hn::Mul(a1, g)));
    const FloatVector v = FlushMoment(hn::MulAdd(b2, LoadUpTo(s.second + i, count), hn::Mul(a2, Squared(g))));
    StoreUpTo(m, s.first + i, count);
    StoreUpTo(v, s.second + i, count);
    if (f.decoupled && s.decays)
      value = hn::NegMulAdd(hn::Mul(shrink, LoadUpTo(s.decays + i, count)), value, value);
    const FloatVector root = hn::MulAdd(hn::Sqrt(v), root_scale, eps);
    return hn::NegMulAdd(rate, hn::Div(m, root), value);
  });
}

double SquareSum(const float* g, std::size_t n) {
  return SumOver(n, [&](std::size_t i, std::size_t count) HWY_ATTR {
    const FloatVector v = LoadUpTo(g + i, count);
    return hn::Mul(v, v);
  });
}

void Average(float* average, const float* values, float share, std::size_t n) {
  const std::size_t lanes = hn::Lanes(FloatTag());
  for (std::size_t i = 0; i < n; i += lanes) {
    const std::size_t count = std::min(lanes, n - i);
    const FloatVector a = LoadUpTo(average + i, count);
    const FloatVector step = hn::Sub(LoadUpTo(values + i, count), a);
    StoreUpTo(hn::MulAdd(Constant(share), step, a), average + i, count);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace pushforward
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pushforward {
namespace {
HWY_EXPORT(Sgd);
HWY_EXPORT(RmsProp);
HWY_EXPORT(Adagrad);
HWY_EXPORT(Adam);
HWY_EXPORT(SquareSum);
HWY_EXPORT(Average);
}  // namespace

double vectors::sgd(const Sweep& sweep, float rate, float momentum, bool nesterov, std::size_t n) {
  return HWY_DYNAMIC_DISPATCH(Sgd)(sweep, rate, momentum, nesterov, n);
}
double vectors::rmsprop(const Sweep& sweep, float rate, float rho, float rest, float epsilon, std::size_t n) {
  return HWY_DYNAMIC_DISPATCH(RmsProp)(sweep, rate, rho, rest, epsilon, n);
}
double vectors::adagrad(const Sweep& sweep, float rate, float epsilon, std::size_t n) {
  return HWY_DYNAMIC_DISPATCH(Adagrad)(sweep, rate, epsilon, n);
}
double vectors::adam(const Sweep& sweep, const AdamFactors& factors, std::size_t n) {
  return HWY_DYNAMIC_DISPATCH(Adam)(sweep, factors, n);
}
double vectors::square_sum(const float* g, std::size_t n) { return HWY_DYNAMIC_DISPATCH(SquareSum)(g, n); }
void vectors::average(float* average, const float* values, float share, std::size_t n) {
  HWY_DYNAMIC_DISPATCH(Average)(average, values, share, n);
}

}  // namespace pushforward
#endif  // HWY_ONCE
