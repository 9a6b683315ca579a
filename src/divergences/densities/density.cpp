// SPDX-License-Identifier: Apache-2.0
//
// Which route a divergence of two densities takes: closed form, quadrature or Monte Carlo.
//
// The divergence is asked for what it has (a closed form between Gaussians, a cell term, a meaning on the
// line), never for its name. A single normal is a Gaussian of R^1, so two of them take the closed form where
// there is one.
#include <cmath>
#include <limits>
#include <stdexcept>

#include <fmt/format.h>
#include <boost/math/policies/error_handling.hpp>

#include "divergences/densities/gaussian_density.hpp"
#include "divergences/densities/line_divergence.hpp"
#include "divergences/densities/space_divergence.hpp"
#include "pushforward/density.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

// A Gaussian, or the mixture of one normal (whose deviation may be too small or large to be squared: what
// measures two of them takes the deviations, not this).
std::optional<GaussianDensity> as_gaussian(const KnownDensity& density) {
  if (const auto* gaussian = std::get_if<GaussianDensity>(&density)) return *gaussian;
  const auto* line = std::get_if<LineDensity>(&density);
  if (!line || line->components().size() != 1) return {};
  const LineComponent& c = line->components()[0];
  if (c.family != LineComponent::Family::normal) return {};
  GaussianDensity one{{c.a}, Matrix<double>(1, 1)};
  one.covariance(0, 0) = c.b * c.b;
  return one;
}

bool one_dimensional(const KnownDensity& density) { return dimension_of(density) == 1; }

void check_pair(const KnownDensity& p, const KnownDensity& q) {
  if (dimension_of(p) != dimension_of(q))
    throw RequestError(
        Complaint{"density", fmt::format("P of {} coordinates and Q of {}", dimension_of(p), dimension_of(q)),
                  "as many in both", "'*' puts coordinates side by side: normal(0,1)*laplace(0,2)"});
}

// The mean and deviation of a single normal, also of one that was given as mvnormal with d = 1.
std::optional<LineComponent> single_normal(const KnownDensity& density) {
  if (const auto* gaussian = std::get_if<GaussianDensity>(&density)) {
    if (gaussian->d() != 1 || !(gaussian->covariance(0, 0) > 0)) return {};
    return LineComponent{LineComponent::Family::normal, 1, gaussian->mean[0],
                         std::sqrt(gaussian->covariance(0, 0))};
  }
  const auto* line = std::get_if<LineDensity>(&density);
  if (!line || line->components().size() != 1) return {};
  const LineComponent& c = line->components()[0];
  return c.family == LineComponent::Family::normal ? std::optional<LineComponent>(c) : std::nullopt;
}

// Two mvnormal keep their variances, which a root would round.
bool both_mvnormal(const KnownDensity& p, const KnownDensity& q) {
  return std::holds_alternative<GaussianDensity>(p) && std::holds_alternative<GaussianDensity>(q);
}

// Two normals on the line, whose deviations need not be squared (1e-200 is one).
std::optional<double> closed_form(const Divergence& d, const LineComponent& p, const LineComponent& q) {
  const auto line = d.on_the_line();
  if (line && line->kind == OnTheLine::Kind::wasserstein && line->order == 2)
    return std::hypot(p.a - q.a, p.b - q.b);
  if (line) return {};
  return d.between_gaussians(line_pair(p.a, p.b, q.a, q.b));
}

// What has a closed form for any two Gaussians.
std::optional<double> closed_form(const Divergence& d, const GaussianDensity& p, const GaussianDensity& q) {
  const auto line = d.on_the_line();
  if (line && line->kind == OnTheLine::Kind::wasserstein && line->order == 2)
    return std::sqrt(bures_wasserstein_squared(p, q));
  if (line) return {};
  return d.between_gaussians(gaussian_pair(p, q));
}

LineDensity as_line(const KnownDensity& density) {
  if (const auto* line = std::get_if<LineDensity>(&density)) return *line;
  const auto& g = std::get<GaussianDensity>(density);
  return LineDensity({{LineComponent::Family::normal, 1, g.mean[0], std::sqrt(g.covariance(0, 0))}});
}

bool bounded(const CellTerms& terms) {
  return std::isfinite(terms.term(Cell::of(1, 0)).sum) && std::isfinite(terms.term(Cell::of(0, 1)).sum);
}

// Cubature where it is quick, else draws.
std::optional<DensityReading> in_space(const Divergence& d, const KnownDensity& p, const KnownDensity& q,
                                       const DensityOptions& options) {
  const auto line = d.on_the_line();
  if (line && line->kind == OnTheLine::Kind::energy) {
    const auto gp = std::get_if<GaussianDensity>(&p), gq = std::get_if<GaussianDensity>(&q);
    return gp && gq ? sample_energy(*gp, *gq, options) : sample_energy(as_space(p), as_space(q), options);
  }
  const CellTerms* terms = d.cell_terms();
  if (!terms) return {};
  if (dimension_of(p) <= kMostCubature) return cubature_of_terms(*terms, as_space(p), as_space(q));
  if (const auto gp = as_gaussian(p), gq = as_gaussian(q); gp && gq && bounded(*terms))
    return sample_terms(*terms, gaussian_pair(*gp, *gq), options);
  return sample_terms(*terms, as_space(p), as_space(q), options);
}

}  // namespace

