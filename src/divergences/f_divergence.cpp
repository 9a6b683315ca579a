// SPDX-License-Identifier: Apache-2.0
//
// The general f-divergence: any convex f with f(1) = 0.
//
//   D_f(p‖q) = Σ q f(p/q),   q·f(0) where p = 0,   p·lim f(t)/t where q = 0
//
// Total variation, Hellinger's square, χ² both ways, KL both ways and Jensen–Shannon are rows of this table,
// and the tests hold the divergences' own files against them. The generators are written with f'(1) = 0 (a
// multiple of t − 1 added), so that every cell is non-negative; being evaluated at t itself they lose digits
// when p ≈ q, which is why the well-known members have files of their own. Source: Csiszár, Studia Sci. Math.
// Hungar. 2 (1967) 299–318; Liese & Vajda, IEEE Trans. Inf. Theory 52 (2006) 4394–4412, which also proves
// that pooling cells never increases D_f.
#include <algorithm>
#include <cmath>
#include <map>

#include "pushforward/cell_terms.hpp"
#include "pushforward/divergence.hpp"
#include "pushforward/divergences.hpp"
#include "pushforward/error.hpp"
#include "pushforward/option_table.hpp"

namespace pushforward {
namespace {

constexpr double kLn2 = std::numbers::ln2;

// q·f(p/q) and f'(p/q) where p/q or its square is beyond a double while its logarithm is not.
struct FarForm {
  double (*cell)(const Cell& c);
  double (*slope)(double u);
};

bool is_far(const Cell& c) {
  constexpr double kFar = 300;  // of u: beside e^300 what the forms leave out is nothing
  return std::isfinite(c.u) && std::abs(c.u) > kFar;
}

class FDivergence final : public CellTerms {
 public:
  explicit FDivergence(const FGenerator& generator, const FarForm* far = nullptr)
      : generator_(generator), far_(far) {}
  CellSums term(const Cell& c) const override {
    if (far_ && is_far(c)) return {far_->cell(c)};
    if (c.p == 0) return {c.q == 0 ? 0 : c.q * generator_.at_zero};
    if (c.q == 0) return {c.p * generator_.at_infinity};
    const double t = c.p / c.q;
    if (t == 0) return {c.q * generator_.at_zero};
    return {std::isinf(t) ? c.p * generator_.at_infinity : c.q * generator_.f(t)};
  }
  double slope(const Cell& c) const override {
    if (far_ && is_far(c)) return far_->slope(c.u);
    if (c.q == 0) return generator_.at_infinity;  // f convex: f'(∞) = lim f(t)/t
    return generator_.slope(c.p / c.q);
  }
  double finish(const CellSums& sums) const override { return std::max(sums.sum, 0.0); }  // NaN stays
  TailExponents tails() const override { return {generator_.power_at_infinity, generator_.power_at_zero}; }

