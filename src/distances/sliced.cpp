// SPDX-License-Identifier: Apache-2.0
//
// Sliced Wasserstein distance: the mean of what is easy.
//
// Transport on the line is a sort. So project both samples on random directions and average W_p^p over them
// [Rabin, Peyré, Delon & Bernot 2011; Bonneel et al. 2015]:
//
//   SW_p = (E_θ W_p^p(θ#x, θ#y))^{1/p},  θ uniform on the unit sphere,
//
// here by the mean over `projections` directions that depend on the seed only: then the value is itself a
// metric (an ℓ_p combination of metrics) but for measures that those directions cannot tell apart. The
// standard error is that of the mean of W_p^p over directions, divided by the slope p·SW^{p−1} of the power.
// On the line there is nothing to average: W_p, exactly. Cost: O(Lnd + L n log n) for L directions.
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/whole_number.hpp"
#include "distances/distance_row.hpp"
#include "distances/projections.hpp"

namespace pushforward {
namespace {

class Sliced final : public Distance {
 public:
  Sliced(const SlicedOptions& options, std::uint64_t seed)
      : p_(options.p), projections_(options.projections), seed_(seed) {}

  Reading measure(const Sample& x, const Sample& y, const Gradient& grad) const override {
    check_samples("sliced", x, y, {.weighted = true});
    const std::size_t count = x.d() == 1 ? 1 : projections_;
    const Matrix<double> directions = random_directions(count, x.d(), seed_);
    const auto samples = make_projected(x, y);
    const std::vector<double> powers = samples->powers(directions, p_, grad);
    const auto size = static_cast<double>(count);
    double mean = 0, square = 0;
    for (double power : powers) mean += power / size;
    for (double power : powers) square += (power - mean) * (power - mean);
    if (mean < std::numeric_limits<double>::min())
      check_underflow("sliced", mean, p_, largest(samples->powers(directions, 1)) > 0);
    const double slope = mean > 0 ? std::pow(mean, 1 / p_ - 1) / p_ : 0;
    scale(grad, slope / size);
    Reading r = reading(mean, count);
    if (count > 1) r.standard_error = slope * std::sqrt(square / (size * (size - 1)));
    return r;
  }

  void redraw(std::uint64_t seed) override { seed_ = seed; }

  std::optional<Rounding> rounding(const Sample& x, const Sample& y) const override {
    return projected_rounding(x, y);
  }

 private:
  static double largest(const std::vector<double>& powers) {
    return *std::max_element(powers.begin(), powers.end());
  }

  static void scale(const Gradient& grad, double factor) {
    for (std::size_t e = 0; e < grad.points.size(); ++e) grad.points.data[e] *= factor;
    for (double& value : grad.weights) value *= factor;
  }

  Reading reading(double power, std::size_t count) const {
    return {
        .value = std::pow(power, 1 / p_),
        .standard_error = {},
        .estimator = count == 1 ? "sorting (one direction)" : "mean of W_p^p over random directions, rooted",
        .unit = "the data's unit",
        .extra = {{"power", power}},
        .options = {{"p", p_}, {"projections", count}}};
  }

  double p_;
  std::size_t projections_;
  std::uint64_t seed_;
};

}  // namespace

const OptionTable<SlicedOptions>& option_table(const SlicedOptions&) {
  static const auto table =
      OptionTable<SlicedOptions>("sliced")
          .add("p", &SlicedOptions::p, "exponent of the distance, at least 1", number_of(1, 1000))
          .add("projections", &SlicedOptions::projections, "number of random directions",
               count_of(1, kMostUnits));
  return table;
}

std::unique_ptr<Distance> make_distance(const SlicedOptions& options, std::uint64_t seed) {
  option_table(options).check(options);
  return std::make_unique<Sliced>(options, seed);
}

DistanceEntry sliced_entry() {
  const OptionTable<SlicedOptions>& table = option_table(SlicedOptions{});
  return {.name = "sliced",
          .title = "Sliced p-Wasserstein distance",
          .formula = "(mean over directions t of W_p^p(<t,x>, <t,y>))^{1/p}, t uniform on the sphere",
          .source = "Rabin, Peyré, Delon & Bernot, SSVM 2011; Bonneel, Rabin, Peyré & Pfister, JMIV 2015",
          .options = table.rows(),
          .facts = {.symmetric = true,
                    .metric = true,
                    .non_negative = true,
                    .zero_on_itself = true,
                    .weighted = true,
                    .gradient_points = true,
                    .gradient_weights = true,
                    .randomised = true},
          .examples = {{.options = "",
                        .d = 1,
                        .x = {0, 1, 3},
                        .y = {5, 6, 8},
                        .value = 5,
                        .by_hand = "on the line every direction gives W2: all move by 5"},
                       {.options = "p=1",
                        .d = 1,
                        .x = {0, 4},
                        .y = {1},
                        .value = 2,
                        .by_hand = "half moves 1, half moves 3"},
                       {.options = "projections=7",
                        .d = 2,
                        .x = {1, 2, 3, 4},
                        .y = {3, 4, 1, 2},
                        .value = 0,
                        .by_hand = "the same points in another order"}},
          .make = distance_from(table)};
}

}  // namespace pushforward
