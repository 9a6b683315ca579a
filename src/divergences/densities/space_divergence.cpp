// SPDX-License-Identifier: Apache-2.0
//
// Cubature in R² and R³ as quadrature of quadratures.
//
// Given the coordinates before it, each coordinate of a component has a known distribution on the line (a
// Gaussian's is its conditional one). So every inner integral is one over mixtures on the line, whose ends,
// peaks and widths are known exactly, however narrow or tilted a component is: pieces are cut there, and
// where p = q if the term has a kink. The adaptive rule of the line (quadrature.hpp) then does what a rule on
// cubes cannot: it resolves a ridge of width 1e-3 across the diagonal, and a jump along a curve.
//
// The error estimate is that of the outermost rule and what the inner ones may have added to it: the largest
// error of an inner integral, over the width on which such integrals lie. Rejected: Genz and Malik's rule
// (cubes that do not know where a tilted ridge is), and one product grid (exact for smooth terms, blind to
// kinks).
#include "divergences/densities/space_divergence.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <Eigen/Dense>

#include "divergences/densities/line_families.hpp"
#include "divergences/densities/quadrature.hpp"
#include "divergences/densities/space_chain.hpp"
#include "divergences/densities/tails.hpp"

namespace pushforward {
namespace {

using Family = LineComponent::Family;
constexpr const char* kCubature = "adaptive Gauss–Kronrod cubature";
constexpr double kReach = 13;  // deviations of a normal beyond which 1e-37 of its mass is left

// What each level must reach, outermost first: an inner error is noise to the level above.
double tolerance(std::size_t d, std::size_t level) {
  if (d <= 1) return 1e-13;
  if (d == 2) return level == 0 ? 1e-10 : 1e-12;
  return level == 0 ? 1e-6 : level == 1 ? 1e-7 : 1e-8;
}

// A mixture, seen from one level: each component's conditional distribution of the next coordinate, and the
// logarithm of its weight times its density so far.
class Walk {
 public:
  Walk(const SpaceDensity& density, bool weighs) : density_(&density), weighs_(weighs) {
    const std::size_t k = density.components().size();
    z_ = Matrix<double>(k, density.d());
    logs_ = Matrix<double>(density.d() + 1, k);
    axes_.assign(density.d(), std::vector<LineComponent>(k));
    constants_ = Matrix<double>(density.d(), k);
    for (std::size_t i = 0; i < k; ++i) {
      logs_(0, i) = std::log(density.components()[i].weight);
      for (std::size_t level = 0; level < density.d(); ++level)
        constants_(level, i) = log_constant(axis(i, level, {}));
    }
  }

  // Makes the conditionals of this level from the deviates set by `step`.
  void enter(std::size_t level) {
    for (std::size_t i = 0; i < axes_[level].size(); ++i)
      axes_[level][i] = axis(i, level, {z_.row(i), level});
  }
  // Goes on at this coordinate's value.
  void step(std::size_t level, double x) {
    for (std::size_t i = 0; i < axes_[level].size(); ++i) {
      const LineComponent& c = axes_[level][i];
      z_(i, level) = (x - c.a) / c.b;
      logs_(level + 1, i) = logs_(level, i) + constants_(level, i) + log_shape(c, x);
    }
  }
  // ln of the density at the last coordinate's value.
  double log_density(std::size_t level, double x) const {
    LogSum sum;
    for (std::size_t i = 0; i < axes_[level].size(); ++i)
      sum.add(logs_(level, i) + constants_(level, i) + log_shape(axes_[level][i], x));
    return sum.value();
  }
  bool reaches(std::size_t level, std::size_t i) const { return !weighs_ || logs_(level, i) > -kInfinity; }
  const std::vector<LineComponent>& axes(std::size_t level) const { return axes_[level]; }

 private:
  LineComponent axis(std::size_t i, std::size_t level, std::span<const double> z) const {
    return conditional(density_->components()[i], density_->roots()[i], level, z);
  }