 private:
  FGenerator generator_;
  const FarForm* far_;
};

// x^2/y, from logarithms: beside it what is left of the cell is nothing.
double square_over(double log_x, double log_y) { return std::exp(2 * log_x - log_y); }

// Of the rows with an infinite limit, and of js, whose two terms overflow.
const FarForm* far_form(const std::string& name) {
  static const std::map<std::string, FarForm> forms = {
      {"chi2",
       {[](const Cell& c) { return c.u > 0 ? square_over(c.log_p, c.log_q) : c.q; },
        [](double u) { return 2 * std::expm1(u); }}},
      {"neyman-chi2",
       {[](const Cell& c) { return c.u < 0 ? square_over(c.log_q, c.log_p) : c.p; },
        [](double u) { return -std::expm1(-2 * u); }}},
      {"kl", {[](const Cell& c) { return c.p * c.u + (c.q - c.p); }, [](double u) { return u; }}},
      {"reverse-kl",
       {[](const Cell& c) { return c.p - c.q - c.q * c.u; }, [](double u) { return -std::expm1(-u); }}},
      {"js",
       {[](const Cell& c) { return kLn2 / 2 * std::max(c.p, c.q); },
        [](double u) { return (kLn2 - std::max(-u, 0.0)) / 2; }}},
      {"jeffreys",
       {[](const Cell& c) { return (c.p - c.q) * c.u; }, [](double u) { return u - std::expm1(-u); }}},
  };
  const auto found = forms.find(name);
  return found == forms.end() ? nullptr : &found->second;
}

std::vector<FGenerator> table() {
  return {
      {"tv", "½|t − 1|", [](double t) { return std::abs(t - 1) / 2; },
       [](double t) { return t > 1   ? 0.5
                             : t < 1 ? -0.5
                                     : 0.0; }, 0.5, 0.5},
      {"squared-hellinger", "(√t − 1)²", [](double t) { return (std::sqrt(t) - 1) * (std::sqrt(t) - 1); },
       [](double t) { return 1 - 1 / std::sqrt(t); }, 1, 1},
      {"chi2", "(t − 1)²", [](double t) { return (t - 1) * (t - 1); }, [](double t) { return 2 * (t - 1); },
       1, kInfinity, 2, 0},
      {"neyman-chi2", "(t − 1)²/t", [](double t) { return (t - 1) * ((t - 1) / t); },
       [](double t) { return 1 - 1 / (t * t); }, kInfinity, 1, 1, -1},
      {"kl", "t ln t − t + 1", [](double t) { return t * std::log(t) - t + 1; },
       [](double t) { return std::log(t); }, 1, kInfinity},
      {"reverse-kl", "t − 1 − ln t", [](double t) { return t - 1 - std::log(t); },
       [](double t) { return 1 - 1 / t; }, kInfinity, 1},
      {"jeffreys", "(t − 1) ln t", [](double t) { return (t - 1) * std::log(t); },
       [](double t) { return std::log(t) + 1 - 1 / t; }, kInfinity, kInfinity},
      {"js", "½[t ln t − (1 + t) ln(½(1 + t))]",
       [](double t) { return (t * std::log(t) - (1 + t) * std::log((1 + t) / 2)) / 2; },
       [](double t) { return -std::log((1 + 1 / t) / 2) / 2; }, kLn2 / 2, kLn2 / 2},
      {"le-cam", "½(t − 1)²/(t + 1)", [](double t) { return (t - 1) * ((t - 1) / (2 * (t + 1))); },
       [](double t) { return 0.5 - 2 / ((t + 1) * (t + 1)); }, 0.5, 0.5},
  };
}

std::vector<std::string> generator_names() {
  std::vector<std::string> names;
  for (const FGenerator& generator : f_generators()) names.push_back(generator.name);
  return names;
}

}  // namespace

std::span<const FGenerator> f_generators() {
  static const std::vector<FGenerator> rows = table();
  return rows;
}

std::unique_ptr<Divergence> make_f_divergence(const FGenerator& generator) {
  return std::make_unique<FDivergence>(generator);
}

const OptionTable<FDivergenceOptions>& option_table(const FDivergenceOptions&) {
  static const auto table = OptionTable<FDivergenceOptions>("f").add(
      "generator", &FDivergenceOptions::generator,
      "tv, squared-hellinger, chi2, neyman-chi2, kl, reverse-kl, jeffreys, js or le-cam",
      one_of(generator_names()));
  return table;
}

std::unique_ptr<Divergence> make_divergence(const FDivergenceOptions& options) {
  option_table(options).check(options);
  const auto rows = f_generators();
  const auto row = std::find_if(rows.begin(), rows.end(),
                                [&](const FGenerator& f) { return f.name == options.generator; });
  return std::make_unique<FDivergence>(*row, far_form(row->name));
}

DivergenceEntry f_divergence_row() {
  const OptionTable<FDivergenceOptions>& table = option_table(FDivergenceOptions{});
  return {.name = "f",
          .title = "f-divergence of a named generator",
          .formula = "Σ q f(p/q)",
          .range = "[0, ∞]",
          .source = "Csiszár 1967; Liese & Vajda 2006",
          .options = table.rows(),
          .facts = {.shrinks_by_merging = true, .gradient = true},
          .examples = {{.options = "generator=le-cam",
                        .p = {0.75, 0.25},
                        .q = {0.25, 0.75},
                        .value = 0.25,
                        .by_hand = "½ Σ (p−q)²/(p+q) = ½(0.25 + 0.25)"},
                       {.options = "generator=jeffreys",
                        .p = {0.75, 0.25},
                        .q = {0.25, 0.75},
                        .value = 1.0986122886681098,
                        .by_hand = "Σ (p−q) ln(p/q) = ½ ln 3 + ½ ln 3"},
                       {.options = "generator=squared-hellinger",
                        .p = {1, 0},
                        .q = {0.25, 0.75},
                        .value = 1,
                        .by_hand = "(1 − ½)² + 0.75"}},
          .make = from_table(table, [](const FDivergenceOptions& o) { return make_divergence(o); }),
          .by_default = false};
}

}  // namespace pushforward
