// SPDX-License-Identifier: Apache-2.0
//
// The α-divergence, a ladder that joins KL, Hellinger and χ².
//
//   D_α(p‖q) = (Σ p^α q^(1−α) − 1)/(α(α − 1))          ≥ 0 for every real α
//
// α = 2: ½χ²;  α → 1: KL(p‖q);  α = ½: 2·(squared Hellinger);  α → 0: KL(q‖p);  α = −1: ½ Neyman's χ².
// The f-divergence of f(t) = (t^α − αt + α − 1)/(α(α − 1)). Where q = 0 < p a cell adds p·lim f(t)/t: p/(1 −
// α) for α < 1, else +∞; where p = 0 < q it adds q/α for α > 0, else +∞. Near t = 1 the bracket is a
// difference of nearly equal numbers, but its power series in u = ln t, Σ_{n≥2} uⁿ/n!·(1 + α + … + α^{n−2}),
// has no difference in it and passes smoothly through α = 0 and 1. Source: Cichocki & Amari, Entropy 12
// (2010) 1532–1568, section 3.
#include <algorithm>

#include "divergences/power_cell.hpp"
#include "pushforward/divergence.hpp"
#include "pushforward/divergences.hpp"
#include "pushforward/gaussian_pair.hpp"
#include "pushforward/option_table.hpp"

namespace pushforward {
namespace {

// The ladder 1 + α + … may pass through 0 (α = −1), so what is left is judged by the ladder of |α|.
double series(double u, double alpha) {
  double power = u * u / 2, ladder = 1, bound = 1, sum = 0;  // uⁿ/n!, 1 + α + … + α^{n−2}, the same of |α|
  for (int n = 3; n < 80 && std::abs(power) * bound > 1e-18 * sum; ++n) {
    sum += power * ladder;
    power *= u / n, ladder = ladder * alpha + 1, bound = bound * std::abs(alpha) + 1;
  }
  return sum;
}

// Written around the nearer of the two special values, so that α → 1 and α → 0 lose nothing.
double far_sum(const Cell& c, double alpha, double overlap) {
  if (c.p == 0 || c.q == 0) return (overlap - alpha * c.p + (alpha - 1) * c.q) / (alpha * (alpha - 1));
  if (alpha > 0.5) return (c.p * std::expm1((alpha - 1) * c.u) / (alpha - 1) - c.p + c.q) / alpha;
  return (c.q * std::expm1(alpha * c.u) / alpha - c.p + c.q) / (alpha - 1);
}

}  // namespace

CellSums power_cell(const Cell& c, double alpha) {
  if (!std::isfinite(c.log_q))
    return alpha > 1 ? CellSums{kInfinity, kInfinity} : CellSums{c.p / (1 - alpha), 0};
  if (!std::isfinite(c.log_p)) return alpha < 0 ? CellSums{kInfinity, kInfinity} : CellSums{c.q / alpha, 0};
  const bool moderate = c.q > 1e-290 && std::abs(alpha * c.u) < 600;
  const double overlap =
      moderate ? c.q * std::exp(alpha * c.u) : std::exp(alpha * c.log_p + (1 - alpha) * c.log_q);
  if (c.near() && std::abs(alpha * c.u) < 2) return {c.q * series(c.u, alpha), overlap};
  if (!std::isfinite(overlap)) return {kInfinity, kInfinity};
  return {std::max(0.0, far_sum(c, alpha, overlap)), overlap};
}

namespace {

class Alpha final : public CellTerms {
 public:
  explicit Alpha(double alpha) : alpha_(alpha) {}
  CellSums term(const Cell& c) const override { return power_cell(c, alpha_); }
  double slope(const Cell& c) const override { return std::expm1((alpha_ - 1) * c.u) / (alpha_ - 1); }
  TailExponents tails() const override {
    return {.at_infinity = std::max(1.0, alpha_), .at_zero = std::min(0.0, alpha_)};
  }
  std::optional<double> between_gaussians(const GaussianPair& pair) const override {
    return gaussian_alpha(pair, alpha_);
  }

 private:
  double alpha_;
};

DivergenceFacts facts_for(const AlphaOptions& options) {
  return {.symmetric = options.alpha == 0.5, .shrinks_by_merging = true, .gradient = true};
}

}  // namespace

const OptionTable<AlphaOptions>& option_table(const AlphaOptions&) {
  static const auto table = OptionTable<AlphaOptions>("alpha").add(
      "alpha", &AlphaOptions::alpha,
      "any number; 1 is KL(P‖Q), 0 is KL(Q‖P), ½ is twice the squared Hellinger distance, 2 is half of chi2",
      any_number());
  return table;
}

std::unique_ptr<Divergence> make_divergence(const AlphaOptions& options) {
  option_table(options).check(options);
  if (options.alpha == 1) return make_divergence(Spec{"kl"});
  if (options.alpha == 0) return make_divergence(Spec{"reverse-kl"});
  return std::make_unique<Alpha>(options.alpha);
}

DivergenceEntry alpha_row() {
  const OptionTable<AlphaOptions>& table = option_table(AlphaOptions{});
  return {
      .name = "alpha",
      .title = "α-divergence of P from Q",
      .formula = "(Σ p^α q^(1−α) − 1)/(α(α − 1))",
      .range = "[0, ∞]; [0, 1/(α(1−α))] for 0 < α < 1",
      .source = "Cichocki & Amari 2010, section 3",
      .options = table.rows(),
      .facts = {.shrinks_by_merging = true, .gradient = true},
      .examples = {{.options = "alpha=2",
                    .p = {0.5, 0.3, 0.2},
                    .q = {0.2, 0.3, 0.5},
                    .value = 0.315,
                    .by_hand = "(0.25/0.2 + 0.09/0.3 + 0.04/0.5 − 1)/2 = 0.63/2"},
                   {.options = "alpha=0.5",
                    .p = {0.64, 0.36},
                    .q = {0.36, 0.64},
                    .value = 0.16,
                    .by_hand = "(2·0.8·0.6 − 1)/(−¼) = 4·0.04"},
                   {.options = "alpha=0.5", .p = {1, 0}, .q = {0, 1}, .value = 4, .by_hand = "(0 − 1)/(−¼)"},
                   {.options = "alpha=-1",
                    .p = {0.2, 0.3, 0.5},
                    .q = {0.5, 0.3, 0.2},
                    .value = 0.315,
                    .by_hand = "(0.25/0.2 + 0.09/0.3 + 0.04/0.5 − 1)/2"}},
      .make = from_table(table, [](const AlphaOptions& o) { return make_divergence(o); }),
      .facts_of = from_table(table, facts_for)};
}

}  // namespace pushforward
