// SPDX-License-Identifier: Apache-2.0
//
// Closed forms between two Gaussians. Source: Gil, Alajaji & Linder, Information Sciences 249 (2013) 124–131,
// table 2 (Rényi and KL); the L2 integral by ∫ N(x;a,A)·N(x;b,B) dx = N(a − b; 0, A + B).
#include "distances/known/gaussian.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <boost/math/special_functions/log1p.hpp>

#include "core/summation.hpp"
#include "distances/known/cell_terms.hpp"

namespace pushforward {
namespace {

const double kLog2Pi = std::log(2 * std::numbers::pi);

double minus_log1pmx(double x) { return -boost::math::log1pmx(x); }  // x − ln(1 + x) ≥ 0

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

double gaussian_squared_l2(const GaussianPair& pair) {
  const auto d = static_cast<double>(pair.lambda.size());
  const double log_pp = -(d * (kLog2Pi + std::numbers::ln2) + pair.log_det_q + log_det_ratio(pair)) / 2;
  const double log_qq = -(d * (kLog2Pi + std::numbers::ln2) + pair.log_det_q) / 2;
  double log_pq = -(d * kLog2Pi + pair.log_det_q) / 2;
  for (std::size_t i = 0; i < pair.lambda.size(); ++i) {
    const double variance = 1 + pair.lambda[i];
    log_pq -= (std::log(variance) + pair.delta[i] * pair.delta[i] / variance) / 2;
  }
  return std::max(0.0, std::exp(log_pp) + std::exp(log_qq) - 2 * std::exp(log_pq));
}

}  // namespace pushforward
