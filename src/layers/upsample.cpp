// SPDX-License-Identifier: Apache-2.0
//
// Upsampling: images made larger by repeating pixels (nearest) or by lines between their centres (bilinear).
//
// A transposed convolution whose kernel is no multiple of its stride paints a chessboard; upsampling before a
// convolution does not [Odena, Dumoulin & Olah, Distill 2016]. Output pixel i of n′ lies at (i + ½)·n/n′ − ½
// among n input pixels, held to 0…n−1; nearest takes ⌊i·n/n′⌋. Both are linear maps of two taps an axis, so a
// table of taps a size is all there is, and the adjoint walks the same table.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/memory.hpp"
#include "layers/geometry.hpp"
#include "layers/layer_row.hpp"
#include "layers/linear_map.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

// An output pixel of one axis: (1 − weight)·first + weight·second.
struct Taps {
  std::size_t first, second;
  float weight;
};

std::vector<Taps> nearest_taps(std::size_t in, std::size_t out) {
  std::vector<Taps> taps;
  for (std::size_t i = 0; i < out; ++i) taps.push_back({i * in / out, i * in / out, 0.0f});
  return taps;
}

std::vector<Taps> bilinear_taps(std::size_t in, std::size_t out) {
  std::vector<Taps> taps;
  const double ratio = static_cast<double>(in) / static_cast<double>(out);
  for (std::size_t i = 0; i < out; ++i) {
    const double at =
        std::clamp((static_cast<double>(i) + 0.5) * ratio - 0.5, 0.0, static_cast<double>(in - 1));
    const auto first = static_cast<std::size_t>(at);
    taps.push_back({first, std::min(first + 1, in - 1), static_cast<float>(at - std::floor(at))});
  }
  return taps;
}

RowShape output_of(const UpsampleOptions& o, RowShape input) {
  check_image(input, "upsample");
  const Extent size = o.size.value_or(Extent{checked_product({input.height, o.scale.height}, "upsample"),
                                             checked_product({input.width, o.scale.width}, "upsample")});
  const RowShape output = image_shape(size.height, size.width, input.channels);
  const std::string what = fmt::format("a row of {} from upsample", output.text());
  require_memory(checked_product({size.height, size.width, input.channels, sizeof(float)}, what), what);
  if (size.height >= input.height && size.width >= input.width) return output;
  throw RequestError(
      Complaint{"upsample:size", extent_text(size), fmt::format("no less than its input, {}", input.text())});
}

bool is_bilinear(const UpsampleOptions& o) { return o.mode == UpsampleOptions::Mode::bilinear; }

// Calls at(output pixel, input pixel, weight) for the one or four taps of every output pixel.
template <class At>
void for_taps(const std::vector<Taps>& rows, const std::vector<Taps>& cols, std::size_t width, bool bilinear,
              const At& at) {
  for (std::size_t p = 0; p < rows.size(); ++p)
    for (std::size_t q = 0; q < cols.size(); ++q) {
      const Taps &r = rows[p], &c = cols[q];
      const std::size_t to = p * cols.size() + q;
      at(to, r.first * width + c.first, (1 - r.weight) * (1 - c.weight));
      if (!bilinear) continue;
      at(to, r.first * width + c.second, (1 - r.weight) * c.weight);
      at(to, r.second * width + c.first, r.weight * (1 - c.weight));
      at(to, r.second * width + c.second, r.weight * c.weight);
    }
}

// Nearest by the table itself: a runtime's own ⌊i·n/n′⌋ in float32 may fall on the other side of a pixel.
OnnxRows write_nearest(OnnxGraph& graph, const OnnxRows& x, const RowShape& input, const RowShape& output) {
  std::string y = graph.planes(x, input);
  const auto pick = [&](std::size_t in, std::size_t out, std::int64_t axis) {
    std::vector<std::int64_t> index;
    for (const Taps& taps : nearest_taps(in, out)) index.push_back(static_cast<std::int64_t>(taps.first));
    y = graph.add("Gather", {y, graph.constant("pixels", std::move(index))}, {{"axis", axis}});
  };
  pick(input.height, output.height, 2), pick(input.width, output.width, 3);
  return graph.of_planes(y, output);
}

// Bilinear by the table, too, as a matrix an axis: R·x·C. ONNX's Resize with sizes of two axes is turned
// wrong by onnxruntime's optimizer, and its scales are float32 numbers whose product with a size may miss a
// pixel.
std::vector<float> weights_of(const std::vector<Taps>& taps, std::size_t in) {
  std::vector<float> weights(taps.size() * in, 0.0f);
  for (std::size_t i = 0; i < taps.size(); ++i) {
    weights[i * in + taps[i].first] += 1 - taps[i].weight;
    weights[i * in + taps[i].second] += taps[i].weight;
  }
  return weights;
}

OnnxRows write_bilinear(OnnxGraph& graph, const OnnxRows& x, const RowShape& input, const RowShape& output) {
  const auto whole = [](std::size_t n) { return static_cast<std::int64_t>(n); };
  const std::string rows =
      graph.constant("upsample.rows", {whole(output.height), whole(input.height)},
                     weights_of(bilinear_taps(input.height, output.height), input.height));
  const std::string cols = graph.constant("upsample.columns", {whole(output.width), whole(input.width)},
                                          weights_of(bilinear_taps(input.width, output.width), input.width));
  const std::string turned = graph.add("Transpose", {cols}, {{"perm", std::vector<std::int64_t>{1, 0}}});
  const std::string tall = graph.add("MatMul", {rows, graph.planes(x, input)});
  return graph.of_planes(graph.add("MatMul", {tall, turned}), output);
}

