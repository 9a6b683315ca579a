// SPDX-License-Identifier: Apache-2.0
//
// Loss kernels: the value and the gradient of a row in one pass over memory.
//
// Cross-entropy on logits needs softplus(a) and the sigmoid of a, which share an exponential and a division
// (vector_math-inl.hpp); no logit is too large and none is clamped. The divergence of a latent code from
// N(0,1) is written with e^v − 1, since 1 + v − e^v cancels near v = 0, where collapsed latents live.
#include "ops/loss_kernels.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/loss_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/vector_math-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace pushforward {
namespace HWY_NAMESPACE {
namespace {

double SquaredError(const float* y, const float* x, float* gradient, float scale, std::size_t n) {
  const FloatVector twice = Constant(2 * scale);
  return SumOver(n, [&](std::size_t i, std::size_t count) HWY_ATTR {
    const FloatVector e = hn::Sub(LoadUpTo(y + i, count), LoadUpTo(x + i, count));
    if (gradient) StoreUpTo(hn::Mul(twice, e), gradient + i, count);
    return hn::Mul(e, e);
  });
}

double CrossEntropy(const float* a, const float* x, float* gradient, float scale, std::size_t n) {
  const FloatVector factor = Constant(scale);
  return SumOver(n, [&](std::size_t i, std::size_t count) HWY_ATTR {
    const FloatVector logit = LoadUpTo(a + i, count), target = LoadUpTo(x + i, count);
    const SoftplusAndSigmoid both = SoftplusSigmoid(logit);
    if (gradient) StoreUpTo(hn::Mul(factor, hn::Sub(both.sigmoid, target)), gradient + i, count);
    return hn::NegMulAdd(target, logit, both.softplus);
  });
}

double Gaussian(const float* mean, const float* x, float* gradient, float factor, std::size_t n) {
  const FloatVector f = Constant(factor);
  return SumOver(n, [&](std::size_t i, std::size_t count) HWY_ATTR {
    const FloatVector e = hn::Sub(LoadUpTo(mean + i, count), LoadUpTo(x + i, count));
    if (gradient) StoreUpTo(hn::Mul(f, e), gradient + i, count);
    return hn::Mul(e, e);
  });
}

double GaussianHead(const float* mean, const float* h, const float* x, float floor, float* d_mean, float* d_h,
                    float scale, std::size_t n) {
  const FloatVector factor = Constant(scale), half = Constant(0.5f), low = Constant(floor);
  return SumOver(n, [&](std::size_t i, std::size_t count) HWY_ATTR {
    const FloatVector e = hn::Sub(LoadUpTo(mean + i, count), LoadUpTo(x + i, count));
    const SoftplusAndSigmoid above = SoftplusSigmoid(hn::Sub(LoadUpTo(h + i, count), low));
    const FloatVector s = hn::Add(low, above.softplus);
    const FloatVector weighted = hn::Mul(e, Exp(hn::Neg(s)));  // (m−x)/σ²
    const FloatVector square = hn::Mul(weighted, e);           // (m−x)²/σ²
    if (d_mean) {
      StoreUpTo(hn::Mul(factor, weighted), d_mean + i, count);
      const FloatVector ds = hn::NegMulAdd(half, square, half);
      StoreUpTo(hn::Mul(factor, hn::Mul(ds, above.sigmoid)), d_h + i, count);
    }
    return hn::Mul(half, hn::Add(square, s));
  });
}

void Reparametrise(const float* mean, const float* v, const float* draws, float* z, std::size_t n) {
  const std::size_t lanes = hn::Lanes(FloatTag());
  for (std::size_t i = 0; i < n; i += lanes) {
    const std::size_t count = std::min(lanes, n - i);
    const FloatVector sd = Exp(hn::Mul(Constant(0.5f), LoadUpTo(v + i, count)));
    StoreUpTo(hn::MulAdd(sd, LoadUpTo(draws + i, count), LoadUpTo(mean + i, count)), z + i, count);
  }
}

double LatentDivergence(const float* mean, const float* v, std::size_t n) {
  return SumOver(n, [&](std::size_t i, std::size_t count) HWY_ATTR {
    const FloatVector m = LoadUpTo(mean + i, count), log_variance = LoadUpTo(v + i, count);
    const FloatVector excess = hn::Sub(Expm1(log_variance), log_variance);
    return hn::Mul(Constant(0.5f), hn::MulAdd(m, m, excess));
  });
}

void LatentDivergenceGradient(const float* mean, const float* v, float kl, float* d_mean, float* d_v,
                              std::size_t n) {
  const std::size_t lanes = hn::Lanes(FloatTag());
  for (std::size_t i = 0; i < n; i += lanes) {
    const std::size_t count = std::min(lanes, n - i);
    StoreUpTo(hn::Mul(Constant(kl), LoadUpTo(mean + i, count)), d_mean + i, count);
    StoreUpTo(hn::Mul(Constant(0.5f * kl), Expm1(LoadUpTo(v + i, count))), d_v + i, count);
  }
}

void ReparametriseGradient(const float* v, const float* draws, const float* dz, float* d_mean, float* d_v,
                           std::size_t n) {
  const std::size_t lanes = hn::Lanes(FloatTag());
  const FloatVector half = Constant(0.5f);
  for (std::size_t i = 0; i < n; i += lanes) {
    const std::size_t count = std::min(lanes, n - i);
    const FloatVector g = LoadUpTo(dz + i, count);
    const FloatVector half_sd = hn::Mul(half, Exp(hn::Mul(half, LoadUpTo(v + i, count))));
    StoreUpTo(hn::Add(LoadUpTo(d_mean + i, count), g), d_mean + i, count);
    const FloatVector through = hn::Mul(g, LoadUpTo(draws + i, count));
    StoreUpTo(hn::MulAdd(through, half_sd, LoadUpTo(d_v + i, count)), d_v + i, count);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace pushforward
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pushforward {
namespace {
HWY_EXPORT(SquaredError);
HWY_EXPORT(CrossEntropy);
HWY_EXPORT(Gaussian);
HWY_EXPORT(GaussianHead);
HWY_EXPORT(Reparametrise);
HWY_EXPORT(LatentDivergence);
HWY_EXPORT(LatentDivergenceGradient);
HWY_EXPORT(ReparametriseGradient);
}  // namespace

double vectors::squared_error(const float* y, const float* x, float* gradient, float scale, std::size_t n) {
  return HWY_DYNAMIC_DISPATCH(SquaredError)(y, x, gradient, scale, n);
}
double vectors::cross_entropy(const float* a, const float* x, float* gradient, float scale, std::size_t n) {
  return HWY_DYNAMIC_DISPATCH(CrossEntropy)(a, x, gradient, scale, n);
}
double vectors::gaussian(const float* mean, const float* x, float* gradient, float factor, std::size_t n) {
  return HWY_DYNAMIC_DISPATCH(Gaussian)(mean, x, gradient, factor, n);
}
double vectors::gaussian_head(const float* mean, const float* h, const float* x, float floor, float* d_mean,
                              float* d_h, float scale, std::size_t n) {
  return HWY_DYNAMIC_DISPATCH(GaussianHead)(mean, h, x, floor, d_mean, d_h, scale, n);
}
void vectors::reparametrise(const float* mean, const float* v, const float* draws, float* z, std::size_t n) {
  HWY_DYNAMIC_DISPATCH(Reparametrise)(mean, v, draws, z, n);
}
double vectors::latent_divergence(const float* mean, const float* v, std::size_t n) {
  return HWY_DYNAMIC_DISPATCH(LatentDivergence)(mean, v, n);
}
void vectors::latent_divergence_gradient(const float* mean, const float* v, float kl, float* d_mean,
                                         float* d_v, std::size_t n) {
  HWY_DYNAMIC_DISPATCH(LatentDivergenceGradient)(mean, v, kl, d_mean, d_v, n);
}
void vectors::reparametrise_gradient(const float* v, const float* draws, const float* dz, float* d_mean,
                                     float* d_v, std::size_t n) {
  HWY_DYNAMIC_DISPATCH(ReparametriseGradient)(v, draws, dz, d_mean, d_v, n);
}

}  // namespace pushforward
#endif  // HWY_ONCE
