// SPDX-License-Identifier: Apache-2.0
//
// Closed forms between two Gaussians. Source: Gil, Alajaji & Linder, Information Sciences 249 (2013) 124–131,
// table 2 (Rényi and KL); the L2 integral by ∫ N(x;a,A)·N(x;b,B) dx = N(a − b; 0, A + B).
#include "pushforward/gaussian_pair.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <boost/math/special_functions/log1p.hpp>

#include "core/summation.hpp"
#include "pushforward/cell_terms.hpp"

namespace pushforward {
namespace {

const double kLog2Pi = std::log(2 * std::numbers::pi);

// x − ln(1 + x) ≥ 0, without cancellation near 0.
double minus_log1pmx(double x) { return std::abs(x) < 0.5 ? -boost::math::log1pmx(x) : x - std::log1p(x); }

double log_det_ratio(const GaussianPair& pair) {
  CompensatedSum sum;
  for (double l : pair.lambda) sum.add(std::log(l));
  return sum.value();
}

}  // namespace

GaussianPair GaussianPair::swapped() const {
  GaussianPair other{lambda, delta, log_det_q + log_det_ratio(*this)};
  for (std::size_t i = 0; i < lambda.size(); ++i)
    other.lambda[i] = 1 / lambda[i], other.delta[i] = -delta[i] / std::sqrt(lambda[i]);
  return other;
}

double gaussian_kl(const GaussianPair& pair) {
  CompensatedSum sum;
  for (std::size_t i = 0; i < pair.lambda.size(); ++i)
    sum.add((minus_log1pmx(pair.lambda[i] - 1) + pair.delta[i] * pair.delta[i]) / 2);
  return sum.value();
}

// With x = λ − 1, s = 1 + (1−α)x: ln s − (1−α) ln λ = (1−α)(x − ln λ) − (y − ln(1+y)) at y = (1−α)x, which is
// non-negative for 0 < α < 1 and small like x² near x = 0.
double gaussian_renyi(const GaussianPair& pair, double alpha) {
  if (alpha == 1) return gaussian_kl(pair);
  if (alpha == 0) return gaussian_kl(pair.swapped());
  CompensatedSum sum;
  for (std::size_t i = 0; i < pair.lambda.size(); ++i) {
    const double x = pair.lambda[i] - 1, y = (1 - alpha) * x;
    if (!(1 + y > 0)) return kInfinity;
    const double spread = minus_log1pmx(x) - minus_log1pmx(y) / (1 - alpha);
    sum.add(alpha * pair.delta[i] * pair.delta[i] / (2 * (1 + y)) + spread / 2);
  }
  return std::max(0.0, sum.value());
}

double gaussian_entropy(const GaussianPair& pair) {
  const auto d = static_cast<double>(pair.lambda.size());
  return (d * (kLog2Pi + 1) + pair.log_det_q + log_det_ratio(pair)) / 2;
}

// ∫p² + ∫q² − 2∫pq = (√∫p² − √∫q²)² + 2(√(∫p²∫q²) − ∫pq): two terms that are not negative and keep their
// digits when p ≈ q. ∫pq relative to √(∫p²∫q²) is Π √(2√λ/(1+λ))·exp(−δ²/(2(1+λ))), and (1+λ)/(2√λ) = 1 +
// (1−√λ)²/(2√λ).
double gaussian_squared_l2(const GaussianPair& pair) {
  const auto d = static_cast<double>(pair.lambda.size());
  const double log_qq = -(d * (kLog2Pi + std::numbers::ln2) + pair.log_det_q) / 2;
  const double log_ratio = -log_det_ratio(pair) / 2;  // ln ∫p² − ln ∫q²
  CompensatedSum log_overlap;
  for (std::size_t i = 0; i < pair.lambda.size(); ++i) {
    const double root = std::sqrt(pair.lambda[i]), apart = (1 - pair.lambda[i]) / (1 + root);  // 1 − √λ
    log_overlap.add(-std::log1p(apart * apart / (2 * root)) / 2);
    log_overlap.add(-pair.delta[i] * pair.delta[i] / (2 * (1 + pair.lambda[i])));
  }
  const double roots = std::expm1(log_ratio / 2), cross = -std::expm1(log_overlap.value());
  return std::exp(log_qq) * (roots * roots + 2 * std::exp(log_ratio / 2) * cross);
}

}  // namespace pushforward
