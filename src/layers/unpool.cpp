// SPDX-License-Identifier: Apache-2.0
//
// Unpooling at a fixed place: an image made larger by zeros, every pixel in the top left corner of its window
// [Dosovitskiy, Springenberg & Brox, "Learning to generate chairs with convolutional neural networks", CVPR
// 2015],
//   y[p·s, q·t, c] = x[p, q, c] for windows of s×t pixels, 0 elsewhere.
// The convolution behind it fills the gaps in; unlike upsampling it decides itself with what.
//
// It undoes max pooling as well as can be done from the pooled image alone. Unpooling by remembered places
// [Zeiler, Taylor & Fergus, ICCV 2011] puts every maximum back where it was, and is left out: the places are
// known to the pooling layer of *another* network, the encoder, in the same pass. A decoder that needs them
// can decode no code that did not come from an image just now (none that was drawn, interpolated or read from
// a file), and a layer would have to see more than its own Saved.
#include <algorithm>

#include <fmt/format.h>

#include "layers/geometry.hpp"
#include "layers/layer_row.hpp"
#include "layers/linear_map.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

RowShape output_of(const UnpoolOptions& o, RowShape input) {
  check_image(input, "unpool");
  const Extent size = o.size.value_or(Extent{input.height * o.scale.height, input.width * o.scale.width});
  const Extent least{(input.height - 1) * o.scale.height + 1, (input.width - 1) * o.scale.width + 1};
  if (size.height >= least.height && size.width >= least.width)
    return image_shape(size.height, size.width, input.channels);
  throw RequestError(Complaint{"unpool:size", extent_text(size),
                               fmt::format("{} or more for {}", extent_text(least), input.text())});
}

// Zeros behind every pixel of its row and of its column, then what the size has more (or less) at the end.
OnnxRows write_unpool(OnnxGraph& graph, const OnnxRows& x, const RowShape& input, const RowShape& output,
                      const Extent& scale) {
  const auto whole = [](std::size_t n) { return static_cast<std::int64_t>(n); };
  const std::int64_t height = whole(input.height), width = whole(input.width), c = whole(input.channels);
  const std::int64_t down = whole(scale.height), right = whole(scale.width);
  const std::string apart =
      graph.add("Reshape", {graph.planes(x, input), graph.constant("apart", {-1, c, height, 1, width, 1})});
  const std::string gaps =
      graph.add("Pad", {apart, graph.constant("gaps", {0, 0, 0, 0, 0, 0, 0, 0, 0, down - 1, 0, right - 1})});
  const std::string large =
      graph.add("Reshape", {gaps, graph.constant("large", {-1, c, height * down, width * right})});
  const std::string y =
      graph.add("Pad", {large, graph.constant("end", {0, 0, 0, 0, 0, 0, whole(output.height) - height * down,
                                                      whole(output.width) - width * right})});
  return graph.of_planes(y, output);
}

std::unique_ptr<Layer> make_unpool(const UnpoolOptions& options, RowShape input) {
  const RowShape output = output_of(options, input);
  const Extent scale = options.scale;
  // Where input pixel (p, q) goes, in numbers of a row.
  const auto place = [=](std::size_t p, std::size_t q) {
    return (p * scale.height * output.width + q * scale.width) * input.channels;
  };
  const auto for_pixels = [=](const auto& at) {
    for (std::size_t p = 0; p < input.height; ++p)
      for (std::size_t q = 0; q < input.width; ++q) at((p * input.width + q) * input.channels, place(p, q));
  };
  return make_linear_map(
      fmt::format("unpool {}", extent_text(scale)), output, 0,
      [=](View<const float> x, View<float> y) {
        std::ranges::fill(y.span(), 0.0f);
        for (std::size_t b = 0; b < x.rows; ++b)
          for_pixels([&](std::size_t from, std::size_t to) {
            std::copy_n(x.row(b) + from, input.channels, y.row(b) + to);
          });
      },
      [=](View<const float> dy, View<float> dx) {
        for (std::size_t b = 0; b < dy.rows; ++b)
          for_pixels([&](std::size_t from, std::size_t to) {
            std::copy_n(dy.row(b) + to, input.channels, dx.row(b) + from);
          });
      },
      [=](OnnxGraph& graph, const OnnxRows& x) { return write_unpool(graph, x, input, output, scale); });
}

// The twin asks every result pixel whose corner it is.
void unpool_twin(const UnpoolOptions& options, RowShape input, View<const double> x,
                 std::span<const Matrix<double>>, View<double> y) {
  const RowShape output = output_of(options, input);
  const Extent scale = options.scale;
  for (std::size_t b = 0; b < y.rows; ++b)
    for (std::size_t o = 0; o < y.cols; ++o) {
      const std::size_t c = o % input.channels, pixel = o / input.channels;
      const std::size_t row = pixel / output.width, col = pixel % output.width;
      const std::size_t p = row / scale.height, q = col / scale.width;
      const bool corner = row % scale.height == 0 && col % scale.width == 0;
      y(b, o) = corner && p < input.height && q < input.width
                    ? x(b, (p * input.width + q) * input.channels + c)
                    : 0;
    }
}

// By the maximum, which finds what is above 0 again. Zeros beyond the last window have no way back.
std::vector<LayerPlan> mirror_unpool(const UnpoolOptions& o, const Passage& passage) {
  require_channels(passage, "unpool");
  if (passage.output.height <= passage.input.height * o.scale.height &&
      passage.output.width <= passage.input.width * o.scale.width)
    return {MaxPoolOptions{.kernel = o.scale}};
  throw RequestError(Complaint{"network: unpool", "a size beyond its windows' in a mirrored network",
                               fmt::format("at most {} times the input's", extent_text(o.scale))});
}

}  // namespace

const LayerEntry& layer_entry(const UnpoolOptions&) {
  using O = UnpoolOptions;
  static const auto table =
      OptionTable<O>("unpool")
          .add("scale", &O::scale, "how many times larger, or rows x columns", extent_kind())
          .add("size", &O::size, "the size itself, rows x columns (default: scale times the input's)",
               extent_kind());
  static const LayerEntry entry = layer_row(
      table, make_unpool,
      {.formula = "y[p·s, q·t, c] = x[p, q, c], 0 elsewhere",
       .source = "Dosovitskiy, Springenberg & Brox, CVPR 2015",
       .twin = by_options(unpool_twin),
       .trials = {{"unpool:scale=2", image_shape(1, 2, 1)},
                  {"unpool:scale=3x1", image_shape(2, 3, 2)},
                  {"unpool:scale=2,size=3x4", image_shape(2, 2, 3)},
                  {"unpool:scale=1x2,size=4x5", image_shape(3, 2, 1)}},
       .examples = {{.inputs = 2,
                     .x = {5, -3},
                     .parameters = {},
                     .y = {5, 0, -3, 0, 0, 0, 0, 0},
                     .by_hand =
                         "windows of 2×2: 5 and −3 in their top left corners, zeros beside and below"}},
       .number = "scale",
       .kernel = "scale",
       .mirror = by_options(mirror_unpool)});
  return entry;
}

}  // namespace pushforward
