// SPDX-License-Identifier: Apache-2.0
// Every layer and loss of the registries keeps what it promises, at several seeds.
#include <gtest/gtest.h>

#include "pushforward/conformance_layers.hpp"

namespace pushforward {
namespace {

TEST(LayerConformance, EveryLayerKeepsItsPromises) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed)
    for (const Finding& finding : check_layers({.seed = seed})) ADD_FAILURE() << finding.text();
}

TEST(LossConformance, EveryLossKeepsItsPromises) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed)
    for (const Finding& finding : check_losses({.seed = seed})) ADD_FAILURE() << finding.text();
}

}  // namespace
}  // namespace pushforward
