// SPDX-License-Identifier: Apache-2.0
//
// What layers share when they are written as nodes of an OnnxGraph (onnx.hpp).
#pragma once

#include "ops/activation.hpp"
#include "ops/convolution.hpp"
#include "pushforward/network.hpp"
#include "pushforward/onnx.hpp"

namespace pushforward {

/// RequestError for a layer that is no OnnxMap.
OnnxRows write_layer(OnnxGraph& graph, const Layer& layer, const OnnxRows& x);
OnnxRows write_network(OnnxGraph& graph, const Network& network, const OnnxRows& x);
/// y = f(x); a linear one writes nothing.
OnnxRows write_activation(OnnxGraph& graph, const Activation& activation, const OnnxRows& x);

/// The parameter's value with these extents.
std::string write_parameter(OnnxGraph& graph, const Parameter& parameter, std::vector<std::int64_t> extents);
/// Of a window: kernel_shape, strides and dilations.
std::vector<OnnxGraph::Attribute> window_attributes(const Convolution& geometry);
/// Zeros before and behind, as a window over the image needs them (never fewer than none).
OnnxGraph::Attribute pads_over(const Convolution& geometry);

}  // namespace pushforward
