// SPDX-License-Identifier: Apache-2.0
// A distance that is added: max_k |mean(x_k) − mean(y_k)|.
#include <algorithm>
#include <cmath>

#include "pushforward/distance.hpp"

namespace pushforward {
namespace {

constexpr Facts kFacts{.symmetric = true, .metric = true, .non_negative = true, .zero_on_itself = true};

double mean(const Sample& sample, std::size_t k) {
  double sum = 0;
  for (std::size_t i = 0; i < sample.n(); ++i) sum += sample.points.at(i, k);
  return sum / static_cast<double>(sample.n());
}

class LargestMeanGap final : public Distance {
 public:
  Reading measure(const Sample& x, const Sample& y, const Gradient&) const override {
    check_samples("added-distance", x, y, kFacts);
    Reading reading{.value = 0, .estimator = "means of columns", .unit = "the data's unit"};
    for (std::size_t k = 0; k < x.d(); ++k)
      reading.value = std::max(*reading.value, std::abs(mean(x, k) - mean(y, k)));
    return reading;
  }
};

}  // namespace

DistanceEntry added_distance() {
  DistanceEntry entry;
  entry.name = "added-distance";
  entry.title = "Largest difference of means";
  entry.formula = "max_k |mean(x_k) − mean(y_k)|";
  entry.source = "this test";
  entry.facts = kFacts;
  entry.examples = {{.options = "",
                     .d = 2,
                     .x = {0, 0, 2, 2},
                     .y = {4, 1},
                     .value = 3,
                     .by_hand = "means (1,1) and (4,1)"}};
  entry.make = [](const Spec& spec, std::uint64_t) {
    SpecReader(spec).finish();
    return std::make_unique<LargestMeanGap>();
  };
  return entry;
}

}  // namespace pushforward
