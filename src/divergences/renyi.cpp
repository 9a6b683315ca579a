// SPDX-License-Identifier: Apache-2.0
//
// Rényi divergence.
//
//   R_α(p‖q) = ln(Σ p^α q^(1−α))/(α − 1) = ln(1 + α(α − 1)·D_α)/(α − 1),   α ≥ 0
//
// with D_α the α-divergence. Grows with α; α → 1: KL(p‖q); α = 0: −ln Q(p > 0); α = 2: ln(1 + χ²). +∞ for α ≥
// 1 where q = 0 < p, and for α < 1 only when p and q have no value in common. The form with D_α keeps the
// digits when p ≈ q; the one with the overlap does when they are far apart. For large α the overlap overflows
// although its logarithm is a small number: then it is summed relative to its largest cell. Source: van Erven
// & Harremoës, IEEE Trans. Inf. Theory 60 (2014) 3797–3820.
#include <algorithm>

#include "core/summation.hpp"
#include "divergences/power_cell.hpp"
#include "pushforward/divergence.hpp"
#include "pushforward/divergences.hpp"
#include "pushforward/gaussian_pair.hpp"
#include "pushforward/option_table.hpp"

namespace pushforward {
namespace {

class Renyi final : public CellTerms {
 public:
  explicit Renyi(double alpha) : alpha_(alpha) {}
  CellSums term(const Cell& c) const override { return power_cell(c, alpha_); }
  double slope(const Cell& c) const override { return alpha_ / (alpha_ - 1) * std::exp((alpha_ - 1) * c.u); }
  double finish(const CellSums& sums) const override {
    const double excess = alpha_ * (alpha_ - 1) * sums.sum;  // overlap − 1
    const double log_overlap = std::abs(excess) < 0.5 ? std::log1p(excess) : std::log(sums.overlap);
    return std::max(0.0, log_overlap / (alpha_ - 1));
  }
  double finish_slope(const CellSums& sums) const override { return 1 / sums.overlap; }
  TailExponents tails() const override { return {.at_infinity = std::max(1.0, alpha_)}; }
  std::optional<double> renyi_order() const override { return alpha_; }
  std::optional<double> between_gaussians(const GaussianPair& pair) const override {
    return gaussian_renyi(pair, alpha_);
  }

  double measure(const DiscretePair& pair, std::span<double> gradient) const override {
    const double value = CellTerms::measure(pair, gradient);
    const bool overflowed = alpha_ > 1 && std::isinf(value) && absolutely_continuous(pair);
    return overflowed ? measure_by_logarithms(pair, gradient) : value;
  }

 private:
  static bool absolutely_continuous(const DiscretePair& pair) {
    for (std::size_t i = 0; i < pair.p.size(); ++i)
      if (pair.p[i] > 0 && pair.q[i] == 0) return false;
    return true;
  }
  double log_overlap(double p, double q) const { return alpha_ * std::log(p) + (1 - alpha_) * std::log(q); }

  double measure_by_logarithms(const DiscretePair& pair, std::span<double> gradient) const {
    double largest = -kInfinity;
    for (std::size_t i = 0; i < pair.p.size(); ++i)
      if (pair.p[i] > 0) largest = std::max(largest, log_overlap(pair.p[i], pair.q[i]));
    CompensatedSum sum;
    for (std::size_t i = 0; i < pair.p.size(); ++i)
      if (pair.p[i] > 0) sum.add(std::exp(log_overlap(pair.p[i], pair.q[i]) - largest));
    const double log_sum = largest + std::log(sum.value());
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      const bool live = pair.p[i] > 0;
      const double log_share =
          live ? (alpha_ - 1) * (std::log(pair.p[i]) - std::log(pair.q[i])) - log_sum : 0;
      gradient[i] = live ? alpha_ / (alpha_ - 1) * std::exp(log_share) : 0;
    }
    return log_sum / (alpha_ - 1);
  }

  double alpha_;
};

// α = 0: −ln Q(p > 0). The sum holds Q(p = 0), the overlap Q(p > 0).
class RenyiZero final : public CellTerms {
 public:
  CellSums term(const Cell& c) const override { return c.p > 0 ? CellSums{0, c.q} : CellSums{c.q, 0}; }
  double slope(const Cell&) const override { return 0; }
  double finish(const CellSums& sums) const override {
    return std::max(0.0, sums.sum < 0.5 ? -std::log1p(-sums.sum) : -std::log(sums.overlap));
  }
  std::optional<double> between_gaussians(const GaussianPair&) const override { return 0.0; }
};

DivergenceFacts facts_for(const RenyiOptions& options) {
  return {.symmetric = options.alpha == 0.5, .shrinks_by_merging = true, .gradient = options.alpha > 0};
}

}  // namespace

const OptionTable<RenyiOptions>& option_table(const RenyiOptions&) {
  static const auto table = OptionTable<RenyiOptions>("renyi").add(
      "alpha", &RenyiOptions::alpha, "the order, 0 or more; 1 is KL(P‖Q), 0 is −ln Q(p > 0)",
      number_of(0, 1e6));
  return table;
}

std::unique_ptr<Divergence> make_divergence(const RenyiOptions& options) {
  option_table(options).check(options);
  if (options.alpha == 1) return make_divergence(Spec{"kl"});
  if (options.alpha == 0) return std::make_unique<RenyiZero>();
  return std::make_unique<Renyi>(options.alpha);
}

DivergenceEntry renyi_row() {
  const OptionTable<RenyiOptions>& table = option_table(RenyiOptions{});
  return {.name = "renyi",
          .title = "Rényi divergence of P from Q",
          .formula = "ln(Σ p^α q^(1−α))/(α − 1)",
          .range = "[0, ∞]",
          .source = "van Erven & Harremoës 2014",
          .scale = DivergenceScale::information,
          .options = table.rows(),
          .facts = {.shrinks_by_merging = true, .gradient = true},
          .examples = {{.options = "alpha=2",
                        .p = {0.5, 0.5},
                        .q = {0.25, 0.75},
                        .value = 0.28768207245178085,
                        .by_hand = "ln(0.25/0.25 + 0.25/0.75) = ln(4/3)"},
                       {.options = "alpha=0.5",
                        .p = {0.64, 0.36},
                        .q = {0.36, 0.64},
                        .value = 0.08164398904051142,
                        .by_hand = "−2 ln(2·0.8·0.6) = −2 ln 0.96"},
                       {.options = "alpha=0.5",
                        .p = {1, 0},
                        .q = {0, 1},
                        .value = kInfinity,
                        .by_hand = "no value in common: −2 ln 0"},
                       {.options = "alpha=0",
                        .p = {1, 0},
                        .q = {0.25, 0.75},
                        .value = 1.3862943611198906,
                        .by_hand = "−ln Q(p > 0) = −ln ¼"}},
          .make = from_table(table, [](const RenyiOptions& o) { return make_divergence(o); }),
          .facts_of = from_table(table, facts_for)};
}

}  // namespace pushforward
