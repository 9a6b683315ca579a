// SPDX-License-Identifier: Apache-2.0
//
// The same numbers in another shape or order.
//
//   flatten         an image as a vector
//   reshape         a vector as an image
//   stack-channels  the channels' groups as images one below the other
//
// Rows are contiguous whatever their shape, so in the first two nothing moves; the copy keeps to the layers'
// contract (a layer writes its own y). Dense layers take an image for the vector that it is, so flatten is
// for clarity, and reshape stands between a dense layer and the first transposed convolution of a decoder.
// stack-channels ends a decoder of two numbers a feature, which losses want as all means, then all
// log-variances, while a convolution makes them side by side.
#include <algorithm>

#include <fmt/format.h>

#include "core/memory.hpp"
#include "layers/layer_row.hpp"
#include "layers/linear_map.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

void copy(View<const float> from, View<float> to) { std::ranges::copy(from.span(), to.data); }

std::unique_ptr<Layer> make_flatten(const FlattenOptions&, RowShape input) {
  return make_linear_map("flatten", {.width = input.size()}, 0, copy, copy,
                         [](OnnxGraph& graph, const OnnxRows& x) {
                           return graph.each("Identity", graph.of_rows(graph.rows(x), x.shape.size()));
                         });
}

// 7x7x64; what is refused by sizes is the same as text.
OptionKind<ReshapeOptions> shape_kind() {
  using O = ReshapeOptions;
  const OptionKind<std::size_t> size = count_of(1, kMostUnits);
  return {.read =
              [=](const OptionText& text) {
                const std::vector<std::string> pieces = split(text.text, 'x');
                if (pieces.size() != 3)
                  throw RequestError(
                      Complaint{text.where, std::string(text.text), "height, width and channels: 7x7x64"});
                const auto at = [&](std::size_t i) { return size.read({pieces[i], text.where}); };
                return O{at(0), at(1), at(2)};
              },
          .text = [](const O& o, char) { return fmt::format("{}x{}x{}", o.height, o.width, o.channels); },
          .check =
              [=](const O& o, const std::string& where) {
                for (const std::size_t n : {o.height, o.width, o.channels}) size.check(n, where);
                checked_product({o.height, o.width, o.channels}, where);
              }};
}

std::unique_ptr<Layer> make_reshape(const ReshapeOptions& o, RowShape input) {
  const RowShape output = image_shape(o.height, o.width, o.channels);
  if (output.size() != input.size())
    throw RequestError(Complaint{"reshape", fmt::format("{} numbers", input.size()),
                                 fmt::format("{} for {}", output.size(), output.text())});
  return make_linear_map("reshape", output, 0, copy, copy, [=](OnnxGraph& graph, const OnnxRows& x) {
    return graph.of_planes(graph.planes(x, output), output);
  });
}

// Calls at(i, j): number i side by side is number j stacked. `channels` of an input pixel.
template <class At>
void for_stacked(std::size_t pixels, std::size_t channels, std::size_t parts, const At& at) {
  const std::size_t own = channels / parts;
  for (std::size_t p = 0; p < pixels; ++p)
    for (std::size_t c = 0; c < channels; ++c) at(p * channels + c, (c / own * pixels + p) * own + c % own);
}

void check_parts(std::size_t parts, RowShape input) {
  if (input.channels % parts != 0)
    throw RequestError(Complaint{"stack-channels:parts", fmt::format("{}", parts),
                                 fmt::format("a divisor of {} channels", input.channels)});
}

// B × (parts·own) × H × W to B × own × (parts·H) × W.
OnnxRows write_stacked(OnnxGraph& graph, const OnnxRows& x, const RowShape& input, std::size_t parts) {
  RowShape output = input;
  output.height *= parts, output.channels /= parts;
  const auto n = static_cast<std::int64_t>(parts), own = static_cast<std::int64_t>(output.channels);
  const auto height = static_cast<std::int64_t>(input.height), width = static_cast<std::int64_t>(input.width);
  const std::string apart =
      graph.add("Reshape", {graph.planes(x, input), graph.constant("parts", {-1, n, own, height, width})});
  const std::string turned =
      graph.add("Transpose", {apart}, {{"perm", std::vector<std::int64_t>{0, 2, 1, 3, 4}}});
  const std::string y =
      graph.add("Reshape", {turned, graph.constant("stacked", {-1, own, n * height, width})});
  return graph.of_planes(y, output);
}

