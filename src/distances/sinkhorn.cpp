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
// (0 < p ≤ 2) [Feydy et al. 2019]. It goes from W_p^p (ε → 0) to an energy distance (ε → ∞). A negative
// number of rounding's or an early stop's making is reported as 0 there.
//
// ε is in units of the mean cost Σ a_i b_j ‖x_i−y_j‖^p, so that it needs no knowledge of the data's unit; in
// a gradient it is a constant, and `freeze` fixes it. If all points coincide there is no scale, and nothing
// to move: the value is 0. A sample compared with itself uses the self-term for the cross-term too, so that
// the three cancel exactly.
#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "distances/sinkhorn_witness.hpp"
#include "pushforward/distance.hpp"
#include "pushforward/error.hpp"
#include "pushforward/sinkhorn.hpp"

namespace pushforward {
namespace {

struct Config {
  double p = 2, eps = 0.05;
  std::optional<double> absolute{};
  bool debias = true;
  long long iterations = 2000, memory = 1024;
  double tolerance = 1e-7;
};

Config read_config(const Spec& spec) {
  SpecReader read(spec);
  Config config;
  config.p = read.positive("p", config.p);
  config.eps = read.positive("eps", config.eps);
  if (read.has("eps-absolute")) config.absolute = read.positive("eps-absolute", 1);
  config.debias = read.yes("debias", config.debias);
  config.iterations = read.count("iterations", config.iterations, 1);
  config.tolerance = read.number("tolerance", config.tolerance, 0, 1);
  config.memory = read.count("memory", config.memory);
  read.finish();
  return config;
}

bool same(const Sample& x, const Sample& y) {
  if (x.n() != y.n()) return false;
  for (std::size_t i = 0; i < x.n(); ++i)
    for (std::size_t k = 0; k < x.d(); ++k)
      if (x.points.at(i, k) != y.points.at(i, k)) return false;
  const auto weight = [](const Sample& s, std::size_t i) {
    return s.weights.empty() ? 1 / static_cast<double>(s.n()) : s.weights[i];
  };
  for (std::size_t i = 0; i < x.n(); ++i)
    if (weight(x, i) != weight(y, i)) return false;
  return true;
}

class Sinkhorn final : public Distance {
 public:
  explicit Sinkhorn(const Config& config) : config_(config), epsilon_(config.absolute) {}

  void freeze(const Sample& x, const Sample& y) override {
    if (epsilon_) return;
    check_samples("sinkhorn", x, y, {.weighted = true});
    if (const double scale = mean_cost(x, y, config_.p); scale > 0) epsilon_ = config_.eps * scale;
  }

  std::vector<double> frozen() const override {
    return epsilon_ && !config_.absolute ? std::vector<double>{*epsilon_} : std::vector<double>{};
  }
  void thaw(std::span<const double> frozen) override {
    if (!config_.absolute && !frozen.empty()) epsilon_ = frozen[0];
  }

  Reading measure(const Sample& x, const Sample& y, const Gradient& grad) const override {
    check_samples("sinkhorn", x, y, {.weighted = true});
    const SinkhornOptions options = options_for(x, y);
    if (!(options.epsilon > 0)) return nothing_to_move(grad);
    return config_.debias ? debiased(x, y, options, grad) : biased(x, y, options, grad);
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
    return sinkhorn_witness(x, y, options, config_.debias, found.value.value_or(0));
  }

 private:
  SinkhornOptions options_for(const Sample& x, const Sample& y) const {
    return {.epsilon = epsilon_ ? *epsilon_ : config_.eps * mean_cost(x, y, config_.p),
            .p = config_.p,
            .iterations = config_.iterations,
            .tolerance = config_.tolerance,
            .memory = static_cast<std::size_t>(config_.memory) << 20};
  }

  Reading biased(const Sample& x, const Sample& y, const SinkhornOptions& options,
                 const Gradient& grad) const {
    const SinkhornResult xy = sinkhorn(x, y, options, grad);
    return reading(xy.value, xy, xy.marginal_error, xy.converged, options.epsilon);
  }

