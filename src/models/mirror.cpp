// SPDX-License-Identifier: Apache-2.0
// Blocks of a body, and the layer that undoes each.
#include "models/mirror.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "layers/geometry.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

using Option = std::pair<std::string, std::string>;

const std::string* find_option(const Spec& spec, std::string_view key) {
  const auto found = std::ranges::find(spec.options, key, &Option::first);
  return found == spec.options.end() ? nullptr : &found->second;
}

Spec without(Spec spec, std::initializer_list<std::string_view> keys) {
  std::erase_if(spec.options,
                [&](const Option& option) { return std::ranges::count(keys, option.first) > 0; });
  return spec;
}

void put(Spec& spec, const std::string& key, const std::string& value) {
  spec = without(spec, {key});
  spec.options.emplace_back(key, value);
}

// A layer that changes the shape, and what follows it.
struct BodyBlock {
  Spec main;
  std::vector<Spec> rest;
  RowShape input, output;  // of main
};

bool reshapes(const std::string& name) {
  static constexpr std::string_view names[] = {"convolution", "transposed-convolution",
                                               "dense",       "maxout",
                                               "max-pool",    "average-pool",
                                               "upsample",    "unpool",
                                               "residual",    "flatten",
                                               "reshape"};
  return std::ranges::count(names, name) > 0;
}

// "dense 256 activation=tanh" is two layers here.
void split_activation(BodyBlock& block) {
  const std::string* activation = find_option(block.main, "activation");
  if (!activation || block.main.name == "residual") return;
  Spec own{"activation", {{"", *activation}}};
  if (const std::string* slope = find_option(block.main, "slope")) own.options.emplace_back("slope", *slope);
  block.rest.insert(block.rest.begin(), own);
  block.main = without(block.main, {"activation", "slope"});
}

std::vector<BodyBlock> blocks_of(RowShape input, const std::vector<Spec>& body) {
  std::vector<BodyBlock> blocks;
  std::vector<Spec> built;
  for (const Spec& spec : body) {
    const RowShape before = built.empty() ? input : build_network(input, built).output_shape();
    built.push_back(spec);
    if (reshapes(spec.name)) {
      blocks.push_back({spec, {}, before, build_network(input, built).output_shape()});
      split_activation(blocks.back());
    } else if (!blocks.empty()) {
      blocks.back().rest.push_back(spec);
    }  // what stands before the first block (dropout of the input) is not mirrored
  }
  return blocks;
}

Spec upsample_to(const RowShape& shape) {
  return {"upsample", {{"size", fmt::format("{}x{}", shape.height, shape.width)}}};
}

// What must be added below and right to get `image` back from `result`.
std::string output_padding(const Spec& spec, const RowShape& image, const RowShape& result) {
  const Spec window_only = without(spec, {"channels", "groups", "bias", "initial"});
  SpecReader read(window_only);
  const Window w = read_window(read, spec.name, "3", "1", "same");
  const Extent least = size_onto(result, w, {0, 0}, spec.name);
  return fmt::format("{}x{}", image.height - least.height, image.width - least.width);
}

std::vector<Spec> undo_convolution(const BodyBlock& b, const std::string& channels) {
  Spec back = b.main;
  back.name = b.main.name == "convolution" ? "transposed-convolution" : "convolution";
  put(back, "channels", channels);
  if (b.main.name == "convolution")
    put(back, "output-padding", output_padding(b.main, b.input, b.output));
  else
    back = without(back, {"output-padding"});
  return {back};
}

std::vector<Spec> undo_dense(const BodyBlock& b, std::size_t channels) {
  RowShape shape = b.input;
  shape.channels = channels;
  std::vector<Spec> back = {{"dense", {{"units", fmt::format("{}", shape.size())}}}};
  if (const std::string* initial = find_option(b.main, "initial")) put(back.front(), "initial", *initial);
  if (shape.image)
    back.push_back({"reshape", {{"", fmt::format("{}x{}x{}", shape.height, shape.width, shape.channels)}}});
  return back;
}

