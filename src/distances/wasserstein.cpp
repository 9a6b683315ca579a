// SPDX-License-Identifier: Apache-2.0
//
// W_p, exactly: w1, w2 and w:p=….
//
// The reading's value is the root, W_p = (min Σ f_ij ‖x_i−y_j‖^p)^{1/p}, a metric; `power` holds W_p^p. On
// the line the plan is found by sorting, elsewhere by network simplex with its duality gap as certificate.
//
// Gradients are those of a minimum over plans at its minimiser (Danskin's envelope theorem): the plan is held
// still, ∂W_p^p/∂x_i = Σ_j f_ij p‖x_i−y_j‖^{p−2}(x_i−y_j), and ∂W_p^p/∂a_i is the potential u_i, which is
// defined up to a constant (here: mean 0). The root's chain rule multiplies by W^{1−p}/p. Where W = 0, or two
// matched points coincide, p = 1 has a kink and the root of a smooth power has one; the subgradient 0 is
// written there: nothing is to be moved.
#include <cmath>

#include <fmt/format.h>

#include "distances/distance_row.hpp"
#include "distances/pool_scale.hpp"
#include "distances/transport_witness.hpp"
#include "pushforward/distance.hpp"
#include "pushforward/one_dimensional.hpp"
#include "pushforward/transport.hpp"

namespace pushforward {
namespace {

void centre(std::span<double> values) {
  double mean = 0;
  for (double value : values) mean += value / static_cast<double>(values.size());
  for (double& value : values) value -= mean;
}

class Wasserstein final : public Distance {
 public:
  Wasserstein(std::string name, double p) : name_(std::move(name)), p_(p) {}

  Reading measure(const Sample& x, const Sample& y, const Gradient& grad) const override {
    check_samples(name_, x, y, {.weighted = true});
    return x.d() == 1 ? on_the_line(x, y, grad) : in_space(x, y, grad);
  }

  // Coordinates are used in float64, and W_p moves by no more than they do.
  std::optional<Rounding> rounding(const Sample& x, const Sample& y) const override {
    constexpr double kUnits = 8;
    return Rounding{kUnits * 0x1p-52 * pool_scale(x, y).largest};
  }

  std::unique_ptr<Witness> witness(const Sample& x, const Sample& y) const override {
    check_samples(name_, x, y, {.weighted = true});
    return transport_witness(x, y, p_);
  }

 private:
  // By sorting; its plan is optimal by the order of the points, so no gap is computed.
  Reading on_the_line(const Sample& x, const Sample& y, const Gradient& grad) const {
    const double power = one_dimensional_power(x, y, p_, grad);
    if (!grad.weights.empty()) centre(grad.weights);
    scale(grad, slope_of_root(power));
    return reading(power, 0, "sorting (one dimension)");
  }

  Reading in_space(const Sample& x, const Sample& y, const Gradient& grad) const {
    const TransportResult result = solve_transport(x, y, {.p = p_});
    if (grad.points.wanted()) transport_gradient(x, y, p_, result.plan, 1, grad.points);
    if (!grad.weights.empty()) {
      std::copy(result.u.begin(), result.u.end(), grad.weights.begin());
      centre(grad.weights);
    }
    scale(grad, slope_of_root(result.value));
    Reading r = reading(result.value, result.gap, result.method);
    if (const std::string warning = gap_warning(result.gap); !warning.empty())
      r.extra.emplace_back("warning", warning);
    r.extra.emplace_back("pivots", result.pivots);
    return r;
  }

  double slope_of_root(double power) const { return power > 0 ? std::pow(power, 1 / p_ - 1) / p_ : 0; }

  static void scale(const Gradient& grad, double factor) {
    if (grad.points.wanted())
      for (double& value : grad.points.span()) value *= factor;
    for (double& value : grad.weights) value *= factor;
  }

  Reading reading(double power, double gap, const std::string& method) const {
    return {.value = std::pow(std::max(power, 0.0), 1 / p_),
            .standard_error = {},
            .estimator = method,
            .unit = "the data's unit",
            .extra = {{"power", power}, {"gap", gap}},
            .options = {{"p", p_}}};
  }

