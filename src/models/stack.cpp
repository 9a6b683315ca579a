// SPDX-License-Identifier: Apache-2.0
// Layers from sizes.
#include "models/stack.hpp"

#include <fmt/format.h>

namespace pushforward {

Network make_stack(RowShape input, const StackPlan& plan, const std::string& name) {
  Network network(input);
  std::vector<std::size_t> units = plan.hidden;
  units.push_back(plan.outputs);
  for (std::size_t k = 0; k < units.size(); ++k) {
    const bool last = k + 1 == units.size(), apart = plan.apart && !last;
    if (k < plan.dropout.size() && plan.dropout[k] > 0) {
      network.add(Spec{"dropout", {{"", fmt::format("{}", plan.dropout[k])}}});
      network.layer(network.depth() - 1).named(fmt::format("{}.{}", name, k));
    }
    const std::string& f = last ? plan.output_activation : plan.activation;
    network.add(Spec{"dense",
                     {{"units", fmt::format("{}", units[k])},
                      {"activation", apart ? "linear" : f},
                      {"initial", plan.initial}}});
    for (Parameter* p : network.layer(network.depth() - 1).parameters())
      p->name = fmt::format("{}.{}.{}", name, k, p->name);
    if (apart) network.add(Spec{"activation", {{"", f}}});
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
