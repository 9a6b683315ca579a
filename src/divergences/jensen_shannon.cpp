// SPDX-License-Identifier: Apache-2.0
//
// Jensen–Shannon divergence, and its square root, which is a metric.
//
//   JSD(p,q) = ½ KL(p‖m) + ½ KL(q‖m),   m = ½(p + q)          0 … ln 2, symmetric
//
// Forming m loses everything for the smallest numbers (½·5e-324 rounds to 0, and KL(p‖0) = ∞), so a cell is
// written without it: with u = ln(p/q) and s = p + q it is  s/4·[u·tanh(u/2) + ln(1 − tanh²(u/2))] near u =
// 0, and ½[p ln(2p/s) + q ln(2q/s)] elsewhere. The sum is clamped to 0 … ln 2 before any root is taken. A
// perfect discriminator's GAN loss is −ln 4 + 2·JSD. Source: Lin, IEEE Trans. Inf. Theory 37 (1991) 145–151;
// the root's triangle inequality: Endres & Schindelin, IEEE Trans. Inf. Theory 49 (2003) 1858–1860.
#include <algorithm>

#include "pushforward/cell_terms.hpp"
#include "pushforward/divergence.hpp"

namespace pushforward {
namespace {

constexpr double kLn2 = std::numbers::ln2;

double softplus(double u) { return std::max(u, 0.0) + std::log1p(std::exp(-std::abs(u))); }  // ln(1 + e^u)

double js_cell(const Cell& c) {
  const double s = c.p + c.q;
  if (c.p == 0 || c.q == 0) return s / 2 * kLn2;
  if (c.near()) {
    const double t = std::tanh(c.u / 2);
    return s / 4 * (c.u * t + std::log1p(-t * t));
  }
  return std::max(0.0, (c.p * (kLn2 - softplus(-c.u)) + c.q * (kLn2 - softplus(c.u))) / 2);
}

class JensenShannon : public CellTerms {
 public:
  CellSums term(const Cell& c) const override { return {js_cell(c)}; }
  double slope(const Cell& c) const override { return (kLn2 - softplus(-c.u)) / 2; }  // ½ ln(p/m)
  double finish(const CellSums& sums) const override { return std::clamp(sums.sum, 0.0, kLn2); }
};

class RootJensenShannon final : public JensenShannon {
 public:
  double finish(const CellSums& sums) const override { return std::sqrt(JensenShannon::finish(sums)); }
  double finish_slope(const CellSums& sums) const override {
    return sums.sum > 0 ? 0.5 / std::sqrt(sums.sum) : 0;  // at its cone's tip: 0, a subgradient
  }
};

}  // namespace

DivergenceEntry jensen_shannon_row() {
  return {
      .name = "js",
      .title = "Jensen–Shannon divergence",
      .formula = "½ KL(p‖m) + ½ KL(q‖m), m = ½(p + q)",
      .range = "[0, ln 2]",
      .source = "Lin 1991",
      .scale = DivergenceScale::information,
      .facts = {.symmetric = true, .shrinks_by_merging = true, .gradient = true},
      .examples =
          {{.options = "", .p = {1, 0}, .q = {0, 1}, .value = kLn2, .by_hand = "no value in common: ln 2"},
           {.options = "",
            .p = {1, 0},
            .q = {0.5, 0.5},
            .value = 0.75 * std::log(4.0 / 3),
            .by_hand = "m = (¾, ¼): ½ ln(4/3) + ½(½ ln(2/3) + ½ ln 2) = ½ ln(4/3) + ¼ ln(4/3)"}},
      .make = [](const Spec& spec) {
        SpecReader(spec).finish();
        return std::make_unique<JensenShannon>();
      }};
}

DivergenceEntry root_jensen_shannon_row() {
  return {.name = "sqrt-js",
          .title = "Jensen–Shannon distance (the root of the divergence)",
          .formula = "√(½ KL(p‖m) + ½ KL(q‖m)), m = ½(p + q)",
          .range = "[0, √(ln 2)]",
          .source = "Endres & Schindelin 2003",
          .scale = DivergenceScale::root_information,
          .facts = {.symmetric = true, .metric = true, .shrinks_by_merging = true, .gradient = true},
          .examples =
              {{.options = "", .p = {1, 0}, .q = {0, 1}, .value = 0.8325546111576977, .by_hand = "√(ln 2)"}},
          .make = [](const Spec& spec) {
            SpecReader(spec).finish();
            return std::make_unique<RootJensenShannon>();
          }};
}

}  // namespace pushforward