  const SpaceDensity* density_;
  bool weighs_;
  Matrix<double> z_, logs_, constants_;
  std::vector<std::vector<LineComponent>> axes_;
};

void add_cuts(const LineComponent& c, std::vector<double>& points) {
  if (c.family != Family::normal) return add_landmarks(c, points);
  points.push_back(c.a);
  for (double steps : {1.5, 3.5, 6.5, kReach})
    points.insert(points.end(), {c.a - steps * c.b, c.a + steps * c.b});
}

// A Gaussian whose conditionals say where p^a q^(1−a) of two Gaussian components lives.
std::vector<SpaceDensity::Component> power_guides(const SpaceDensity& p, const SpaceDensity& q, double a) {
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const auto n = static_cast<Eigen::Index>(p.d());
  const auto gaussian = [](const SpaceDensity::Component& c) {
    return std::all_of(c.axes.begin(), c.axes.end(),
                       [](const LineComponent& axis) { return axis.family == Family::normal; });
  };
  const auto precision = [&](const SpaceDensity::Component& c) -> Eigen::MatrixXd {
    return Eigen::Map<const RowMajor>(c.covariance.data(), n, n).inverse();
  };
  const auto mean = [&](const SpaceDensity::Component& c) {
    Eigen::VectorXd m(n);
    for (Eigen::Index k = 0; k < n; ++k) m(k) = c.axes[static_cast<std::size_t>(k)].a;
    return m;
  };
  std::vector<SpaceDensity::Component> guides;
  for (const SpaceDensity::Component& i : p.components())
    for (const SpaceDensity::Component& j : q.components()) {
      if (!gaussian(i) || !gaussian(j)) continue;
      const Eigen::MatrixXd pi = precision(i), pj = precision(j), both = a * pi + (1 - a) * pj;
      const Eigen::LLT<Eigen::MatrixXd> factor(both);
      if (factor.info() != Eigen::Success) continue;
      const Eigen::MatrixXd covariance = factor.solve(Eigen::MatrixXd::Identity(n, n));
      const Eigen::VectorXd centre = factor.solve(a * (pi * mean(i)) + (1 - a) * (pj * mean(j)));
      SpaceDensity::Component guide{1, {}, Matrix<double>(p.d(), p.d())};
      for (Eigen::Index r = 0; r < n; ++r) {
        guide.axes.push_back({Family::normal, 1, centre(r), std::sqrt(covariance(r, r)), 0});
        for (Eigen::Index s = 0; s < n; ++s)
          guide.covariance(static_cast<std::size_t>(r), static_cast<std::size_t>(s)) = covariance(r, s);
      }
      guides.push_back(std::move(guide));
    }
  return guides;
}

class Cubature {
 public:
  using Integrand = std::function<double(double log_p, double log_q)>;

  Cubature(const SpaceDensity& p, const SpaceDensity& q, bool kink, Integrand f)
      : d_(p.d()), kink_(kink), f_(std::move(f)), p_(p, true), q_(q, true) {}

  void guide(const SpaceDensity& density) { guides_.emplace_back(density, false); }
  // An error that is small enough whatever the integral.
  void allow(double absolute) { absolute_ = absolute; }

  Integral value() {
    for (std::size_t level = 0; level < d_; ++level) inner_.push_back({});
    Integral sum = at(0);
    for (std::size_t level = 1; level < d_; ++level) sum.error += inner_[level].share() * std::abs(sum.value);
    return sum;
  }

 private:
  // The largest value and error among inner integrals of a level.
  struct Inner {
    double value = 0, error = 0;
    double share() const { return value > 0 ? error / value : 0; }
  };

