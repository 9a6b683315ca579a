// SPDX-License-Identifier: Apache-2.0
//
// Parts of models that are written to ONNX alike: one input, one network, one output.
#pragma once

#include <functional>
#include <string>

#include "layers/onnx_layers.hpp"
#include "pushforward/critic.hpp"
#include "pushforward/onnx.hpp"

namespace pushforward {

using WriteRows = std::function<OnnxRows(OnnxGraph&, const OnnxRows&)>;

/// From data (D numbers, in their own units) to a code z.
OnnxPart encoder_part(std::size_t features, WriteRows write);
/// From a code z (Z numbers) to data; "decoder", or another name.
OnnxPart decoder_part(std::size_t latent, WriteRows write, const std::string& name = "decoder");
/// f of points, before any sigmoid; of codes where the critic sees codes, and of `pack` points side by side.
OnnxPart critic_part(const Critic& critic, std::size_t width, OnnxUnits units, std::size_t pack = 1);

}  // namespace pushforward
