// SPDX-License-Identifier: Apache-2.0
//
// Total variation: the largest difference that the two distributions give to any event.
//
//   TV(p,q) = ½ Σ |p − q| = max_A |P(A) − Q(A)|          0 … 1, a metric
//
// The f-divergence of f(t) = ½|t − 1|. It does not see how far apart values are: any two distributions
// without a common value are at distance 1. Source: Tsybakov, Introduction to Nonparametric Estimation
// (2009), section 2.4. (Some authors leave out the ½ and get 0 … 2.)
#include <algorithm>

#include "pushforward/cell_terms.hpp"
#include "pushforward/divergence.hpp"

namespace pushforward {
namespace {

class TotalVariation final : public CellTerms {
 public:
  CellSums term(const Cell& c) const override { return {std::abs(c.p - c.q) / 2}; }
  double slope(const Cell& c) const override { return c.p > c.q ? 0.5 : c.p < c.q ? -0.5 : 0.0; }
  double finish(const CellSums& sums) const override { return std::min(1.0, sums.sum); }
};

}  // namespace

DivergenceEntry total_variation_row() {
  return {
      .name = "tv",
      .title = "total variation",
      .formula = "½ Σ |p − q|",
      .range = "[0, 1]",
      .source = "Tsybakov 2009, section 2.4",
      .facts = {.symmetric = true, .metric = true, .shrinks_by_merging = true, .gradient = true},
      .examples =
          {{.options = "",
            .p = {0.5, 0.3, 0.2},
            .q = {0.2, 0.3, 0.5},
            .value = 0.3,
            .by_hand = "½(0.3 + 0 + 0.3)"},
           {.options = "", .p = {1, 0}, .q = {0, 1}, .value = 1, .by_hand = "no value in common: ½(1 + 1)"}},
      .make =
          [](const Spec& spec) {
            SpecReader(spec).finish();
            return std::make_unique<TotalVariation>();
          },
      .unit = "probability"};
}

}  // namespace pushforward
