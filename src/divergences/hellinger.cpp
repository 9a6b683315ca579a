// SPDX-License-Identifier: Apache-2.0
//
// Hellinger distance, unnormalised: the Euclidean distance of the square roots.
//
//   H(p,q) = √ Σ (√p − √q)²          0 … √2, a metric
//
// Its square is the f-divergence of f(t) = (√t − 1)², and 2 − 2 Σ √(pq). The normalised form divides by √2
// and lies in 0 … 1; this is *not* the one printed here. A difference of roots is computed as (p − q)/(√p +
// √q), which keeps all digits when p ≈ q. Source: Hellinger, J. reine angew. Math. 136 (1909) 210–271;
// Tsybakov 2009, 2.4.
#include <algorithm>

#include "pushforward/cell_terms.hpp"
#include "pushforward/divergence.hpp"
#include "pushforward/gaussian_pair.hpp"

namespace pushforward {
namespace {

class Hellinger final : public CellTerms {
 public:
  CellSums term(const Cell& c) const override {
    const double root = (c.p - c.q) / (std::sqrt(c.p) + std::sqrt(c.q));
    return {c.p + c.q > 0 ? root * root : 0};
  }
  double slope(const Cell& c) const override { return -std::expm1(-c.u / 2); }  // 1 − √(q/p)
  double finish(const CellSums& sums) const override { return std::sqrt(std::min(2.0, sums.sum)); }
  double finish_slope(const CellSums& sums) const override {
    return sums.sum > 0 ? 0.5 / std::sqrt(sums.sum) : 0;  // at its cone's tip: 0, a subgradient
  }
  std::optional<double> between_gaussians(const GaussianPair& pair) const override {
    return std::sqrt(gaussian_alpha(pair, 0.5) / 2);  // D_½ = 4(1 − Σ√(pq))
  }
};

}  // namespace

DivergenceEntry hellinger_row() {
  return {
      .name = "hellinger",
      .title = "Hellinger distance, unnormalised",
      .formula = "√ Σ (√p − √q)²",
      .range = "[0, √2]",
      .source = "Hellinger 1909; Tsybakov 2009, section 2.4",
      .facts = {.symmetric = true, .metric = true, .shrinks_by_merging = true, .gradient = true},
      .examples =
          {{.options = "",
            .p = {0.64, 0.36},
            .q = {0.36, 0.64},
            .value = 0.282842712474619,
            .by_hand = "√((0.8 − 0.6)² + (0.6 − 0.8)²) = √0.08"},
           {.options = "", .p = {1, 0}, .q = {0, 1}, .value = std::numbers::sqrt2, .by_hand = "√(1 + 1)"}},
      .make =
          [](const Spec& spec) {
            SpecReader(spec).finish();
            return std::make_unique<Hellinger>();
          },
      .unit = "unnormalised, at most √2"};
}

}  // namespace pushforward
