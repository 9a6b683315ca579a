// SPDX-License-Identifier: Apache-2.0
//
// The Sinkhorn divergence: entropic transport without its bias.
//
// OT_ε(x,x) is not 0: entropy blurs the plan, and a sample is at some distance from its own blur. Subtracting
// half of both self-terms removes that [Genevay, Peyré & Cuturi 2018]:
//
//   S_ε(x,y) = OT_ε(x,y) − ½ OT_ε(x,x) − ½ OT_ε(y,y),
//
// with one ε for the three; it is ≥ 0 and 0 only for equal measures where exp(−‖·‖^p/ε) is a positive kernel
// (0 < p ≤ 2) [Feydy et al. 2019]. It goes from W_p^p (ε → 0) to an energy distance (ε → ∞). The three terms
// cancel where samples are nearly equal: transport/sinkhorn_divergence.cpp says how digits are kept, and
// bounds the error that is left. A negative number within it is reported as 0.
//
// ε is in units of the mean cost Σ a_i b_j ‖x_i−y_j‖^p, so that it needs no knowledge of the data's unit; in
// a gradient it is a constant, and `freeze` fixes it. If all points coincide there is no scale, and nothing
// to move: the value is 0.
#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "distances/distance_row.hpp"
#include "distances/sinkhorn_witness.hpp"
#include "pushforward/distance.hpp"
#include "pushforward/error.hpp"
#include "pushforward/sinkhorn.hpp"
#include "transport/sinkhorn_divergence.hpp"

namespace pushforward {
namespace {

constexpr const char* kNoValue =
    "the iterations leave everything from 0 to the mean cost open: more iterations or a larger eps";
constexpr const char* kHidden = "0 as far as can be told: the bound of its error is larger than the value";

class Sinkhorn final : public Distance {
 public:
  explicit Sinkhorn(const SinkhornDivergenceOptions& config)
      : config_(config), epsilon_(config.eps_absolute) {}

  void freeze(const Sample& x, const Sample& y) override {
    if (epsilon_) return;
    check_samples("sinkhorn", x, y, {.weighted = true});
    if (const double epsilon = epsilon_for(x, y); epsilon > 0) epsilon_ = epsilon;
  }

  std::vector<double> frozen() const override {
    return epsilon_ && !config_.eps_absolute ? std::vector<double>{*epsilon_} : std::vector<double>{};
  }
  void thaw(std::span<const double> frozen) override {
    if (!config_.eps_absolute && !frozen.empty()) epsilon_ = frozen[0];
  }

  Reading measure(const Sample& x, const Sample& y, const Gradient& grad) const override {
    check_samples("sinkhorn", x, y, {.weighted = true});
    const SinkhornOptions options = options_for(x, y);
    if (!(options.epsilon > 0)) return nothing_to_move(grad);
    return reading(entropic::bounded_sinkhorn(x, y, options, config_.debias, grad), options.epsilon);
  }

  // An early stop leaves marginals that are off by the tolerance: mass that moves at about the mean cost.
  std::optional<Rounding> rounding(const Sample& x, const Sample& y) const override {
    constexpr double kLeast = 0x1p-40;  // where the number of iterations is fixed
    return Rounding{4 * std::max(config_.tolerance, kLeast) * mean_cost(x, y, config_.p)};
  }

  std::unique_ptr<Witness> witness(const Sample& x, const Sample& y) const override {
    const Reading found = measure(x, y, {});
    const SinkhornOptions options = options_for(x, y);
    if (!(options.epsilon > 0))
      throw RequestError(Complaint{"sinkhorn", "points that all coincide", "samples that differ"});
    return sinkhorn_witness(x, y, options, config_.debias, found.value);
  }

 private:
  double epsilon_for(const Sample& x, const Sample& y) const {
    if (epsilon_) return *epsilon_;
    const double scale = mean_cost(x, y, config_.p), epsilon = config_.eps * scale;
    if (scale > 0 && !(epsilon > 0 && std::isfinite(epsilon)))
      throw RequestError(Complaint{"sinkhorn: eps",
                                   fmt::format("{:g} times a mean cost of {:g}", config_.eps, scale),
                                   "a product that is a number", "rescale the data, or choose another eps"});
    return epsilon;
  }
  SinkhornOptions options_for(const Sample& x, const Sample& y) const {
    return {.epsilon = epsilon_for(x, y),
            .p = config_.p,
            .iterations = static_cast<long long>(config_.iterations),
            .tolerance = config_.tolerance,
            .memory = static_cast<std::size_t>(config_.memory) << 20};
  }

  Reading nothing_to_move(const Gradient& grad) const {
    std::fill_n(grad.points.data, grad.points.size(), 0.0);
    std::fill(grad.weights.begin(), grad.weights.end(), 0.0);
    entropic::BoundedValue none;
    none.value = 0, none.converged = true;
    return reading(none, 0);
  }