std::unique_ptr<Layer> make_stack(const StackChannelsOptions& options, RowShape input) {
  const std::size_t parts = options.parts, pixels = input.height * input.width;
  check_parts(parts, input);
  RowShape output = input;
  output.height *= parts, output.channels /= parts;
  const std::size_t channels = input.channels;
  return make_linear_map(
      "stack channels", output, 0,
      [=](View<const float> x, View<float> y) {
        for (std::size_t b = 0; b < x.rows; ++b)
          for_stacked(pixels, channels, parts, [&](std::size_t i, std::size_t j) { y(b, j) = x(b, i); });
      },
      [=](View<const float> y, View<float> x) {
        for (std::size_t b = 0; b < y.rows; ++b)
          for_stacked(pixels, channels, parts, [&](std::size_t i, std::size_t j) { x(b, i) = y(b, j); });
      },
      [=](OnnxGraph& graph, const OnnxRows& x) { return write_stacked(graph, x, input, parts); });
}

template <class T>
void copy_twin(const T&, RowShape, View<const double> x, std::span<const Matrix<double>>, View<double> y) {
  std::ranges::copy(x.span(), y.data);
}

// Counts positions instead of computing them.
void stack_twin(const StackChannelsOptions& options, RowShape input, View<const double> x,
                std::span<const Matrix<double>>, View<double> y) {
  const std::size_t parts = options.parts, own = input.channels / parts;
  for (std::size_t b = 0; b < x.rows; ++b) {
    double* to = y.row(b);
    for (std::size_t k = 0; k < parts; ++k)
      for (std::size_t p = 0; p < input.height * input.width; ++p)
        for (std::size_t c = 0; c < own; ++c) *to++ = x(b, p * input.channels + k * own + c);
  }
}

template <class T>
std::vector<LayerPlan> mirror_shape(const T& options, const Passage& passage) {
  require_channels(passage, layer_entry(options).name);
  return {shaped(passage.input)};
}

const char* const kByHand = "two pixels of two channels, (1, 2) and (3, 4), row by row, channel by channel";

}  // namespace

LayerPlan shaped(const RowShape& shape) {
  if (!shape.image) return FlattenOptions{};
  return ReshapeOptions{shape.height, shape.width, shape.channels};
}

const LayerEntry& layer_entry(const FlattenOptions&) {
  static const OptionTable<FlattenOptions> table("flatten");
  static const LayerEntry entry = layer_row(
      table, make_flatten,
      {.formula = "y = x, a vector",
       .source = "LeCun et al., Proceedings of the IEEE 86, 1998: images meet full connections",
       .twin = by_options(copy_twin<FlattenOptions>),
       .trials = {{"flatten", image_shape(2, 1, 2)}},
       .examples =
           {{.inputs = 4, .x = {1, 2, 3, 4}, .parameters = {}, .y = {1, 2, 3, 4}, .by_hand = kByHand}},
       .same_numbers = true,
       .mirror = by_options(mirror_shape<FlattenOptions>)});
  return entry;
}

const LayerEntry& layer_entry(const ReshapeOptions&) {
  static const auto table = OptionTable<ReshapeOptions>("reshape")
                                .whole("", "height x width x channels, as 7x7x64", shape_kind())
                                .shown("");
  static const LayerEntry entry = layer_row(
      table, make_reshape,
      {.formula = "y = x, an image",
       .source = "Radford, Metz & Chintala, ICLR 2016: the generator's first layer",
       .twin = by_options(copy_twin<ReshapeOptions>),
       .trials = {{"reshape:1x2x2", {.width = 4}}},
       .examples =
           {{.inputs = 4, .x = {1, 2, 3, 4}, .parameters = {}, .y = {1, 2, 3, 4}, .by_hand = kByHand}},
       .same_numbers = true,
       .mirror = by_options(mirror_shape<ReshapeOptions>)});
  return entry;
}

const LayerEntry& layer_entry(const StackChannelsOptions&) {
  using O = StackChannelsOptions;
  static const auto table =
      OptionTable<O>("stack-channels").add("parts", &O::parts, "groups of channels", count_of(1, kMostUnits));
  static const LayerEntry entry = layer_row(
      table, make_stack,
      {.formula = "y = the channels' groups, one image below the other",
       .source = "Kingma & Welling, ICLR 2014, appendix C: two numbers a feature",
       .twin = by_options(stack_twin),
       .trials = {{"stack-channels:parts=2", image_shape(1, 2, 2)},
                  {"stack-channels:parts=3", image_shape(2, 3, 6)}},
       .examples = {{.inputs = 4,
                     .x = {1, 2, 3, 4},
                     .parameters = {},
                     .y = {1, 3, 2, 4},
                     .by_hand = "pixels (1, 2) and (3, 4): first channels 1, 3, second channels 2, 4"}}});
  return entry;
}

}  // namespace pushforward
