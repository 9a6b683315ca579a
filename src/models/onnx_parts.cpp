// SPDX-License-Identifier: Apache-2.0
#include "models/onnx_parts.hpp"

#include "pushforward/error.hpp"

namespace pushforward {
namespace {

OnnxPart part(const std::string& name, const OnnxPart::Input& from, const std::string& to, OnnxUnits units,
              WriteRows write) {
  return {name, {from}, [=](OnnxGraph& graph, const std::vector<OnnxRows>& x) {
            return std::vector<OnnxPart::Output>{{to, write(graph, x.front()), units}};
          }};
}

}  // namespace

OnnxPart encoder_part(std::size_t features, WriteRows write) {
  return part("encoder", {"x", features, OnnxUnits::data}, "z", OnnxUnits::none, std::move(write));
}

OnnxPart decoder_part(std::size_t latent, WriteRows write, const std::string& name) {
  return part(name, {"z", latent}, "x", OnnxUnits::data, std::move(write));
}

OnnxPart critic_part(const Critic& critic, std::size_t width, OnnxUnits units, std::size_t pack) {
  const auto* map = dynamic_cast<const OnnxMap*>(&critic);
  if (map == nullptr) throw RequestError("ONNX: this critic cannot be written as its operators");
  return part("critic", {"x", width * pack, units}, "f", OnnxUnits::none,
              [map](OnnxGraph& graph, const OnnxRows& x) { return map->write(graph, x); });
}

}  // namespace pushforward
