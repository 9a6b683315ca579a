// SPDX-License-Identifier: Apache-2.0
//
// Mixtures on the line: densities, distribution functions and quantiles that keep their digits in both tails.
//
// Densities are added up as logarithms, so that a normal 100 deviations away still has one. The distribution
// function and its complement are computed separately (1 − F has no digits where F ≈ 1). A mixture's quantile
// lies between the smallest and the largest of its components' quantiles; there Newton's step on ln F (or
// ln(1 − F)), which is nearly linear in the tails, is taken when it stays inside the bracket, and bisection
// otherwise.
#include <algorithm>
#include <cmath>
#include <numbers>

#include <fmt/format.h>
#include <boost/math/special_functions/erf.hpp>

#include "pushforward/cell_terms.hpp"
#include "pushforward/density.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

using Family = LineComponent::Family;

double log_density_of(const LineComponent& c, double x) {
  const double z = (x - c.a) / c.b;
  if (c.family == Family::uniform) return x >= c.a && x <= c.b ? -std::log(c.b - c.a) : -kInfinity;
  if (c.family == Family::laplace) return -std::abs(z) - std::log(2 * c.b);
  return -z * z / 2 - std::log(c.b) - std::log(2 * std::numbers::pi) / 2;
}

double cdf_of(const LineComponent& c, double x) {
  const double z = (x - c.a) / c.b;
  if (c.family == Family::uniform) return std::clamp((x - c.a) / (c.b - c.a), 0.0, 1.0);
  if (c.family == Family::laplace) return z < 0 ? std::exp(z) / 2 : 1 - std::exp(-z) / 2;
  return std::erfc(-z / std::numbers::sqrt2) / 2;
}

double survival_of(const LineComponent& c, double x) {
  if (c.family == Family::uniform) return std::clamp((c.b - x) / (c.b - c.a), 0.0, 1.0);
  return cdf_of({c.family, 1, -c.a, c.b}, -x);
}

// Where P(X ≤ x) = u, for u ≤ ½ of a distribution symmetric about its centre.
double lower_quantile_of(const LineComponent& c, double u) {
  if (c.family == Family::uniform) return c.a + u * (c.b - c.a);
  if (c.family == Family::laplace) return c.a + c.b * std::log(2 * u);
  return c.a - c.b * std::numbers::sqrt2 * boost::math::erfc_inv(2 * u);
}

double quantile_of(const LineComponent& c, double u, double v) {
  if (u <= 0.5) return lower_quantile_of(c, u);
  if (c.family == Family::uniform) return c.b - v * (c.b - c.a);
  return 2 * c.a - lower_quantile_of(c, v);
}

// Beyond, what is some hundred spreads away is no double any more.
constexpr double kLeastSpread = 1e-300, kLargestSpread = 1e300;

void check_spread(const LineComponent& c) {
  const double spread = c.family == Family::uniform ? c.b - c.a : c.b;
  if (!(spread >= kLeastSpread && spread <= kLargestSpread))
    throw RequestError(Complaint{"density", fmt::format("a spread of {}", spread),
                                 fmt::format("{} to {}", kLeastSpread, kLargestSpread),
                                 "measure in another unit"});
}

void check_component(const LineComponent& c) {
  const bool uniform = c.family == Family::uniform;
  if (!std::isfinite(c.a) || !std::isfinite(c.b))
    throw RequestError(Complaint{"density", "a parameter that is not finite", "finite numbers"});
  if (uniform && !(c.a < c.b))
    throw RequestError(
        Complaint{"density: uniform", fmt::format("ends {} and {}", c.a, c.b), "the smaller one first"});
  if (!uniform && !(c.b > 0))
    throw RequestError(Complaint{"density", fmt::format("a spread of {}", c.b), "a number above 0"});
  check_spread(c);
}

}  // namespace

LineDensity::LineDensity(std::vector<LineComponent> components) : components_(std::move(components)) {
  std::vector<double> weights;
  for (const LineComponent& c : components_) check_component(c), weights.push_back(c.weight);
  weights = distribution_of("weights of the mixture", weights);
  for (std::size_t i = 0; i < weights.size(); ++i) components_[i].weight = weights[i];
  std::erase_if(components_, [](const LineComponent& c) { return c.weight == 0; });
}