  std::vector<double> cuts(std::size_t level) {
    std::vector<double> points;
    for (Walk* walk : {&p_, &q_})
      for (std::size_t i = 0; i < walk->axes(level).size(); ++i)
        if (walk->reaches(level, i)) add_cuts(walk->axes(level)[i], points);
    for (const Walk& walk : guides_)
      for (const LineComponent& c : walk.axes(level)) add_cuts(c, points);
    return in_order(std::move(points));
  }

  Integral at(std::size_t level) {
    p_.enter(level), q_.enter(level);
    for (Walk& walk : guides_) walk.enter(level);
    std::vector<double> points = cuts(level);
    if (level + 1 == d_) {
      if (kink_)
        points = with_sign_changes(
            [&](double x) { return log_gap(p_.log_density(level, x), q_.log_density(level, x)); },
            std::move(points));
      return integrate([&](double x) { return f_(p_.log_density(level, x), q_.log_density(level, x)); },
                       points, tolerance(d_, level), absolute_);
    }
    return integrate(
        [&](double x) {
          p_.step(level, x), q_.step(level, x);
          for (Walk& walk : guides_) walk.step(level, x);
          const Integral below = at(level + 1);
          Inner& worst = inner_[level + 1];
          worst.value = std::max(worst.value, std::abs(below.value));
          worst.error = std::max(worst.error, below.error);
          return below.value;
        },
        points, tolerance(d_, level), absolute_);
  }

  std::size_t d_;
  double absolute_ = 0;
  bool kink_;
  Integrand f_;
  Walk p_, q_;
  std::vector<Walk> guides_;
  std::vector<Inner> inner_;
};

}  // namespace

DensityReading cubature_of_terms(const CellTerms& terms, const SpaceDensity& p, const SpaceDensity& q,
                                 double absolute) {
  if (!converges(terms, p, q))
    return {.value = terms.finish({kInfinity, kInfinity}), .estimator = "closed form (tails and supports)"};
  std::vector<SpaceDensity::Component> guides;
  const TailExponents tails = terms.tails();
  for (double power : {tails.at_infinity > 1 ? tails.at_infinity : 0, tails.at_zero < 0 ? tails.at_zero : 0})
    if (power != 0)
      for (SpaceDensity::Component& guide : power_guides(p, q, power)) guides.push_back(std::move(guide));
  for (SpaceDensity::Component& guide : guides) guide.weight = 1 / static_cast<double>(guides.size());
  const std::optional<SpaceDensity> guide =
      guides.empty() ? std::nullopt : std::optional<SpaceDensity>(std::move(guides));
  const auto integral = [&](double CellSums::*part) {
    Cubature cubature(p, q, has_kink(terms), [&](double log_p, double log_q) {
      if (log_p == -kInfinity && log_q == -kInfinity) return 0.0;
      return terms.term(Cell::of_logs(log_p, log_q)).*part;
    });
    if (guide) cubature.guide(*guide);
    cubature.allow(absolute);
    return cubature.value();
  };
  const Integral sum = integral(&CellSums::sum);
  const bool overlaps = terms.term(Cell::of(1, 0.5)).overlap != 0;
  const Integral overlap = overlaps ? integral(&CellSums::overlap) : Integral{};
  const double value = terms.finish({sum.value, overlap.value});
  if (std::isinf(value)) return {.value = value, .estimator = kCubature};
  const double above = terms.finish({sum.value + sum.error, overlap.value + overlap.error});
  // `finish` itself rounds: of a logarithm of 1e173 nothing is left of what its sum may err by.
  const double rounding = std::numeric_limits<double>::epsilon() * std::abs(value);
  return {.value = value, .error_estimate = std::abs(above - value) + rounding, .estimator = kCubature};
}

DensityReading cubature_of_entropy(const SpaceDensity& p) {
  Cubature cubature(p, p, false,
                    [](double log_p, double) { return log_p == -kInfinity ? 0 : -std::exp(log_p) * log_p; });
  const Integral sum = cubature.value();
  return {.value = sum.value, .error_estimate = sum.error, .estimator = kCubature};
}

}  // namespace pushforward
