// SPDX-License-Identifier: Apache-2.0
//
// Which route a divergence of two densities takes: closed form, quadrature or Monte Carlo.
//
// The divergence is asked for what it has (a closed form between Gaussians, a cell term, a meaning on the
// line), never for its name. A single normal is a Gaussian of R^1, so two of them take the closed form where
// there is one.
#include <cmath>

#include <fmt/format.h>

#include "divergences/densities/gaussian_density.hpp"
#include "divergences/densities/line_divergence.hpp"
#include "pushforward/density.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

// A Gaussian, or the mixture of one normal (whose deviation may be too small or large to be squared: what
// measures two of them takes the deviations, not this).
std::optional<GaussianDensity> as_gaussian(const KnownDensity& density) {
  if (const auto* gaussian = std::get_if<GaussianDensity>(&density)) return *gaussian;
  const auto& components = std::get<LineDensity>(density).components();
  if (components.size() != 1 || components[0].family != LineComponent::Family::normal) return {};
  GaussianDensity one{{components[0].a}, Matrix<double>(1, 1)};
  one.covariance(0, 0) = components[0].b * components[0].b;
  return one;
}

bool on_the_line(const KnownDensity& density) { return std::holds_alternative<LineDensity>(density); }

std::string name_of(const KnownDensity& density) {
  if (const auto* gaussian = std::get_if<GaussianDensity>(&density))
    return fmt::format("mvnormal with d = {}", gaussian->d());
  return "a mixture on the line";
}

void check_pair(const KnownDensity& p, const KnownDensity& q) {
  const auto gp = as_gaussian(p), gq = as_gaussian(q);
  const bool lines = on_the_line(p) && on_the_line(q), gaussians = gp && gq && gp->d() == gq->d();
  if (!lines && !gaussians)
    throw RequestError(Complaint{"density", name_of(p) + " against " + name_of(q),
                                 "two on the line, or two mvnormal of one d"});
}

// The mean and deviation of a single normal, also of one that was given as mvnormal with d = 1.
std::optional<LineComponent> single_normal(const KnownDensity& density) {
  if (const auto* gaussian = std::get_if<GaussianDensity>(&density)) {
    if (gaussian->d() != 1 || !(gaussian->covariance(0, 0) > 0)) return {};
    return LineComponent{LineComponent::Family::normal, 1, gaussian->mean[0],
                         std::sqrt(gaussian->covariance(0, 0))};
  }
  const auto& components = std::get<LineDensity>(density).components();
  if (components.size() != 1 || components[0].family != LineComponent::Family::normal) return {};
  return components[0];
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

bool bounded(const CellTerms& terms) {
  return std::isfinite(terms.term(Cell::of(1, 0)).sum) && std::isfinite(terms.term(Cell::of(0, 1)).sum);
}

std::optional<DensityReading> between_gaussians(const Divergence& d, const GaussianDensity& p,
                                                const GaussianDensity& q, const DensityOptions& options) {
  if (const auto value = closed_form(d, p, q))
    return DensityReading{.value = *value, .estimator = "closed form"};
  if (p.d() == 1) return {};  // quadrature does better than draws
  const auto line = d.on_the_line();
  if (line && line->kind == OnTheLine::Kind::energy) return sample_energy(p, q, options);
  const CellTerms* terms = d.cell_terms();
  if (terms && bounded(*terms)) return sample_terms(*terms, gaussian_pair(p, q), options);
  return {};
}

LineDensity as_line(const KnownDensity& density) {
  if (const auto* line = std::get_if<LineDensity>(&density)) return *line;
  const auto& g = std::get<GaussianDensity>(density);
  return LineDensity({{LineComponent::Family::normal, 1, g.mean[0], std::sqrt(g.covariance(0, 0))}});
}

bool one_dimensional(const KnownDensity& density) {
  return on_the_line(density) || std::get<GaussianDensity>(density).d() == 1;
}

}  // namespace

bool has_density_divergence(const Spec& spec, const KnownDensity& p, const KnownDensity& q) {
  check_pair(p, q);
  if (one_dimensional(p) && one_dimensional(q)) return true;
  const auto made = make_divergence(spec);
  const auto line = made->on_the_line();
  if (line) return line->kind == OnTheLine::Kind::energy || line->order == 2;
  const GaussianPair trial{{1}, {0}, 0};
  return made->between_gaussians(trial).has_value() || (made->cell_terms() && bounded(*made->cell_terms()));
}

DensityReading density_divergence(const Spec& spec, const KnownDensity& p, const KnownDensity& q,
                                  const DensityOptions& options) {
  check_pair(p, q);
  const auto made = make_divergence(spec);
  const auto np = single_normal(p), nq = single_normal(q);
  const bool normals = np && nq && !both_mvnormal(p, q);
  if (normals)
    if (const auto value = closed_form(*made, *np, *nq)) return {.value = *value, .estimator = "closed form"};
  const auto gp = as_gaussian(p), gq = as_gaussian(q);
  if (gp && gq && !normals)
    if (auto reading = between_gaussians(*made, *gp, *gq, options)) return *reading;
  if (!one_dimensional(p) || !one_dimensional(q))
    throw RequestError(
        Complaint{spec.text(), name_of(p), "densities on the line",
                  "w2, energy, kl, hellinger, chi2, renyi, js and tv are available for mvnormal"});
  if (const auto line = made->on_the_line()) return integrate_on_the_line(*line, as_line(p), as_line(q));
  return integrate_terms(*made->cell_terms(), as_line(p), as_line(q));
}

DensityReading density_entropy(const KnownDensity& p) {
  if (const auto* gaussian = std::get_if<GaussianDensity>(&p))
    return {.value = gaussian_entropy(*gaussian), .estimator = "closed form"};
  if (const auto normal = single_normal(p))
    return {.value = gaussian_entropy(1, 2 * log(Wide(normal->b))), .estimator = "closed form"};
  return integrate_entropy(std::get<LineDensity>(p));
}

}  // namespace pushforward
