// SPDX-License-Identifier: Apache-2.0
// Layers from sizes.
#include "models/stack.hpp"

#include <fmt/format.h>

#include "pushforward/layers.hpp"

namespace pushforward {

Network make_stack(RowShape input, const StackPlan& plan, const std::string& name) {
  Network network(input);
  std::vector<std::size_t> units = plan.hidden;
  units.push_back(plan.outputs);
  for (std::size_t k = 0; k < units.size(); ++k) {
    const bool last = k + 1 == units.size(), apart = plan.apart && !last;
    if (k < plan.dropout.size() && plan.dropout[k] > 0) {
      network.add(DropoutOptions{plan.dropout[k]});
      network.layer(network.depth() - 1).named(fmt::format("{}.{}", name, k));
    }
    const Activation::Kind f = parse_activation_kind(last ? plan.output_activation : plan.activation);
    network.add(DenseOptions{.units = units[k],
                             .activation = apart ? Activation::Kind::linear : f,
                             .initial = read_initial(plan.initial)});
    for (Parameter* p : network.layer(network.depth() - 1).parameters())
      p->name = fmt::format("{}.{}.{}", name, k, p->name);
    if (apart) network.add(ActivationOptions{f});
  }
  return network;
}

std::vector<std::size_t> dense_places(Network& network) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < network.depth(); ++i)
    if (!network.layer(i).parameters().empty()) places.push_back(i);
  return places;
}

}  // namespace pushforward