// A window's maximum goes back over all of it, or (`undo=unpool`) to its corner.
std::vector<Spec> undo_pooling(const BodyBlock& b) {
  const std::string* by = find_option(b.main, "undo");
  std::vector<Spec> back = {upsample_to(b.input)};
  if (!by || *by != "unpool") return back;
  const std::string *kernel = find_option(b.main, "kernel"), *stride = find_option(b.main, "stride");
  put(back.front(), "scale", stride ? *stride : kernel ? *kernel : "2");
  back.front().name = "unpool";
  return back;
}

// By the maximum, which finds what is above 0 again. Zeros beyond the last window have no way back.
std::vector<Spec> undo_unpooling(const BodyBlock& b) {
  const std::string* given = find_option(b.main, "scale");
  const std::string scale = given ? *given : "2";
  const Extent s = parse_extent(scale, "unpool: scale");
  if (b.output.height <= b.input.height * s.height && b.output.width <= b.input.width * s.width)
    return {{"max-pool", {{"kernel", scale}}}};
  throw RequestError(Complaint{"network: unpool", "a size beyond its windows' in a mirrored network",
                               fmt::format("at most {} times the input's", scale)});
}

std::vector<Spec> undo_residual(const BodyBlock& b, const std::string& channels) {
  std::vector<Spec> back;
  if (b.output.height != b.input.height || b.output.width != b.input.width)
    back.push_back(upsample_to(b.input));
  back.push_back(without(b.main, {"stride"}));
  put(back.back(), "channels", channels);
  return back;
}

std::vector<Spec> undo(const BodyBlock& b, std::size_t channels) {
  const std::string& name = b.main.name;
  const std::string count = fmt::format("{}", channels);
  if (name == "convolution" || name == "transposed-convolution") return undo_convolution(b, count);
  if (name == "dense" || name == "maxout") return undo_dense(b, channels);
  if (name == "residual") return undo_residual(b, count);
  if (channels != b.input.channels)
    throw RequestError(Complaint{"network", name + " first", "a convolution or dense layer first",
                                 "two numbers a feature must come out of the decoder's last layer"});
  if (name == "max-pool" || name == "average-pool") return undo_pooling(b);
  if (name == "unpool") return undo_unpooling(b);
  if (name == "upsample") {
    const std::string scale =
        fmt::format("{}x{}", b.output.height / b.input.height, b.output.width / b.input.width);
    return {{"average-pool", {{"kernel", scale}}}};
  }
  if (!b.input.image) return {{"flatten"}};
  return {{"reshape", {{"", fmt::format("{}x{}x{}", b.input.height, b.input.width, b.input.channels)}}}};
}

}  // namespace

namespace {

// A batch norm takes a bias before it out again; elsewhere there is one, whatever the mirrored layer had.
void settle_biases(std::vector<Spec>& layers) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (layers[i].name != "convolution" && layers[i].name != "transposed-convolution") continue;
    layers[i] = without(layers[i], {"bias"});
    if (i + 1 < layers.size() && layers[i + 1].name == "batch-norm") put(layers[i], "bias", "no");
  }
}

}  // namespace

std::vector<Spec> mirrored(RowShape input, const std::vector<Spec>& body, std::size_t channels,
                           bool from_code) {
  const std::vector<BodyBlock> blocks = blocks_of(input, body);
  std::vector<Spec> back;
  for (std::size_t i = blocks.size(); i-- > 0;) {
    if (from_code || i + 1 < blocks.size())
      back.insert(back.end(), blocks[i].rest.begin(), blocks[i].rest.end());
    const std::vector<Spec> more = undo(blocks[i], i == 0 ? channels : blocks[i].input.channels);
    back.insert(back.end(), more.begin(), more.end());
  }
  settle_biases(back);
  return back;
}

}  // namespace pushforward
