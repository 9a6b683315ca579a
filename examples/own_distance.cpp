// SPDX-License-Identifier: Apache-2.0
//
// A distance of your own, and the checker that the library holds its own distances to.
//
// The example is the largest difference of any coordinate's mean, max_k |x̄_k − ȳ_k|: symmetric, never
// negative, 0 on itself, and it obeys the triangle inequality (it is a norm of a difference).
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "pushforward/conformance.hpp"
#include "pushforward/distance.hpp"

using namespace pushforward;

namespace {

constexpr Facts kFacts{
    .symmetric = true, .metric = true, .non_negative = true, .zero_on_itself = true, .weighted = true};

class LargestMeanGap : public Distance {
 public:
  Reading measure(const Sample& x, const Sample& y, const Gradient&) const override {
    check_samples("mean-gap", x, y, kFacts);  // refuses NaN, empty samples, wrong weights, in the usual words
    double largest = 0;
    for (std::size_t k = 0; k < x.d(); ++k) largest = std::max(largest, std::abs(mean(x, k) - mean(y, k)));
    Reading reading;
    reading.value = largest;
    reading.estimator = "weighted means";
    reading.unit = "the data's unit";
    return reading;
  }

 private:
  static double mean(const Sample& sample, std::size_t k) {
    double sum = 0;
    for (std::size_t i = 0; i < sample.n(); ++i)
      sum += sample.points.at(i, k) *
             (sample.weights.empty() ? 1.0 / static_cast<double>(sample.n()) : sample.weights[i]);
    return sum;
  }
};

DistanceEntry mean_gap_entry() {
  DistanceEntry entry;
  entry.name = "mean-gap";
  entry.title = "Largest difference of means";
  entry.formula = "max_k |mean(x_k) − mean(y_k)|";
  entry.source = "this example";
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

}  // namespace

int main() {
  DistanceEntry entry = mean_gap_entry();
  for (const Finding& finding : check_distance(entry)) {
    std::printf("%s\n", finding.text().c_str());
    return EXIT_FAILURE;  // a correct class has no findings
  }

  // A claim that is not true is found: this distance has no gradient to fill.
  entry.facts.gradient_points = true;
  const std::vector<Finding> findings = check_distance(entry);
  for (const Finding& finding : findings) std::printf("as it should be: %s\n", finding.text().c_str());
  return findings.empty() ? EXIT_FAILURE : EXIT_SUCCESS;
}
