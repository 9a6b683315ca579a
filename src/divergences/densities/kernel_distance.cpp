// SPDX-License-Identifier: Apache-2.0
//
// The kernel exp(−r²/2σ²) is √(2π)·σ times the density of N(0, σ²), so E k(x,Y) is that times the density at
// x of Y + N(0, σ²): a normal for a normal Y, a difference of two Φ for a uniform, an exponentially modified
// Gaussian for an exponential, two of them for a Laplace. Between two normals E k(X,Y) is the same once more.
// The rest is quadrature.
//
// With a mixture against a mixture, E k(X,X') − 2E k(X,Y) + E k(Y,Y') = Σ_ij s_i s_j m_ij with s the signed
// weights: every pair once.
#include "divergences/densities/kernel_distance.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/summation.hpp"
#include "divergences/densities/line_families.hpp"
#include "divergences/densities/quadrature.hpp"

namespace pushforward {
namespace {

using Family = LineComponent::Family;
const double kRootTwoPi = std::sqrt(2 * std::numbers::pi);

double phi_between(double low, double high) {
  const auto upper = [](double z) { return std::erfc(z / std::numbers::sqrt2) / 2; };
  return low > 0 ? upper(low) - upper(high) : upper(-high) - upper(-low);
}

// The density at x of an exponential with this rate plus N(0, σ²): rate/2·exp(rate²σ²/2 −
// rate·x)·erfc((rate·σ² − x)/(σ√2)), by erfcx where the exponential is large: erfc(t) = e^(−t²)·erfcx(t), for
// t > 0.
double modified_exponential(double rate, double x, double sigma) {
  const double t = (rate * sigma - x / sigma) / std::numbers::sqrt2, z = x / sigma;
  if (t < 5) return rate / 2 * std::exp(rate * sigma * rate * sigma / 2 - rate * x) * std::erfc(t);
  // erfcx(t) by its continued fraction, 1e-16 from t = 5 on.
  double fraction = t;
  for (int k = 60; k > 0; --k) fraction = t + k / 2.0 / fraction;
  return rate / 2 * std::exp(-z * z / 2) / (std::sqrt(std::numbers::pi) * fraction);
}

double by_quadrature(const LineComponent& c, double x, double sigma) {
  std::vector<double> points;
  add_landmarks(c, points);
  for (double step : {0.0, 1.0, 2.5, 5.0, 8.0, 12.0, 39.0})
    points.push_back(x - step * sigma), points.push_back(x + step * sigma);
  const double constant = log_constant(c);
  return integrate(
             [&](double y) {
               const double z = (x - y) / sigma;
               return std::exp(constant + log_shape(c, y) - z * z / 2);
             },
             in_order(std::move(points)), 1e-12)
      .value;
}

// E k(X,Y) of two components.
KernelMean between(const LineComponent& p, const LineComponent& q, double sigma) {
  if (p.family == Family::normal && q.family == Family::normal) {
    const double spread = std::hypot(sigma, p.b, q.b), z = (p.a - q.a) / spread;
    return {sigma / spread * std::exp(-z * z / 2), 0};
  }
  // Integrate over the one whose kernel mean is dearer.
  const auto dear = [](const LineComponent& c) {
    return c.family == Family::gamma || c.family == Family::beta || c.family == Family::student;
  };
  const LineComponent &over = dear(q) ? q : p, &mean = dear(q) ? p : q;
  std::vector<double> points;
  add_landmarks(over, points);
  for (double end : {support_of(mean).low, support_of(mean).high, centre_of(mean)})
    for (double step : {0.0, 1.0, 2.5, 5.0, 8.0})
      points.push_back(end - step * sigma), points.push_back(end + step * sigma);
  const double constant = log_constant(over);
  const Integral sum = integrate(
      [&](double x) {
        const double density = std::exp(constant + log_shape(over, x));
        return density > 0 ? density * kernel_mean(mean, x, sigma) : 0;
      },
      in_order(std::move(points)), dear(mean) ? 1e-11 : 1e-13);
  return {sum.value, sum.error + (dear(mean) ? 1e-12 : 0)};
}

}  // namespace

double kernel_mean(const LineComponent& c, double x, double sigma) {
  const double scale = kRootTwoPi * sigma;
  switch (c.family) {
    case Family::normal: {
      const double spread = std::hypot(sigma, c.b), z = (x - c.a) / spread;
      return sigma / spread * std::exp(-z * z / 2);
    }
    case Family::uniform:
      return scale * phi_between((x - c.b) / sigma, (x - c.a) / sigma) / (c.b - c.a);
    case Family::exponential:
      return scale * modified_exponential(c.a, x, sigma);
    case Family::laplace:
      return scale / 2 *
             (modified_exponential(1 / c.b, x - c.a, sigma) + modified_exponential(1 / c.b, c.a - x, sigma));
    default:
      return by_quadrature(c, x, sigma);
  }
}

double kernel_mean(const LineDensity& p, double x, double sigma) {
  double sum = 0;
  for (const LineComponent& c : p.components()) sum += c.weight * kernel_mean(c, x, sigma);
  return sum;
}

KernelMean kernel_product(const LineDensity& p, const LineDensity& q, double sigma) {
  CompensatedSum sum;
  double error = 0;
  for (const LineComponent& i : p.components())
    for (const LineComponent& j : q.components()) {
      const KernelMean mean = between(i, j, sigma);
      sum.add(i.weight * j.weight * mean.value), error += i.weight * j.weight * mean.error;
    }
  return {sum.value(), error};
}

DensityReading kernel_distance(const LineDensity& p, const LineDensity& q, double sigma) {
  const KernelMean pp = kernel_product(p, p, sigma), qq = kernel_product(q, q, sigma),
                   pq = kernel_product(p, q, sigma);
  CompensatedSum sum;
  sum.add(pp.value), sum.add(qq.value), sum.add(-2 * pq.value);
  // The three means are at most 1 and rounded: below 1e-15 of their sum nothing is known.
  const double error = pp.error + qq.error + 2 * pq.error + 4e-16 * (pp.value + qq.value + 2 * pq.value);
  return {.value = std::max(0.0, sum.value()),
          .error_estimate = error,
          .estimator = error < 1e-14 ? "closed form of the kernel's means" : "kernel means and quadrature"};
}

}  // namespace pushforward
