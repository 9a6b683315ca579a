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
#include "core/whole_number.hpp"
#include "layers/entries.hpp"
#include "layers/linear_map.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

void copy(View<const float> from, View<float> to) { std::ranges::copy(from.span(), to.data); }

std::unique_ptr<Layer> make_flatten(const Spec& spec, RowShape input) {
  SpecReader(spec).finish();
  return make_linear_map("flatten", {.width = input.size()}, 0, copy, copy,
                         [](OnnxGraph& graph, const OnnxRows& x) {
                           return graph.each("Identity", graph.of_rows(graph.rows(x), x.shape.size()));
                         });
}

RowShape read_shape(const std::string& text) {
  const std::vector<std::string> pieces = split(text, 'x');
  if (pieces.size() != 3)
    throw RequestError(Complaint{"reshape", text, "height, width and channels: 7x7x64"});
  const auto size = [&](std::size_t i) {
    return static_cast<std::size_t>(whole_number(pieces[i], "reshape", {1, kMostUnits}));
  };
  checked_product({size(0), size(1), size(2)}, "reshape " + text);
  return {.height = size(0), .width = size(1), .channels = size(2), .image = true};
}

std::unique_ptr<Layer> make_reshape(const Spec& spec, RowShape input) {
  SpecReader read(spec);
  const RowShape output = read_shape(read.text("", ""));
  read.finish();
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

std::size_t read_parts(const Spec& spec, RowShape input) {
  SpecReader read(spec);
  const auto parts = static_cast<std::size_t>(read.count("parts", 2, 1, kMostUnits));
  read.finish();
  if (input.channels % parts != 0)
    throw RequestError(Complaint{"stack-channels: parts", fmt::format("{}", parts),
                                 fmt::format("a divisor of {} channels", input.channels)});
  return parts;
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

std::unique_ptr<Layer> make_stack(const Spec& spec, RowShape input) {
  const std::size_t parts = read_parts(spec, input), pixels = input.height * input.width;
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

void copy_twin(const Spec&, RowShape, View<const double> x, std::span<const Matrix<double>>, View<double> y) {
  std::ranges::copy(x.span(), y.data);
}

// Counts positions instead of computing them.
void stack_twin(const Spec& spec, RowShape input, View<const double> x, std::span<const Matrix<double>>,
                View<double> y) {
  const std::size_t parts = read_parts(spec, input), own = input.channels / parts;
  for (std::size_t b = 0; b < x.rows; ++b) {
    double* to = y.row(b);
    for (std::size_t k = 0; k < parts; ++k)
      for (std::size_t p = 0; p < input.height * input.width; ++p)
        for (std::size_t c = 0; c < own; ++c) *to++ = x(b, p * input.channels + k * own + c);
  }
}

RowShape image(std::size_t height, std::size_t width, std::size_t channels) {
  return {.height = height, .width = width, .channels = channels, .image = true};
}

}  // namespace

LayerEntry flatten_entry() {
  return {.name = "flatten",
          .formula = "y = x, a vector",
          .source = "LeCun et al., Proceedings of the IEEE 86, 1998: images meet full connections",
          .options = {},
          .make = make_flatten,
          .twin = copy_twin,
          .trials = {{"flatten", image(2, 1, 2)}},
          .examples = {{.inputs = 4,
                        .x = {1, 2, 3, 4},
                        .parameters = {},
                        .y = {1, 2, 3, 4},
                        .by_hand = "row by row, pixel by pixel, channel by channel"}}};
}

LayerEntry reshape_entry() {
  return {.name = "reshape",
          .formula = "y = x, an image",
          .source = "Radford, Metz & Chintala, ICLR 2016: the generator's first layer",
          .options = {{"", "", "height x width x channels, as 7x7x64"}},
          .make = make_reshape,
          .twin = copy_twin,
          .trials = {{"reshape:1x2x2", {.width = 4}}},
          .examples = {{.inputs = 4,
                        .x = {1, 2, 3, 4},
                        .parameters = {},
                        .y = {1, 2, 3, 4},
                        .by_hand = "two pixels of two channels, (1, 2) and (3, 4)"}}};
}

LayerEntry stack_channels_entry() {
  return {.name = "stack-channels",
          .formula = "y = the channels' groups, one image below the other",
          .source = "Kingma & Welling, ICLR 2014, appendix C: two numbers a feature",
          .options = {{"parts", "2", "groups of channels"}},
          .make = make_stack,
          .twin = stack_twin,
          .trials = {{"stack-channels:parts=2", image(1, 2, 2)}, {"stack-channels:parts=3", image(2, 3, 6)}},
          .examples = {{.inputs = 4,
                        .x = {1, 2, 3, 4},
                        .parameters = {},
                        .y = {1, 3, 2, 4},
                        .by_hand = "pixels (1, 2) and (3, 4): first channels 1, 3, second channels 2, 4"}}};
}

}  // namespace pushforward