std::unique_ptr<Layer> make_upsample(const UpsampleOptions& options, RowShape input) {
  const RowShape output = output_of(options, input);
  const bool bilinear = is_bilinear(options);
  const auto taps = bilinear ? bilinear_taps : nearest_taps;
  const std::vector<Taps> rows = taps(input.height, output.height), cols = taps(input.width, output.width);
  const std::size_t channels = input.channels, width = input.width;
  return make_linear_map(
      bilinear ? "upsample, bilinear" : "upsample", output,
      bilinear ? 8.0 * static_cast<double>(output.size()) : 0.0,
      [=](View<const float> x, View<float> y) {
        std::ranges::fill(y.span(), 0.0f);
        for (std::size_t b = 0; b < x.rows; ++b)
          for_taps(rows, cols, width, bilinear, [&](std::size_t to, std::size_t from, float weight) {
            for (std::size_t c = 0; c < channels; ++c)
              y(b, to * channels + c) += weight * x(b, from * channels + c);
          });
      },
      [=](View<const float> dy, View<float> dx) {
        std::ranges::fill(dx.span(), 0.0f);
        for (std::size_t b = 0; b < dy.rows; ++b)
          for_taps(rows, cols, width, bilinear, [&](std::size_t to, std::size_t from, float weight) {
            for (std::size_t c = 0; c < channels; ++c)
              dx(b, from * channels + c) += weight * dy(b, to * channels + c);
          });
      },
      [=](OnnxGraph& graph, const OnnxRows& x) {
        return (bilinear ? write_bilinear : write_nearest)(graph, x, input, output);
      });
}

// One axis of the twin: weights of all input pixels as hat functions around the point, or the pixel itself.
double axis_weight(std::size_t i, std::size_t out, std::size_t k, std::size_t in, bool bilinear) {
  if (!bilinear) return i * in / out == k ? 1 : 0;
  const double at =
      std::clamp((static_cast<double>(i) + 0.5) * static_cast<double>(in) / static_cast<double>(out) - 0.5,
                 0.0, static_cast<double>(in - 1));
  return std::max(0.0, 1 - std::abs(at - static_cast<double>(k)));
}

void upsample_twin(const UpsampleOptions& options, RowShape input, View<const double> x,
                   std::span<const Matrix<double>>, View<double> y) {
  const RowShape output = output_of(options, input);
  const bool bilinear = is_bilinear(options);
  for (std::size_t b = 0; b < x.rows; ++b)
    for (std::size_t o = 0; o < y.cols; ++o) {
      const std::size_t c = o % input.channels, pixel = o / input.channels;
      double sum = 0;
      for (std::size_t k = 0; k < input.height; ++k)
        for (std::size_t l = 0; l < input.width; ++l)
          sum += axis_weight(pixel / output.width, output.height, k, input.height, bilinear) *
                 axis_weight(pixel % output.width, output.width, l, input.width, bilinear) *
                 x(b, (k * input.width + l) * input.channels + c);
      y(b, o) = sum;
    }
}

std::vector<LayerPlan> mirror_upsample(const UpsampleOptions&, const Passage& passage) {
  require_channels(passage, "upsample");
  return {AveragePoolOptions{
      .kernel = {passage.output.height / passage.input.height, passage.output.width / passage.input.width}}};
}

}  // namespace

const LayerEntry& layer_entry(const UpsampleOptions&) {
  using O = UpsampleOptions;
  static const auto table =
      OptionTable<O>("upsample")
          .add("scale", &O::scale, "how many times larger, or rows x columns", extent_kind())
          .add("size", &O::size, "the size itself, rows x columns", extent_kind())
          .add("mode", &O::mode, "nearest or bilinear",
               word_of(OptionWords<O::Mode>{{"nearest", O::Mode::nearest}, {"bilinear", O::Mode::bilinear}}));
  static const LayerEntry entry = layer_row(
      table, make_upsample,
      {.formula = "y[i] = x[⌊i·n/n′⌋] or, bilinear, the line between pixel centres at (i + ½)·n/n′ − ½",
       .source = "Odena, Dumoulin & Olah, \"Deconvolution and checkerboard artifacts\", Distill 2016",
       .twin = by_options(upsample_twin),
       .trials = {{"upsample:scale=1x2,mode=bilinear", image_shape(1, 2, 1)},
                  {"upsample:scale=2", image_shape(2, 3, 2)},
                  {"upsample:size=5x4", image_shape(3, 2, 3)},
                  {"upsample:size=7x5,mode=bilinear", image_shape(3, 4, 2)}},
       .examples = {{.inputs = 2,
                     .x = {0, 4},
                     .parameters = {},
                     .y = {0, 1, 3, 4},
                     .by_hand = "at −¼ → 0, ¼, ¾, 1¼ → 1: 4·0, 4·¼, 4·¾, 4·1"}},
       .number = "scale",
       .kernel = "scale",
       .mirror = by_options(mirror_upsample)});
  return entry;
}

}  // namespace pushforward
