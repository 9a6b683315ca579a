// SPDX-License-Identifier: Apache-2.0
//
// Energy distance [Székely & Rizzo, "Energy statistics", J. Statist. Plann. Inference 143, 2013]:
//
//   D(p, q) = 2E‖X − Y‖ − E‖X − X′‖ − E‖Y − Y′‖
//
// over all pairs of the samples (the V-statistic, ≥ 0, not rooted). It is the squared MMD of the kernel −‖x −
// y‖ [Sejdinovic et al., Ann. Statist. 41, 2013] and is computed as that; it has no bandwidth, is 0 only for
// p = q, and scales with the data's unit. On the line it is twice Cramér's distance, 2∫(F − G)², by sorting.
#include <algorithm>
#include <cmath>

#include "distances/distance_row.hpp"
#include "distances/kernel_witness.hpp"
#include "distances/mmd_estimators.hpp"
#include "kernels/kernel_permutation.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

const Kernel kDistanceKernel{KernelFamily::energy, {}, 1};

Facts energy_facts() {
  Facts facts;
  facts.symmetric = facts.non_negative = facts.zero_on_itself = true;
  facts.weighted = facts.gradient_points = facts.gradient_weights = facts.witness = true;
  return facts;
}

class Energy final : public Distance {
 public:
  Reading measure(const Sample& x, const Sample& y, const Gradient& grad) const override {
    check_samples("energy", x, y, energy_facts());
    Reading reading;
    const bool line = x.d() == 1;
    reading.value = line ? energy_on_line(x, y, grad) : biased_mmd(kDistanceKernel, x, y, grad).value;
    if (!std::isfinite(*reading.value))
      throw RequestError(Complaint{"energy", "points so far apart that their distance overflows",
                                   "a finite sum", "rescale the data"});
    reading.estimator = line ? "all pairs (V-statistic), by sorting" : "all pairs (V-statistic)";
    reading.unit = "the data's unit";
    if (!line && !grad.points.wanted() && grad.weights.empty())  // a training takes what comes
      tell_rounding(kDistanceKernel, x, y, false, reading);
    return reading;
  }

  std::unique_ptr<PermutedStatistic> permuted(const Sample& x, const Sample& y) const override {
    return kernel_permutation(kDistanceKernel, x, y, {.biased = true, .root = false});
  }

  std::optional<Rounding> rounding(const Sample& x, const Sample& y) const override {
    return Rounding{kernel_rounding(kDistanceKernel, x, y)};
  }

  std::unique_ptr<Witness> witness(const Sample& x, const Sample& y) const override {
    check_samples("energy", x, y, energy_facts());
    return kernel_witness(kDistanceKernel, x, y);
  }
};

std::vector<DistanceExample> examples() {
  DistanceExample points;
  points.x = {0}, points.y = {1};
  points.value = 2, points.by_hand = "2·1 − 0 − 0";
  DistanceExample line;
  line.x = {0, 1}, line.y = {0, 2};
  line.value = 0.5,
  line.by_hand = "2 (0+2+1+1)/4 − 2·1/4 − 2·2/4; also 2∫(F−G)² = 2·¼, F and G differing by ½ on [1,2]";
  DistanceExample plane;
  plane.d = 2, plane.x = {0, 0}, plane.y = {3, 4};
  plane.value = 10, plane.by_hand = "2·5";
  DistanceExample weighted;
  weighted.x = {0, 1}, weighted.x_weights = {0.75, 0.25}, weighted.y = {0};
  weighted.value = 0.125, weighted.by_hand = "2·¼·1 − 2·¾·¼·1 = ½ − ⅜";
  return {points, line, plane, weighted};
}

}  // namespace

const OptionTable<EnergyOptions>& option_table(const EnergyOptions&) {
  static const OptionTable<EnergyOptions> table("energy");
  return table;
}

std::unique_ptr<Distance> make_distance(const EnergyOptions&, std::uint64_t) {
  return std::make_unique<Energy>();
}

DistanceEntry energy_entry() {
  DistanceEntry entry;
  entry.name = "energy";
  entry.title = "Energy distance";
  entry.formula = "2 E‖X−Y‖ − E‖X−X'‖ − E‖Y−Y'‖";
  entry.source = "Székely & Rizzo, Energy statistics, J. Statist. Plann. Inference 143 (2013)";
  entry.facts = energy_facts();
  entry.examples = examples();
  entry.make = distance_from(option_table(EnergyOptions{}));
  return entry;
}

}  // namespace pushforward
