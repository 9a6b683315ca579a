// SPDX-License-Identifier: Apache-2.0
//
// Pearson's χ²-divergence.
//
//   χ²(p‖q) = Σ (p − q)²/q = Σ p²/q − 1          0 … +∞; +∞ where q = 0 < p
//
// The f-divergence of f(t) = (t − 1)². Not symmetric; with p and q exchanged it is Neyman's. Squares of
// numbers below 1e-154 vanish, so the term is ((p − q)/√q)², and from logarithms where even q is too small
// for that. Source: Pearson, Phil. Mag. 50 (1900) 157–175; Tsybakov 2009, section 2.4.
#include "pushforward/cell_terms.hpp"
#include "pushforward/divergence.hpp"
#include "pushforward/gaussian_pair.hpp"

namespace pushforward {
namespace {

constexpr double kTiny = 1e-290;  // below it a density has lost digits that its logarithm still has

class ChiSquare final : public CellTerms {
 public:
  CellSums term(const Cell& c) const override {
    if (c.near() || c.u < 0) return {c.q * std::expm1(c.u) * std::expm1(c.u)};
    const double root = (c.p - c.q) / std::sqrt(c.q);
    if (c.q > kTiny) return {root * root};
    const double shrink = std::expm1(-c.u);
    return {std::exp(2 * c.log_p - c.log_q) * shrink * shrink};
  }
  double slope(const Cell& c) const override { return 2 * std::expm1(c.u); }
  TailExponents tails() const override { return {.at_infinity = 2}; }
  std::optional<double> between_gaussians(const GaussianPair& pair) const override {
    return 2 * gaussian_alpha(pair, 2);
  }
};

}  // namespace

DivergenceEntry chi_square_row() {
  return {.name = "chi2",
          .title = "Pearson's chi-square divergence of P from Q",
          .formula = "Σ (p − q)²/q",
          .range = "[0, ∞]",
          .source = "Pearson 1900; Tsybakov 2009, section 2.4",
          .facts = {.shrinks_by_merging = true, .gradient = true},
          .examples = {{.options = "",
                        .p = {0.5, 0.3, 0.2},
                        .q = {0.2, 0.3, 0.5},
                        .value = 0.63,
                        .by_hand = "0.09/0.2 + 0 + 0.09/0.5 = 0.45 + 0.18"},
                       {.options = "",
                        .p = {0.5, 0.5},
                        .q = {1, 0},
                        .value = kInfinity,
                        .by_hand = "q = 0 < p in the second cell"}},
          .make = [](const Spec& spec) {
            SpecReader(spec).finish();
            return std::make_unique<ChiSquare>();
          }};
}

}  // namespace pushforward
