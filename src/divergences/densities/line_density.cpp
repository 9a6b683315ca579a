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

#include "divergences/densities/line_families.hpp"
#include "pushforward/cell_terms.hpp"
#include "pushforward/density.hpp"
#include "pushforward/error.hpp"

namespace pushforward {

LineDensity::LineDensity(std::vector<LineComponent> components) : components_(std::move(components)) {
  std::vector<double> weights;
  for (const LineComponent& c : components_) check_component(c), weights.push_back(c.weight);
  weights = distribution_of("weights of the mixture", weights);
  for (std::size_t i = 0; i < weights.size(); ++i) components_[i].weight = weights[i];
  std::erase_if(components_, [](const LineComponent& c) { return c.weight == 0; });
  for (const LineComponent& c : components_) constants_.push_back(std::log(c.weight) + log_constant(c));
}

double LineDensity::log_density(double x) const {
  if (components_.size() == 1) return constants_[0] + log_shape(components_[0], x);
  LogSum sum;
  for (std::size_t i = 0; i < components_.size(); ++i) sum.add(constants_[i] + log_shape(components_[i], x));
  return sum.value();
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
  for (const LineComponent& c : components_) sum += c.weight * mean_of(c);
  return sum;
}

double LineDensity::variance() const {
  const double centre = mean();
  double sum = 0;
  for (const LineComponent& c : components_) {
    const double apart = mean_of(c) - centre;
    sum += c.weight * (variance_of(c) + apart * apart);
  }
  return sum;
}

std::vector<double> LineDensity::landmarks() const {
  std::vector<double> points;
  for (const LineComponent& c : components_) add_landmarks(c, points);
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
