// SPDX-License-Identifier: Apache-2.0
//
// Dense layers that are taught one by one: a chain whose dense layers can be found, whatever stands between.
//
// Before a dense layer there may be dropout of its inputs, behind it its activation as a layer of its own.
// Names count dense layers, "encoder.1.weight", so that a run's weights suit the same sizes with other
// shares of dropout.
#pragma once

#include <string>
#include <vector>

#include "pushforward/network.hpp"

namespace pushforward {

struct StackPlan {
  std::vector<std::size_t> hidden;  ///< sizes of hidden layers
  std::size_t outputs = 1;
  std::string activation, output_activation, initial;
  std::vector<double> dropout{};  ///< of each dense layer's inputs; 0 or nothing makes no layer
  bool apart = false;             ///< hidden activations are layers of their own: logits can be had
};

Network make_stack(RowShape input, const StackPlan& plan, const std::string& name);

/// Which layers of a stack are dense.
std::vector<std::size_t> dense_places(Network& network);

}  // namespace pushforward
