// SPDX-License-Identifier: Apache-2.0
// A divergence that is added: max |p − q|.
#include <algorithm>
#include <cmath>

#include "pushforward/divergence.hpp"

namespace pushforward {
namespace {

class LargestGap final : public Divergence {
 public:
  double measure(const DiscretePair& pair, std::span<double>) const override {
    double largest = 0;
    for (std::size_t i = 0; i < pair.p.size(); ++i)
      largest = std::max(largest, std::abs(pair.p[i] - pair.q[i]));
    return largest;
  }
};

}  // namespace

DivergenceEntry added_divergence() {
  return {.name = "added-divergence",
          .title = "largest difference of masses",
          .formula = "max |p − q|",
          .range = "[0, 1]",
          .source = "this test",
          .facts = {.symmetric = true, .metric = true},
          .examples = {{.options = "", .p = {0.5, 0.5}, .q = {0.25, 0.75}, .value = 0.25, .by_hand = "¼, ¼"}},
          .make = [](const Spec& spec) {
            SpecReader(spec).finish();
            return std::make_unique<LargestGap>();
          }};
}

}  // namespace pushforward
