// SPDX-License-Identifier: Apache-2.0
// Measuring the rate of convergence, and the overshoot that suits it.
#include "transport/sinkhorn_relaxation.hpp"

#include <algorithm>
#include <cmath>

namespace pushforward::entropic {
namespace {

constexpr double kSlowest = 0.999999, kWorthIt = 0.5, kGrowth = 1000, kLargest = 1.99, kLargestGuess = 1.9;
constexpr double kSteady = 0.02, kSteadyShare = 0.25;  // how near two ratios in turn must be
constexpr int kWarmUp = 4, kShortest = 12;

double best_omega(double rate) { return 2 / (1 + std::sqrt(1 - std::min(rate, kSlowest))); }

}  // namespace

Relaxation::Relaxation() : pause_(kWarmUp) {}

void Relaxation::observe(double error) {
  if (omega_ > 1)
    measure_relaxed(error);
  else
    measure_plain(error);
}

void Relaxation::rest() { omega_ = 1, before_ = ratio_ = 0, pause_ = kWarmUp; }

void Relaxation::measure_plain(double error) {
  const double ratio = before_ > 0 ? error / before_ : 0, last = ratio_;
  before_ = error, ratio_ = ratio;
  const bool steady = std::abs(ratio - last) <= std::max(kSteady, kSteadyShare * (1 - ratio));
  if (--pause_ > 0 || !(ratio > kWorthIt && ratio < 1) || !steady) return;
  // Ratios still rise towards λ, and an ω above its best costs less than one below; but two ratios next to 1
  // are no measure of how near λ is, and at 1.998 errors take 500 iterations to shrink to a third.
  omega_ = std::min(kLargestGuess, best_omega(std::max(ratio, 2 * ratio - last)));
  entry_ = error, age_ = 0, settled_ = false;
}

void Relaxation::measure_relaxed(double error) {
  // An overshoot first makes errors grow, for about 1/(2−ω) iterations, before they shrink by ω − 1 each.
  const int period = std::max(kShortest, static_cast<int>(2 / (2 - omega_)));
  const bool diverges = !(error < kGrowth * entry_);
  if (++age_ < period && !diverges) return;
  const double rate = settled_ ? std::pow(error / reference_, 1.0 / age_) : 0;
  reference_ = error, age_ = 0, settled_ = true;
  if (diverges || rate >= 1) {
    rest();
    pause_ = kShortest;
    return;
  }
  // At ω above its best the rate is ω − 1 whatever λ is; only a clearly slower one tells that λ was
  // underestimated. By halves of 2 − ω at most, as windows are short and rates are rough.
  if (rate > 1 - 0.5 * (2 - omega_)) {
    const double shifted = rate + omega_ - 1;
    const double wanted = best_omega(shifted * shifted / (rate * omega_ * omega_));
    omega_ = std::clamp(wanted, omega_, std::min(kLargest, omega_ + 0.5 * (2 - omega_)));
  }
}

// The first step comes from far; ratios of later errors tell a rate, until rounding does.
void SelfShares::observe(double error) {
  constexpr double kSlow = 0.35, kRounding = 1e-5;
  if (++count_ > 2 && error > kRounding && error > kSlow * before_) turns_ = true;
  before_ = error;
}

}  // namespace pushforward::entropic