double LineDensity::log_density(double x) const {
  double largest = -kInfinity, sum = 0;
  for (const LineComponent& c : components_) {
    const double term = std::log(c.weight) + log_density_of(c, x);
    if (!(term > -kInfinity)) continue;
    if (term > largest)
      sum = sum * std::exp(largest - term) + 1, largest = term;
    else
      sum += std::exp(term - largest);
  }
  return sum > 0 ? largest + std::log(sum) : -kInfinity;
}

double LineDensity::cdf(double x) const {
  double sum = 0;
  for (const LineComponent& c : components_) sum += c.weight * cdf_of(c, x);
  return sum;
}

double LineDensity::survival(double x) const {
  double sum = 0;
  for (const LineComponent& c : components_) sum += c.weight * survival_of(c, x);
  return sum;
}

double LineDensity::quantile(double u, double one_minus_u) const {
  double low = kInfinity, high = -kInfinity;
  for (const LineComponent& c : components_) {
    const double x = quantile_of(c, u, one_minus_u);
    low = std::min(low, x), high = std::max(high, x);
  }
  const bool below = u <= 0.5;
  const double target = std::log(below ? u : one_minus_u);
  double x = low + (high - low) / 2;
  for (int step = 0; step < 200 && high - low > 4e-16 * std::max(std::abs(low), std::abs(high)); ++step) {
    const double mass = below ? cdf(x) : survival(x);
    const double off = std::log(mass) - target;  // −∞ where the mass is 0
    if (off == 0) return x;
    ((off < 0) == below ? low : high) = x;
    const double newton = off * mass / std::exp(log_density(x)) * (below ? 1 : -1);
    const double next = x - newton;
    if (std::abs(newton) < 1e-16 * std::abs(x)) return x;
    x = next > low && next < high ? next : low + (high - low) / 2;
  }
  return x;
}

double LineDensity::mean() const {
  double sum = 0;
  for (const LineComponent& c : components_)
    sum += c.weight * (c.family == Family::uniform ? c.a + (c.b - c.a) / 2 : c.a);
  return sum;
}

double LineDensity::variance() const {
  const double centre = mean();
  double sum = 0;
  for (const LineComponent& c : components_) {
    const bool uniform = c.family == Family::uniform;
    const double at = (uniform ? c.a + (c.b - c.a) / 2 : c.a) - centre;
    const double own =
        uniform ? (c.b - c.a) * (c.b - c.a) / 12 : c.b * c.b * (c.family == Family::laplace ? 2 : 1);
    sum += c.weight * (own + at * at);
  }
  return sum;
}

std::vector<double> LineDensity::landmarks() const {
  std::vector<double> points;
  for (const LineComponent& c : components_) {
    if (c.family == Family::uniform)
      points.insert(points.end(), {c.a, c.a + (c.b - c.a) / 2, c.b});
    else
      points.push_back(c.a);
    // A normal density is below the smallest double at 38.6 deviations, a Laplace one at 745 scales.
    if (c.family == Family::normal)
      for (double steps : {1.0, 2.5, 5.0, 8.0, 12.0, 18.0, 27.0, 39.0})
        points.insert(points.end(), {c.a - steps * c.b, c.a + steps * c.b});
    if (c.family == Family::laplace)
      for (double steps : {2.0, 6.0, 14.0, 30.0, 60.0, 150.0, 350.0, 745.0})
        points.insert(points.end(), {c.a - steps * c.b, c.a + steps * c.b});
  }
  std::sort(points.begin(), points.end());
  points.erase(std::unique(points.begin(), points.end()), points.end());
  return points;
}

LineCoupling line_coupling(const LineDensity& p, const LineDensity& q, std::size_t n) {
  LineCoupling coupling;
  for (std::size_t i = 0; i < n; ++i) {
    const double u = (static_cast<double>(i) + 0.5) / static_cast<double>(n);
    const double v = (static_cast<double>(n - 1 - i) + 0.5) / static_cast<double>(n);
    coupling.u.push_back(u);
    coupling.x.push_back(p.quantile(u, v));
    coupling.y.push_back(q.quantile(u, v));
  }
  return coupling;
}

}  // namespace pushforward
