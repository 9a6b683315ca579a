// SPDX-License-Identifier: Apache-2.0
//
// Networks as a line of text: "conv 32 4x4/2, relu, conv 64 4x4/2, relu, dense 256".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pushforward/network.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

/// The layers that a text asks for. Pieces are layers of the registry by their name or a short one, with
/// sizes in their place and options as key=value.
std::vector<LayerPlan> parse_network(std::string_view text);
/// Builds them; an activation joins the layer before it where that one can carry it; `initial` is for weights
/// that say nothing themselves. RequestError where shapes do not fit: which layer, what it got and wanted,
/// and the layers before it with their shapes.
Network build_network(RowShape input, const std::vector<LayerPlan>& layers,
                      const Initial& initial = FanInInitial{});
/// Makes `network` use the parameters of `owner`, in order, which must outlive it and be bound already: the
/// same fully convolutional layers for images of another size. RequestError where the sizes differ.
void share_parameters(Network& network, Network& owner);

}  // namespace pushforward
#pragma GCC visibility pop