  Reading debiased(const Sample& x, const Sample& y, const SinkhornOptions& options,
                   const Gradient& grad) const {
    Matrix<double> points;
    std::vector<double> weights(grad.weights.size());
    Gradient self;
    if (grad.points.wanted()) points.resize(x.n(), x.d()), self.points = points.view();
    self.weights = weights;
    const SinkhornResult xx = sinkhorn_self(x, options, self);
    if (same(x, y)) {
      std::fill_n(grad.points.data, grad.points.size(), 0.0);
      std::fill(grad.weights.begin(), grad.weights.end(), 0.0);
      return reading(0, xx, xx.marginal_error, xx.converged, options.epsilon);
    }
    const SinkhornResult yy = sinkhorn_self(y, options), xy = sinkhorn(x, y, options, grad);
    for (std::size_t k = 0; k < grad.points.size(); ++k) grad.points.data[k] -= points.data()[k];
    for (std::size_t i = 0; i < grad.weights.size(); ++i) grad.weights[i] -= weights[i];
    const double value = xy.value - 0.5 * xx.value - 0.5 * yy.value;
    return reading(config_.p <= 2 ? std::max(0.0, value) : value, xy,
                   std::max({xy.marginal_error, xx.marginal_error, yy.marginal_error}),
                   xy.converged && xx.converged && yy.converged, options.epsilon);
  }

  Reading nothing_to_move(const Gradient& grad) const {
    std::fill_n(grad.points.data, grad.points.size(), 0.0);
    std::fill(grad.weights.begin(), grad.weights.end(), 0.0);
    SinkhornResult none;
    return reading(0, none, 0, true, 0);
  }

  Reading reading(double value, const SinkhornResult& xy, double error, bool converged,
                  double epsilon) const {
    Reading r{.value = value,
              .standard_error = {},
              .estimator = config_.debias ? "Sinkhorn divergence (debiased)" : "entropic transport OT_eps",
              .unit = config_.p == 1 ? "the data's unit"
                                     : fmt::format("the data's unit to the power {:g}", config_.p),
              .extra = {{"converged", converged}, {"marginal_error", error}, {"iterations", xy.iterations}},
              .options = {{"p", config_.p}}};
    if (!config_.debias) r.extra.emplace_back("transport_cost", xy.transport_cost);
    if (!config_.absolute) r.options.emplace_back("eps", config_.eps);
    r.options.emplace_back("eps-absolute", epsilon);
    r.options.emplace_back("debias", std::string(config_.debias ? "yes" : "no"));
    r.options.emplace_back("iterations", config_.iterations);
    r.options.emplace_back("tolerance", config_.tolerance);
    r.options.emplace_back("memory", config_.memory);
    return r;
  }

  Config config_;
  std::optional<double> epsilon_;
};

/// S_ε of points 0 and 2 (a half each) against the point 1, p = 2, eps-absolute = 1, by hand.
double two_against_one() {
  // Cross: the only plan is the product, KL = 0, cost 1. Self of {0, 2}: the plan is (s, ½−s; ½−s, s) with
  // s/(½−s) = e^4, so the value is 4·2(½−s) + Σ P ln 4P; the self-term of one point is 0.
  const double s = 0.5 / (1 + std::exp(-4.0)), t = 0.5 - s;
  return 1 - 0.5 * (8 * t + 2 * s * std::log(4 * s) + 2 * t * std::log(4 * t));
}

}  // namespace

DistanceEntry sinkhorn_entry() {
  const Facts facts = {.symmetric = true,
                       .non_negative = true,
                       .zero_on_itself = true,
                       .weighted = true,
                       .gradient_points = true,
                       .gradient_weights = true,
                       .witness = true};
  return {
      .name = "sinkhorn",
      .title = "Sinkhorn divergence (entropic optimal transport, debiased)",
      .formula =
          "OT_eps(x,y) - OT_eps(x,x)/2 - OT_eps(y,y)/2 with OT_eps = min_P <P,C> + eps KL(P || a b'), "
          "C_ij = |x_i-y_j|^p",
      .source = "Cuturi, NeurIPS 2013; Genevay, Peyré & Cuturi, AISTATS 2018; Feydy et al., AISTATS 2019",
      .options = {{"p", "2", "the cost is |x-y|^p"},
                  {"eps", "0.05", "strength of the entropy, in units of the mean cost"},
                  {"eps-absolute", "", "the same in the unit of the cost; instead of eps"},
                  {"debias", "yes", "no: OT_eps itself, with the plan's cost as transport_cost"},
                  {"iterations", "2000", "at most so many"},
                  {"tolerance", "1e-07", "stops when the marginals are so close; 0 = exactly `iterations`"},
                  {"memory", "1024",
                   "megabytes that a table of costs may take; beyond, costs are recomputed"}},
      .facts = facts,
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
      .make = [](const Spec& spec, std::uint64_t) -> std::unique_ptr<Distance> {
        return std::make_unique<Sinkhorn>(read_config(spec));
      },
      .facts_of =
          [facts](const Spec& spec) {
            const Config config = read_config(spec);
            Facts f = facts;
            f.zero_on_itself = config.debias;
            f.non_negative = !config.debias || config.p <= 2;
            return f;
          },
  };
}

}  // namespace pushforward
