// SPDX-License-Identifier: Apache-2.0
//
// Cross-entropy: the mean surprise of p's values under q.
//
//   H(p,q) = −Σ p ln q = H(p) + KL(p‖q)          H(p) … +∞; +∞ where q = 0 < p
//
// In bits: the mean length of an ideal code made for q and used on p. Not 0 for p = q, but H(p). For
// densities it may be negative. Source: Cover & Thomas 2006, section 5.4; Good, J. R. Stat. Soc. B 18 (1956)
// 110–117.
#include "pushforward/cell_terms.hpp"
#include "pushforward/divergence.hpp"
#include "pushforward/gaussian_pair.hpp"

namespace pushforward {
namespace {

class CrossEntropy final : public CellTerms {
 public:
  CellSums term(const Cell& c) const override { return {c.p == 0 ? 0 : -c.p * c.log_q}; }
  double slope(const Cell& c) const override { return -c.log_q; }
  int degree() const override { return 0; }
  std::optional<double> between_gaussians(const GaussianPair& pair) const override {
    return gaussian_cross_entropy(pair);
  }
};

}  // namespace

DivergenceEntry cross_entropy_row() {
  return {.name = "cross-entropy",
          .title = "cross-entropy H(P,Q)",
          .formula = "−Σ p ln q",
          .range = "[H(p), ∞]",
          .source = "Good 1956; Cover & Thomas 2006, section 5.4",
          .scale = DivergenceScale::information,
          .facts = {.zero_on_itself = false, .gradient = true},
          .examples = {{.options = "",
                        .p = {0.5, 0.5},
                        .q = {0.25, 0.75},
                        .value = 0.8369882167858358,
                        .by_hand = "½ ln 4 + ½ ln(4/3) = ½ ln(16/3)"},
                       {.options = "",
                        .p = {0.5, 0.5},
                        .q = {1, 0},
                        .value = kInfinity,
                        .by_hand = "q = 0 < p in the second cell"}},
          .make = [](const Spec& spec) {
            SpecReader(spec).finish();
            return std::make_unique<CrossEntropy>();
          }};
}

}  // namespace pushforward
