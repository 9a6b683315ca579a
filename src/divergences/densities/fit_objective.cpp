// SPDX-License-Identifier: Apache-2.0
//
// Three objectives.
//
// On the line: the integrals of line_divergence.hpp, cut at both densities' landmarks. In R² and R³, between
// Gaussian mixtures: the sum over a grid of p's and q's reach with steps of 0.35 of the narrowest conditional
// deviation; for analytic integrands that vanish at the ends such a sum converges faster than any power of
// the step [Trefethen & Weideman, SIAM Rev. 56 (2014) 385–458], and it is smooth in q; only total variation
// has a kink and keeps 1e-4. The values that are told come from the cubature, which has no such limit.
//
// A sample has no density. KL(p‖q) then means the mean of −ln q(x), which differs from KL by a constant, the
// entropy of p: maximum likelihood. W_1, W_2, the energy distance and MMD are what they are between the
// points and q.
#include "divergences/densities/fit_objective.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/summation.hpp"
#include "divergences/densities/kernel_distance.hpp"
#include "divergences/densities/line_divergence.hpp"
#include "divergences/densities/sample_divergence.hpp"
#include "divergences/densities/space_divergence.hpp"
#include "divergences/densities/tails.hpp"
#include "pushforward/cell_terms.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

class Known : public FitObjective {
 public:
  Known(KnownDensity p, Spec spec, DensityOptions options)
      : p_(std::move(p)), spec_(std::move(spec)), options_(options), made_(make_divergence(spec_)) {}

  DensityReading reading(const KnownDensity& q) const override {
    return density_divergence(spec_, p_, q, options_);
  }

 protected:
  KnownDensity p_;
  Spec spec_;
  DensityOptions options_;
  std::unique_ptr<Divergence> made_;
};

// A search compares values: where q is p, all digits of next to nothing would cost a hundred times as much.
constexpr double kEnough = 1e-14;

class OnTheLineOf final : public Known {
 public:
  OnTheLineOf(const LineDensity& p, Spec spec, DensityOptions options)
      : Known(p, std::move(spec), options), line_(p), space_(as_space(p)) {
    // E k(X,X') does not depend on q, and costs a double integral where the kernel's mean has no closed form.
    if (const auto what = made_->on_the_line(); what && what->kind == OnTheLine::Kind::kernel)
      with_itself_ = kernel_product(line_, line_, what->order).value;
  }

  double operator()(const KnownDensity& q) const override {
    if (const CellTerms* terms = made_->cell_terms())
      return cubature_of_terms(*terms, space_, as_space(q), kEnough).value;
    const OnTheLine what = *made_->on_the_line();
    if (what.kind == OnTheLine::Kind::kernel) {
      const LineDensity& other = std::get<LineDensity>(q);
      return with_itself_ + kernel_product(other, other, what.order).value -
             2 * kernel_product(line_, other, what.order).value;
    }
    const double value = integrate_on_the_line(what, line_, std::get<LineDensity>(q), kEnough).value;
    // Where q is p, W_p has the tip of a cone, at which a search halves its steps; its power is smooth.
    return what.kind == OnTheLine::Kind::wasserstein ? std::pow(value, what.order) : value;
  }

 private:
  LineDensity line_;
  SpaceDensity space_;
  double with_itself_ = 0;
};

// ---- Gaussian mixtures of R² and R³ on a grid ----

using Family = LineComponent::Family;

bool all_gaussian(const SpaceDensity& density) {
  for (const SpaceDensity::Component& c : density.components())
    for (const LineComponent& axis : c.axes)
      if (axis.family != Family::normal) return false;
  return true;
}

// The deviation of a coordinate given all others, 1/√((Σ⁻¹)_kk) = 1/‖L⁻¹ e_k‖.
double conditional_deviation(const Matrix<double>& root, std::size_t k) {
  const std::size_t d = root.rows();
  std::vector<double> column(d, 0.0);
  double sum = 0;
  for (std::size_t i = k; i < d; ++i) {
    column[i] = i == k ? 1 : 0;
    for (std::size_t j = k; j < i; ++j) column[i] -= root(i, j) * column[j];
    column[i] /= root(i, i), sum += column[i] * column[i];
  }
  return 1 / std::sqrt(sum);
}

struct Ruler {
  double low = HUGE_VAL, high = -HUGE_VAL, step = HUGE_VAL;
  std::size_t count() const { return static_cast<std::size_t>((high - low) / step) + 1; }
};