  Reading reading(const entropic::BoundedValue& found, double epsilon) const {
    Reading r{.value = found.value,
              .standard_error = {},
              .estimator = config_.debias ? "Sinkhorn divergence (debiased)" : "entropic transport OT_eps",
              .unit = config_.p == 1 ? "the data's unit"
                                     : fmt::format("the data's unit to the power {:g}", config_.p),
              .extra = {{"error_bound", found.error_bound},
                        {"converged", found.converged},
                        {"marginal_error", found.marginal_error},
                        {"iterations", found.iterations}},
              .options = {{"p", config_.p}}};
    if (!found.way.empty()) r.estimator += ", by " + found.way;
    if (!found.value) r.extra.emplace_back("note", kNoValue);
    if (found.value && found.error_bound > std::abs(*found.value)) r.extra.emplace_back("note", kHidden);
    if (!config_.debias) r.extra.emplace_back("transport_cost", found.transport_cost);
    if (!config_.eps_absolute) r.options.emplace_back("eps", config_.eps);
    r.options.emplace_back("eps-absolute", epsilon);
    r.options.emplace_back("debias", std::string(config_.debias ? "yes" : "no"));
    r.options.emplace_back("iterations", config_.iterations);
    r.options.emplace_back("tolerance", config_.tolerance);
    r.options.emplace_back("memory", config_.memory);
    return r;
  }

  SinkhornDivergenceOptions config_;
  std::optional<double> epsilon_;
};

/// S_ε of points 0 and 2 (a half each) against the point 1, p = 2, eps-absolute = 1, by hand.
double two_against_one() {
  // Cross: the only plan is the product, KL = 0, cost 1. Self of {0, 2}: the plan is (s, ½−s; ½−s, s) with
  // s/(½−s) = e^4, so the value is 4·2(½−s) + Σ P ln 4P; the self-term of one point is 0.
  const double s = 0.5 / (1 + std::exp(-4.0)), t = 0.5 - s;
  return 1 - 0.5 * (8 * t + 2 * s * std::log(4 * s) + 2 * t * std::log(4 * t));
}

Facts facts_for(const SinkhornDivergenceOptions& options) {
  return {.symmetric = true,
          .non_negative = !options.debias || options.p <= 2,
          .zero_on_itself = options.debias,
          .weighted = true,
          .gradient_points = true,
          .gradient_weights = true,
          .witness = true};
}

}  // namespace

const OptionTable<SinkhornDivergenceOptions>& option_table(const SinkhornDivergenceOptions&) {
  using O = SinkhornDivergenceOptions;
  static const auto table =
      OptionTable<O>("sinkhorn")
          .add("p", &O::p, "the cost is |x-y|^p", positive_number())
          .add("eps", &O::eps, "strength of the entropy, in units of the mean cost", positive_number())
          .add("eps-absolute", &O::eps_absolute, "the same in the unit of the cost; instead of eps",
               positive_number())
          .add("debias", &O::debias, "no: OT_eps itself, with the plan's cost as transport_cost", yes_or_no())
          .add("iterations", &O::iterations, "at most so many", count_of(1))
          .add("tolerance", &O::tolerance, "stops when the marginals are so close; 0 = exactly `iterations`",
               number_of(0, 1))
          .add("memory", &O::memory, "megabytes that a table of costs may take; beyond, costs are recomputed",
               count_of());
  return table;
}

std::unique_ptr<Distance> make_distance(const SinkhornDivergenceOptions& options, std::uint64_t) {
  option_table(options).check(options);
  return std::make_unique<Sinkhorn>(options);
}

DistanceEntry sinkhorn_entry() {
  const OptionTable<SinkhornDivergenceOptions>& table = option_table(SinkhornDivergenceOptions{});
  return {
      .name = "sinkhorn",
      .title = "Sinkhorn divergence (entropic optimal transport, debiased)",
      .formula =
          "OT_eps(x,y) - OT_eps(x,x)/2 - OT_eps(y,y)/2 with OT_eps = min_P <P,C> + eps KL(P || a b'), "
          "C_ij = |x_i-y_j|^p",
      .source = "Cuturi, NeurIPS 2013; Genevay, Peyré & Cuturi, AISTATS 2018; Feydy et al., AISTATS 2019",
      .options = table.rows(),
      .facts = facts_for({}),
      .examples = {{.options = "eps-absolute=0.7",
                    .d = 2,
                    .x = {0, 0},
                    .y = {3, 4},
                    .value = 25,
                    .by_hand = "one point each: the only plan moves it, 3²+4²; entropies are 0",
                    .tolerance = 1e-12},
                   {.options = "eps=0.2,p=1",
                    .d = 2,
                    .x = {0, 0},
                    .y = {3, 4},
                    .value = 5,
                    .by_hand = "one point each: √(3²+4²)",
                    .tolerance = 1e-12},
                   {.options = "eps-absolute=1",
                    .d = 1,
                    .x = {0, 2},
                    .y = {1},
                    .value = two_against_one(),
                    .by_hand =
                        "1 − ½(8t + 2s ln 4s + 2t ln 4t), s = ½/(1+e⁻⁴), t = ½−s: the self-term's plan is "
                        "(s t; t s)",
                    .tolerance = 1e-9},
                   {.options = "eps-absolute=1,debias=no",
                    .d = 1,
                    .x = {0, 2},
                    .y = {1},
                    .value = 1,
                    .by_hand = "the only plan is the product (KL 0), every cost is 1",
                    .tolerance = 1e-12}},
      .make = distance_from(table),
      .facts_of = from_table(table, facts_for),
  };
}

}  // namespace pushforward
