// SPDX-License-Identifier: Apache-2.0
//
// Kullback–Leibler divergence (relative entropy), both ways.
//
//   KL(p‖q) = Σ p ln(p/q) = H(p,q) − H(p)          0 … +∞; +∞ where q = 0 < p
//
// The f-divergence of t ln t, here with (1 − t) added: a cell is p ln(p/q) − p + q = p·(e^−u − 1 + u) ≥ 0
// with u = ln(p/q). `reverse-kl` is KL(q‖p), the f-divergence of −ln t. Forward KL is what maximum likelihood
// minimises and makes q cover all of p; reverse KL makes it pick a mode. Source: Kullback & Leibler, Ann.
// Math. Stat. 22 (1951) 79–86; Cover & Thomas 2006, section 2.3.
#include "pushforward/cell_terms.hpp"
#include "pushforward/divergence.hpp"
#include "pushforward/gaussian_pair.hpp"

namespace pushforward {
namespace {

class Forward final : public CellTerms {
 public:
  CellSums term(const Cell& c) const override { return {kl_cell(c)}; }
  double slope(const Cell& c) const override { return c.u; }
  std::optional<double> between_gaussians(const GaussianPair& pair) const override {
    return gaussian_kl(pair);
  }
};

class Reverse final : public CellTerms {
 public:
  CellSums term(const Cell& c) const override { return {kl_cell(c.swapped())}; }
  double slope(const Cell& c) const override { return -std::expm1(-c.u); }  // 1 − q/p
  std::optional<double> between_gaussians(const GaussianPair& pair) const override {
    return gaussian_reverse_kl(pair);
  }
};

constexpr double kLn2 = std::numbers::ln2;

}  // namespace

DivergenceEntry kullback_leibler_row() {
  return {.name = "kl",
          .title = "Kullback–Leibler divergence KL(P‖Q)",
          .formula = "Σ p ln(p/q)",
          .range = "[0, ∞]",
          .source = "Kullback & Leibler 1951; Cover & Thomas 2006, section 2.3",
          .scale = DivergenceScale::information,
          .facts = {.shrinks_by_merging = true, .gradient = true},
          .examples = {{.options = "",
                        .p = {0.5, 0.25, 0.25},
                        .q = {0.25, 0.25, 0.5},
                        .value = 0.25 * kLn2,
                        .by_hand = "½ ln 2 + 0 − ¼ ln 2"},
                       {.options = "",
                        .p = {0.5, 0.5},
                        .q = {1, 0},
                        .value = kInfinity,
                        .by_hand = "q = 0 < p in the second cell"},
                       {.options = "",
                        .p = {1, 0},
                        .q = {0.5, 0.5},
                        .value = kLn2,
                        .by_hand = "ln(1/½), and 0 ln 0 = 0"}},
          .make = [](const Spec& spec) {
            SpecReader(spec).finish();
            return std::make_unique<Forward>();
          }};
}

DivergenceEntry reverse_kullback_leibler_row() {
  return {
      .name = "reverse-kl",
      .title = "Kullback–Leibler divergence the other way, KL(Q‖P)",
      .formula = "Σ q ln(q/p)",
      .range = "[0, ∞]",
      .source = "Kullback & Leibler 1951",
      .scale = DivergenceScale::information,
      .facts = {.shrinks_by_merging = true, .gradient = true},
      .examples = {{.options = "", .p = {0.5, 0.5}, .q = {1, 0}, .value = kLn2, .by_hand = "1·ln(1/½) + 0"},
                   {.options = "",
                    .p = {1, 0},
                    .q = {0.5, 0.5},
                    .value = kInfinity,
                    .by_hand = "p = 0 < q in the second cell"}},
      .make = [](const Spec& spec) {
        SpecReader(spec).finish();
        return std::make_unique<Reverse>();
      }};
}

}  // namespace pushforward