namespace {

// x^shape is the mass below x: from a shape of 0.05 on, none that counts lies below the least double, nor in
// a Student's tail beyond the largest. Above 1e6, what is left of ln Γ in a density has too few digits.
constexpr double kLeastShape = 0.05, kLargestShape = 1e6;

void check_shapes(const LineComponent& c) {
  using Family = LineComponent::Family;
  const auto within = [](double shape, double most, const char* what) {
    if (!(shape >= kLeastShape && shape <= most))
      throw RequestError(Complaint{"density", fmt::format("{} of {}", what, shape),
                                   fmt::format("{} to {}, which quadrature integrates", kLeastShape, most)});
  };
  if (c.family == Family::gamma) within(c.a, kLargestShape, "gamma: a shape");
  if (c.family == Family::beta)
    within(c.a, kLargestShape, "beta: a parameter"), within(c.b, kLargestShape, "beta: a parameter");
  if (c.family == Family::student)
    within(c.c, std::numeric_limits<double>::max(), "student: a number of degrees of freedom");
}

void check_shapes(const KnownDensity& density) {
  if (const auto* line = std::get_if<LineDensity>(&density))
    for (const LineComponent& c : line->components()) check_shapes(c);
  if (const auto* space = std::get_if<SpaceDensity>(&density))
    for (const SpaceDensity::Component& component : space->components())
      for (const LineComponent& c : component.axes) check_shapes(c);
}

// Other parameters may leave the range of doubles on the way, or that of Boost's special functions.
template <class Measure>
DensityReading number_or_refusal(const std::string& what, const Measure& measure) {
  std::string reason = "NaN";
  try {
    const DensityReading reading = measure();
    if (!std::isnan(reading.value) && !std::isnan(reading.error_estimate.value_or(0))) return reading;
  } catch (const boost::math::evaluation_error&) {
    reason = "a function that does not converge";
  } catch (const boost::math::rounding_error&) {
    reason = "a function beyond its range";
  } catch (const std::domain_error&) {
    reason = "a function beyond its range";
  } catch (const std::overflow_error&) {
    reason = "a function that overflows";
  }
  throw RequestError(Complaint{what, reason, "densities whose quadrature is within the range of doubles",
                               "parameters nearer to 1 have one; measure in another unit"});
}

DensityReading divergence_of(const Spec& spec, const KnownDensity& p, const KnownDensity& q,
                             const DensityOptions& options);
DensityReading entropy_of(const KnownDensity& p, const DensityOptions& options);

}  // namespace

bool has_density_divergence(const Spec& spec, const KnownDensity& p, const KnownDensity& q) {
  check_pair(p, q);
  if (one_dimensional(p)) return true;
  const auto made = make_divergence(spec);
  const auto line = made->on_the_line();
  if (!line) return true;
  if (line->kind == OnTheLine::Kind::energy) return true;
  return line->kind == OnTheLine::Kind::wasserstein && line->order == 2 && as_gaussian(p) && as_gaussian(q);
}

DensityReading density_divergence(const Spec& spec, const KnownDensity& p, const KnownDensity& q,
                                  const DensityOptions& options) {
  check_pair(p, q);
  check_shapes(p), check_shapes(q);
  return number_or_refusal("density: " + spec.text(), [&] { return divergence_of(spec, p, q, options); });
}

DensityReading density_entropy(const KnownDensity& p, const DensityOptions& options) {
  check_shapes(p);
  return number_or_refusal("density: entropy", [&] { return entropy_of(p, options); });
}

namespace {

DensityReading divergence_of(const Spec& spec, const KnownDensity& p, const KnownDensity& q,
                             const DensityOptions& options) {
  const auto made = make_divergence(spec);
  const auto np = single_normal(p), nq = single_normal(q);
  std::optional<double> exact;
  if (np && nq && !both_mvnormal(p, q)) {
    exact = closed_form(*made, *np, *nq);
  } else if (const auto gp = as_gaussian(p), gq = as_gaussian(q); gp && gq) {
    exact = closed_form(*made, *gp, *gq);
  }
  if (exact) return {.value = *exact, .estimator = "closed form"};
  if (!one_dimensional(p)) {
    if (auto reading = in_space(*made, p, q, options)) return *reading;
    throw RequestError(Complaint{spec.text(), fmt::format("densities in R^{}", dimension_of(p)),
                                 "densities on the line, or w2 between two mvnormal",
                                 "energy and every f-divergence are available here; `pushforward distance` "
                                 "measures w1 and w2 between samples"});
  }
  if (const auto line = made->on_the_line()) return integrate_on_the_line(*line, as_line(p), as_line(q));
  return integrate_terms(*made->cell_terms(), as_line(p), as_line(q));
}

DensityReading entropy_of(const KnownDensity& p, const DensityOptions& options) {
  if (const auto* gaussian = std::get_if<GaussianDensity>(&p))
    return {.value = gaussian_entropy(*gaussian), .estimator = "closed form"};
  if (const auto normal = single_normal(p))
    return {.value = gaussian_entropy(1, 2 * log(Wide(normal->b))), .estimator = "closed form"};
  if (const auto* line = std::get_if<LineDensity>(&p)) return integrate_entropy(*line);
  const auto& space = std::get<SpaceDensity>(p);
  return space.d() <= kMostCubature ? cubature_of_entropy(space) : sample_entropy(space, options);
}

}  // namespace

}  // namespace pushforward
