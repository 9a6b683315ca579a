// SPDX-License-Identifier: Apache-2.0
//
// The squared Euclidean distance of two vectors of masses.
//
//   L2(p,q) = Σ (p − q)²          0 … 2
//
// Squared, as printed: its root is a metric, this is not. It is no f-divergence: splitting a value in two
// changes it, so it depends on how the values were cut.
#include "pushforward/cell_terms.hpp"
#include "pushforward/divergence.hpp"
#include "pushforward/gaussian_pair.hpp"

namespace pushforward {
namespace {

class SquaredEuclidean final : public CellTerms {
 public:
  CellSums term(const Cell& c) const override { return {(c.p - c.q) * (c.p - c.q)}; }
  double slope(const Cell& c) const override { return 2 * (c.p - c.q); }
  int degree() const override { return 2; }
  std::optional<double> between_gaussians(const GaussianPair& pair) const override {
    return gaussian_squared_l2(pair);
  }
};

}  // namespace

DivergenceEntry squared_euclidean_row() {
  return {
      .name = "l2",
      .title = "squared Euclidean distance",
      .formula = "Σ (p − q)²",
      .range = "[0, 2]",
      .source =
          "definition; for densities ∫(p − q)², an integrated squared error (Silverman 1986, section 3.2)",
      .facts = {.symmetric = true, .gradient = true},
      .examples = {{.options = "",
                    .p = {0.5, 0.3, 0.2},
                    .q = {0.2, 0.3, 0.5},
                    .value = 0.18,
                    .by_hand = "0.09 + 0 + 0.09"}},
      .make =
          [](const Spec& spec) {
            SpecReader(spec).finish();
            return std::make_unique<SquaredEuclidean>();
          },
      .unit = "squared probability",
      .unit_of_densities = "1/(unit of x)"};
}

}  // namespace pushforward
