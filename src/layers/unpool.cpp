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

#include "layers/entries.hpp"
#include "layers/geometry.hpp"
#include "layers/linear_map.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

struct Settings {
  Extent scale{2, 2};
  RowShape output{};
};

Settings read_unpool(const Spec& spec, RowShape input) {
  check_image(input, "unpool");
  SpecReader read(spec);
  Settings s{read_extent(read, "unpool", "scale", "2"), input};
  Extent size{input.height * s.scale.height, input.width * s.scale.width};
  if (read.has("size")) size = read_extent(read, "unpool", "size", "");
  read.finish();
  s.output.height = size.height, s.output.width = size.width;
  const Extent least{(input.height - 1) * s.scale.height + 1, (input.width - 1) * s.scale.width + 1};
  if (size.height >= least.height && size.width >= least.width) return s;
  throw RequestError(Complaint{"unpool: size", extent_text(size),
                               fmt::format("{} or more for {}", extent_text(least), input.text())});
}

// Zeros behind every pixel of its row and of its column, then what the size has more (or less) at the end.
OnnxRows write_unpool(OnnxGraph& graph, const OnnxRows& x, const RowShape& input, const Settings& s) {
  const auto whole = [](std::size_t n) { return static_cast<std::int64_t>(n); };
  const std::int64_t height = whole(input.height), width = whole(input.width), c = whole(input.channels);
  const std::int64_t down = whole(s.scale.height), right = whole(s.scale.width);
  const std::string apart =
      graph.add("Reshape", {graph.planes(x, input), graph.constant("apart", {-1, c, height, 1, width, 1})});
  const std::string gaps =
      graph.add("Pad", {apart, graph.constant("gaps", {0, 0, 0, 0, 0, 0, 0, 0, 0, down - 1, 0, right - 1})});
  const std::string large =
      graph.add("Reshape", {gaps, graph.constant("large", {-1, c, height * down, width * right})});
  const std::string y = graph.add(
      "Pad", {large, graph.constant("end", {0, 0, 0, 0, 0, 0, whole(s.output.height) - height * down,
                                            whole(s.output.width) - width * right})});
  return graph.of_planes(y, s.output);
}

std::unique_ptr<Layer> make_unpool(const Spec& spec, RowShape input) {
  const Settings s = read_unpool(spec, input);
  // Where input pixel (p, q) goes, in numbers of a row.
  const auto place = [=](std::size_t p, std::size_t q) {
    return (p * s.scale.height * s.output.width + q * s.scale.width) * input.channels;
  };
  const auto for_pixels = [=](const auto& at) {
    for (std::size_t p = 0; p < input.height; ++p)
      for (std::size_t q = 0; q < input.width; ++q) at((p * input.width + q) * input.channels, place(p, q));
  };
  return make_linear_map(
      fmt::format("unpool {}", extent_text(s.scale)), s.output, 0,
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
      [=](OnnxGraph& graph, const OnnxRows& x) { return write_unpool(graph, x, input, s); });
}

// The twin asks every result pixel whose corner it is.
void unpool_twin(const Spec& spec, RowShape input, View<const double> x, std::span<const Matrix<double>>,
                 View<double> y) {
  const Settings s = read_unpool(spec, input);
  for (std::size_t b = 0; b < y.rows; ++b)
    for (std::size_t o = 0; o < y.cols; ++o) {
      const std::size_t c = o % input.channels, pixel = o / input.channels;
      const std::size_t row = pixel / s.output.width, col = pixel % s.output.width;
      const std::size_t p = row / s.scale.height, q = col / s.scale.width;
      const bool corner = row % s.scale.height == 0 && col % s.scale.width == 0;
      y(b, o) = corner && p < input.height && q < input.width
                    ? x(b, (p * input.width + q) * input.channels + c)
                    : 0;
    }
}

RowShape image(std::size_t height, std::size_t width, std::size_t channels) {
  return {.height = height, .width = width, .channels = channels, .image = true};
}

}  // namespace

LayerEntry unpool_entry() {
  return {.name = "unpool",
          .formula = "y[p·s, q·t, c] = x[p, q, c], 0 elsewhere",
          .source = "Dosovitskiy, Springenberg & Brox, CVPR 2015",
          .options = {{"scale", "2", "how many times larger, or rows x columns"},
                      {"size", "", "the size itself, rows x columns (default: scale times the input's)"}},
          .make = make_unpool,
          .twin = unpool_twin,
          .trials = {{"unpool:scale=2", image(1, 2, 1)},
                     {"unpool:scale=3x1", image(2, 3, 2)},
                     {"unpool:scale=2,size=3x4", image(2, 2, 3)},
                     {"unpool:scale=1x2,size=4x5", image(3, 2, 1)}},
          .examples = {
              {.inputs = 2,
               .x = {5, -3},
               .parameters = {},
               .y = {5, 0, -3, 0, 0, 0, 0, 0},
               .by_hand = "windows of 2×2: 5 and −3 in their top left corners, zeros beside and below"}}};
}

}  // namespace pushforward
