// SPDX-License-Identifier: Apache-2.0
//
// Closed forms between two Gaussians. Source: Gil, Alajaji & Linder, Information Sciences 249 (2013) 124–131,
// table 2 (Rényi and KL); the L2 integral by ∫ N(x;a,A)·N(x;b,B) dx = N(a − b; 0, A + B).
#include "pushforward/gaussian_pair.hpp"

#include <algorithm>
#include <limits>

#include <boost/math/constants/constants.hpp>

#include "divergences/wide_pair.hpp"

namespace pushforward {
namespace {

Wide log_two_pi() { return log(boost::math::constants::two_pi<Wide>()); }

double rounded(const Wide& value) { return value == 0 ? 0 : value.convert_to<double>(); }  // never −0

const Wide kInfinite = std::numeric_limits<Wide>::infinity();

Wide log_det_ratio(const GaussianPair& pair) {
  Wide sum = 0;
  for (const Wide& l : pair.lambda) sum += log(l);
  return sum;
}

Wide kl(const GaussianPair& pair) {
  Wide sum = 0;
  for (std::size_t i = 0; i < pair.lambda.size(); ++i)
    sum += minus_log1pmx(pair.lambda[i] - 1, pair.lambda[i]) + pair.delta[i] * pair.delta[i];
  return sum / 2;
}

// One coordinate, α ≥ ½ and c = 1 − α. With x = λ − 1, y = cx, s = 1 + y and h(x) = x − ln(1 + x) ≥ 0:
// ln s/c − ln λ = h(x) − h(y)/c, a sum of two terms ≥ 0 for c < 0, and of one twice the other or more for c ≤
// ½.
Wide renyi_term(const Wide& lambda, const Wide& delta, const Wide& alpha, const Wide& c) {
  const Wide x = lambda - 1, y = c * x, s = alpha + c * lambda;
  if (s <= 0) return kInfinite;
  const bool near = c < 0 || abs(x) < 0.5;
  const Wide spread = near ? Wide(minus_log1pmx(x, lambda) - minus_log1pmx(y, s) / c)
                           : Wide((abs(y) < 0.5 ? wide_log1p(y) : Wide(log(s))) / c - log(lambda));
  return (alpha * delta * delta / s + spread) / 2;
}

// Of order α with c = 1 − α, both with all their digits. R_α(p‖q) = α/c·R_c(q‖p) keeps the order at ½ or
// more.
Wide renyi(const GaussianPair& pair, const Wide& alpha, const Wide& c) {
  if (c == 0) return kl(pair);
  if (alpha < 0.5) return alpha / c * renyi(pair.swapped(), c, alpha);
  Wide sum = 0;
  for (std::size_t i = 0; i < pair.lambda.size(); ++i)
    sum += renyi_term(pair.lambda[i], pair.delta[i], alpha, c);
  return sum > 0 ? sum : Wide(0);
}

}  // namespace

GaussianPair GaussianPair::swapped() const {
  GaussianPair other{lambda, delta, log_det_q + log_det_ratio(*this)};
  for (std::size_t i = 0; i < lambda.size(); ++i)
    other.lambda[i] = 1 / lambda[i], other.delta[i] = -delta[i] / sqrt(lambda[i]);
  return other;
}

GaussianPair line_pair(double mean_p, double spread_p, double mean_q, double spread_q) {
  const Wide ratio = Wide(spread_p) / spread_q, shift = (Wide(mean_p) - mean_q) / spread_q;
  return {{ratio * ratio}, {shift}, 2 * log(Wide(spread_q))};
}

double gaussian_kl(const GaussianPair& pair) { return rounded(kl(pair)); }

double gaussian_reverse_kl(const GaussianPair& pair) { return rounded(kl(pair.swapped())); }

double gaussian_renyi(const GaussianPair& pair, double alpha) {
  return rounded(renyi(pair, alpha, 1 - Wide(alpha)));
}

// exp((α−1)R_α) is the overlap; below 0 the roles are exchanged: D_α(p‖q) = D_{1−α}(q‖p).
double gaussian_alpha(const GaussianPair& pair, double alpha) {
  const Wide a = alpha, c = 1 - a;
  if (alpha < 0) return rounded(wide_expm1(-a * renyi(pair.swapped(), c, a)) / (-a * c));
  return rounded(wide_expm1(-c * renyi(pair, a, c)) / (-a * c));
}

double gaussian_entropy(std::size_t d, const Wide& log_det) {
  return rounded((d * (log_two_pi() + 1) + log_det) / 2);
}

double gaussian_cross_entropy(const GaussianPair& pair) {
  Wide sum = pair.lambda.size() * log_two_pi() + pair.log_det_q;
  for (std::size_t i = 0; i < pair.lambda.size(); ++i) sum += pair.lambda[i] + pair.delta[i] * pair.delta[i];
  return rounded(sum / 2);
}

// With a = ln ∫p², b = ln ∫q², c = ln ∫pq:  ∫(p − q)² = (e^(a/2) − e^(b/2))² + 2 e^((a+b)/2) (1 −
// e^(c−(a+b)/2)), two terms that are not negative and keep their digits when p ≈ q, here relative to the
// larger of e^a and e^b. c − (a+b)/2 = Σ ½ ln(2√λ/(1+λ)) − δ²/(2(1+λ)), and (1+λ)/(2√λ) = 1 + (1−√λ)²/(2√λ).
double gaussian_squared_l2(const GaussianPair& pair) {
  const Wide b = -(pair.lambda.size() * (log_two_pi() + log(Wide(2))) + pair.log_det_q) / 2;
  const Wide ratio = -log_det_ratio(pair) / 2;  // a − b
  Wide overlap = 0;
  for (std::size_t i = 0; i < pair.lambda.size(); ++i) {
    const Wide root = sqrt(pair.lambda[i]), apart = (1 - pair.lambda[i]) / (1 + root);  // 1 − √λ
    overlap -= wide_log1p(apart * apart / (2 * root)) / 2;
    overlap -= pair.delta[i] * pair.delta[i] / (2 * (1 + pair.lambda[i]));
  }
  const Wide larger = ratio > 0 ? Wide(b + ratio) : b, less = -abs(ratio);
  const Wide roots = wide_expm1(less / 2), cross = -wide_expm1(overlap);
  const Wide relative = roots * roots + 2 * exp(less / 2) * cross;
  if (relative == 0) return 0;
  return rounded(wide_exp(larger + log(relative)));
}

}  // namespace pushforward