std::vector<Ruler> rulers(const SpaceDensity& p, const SpaceDensity& q) {
  constexpr double kReach = 8, kStep = 0.35, kMostNodes = 400'000;
  std::vector<Ruler> axes(p.d());
  for (const SpaceDensity* density : {&p, &q})
    for (std::size_t i = 0; i < density->components().size(); ++i)
      for (std::size_t k = 0; k < p.d(); ++k) {
        const LineComponent& axis = density->components()[i].axes[k];
        axes[k].low = std::min(axes[k].low, axis.a - kReach * axis.b);
        axes[k].high = std::max(axes[k].high, axis.a + kReach * axis.b);
        axes[k].step = std::min(axes[k].step, kStep * conditional_deviation(density->roots()[i], k));
      }
  double nodes = 1;
  for (const Ruler& axis : axes) nodes *= static_cast<double>(axis.count());
  if (nodes > kMostNodes)
    for (Ruler& axis : axes) axis.step *= std::pow(nodes / kMostNodes, 1 / static_cast<double>(p.d()));
  return axes;
}

class OnAGrid final : public Known {
 public:
  OnAGrid(const KnownDensity& p, Spec spec, DensityOptions options)
      : Known(p, std::move(spec), options), space_(as_space(p)) {}

  double operator()(const KnownDensity& q) const override {
    const CellTerms& terms = *made_->cell_terms();
    const SpaceDensity other = as_space(q);
    if (!converges(terms, space_, other)) return kInfinity;
    const std::vector<Ruler> axes = rulers(space_, other);
    const std::size_t d = axes.size();
    double volume = 1, sum = 0, overlap = 0;
    for (const Ruler& axis : axes) volume *= axis.step;
    std::vector<std::size_t> at(d, 0);
    std::vector<double> x(d);
    for (std::size_t k = 0; k < d;) {
      for (std::size_t i = 0; i < d; ++i) x[i] = axes[i].low + axes[i].step * static_cast<double>(at[i]);
      const double log_p = space_.log_density(x), log_q = other.log_density(x);
      const CellSums cell = terms.term(Cell::of_logs(log_p, log_q));
      sum += cell.sum, overlap += cell.overlap;
      for (k = 0; k < d && ++at[k] == axes[k].count(); ++k) at[k] = 0;
    }
    return terms.finish({sum * volume, overlap * volume});
  }

 private:
  SpaceDensity space_;
};

class ClosedForm final : public Known {
 public:
  using Known::Known;
  double operator()(const KnownDensity& q) const override { return reading(q).value; }
};

std::unique_ptr<FitObjective> of_density(const KnownDensity& p, const Spec& spec,
                                         const DensityOptions& options) {
  if (const auto* line = std::get_if<LineDensity>(&p))
    return std::make_unique<OnTheLineOf>(*line, spec, options);
  if (dimension_of(p) == 1) return std::make_unique<OnTheLineOf>(as_space(p).marginal_line(0), spec, options);
  const auto made = make_divergence(spec);
  const auto gaussian = std::get_if<GaussianDensity>(&p);
  if (gaussian && made->on_the_line() && has_density_divergence(spec, p, p) &&
      made->on_the_line()->kind == OnTheLine::Kind::wasserstein)
    return std::make_unique<ClosedForm>(p, spec, options);
  if (!made->cell_terms())
    throw RequestError(
        Complaint{"--by " + spec.text(), fmt::format("a target in R^{}", dimension_of(p)),
                  "an f-divergence, or w2 of two mvnormal",
                  "`pushforward train generator --distance` descends w1, energy and mmd on samples"});
  if (dimension_of(p) > kMostCubature || !all_gaussian(as_space(p)))
    throw RequestError(Complaint{"fit", fmt::format("{} in R^{}", text_of(p), dimension_of(p)),
                                 "a mixture of mvnormal in R^2 or R^3",
                                 "draws of P as DATA are fitted by kl in any R^d"});
  return std::make_unique<OnAGrid>(p, spec, options);
}

}  // namespace

std::unique_ptr<FitObjective> make_fit_objective(const FitTarget& target, const Spec& divergence,
                                                 const DensityOptions& options) {
  if (const auto* density = std::get_if<KnownDensity>(&target))
    return of_density(*density, divergence, options);
  return objective_of_sample(std::get<Matrix<double>>(target), divergence);
}

}  // namespace pushforward
