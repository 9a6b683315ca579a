// SPDX-License-Identifier: Apache-2.0
//
// Max-sliced Wasserstein distance: the direction along which two samples differ most.
//
//   max over unit θ of W_p(θ#x, θ#y)   [Deshpande et al. 2019]
//
// The mean over directions that the sliced distance takes washes out a difference that lives in one direction
// of many. The maximum does not, but it has to be searched for, and the objective has many local maxima: so
// `projections` random directions are tried, and from the best three the sphere is climbed along the gradient
// ∂W_p^p/∂θ = Σ_ij P_ij p|δ|^{p−1} sign(δ)(x_i−y_j), δ = ⟨θ, x_i−y_j⟩, projected on the tangent, with steps
// that double after a success and halve after a failure. What is printed is reached by a direction that
// exists: a lower bound of the maximum.
//
// No gradient is offered: the objective is a minimum over plans, so its maximum usually lies on a crease
// where two orders of the projections tie, and there no single plan's gradient is that of the maximum.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/whole_number.hpp"
#include "distances/distance_row.hpp"
#include "distances/projections.hpp"

namespace pushforward {
namespace {

constexpr std::size_t kClimbs = 3;
constexpr int kMostSteps = 300;
constexpr double kLeastStep = 1e-8;

double norm(std::span<const double> v) {
  return std::sqrt(std::inner_product(v.begin(), v.end(), v.begin(), 0.0));
}

void normalise(std::vector<double>& v) {
  const double size = norm(v);
  for (double& value : v) value /= size;
}

class Climb {
 public:
  Climb(const Projected& samples, double p, std::vector<double> start, double power)
      : samples_(samples), p_(p), direction_(std::move(start)), power_(power) {}

  /// The largest W_p^p found from here.
  double top() {
    double step = 0.25;
    std::vector<double> uphill = tangent();
    for (int k = 0; k < kMostSteps && step > kLeastStep && !uphill.empty(); ++k) {
      if (try_step(uphill, step))
        step = std::min(1.0, 2 * step), uphill = tangent();
      else
        step /= 2;
    }
    return power_;
  }
  const std::vector<double>& direction() const { return direction_; }

 private:
  /// The unit tangent along which the power grows fastest; empty where there is none.
  std::vector<double> tangent() const {
    std::vector<double> g = samples_.slope(direction_, p_);
    const double size = norm(g);
    const double radial = std::inner_product(g.begin(), g.end(), direction_.begin(), 0.0);
    for (std::size_t k = 0; k < g.size(); ++k) g[k] -= radial * direction_[k];
    if (!(norm(g) > 1e-12 * size)) return {};
    normalise(g);
    return g;
  }
  bool try_step(const std::vector<double>& uphill, double step) {
    std::vector<double> candidate(direction_);
    for (std::size_t k = 0; k < candidate.size(); ++k) candidate[k] += step * uphill[k];
    normalise(candidate);
    const double power = samples_.powers({candidate.data(), 1, candidate.size()}, p_)[0];
    if (!(power > power_)) return false;
    direction_ = std::move(candidate), power_ = power;
    return true;
  }

  const Projected& samples_;
  double p_;
  std::vector<double> direction_;
  double power_;
};

class MaxSliced final : public Distance {
 public:
  MaxSliced(double p, std::size_t projections, std::uint64_t seed)
      : p_(p), projections_(projections), seed_(seed) {}

  Reading measure(const Sample& x, const Sample& y, const Gradient&) const override {
    check_samples("max-sliced", x, y, {.weighted = true});
    const std::size_t count = x.d() == 1 ? 1 : projections_;
    const Matrix<double> starts = random_directions(count, x.d(), seed_);
    const auto samples = make_projected(x, y);
    const std::vector<double> powers = samples->powers(starts, p_);
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t i, std::size_t j) { return powers[i] > powers[j]; });
    double best = -1;
    std::vector<double> direction;
    for (std::size_t k = 0; k < std::min(kClimbs, count); ++k) {
      const double* row = starts.row(order[k]);
      Climb climb(*samples, p_, {row, row + x.d()}, powers[order[k]]);
      if (const double power = climb.top(); power > best) best = power, direction = climb.direction();
    }
    if (best < std::numeric_limits<double>::min()) {
      const std::vector<double> lengths = samples->powers(starts, 1);
      check_underflow("max-sliced", best, p_, *std::max_element(lengths.begin(), lengths.end()) > 0);
    }
    return {.value = std::pow(best, 1 / p_),
            .standard_error = {},
            .estimator = count == 1 ? "sorting (one direction)"
                                    : "best of random directions, then ascent on the sphere",
            .unit = "the data's unit",
            .extra = {{"power", best}, {"direction", direction}},
            .options = {{"p", p_}, {"projections", count}}};
  }

  std::optional<Rounding> rounding(const Sample& x, const Sample& y) const override {
    return projected_rounding(x, y);
  }

 private:
  double p_;
  std::size_t projections_;
  std::uint64_t seed_;
};

}  // namespace

const OptionTable<MaxSlicedOptions>& option_table(const MaxSlicedOptions&) {
  static const auto table =
      OptionTable<MaxSlicedOptions>("max-sliced")
          .add("p", &MaxSlicedOptions::p, "exponent of the distance, at least 1", number_of(1, 1000))
          .add("projections", &MaxSlicedOptions::projections,
               "random directions to start from; the best three are improved", count_of(1, kMostUnits));
  return table;
}

std::unique_ptr<Distance> make_distance(const MaxSlicedOptions& options, std::uint64_t seed) {
  option_table(options).check(options);
  return std::make_unique<MaxSliced>(options.p, options.projections, seed);
}

DistanceEntry max_sliced_entry() {
  const OptionTable<MaxSlicedOptions>& table = option_table(MaxSlicedOptions{});
  return {.name = "max-sliced",
          .title = "Max-sliced p-Wasserstein distance",
          .formula = "max over unit directions t of W_p(<t,x>, <t,y>)",
          .source = "Deshpande et al., \"Max-sliced Wasserstein distance and its use for GANs\", CVPR 2019",
          .options = table.rows(),
          .facts = {.symmetric = true,
                    .non_negative = true,
                    .zero_on_itself = true,
                    .weighted = true,
                    .randomised = true},
          .examples = {{.options = "",
                        .d = 2,
                        .x = {0, 0},
                        .y = {3, 4},
                        .value = 5,
                        .by_hand = "the direction (3,4)/5 sees the whole difference: 5",
                        .tolerance = 1e-12},
                       {.options = "p=1",
                        .d = 2,
                        .x = {0, 0, 0, 2},
                        .y = {3, 0, 3, 2},
                        .value = 3,
                        .by_hand = "along (1,0) both points move 3; no direction sees more than the shift",
                        .tolerance = 1e-12}},
          .make = distance_from(table)};
}

}  // namespace pushforward