  std::string name_;
  double p_;
};

constexpr Facts kFacts = {.symmetric = true,
                          .metric = true,
                          .non_negative = true,
                          .zero_on_itself = true,
                          .weighted = true,
                          .gradient_points = true,
                          .gradient_weights = true,
                          .witness = true};
constexpr const char* kSource =
    "Kantorovich 1942; Villani, \"Topics in Optimal Transportation\", 2003; Peyré & Cuturi, \"Computational "
    "Optimal "
    "Transport\", 2019, chapters 2 and 3";

// W_p under its own name, without options.
const OptionTable<WassersteinOptions>& fixed_table(double p) {
  static const OptionTable<WassersteinOptions> one("w1", {.p = 1}), two("w2", {.p = 2});
  return p == 1 ? one : two;
}

DistanceEntry fixed(double p, std::string title, std::string formula, std::vector<DistanceExample> examples) {
  const OptionTable<WassersteinOptions>& table = fixed_table(p);
  return {.name = table.name(),
          .title = std::move(title),
          .formula = std::move(formula),
          .source = kSource,
          .options = {},
          .facts = kFacts,
          .examples = std::move(examples),
          .make = from_table(
              table, [&table](const WassersteinOptions& o, std::uint64_t) -> std::unique_ptr<Distance> {
                return std::make_unique<Wasserstein>(table.name(), o.p);
              })};
}

}  // namespace

DistanceEntry w1_entry() {
  return fixed(
      1, "1-Wasserstein (earth mover's) distance, exact",
      "W1 = min Σ_ij f_ij ‖x_i−y_j‖ over f ≥ 0, Σ_j f_ij = a_i, Σ_i f_ij = b_j",
      {{.options = "",
        .d = 1,
        .x = {0, 1, 3},
        .y = {5, 6, 8},
        .value = 5,
        .by_hand = "in order 0→5, 1→6, 3→8: (5+5+5)/3"},
       {.options = "",
        .d = 2,
        .x = {0, 0, 3, 4},
        .y = {0, 0, 0, 0},
        .value = 2.5,
        .by_hand = "one point stays, the other moves 5: 5/2"},
       {.options = "",
        .d = 2,
        .x = {0, 0, 1, 0},
        .y = {0, 1, 1, 1},
        .x_weights = {0.75, 0.25},
        .y_weights = {0.25, 0.75},
        .value = 0.5 + 0.5 * std::sqrt(2.0),
        .by_hand = "a quarter goes up at either end (0.25·1 each), the half that is left crosses: 0.5·√2"}});
}

DistanceEntry w2_entry() {
  return fixed(2, "2-Wasserstein distance, exact",
               "W2 = (min Σ_ij f_ij ‖x_i−y_j‖²)^{1/2} over f ≥ 0, Σ_j f_ij = a_i, Σ_i f_ij = b_j",
               {{.options = "",
                 .d = 2,
                 .x = {0, 0, 1, 0},
                 .y = {0, 1, 1, 3},
                 .value = std::sqrt(5.0),
                 .by_hand = "straight up 1 and 3: (1+9)/2 = 5; crosswise 10 and 2: 6"},
                {.options = "",
                 .d = 1,
                 .x = {0, 4},
                 .y = {1},
                 .value = std::sqrt(5.0),
                 .by_hand = "half moves 1, half moves 3: (1+9)/2 = 5"}});
}

const OptionTable<WassersteinOptions>& option_table(const WassersteinOptions&) {
  static const auto table = OptionTable<WassersteinOptions>("w").add(
      "p", &WassersteinOptions::p, "exponent of the distance, at least 1", number_of(1, 1000));
  return table;
}

std::unique_ptr<Distance> make_distance(const WassersteinOptions& options, std::uint64_t) {
  option_table(options).check(options);
  return std::make_unique<Wasserstein>("w", options.p);
}

DistanceEntry w_entry() {
  const OptionTable<WassersteinOptions>& table = option_table(WassersteinOptions{});
  return {.name = "w",
          .title = "p-Wasserstein distance, exact",
          .formula = "W_p = (min Σ_ij f_ij ‖x_i−y_j‖^p)^{1/p} over f ≥ 0, Σ_j f_ij = a_i, Σ_i f_ij = b_j",
          .source = kSource,
          .options = table.rows(),
          .facts = kFacts,
          .examples = {{.options = "p=3",
                        .d = 2,
                        .x = {0, 0, 1, 0},
                        .y = {0, 1, 1, 3},
                        .value = std::cbrt(14.0),
                        .by_hand = "straight up 1 and 3: (1+27)/2 = 14; crosswise 10^1.5 and 2^1.5: 17.2"},
                       {.options = "p=1.5",
                        .d = 2,
                        .x = {0, 0},
                        .y = {3, 4},
                        .value = 5,
                        .by_hand = "one point moves 5, whatever p"}},
          .make = distance_from(table)};
}

}  // namespace pushforward
