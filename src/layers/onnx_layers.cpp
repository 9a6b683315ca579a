// SPDX-License-Identifier: Apache-2.0
// Finding a layer's own writer, and the attributes of windows.
#include "layers/onnx_layers.hpp"

#include <algorithm>

#include "pushforward/error.hpp"

namespace pushforward {

OnnxRows write_layer(OnnxGraph& graph, const Layer& layer, const OnnxRows& x) {
  if (const auto* map = dynamic_cast<const OnnxMap*>(&layer)) return map->write(graph, x);
  throw RequestError(Complaint{"ONNX", "the layer '" + layer.describe() + "'",
                               "layers that can be written as its operators", "see OnnxMap in onnx.hpp"});
}

OnnxRows write_network(OnnxGraph& graph, const Network& network, const OnnxRows& x) {
  OnnxRows y = x;
  for (std::size_t i = 0; i < network.depth(); ++i) y = write_layer(graph, network.layer(i), y);
  return y;
}

std::string write_parameter(OnnxGraph& graph, const Parameter& parameter, std::vector<std::int64_t> extents) {
  return graph.constant(parameter.name, std::move(extents), View<const float>(parameter.value).span());
}

std::vector<OnnxGraph::Attribute> window_attributes(const Convolution& g) {
  const auto pair = [](const char* name, const Extent& extent) {
    return OnnxGraph::Attribute{
        name, std::vector{static_cast<std::int64_t>(extent.height), static_cast<std::int64_t>(extent.width)}};
  };
  return {pair("kernel_shape", g.kernel), pair("strides", g.stride), pair("dilations", g.dilation)};
}

OnnxGraph::Attribute pads_over(const Convolution& g) {
  // What the last window reaches beyond the image.
  const auto behind = [](std::size_t result, std::size_t stride, std::size_t dilation, std::size_t kernel,
                         std::size_t before, std::size_t image) {
    const std::size_t end = (result - 1) * stride + (kernel - 1) * dilation + 1, have = before + image;
    return static_cast<std::int64_t>(end > have ? end - have : 0);
  };
  return {"pads",
          std::vector{static_cast<std::int64_t>(g.before.height), static_cast<std::int64_t>(g.before.width),
                      behind(g.result.height, g.stride.height, g.dilation.height, g.kernel.height,
                             g.before.height, g.image.height),
                      behind(g.result.width, g.stride.width, g.dilation.width, g.kernel.width, g.before.width,
                             g.image.width)}};
}

}  // namespace pushforward
