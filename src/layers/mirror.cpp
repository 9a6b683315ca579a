// SPDX-License-Identifier: Apache-2.0
// Blocks of a body, and their way back.
#include "layers/mirror.hpp"

#include "pushforward/layers.hpp"
#include "pushforward/network_text.hpp"

namespace pushforward {
namespace {

// A layer that changes the shape, and what follows it.
struct BodyBlock {
  LayerPlan main;
  std::vector<LayerPlan> rest;
  RowShape input, output;  // of main
};

// "dense 256 activation=tanh" is two layers here.
void split_activation(BodyBlock& block) {
  if (!block.main.entry().activation) return;
  const auto [kind, slope] = block.main.entry().activation(block.main);
  if (kind) block.rest.insert(block.rest.begin(), ActivationOptions{*kind, slope});
  kind.reset(), slope.reset();
}

std::vector<BodyBlock> blocks_of(RowShape input, const std::vector<LayerPlan>& body) {
  build_network(input, body);  // refuses, naming the layer
  std::vector<BodyBlock> blocks;
  for (const LayerPlan& plan : body) {
    const RowShape output = make_layer(plan, input)->output_shape();
    if (plan.entry().mirror) {
      blocks.push_back({plan, {}, input, output});
      split_activation(blocks.back());
    } else if (!blocks.empty()) {
      blocks.back().rest.push_back(plan);
    }  // what stands before the first block (dropout of the input) is not mirrored
    input = output;
  }
  return blocks;
}

}  // namespace

std::vector<LayerPlan> mirrored(RowShape input, const std::vector<LayerPlan>& body, std::size_t channels,
                                bool from_code) {
  const std::vector<BodyBlock> blocks = blocks_of(input, body);
  const std::vector<LayerPlan> nothing;
  std::vector<LayerPlan> back;
  for (std::size_t i = blocks.size(); i-- > 0;) {
    const BodyBlock& block = blocks[i];
    if (from_code || i + 1 < blocks.size()) back.insert(back.end(), block.rest.begin(), block.rest.end());
    const std::vector<LayerPlan>& behind = i == 0 ? nothing : blocks[i - 1].rest;
    const std::vector<LayerPlan> more =
        block.main.entry().mirror(block.main, {.input = block.input,
                                               .output = block.output,
                                               .channels = i == 0 ? channels : block.input.channels,
                                               .bias = behind.empty() || !behind.front().entry().centres});
    back.insert(back.end(), more.begin(), more.end());
  }
  return back;
}

}  // namespace pushforward
