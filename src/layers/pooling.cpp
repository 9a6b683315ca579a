// SPDX-License-Identifier: Apache-2.0
//
// Pooling: the largest number or the mean of every window of every channel.
//
// [Max: Ranzato, Huang, Boureau & LeCun, CVPR 2007; mean: LeCun et al., Proceedings of the IEEE 86, 1998.]
// Windows may hang over the edge (`padding=same`, the default, makes ⌈size/stride⌉ pixels); only pixels
// inside count, also for the mean. Max pooling remembers which tap won, the first of equals: its backward and
// its tangent pass send everything through that tap. Both are a pass over memory, so plain loops along
// channels do. `undo` changes nothing here: it names the layer that mirrors max pooling in a decoder.
#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "layers/geometry.hpp"
#include "layers/layer_row.hpp"
#include "layers/linear_map.hpp"
#include "layers/onnx_layers.hpp"

namespace pushforward {
namespace {

Convolution geometry_of(const MaxPoolOptions& o, RowShape input) {
  return window_over(input, window_of(o), "max-pool");
}
Convolution geometry_of(const AveragePoolOptions& o, RowShape input) {
  return window_over(input, window_of(o), "average-pool");
}

std::string description(const char* name, const Convolution& g) {
  return fmt::format("{} {}/{}", name, extent_text(g.kernel), extent_text(g.stride));
}

double pooling_operations(const Convolution& g) {
  return static_cast<double>(g.result.size() * g.kernel.area());
}

// Taps inside the image, a result pixel.
std::vector<float> tap_counts(const Convolution& g) {
  std::vector<float> counts(g.result.height * g.result.width, 0.0f);
  for_taps(g, [&](std::size_t result, std::size_t, std::size_t) { counts[result] += 1; });
  return counts;
}

OnnxRows write_pool(OnnxGraph& graph, const std::string& operation, const OnnxRows& x, const Convolution& g) {
  std::vector<OnnxGraph::Attribute> attributes = window_attributes(g);
  attributes.push_back(pads_over(g));
  return graph.of_planes(graph.add(operation, {graph.planes(x, g.image)}, std::move(attributes)), g.result);
}

std::unique_ptr<Layer> make_average(const AveragePoolOptions& options, RowShape input) {
  const Convolution g = geometry_of(options, input);
  const std::vector<float> counts = tap_counts(g);
  const std::size_t channels = input.channels;
  return make_linear_map(
      description("average pool", g), g.result, pooling_operations(g),
      [=](View<const float> x, View<float> y) {
        std::ranges::fill(y.span(), 0.0f);
        for (std::size_t b = 0; b < x.rows; ++b)
          for_taps(g, [&](std::size_t to, std::size_t from, std::size_t) {
            for (std::size_t c = 0; c < channels; ++c)
              y(b, to * channels + c) += x(b, from * channels + c) / counts[to];
          });
      },
      [=](View<const float> dy, View<float> dx) {
        std::ranges::fill(dx.span(), 0.0f);
        for (std::size_t b = 0; b < dy.rows; ++b)
          for_taps(g, [&](std::size_t to, std::size_t from, std::size_t) {
            for (std::size_t c = 0; c < channels; ++c)
              dx(b, from * channels + c) += dy(b, to * channels + c) / counts[to];
          });
      },
      [=](OnnxGraph& graph, const OnnxRows& x) { return write_pool(graph, "AveragePool", x, g); });
}

class MaxPool final : public Layer, public OnnxMap {
 public:
  explicit MaxPool(const Convolution& geometry) : g_(geometry) {}

  std::string describe() const override { return description("max pool", g_); }
  RowShape output_shape() const override { return g_.result; }
  double operations() const override { return pooling_operations(g_); }

  void forward(View<const float> x, View<float> y, Saved& saved, const Pass&) const override {
    const View<float> winner = saved.at(0, y.rows, y.cols);
    std::ranges::fill(y.span(), -std::numeric_limits<float>::infinity());
    std::ranges::fill(winner.span(), -1.0f);
    const std::size_t channels = g_.image.channels;
    for (std::size_t b = 0; b < x.rows; ++b)
      for_taps(g_, [&](std::size_t to, std::size_t from, std::size_t tap) {
        for (std::size_t c = 0; c < channels; ++c) {
          const std::size_t o = to * channels + c;
          const float v = x(b, from * channels + c);
          if (v <= y(b, o) || std::isnan(y(b, o))) continue;  // NaN wins, and stays
          y(b, o) = v, winner(b, o) = static_cast<float>(tap);
        }
      });
  }
  void backward(View<const float>, View<const float>, Saved& saved, View<const float> dy, View<float> dx,
                bool, const Pass&) override {
    if (!dx.wanted()) return;
    std::ranges::fill(dx.span(), 0.0f);
    for_winners(saved, dy.rows, [&](std::size_t b, std::size_t o, std::size_t i) { dx(b, i) += dy(b, o); });
  }
  bool has_tangent() const override { return true; }
  void tangent(View<const float>, View<const float>, Saved& saved, View<const float> tx, View<float> ty,
               const Pass&) const override {
    for_winners(saved, tx.rows, [&](std::size_t b, std::size_t o, std::size_t i) { ty(b, o) = tx(b, i); });
  }
  bool tangent_backward(View<const float> x, View<const float> y, Saved& saved, View<const float>,
                        View<const float>, View<const float> dy, View<const float> dty, View<float> dx,
                        View<float> dtx, bool, const Pass& pass) override {
    if (dtx.wanted()) backward(x, y, saved, dty, dtx, false, pass);
    if (dy.wanted()) backward(x, y, saved, dy, dx, false, pass);
    return dy.wanted();
  }

  OnnxRows write(OnnxGraph& graph, const OnnxRows& x) const override {
    return write_pool(graph, "MaxPool", x, g_);
  }

 private:
  // Calls at(row, output, input) for every output.
  template <class At>
  void for_winners(const Saved& saved, std::size_t rows, const At& at) const {
    const Tensor& winner = saved.at(0);
    const std::size_t channels = g_.image.channels;
    for (std::size_t b = 0; b < rows; ++b)
      for_taps(g_, [&](std::size_t to, std::size_t from, std::size_t tap) {
        for (std::size_t c = 0; c < channels; ++c)
          if (winner(b, to * channels + c) == static_cast<float>(tap))
            at(b, to * channels + c, from * channels + c);
      });
  }

  Convolution g_;
};

// The twin looks at every pixel for every result: is it in the window?
template <class Pool>
void pooling_twin(const Convolution& g, View<const double> x, View<double> y, const Pool& pool) {
  const RowShape& input = g.image;
  const auto inside = [](std::size_t pixel, std::size_t result, std::size_t kernel, std::size_t stride,
                         std::size_t dilation, std::size_t before) {
    const auto offset =
        static_cast<std::ptrdiff_t>(pixel + before) - static_cast<std::ptrdiff_t>(result * stride);
    const auto d = static_cast<std::ptrdiff_t>(dilation);
    return offset >= 0 && offset % d == 0 && offset / d < static_cast<std::ptrdiff_t>(kernel);
  };
  std::vector<double> window;
  for (std::size_t b = 0; b < x.rows; ++b)
    for (std::size_t o = 0; o < y.cols; ++o) {
      const std::size_t c = o % input.channels, at = o / input.channels;
      window.clear();
      for (std::size_t r = 0; r < input.height; ++r)
        for (std::size_t s = 0; s < input.width; ++s)
          if (inside(r, at / g.result.width, g.kernel.height, g.stride.height, g.dilation.height,
                     g.before.height) &&
              inside(s, at % g.result.width, g.kernel.width, g.stride.width, g.dilation.width,
                     g.before.width))
            window.push_back(x(b, (r * input.width + s) * input.channels + c));
      y(b, o) = pool(window);
    }
}

void max_twin(const MaxPoolOptions& options, RowShape input, View<const double> x,
              std::span<const Matrix<double>>, View<double> y) {
  pooling_twin(geometry_of(options, input), x, y,
               [](const std::vector<double>& v) { return std::ranges::max(v); });
}

void average_twin(const AveragePoolOptions& options, RowShape input, View<const double> x,
                  std::span<const Matrix<double>>, View<double> y) {
  pooling_twin(geometry_of(options, input), x, y, [](const std::vector<double>& v) {
    double sum = 0;
    for (const double a : v) sum += a;
    return sum / static_cast<double>(v.size());
  });
}

// A window's maximum goes back over all of it, or to its corner.
std::vector<LayerPlan> mirror_max(const MaxPoolOptions& o, const Passage& passage) {
  require_channels(passage, "max-pool");
  const Extent size{passage.input.height, passage.input.width};
  if (o.undo == MaxPoolOptions::Undo::upsample) return {UpsampleOptions{.size = size}};
  return {UnpoolOptions{.scale = window_of(o).stride, .size = size}};
}
std::vector<LayerPlan> mirror_average(const AveragePoolOptions&, const Passage& passage) {
  require_channels(passage, "average-pool");
  return {UpsampleOptions{.size = Extent{passage.input.height, passage.input.width}}};
}

template <class T>
OptionTable<T> table_of(const char* name) {
  return OptionTable<T>(name)
      .add("kernel", &T::kernel, "size, or rows x columns", extent_kind())
      .add("stride", &T::stride, "pixels from window to window (default: the kernel's size)", extent_kind())
      .add("padding", &T::padding, "same, valid or pixels on either side; only those inside count",
           padding_kind())
      .add("dilation", &T::dilation, "pixels from tap to tap", extent_kind());
}

std::vector<std::pair<std::string, RowShape>> pooling_trials(const std::string& name) {
  return {{name + ":kernel=2", image_shape(3, 2, 1)},
          {name + ":kernel=3x2,stride=2x1", image_shape(5, 4, 3)},
          {name + ":kernel=2,stride=1,padding=valid,dilation=2", image_shape(4, 5, 2)}};
}

}  // namespace

const LayerEntry& layer_entry(const MaxPoolOptions&) {
  using O = MaxPoolOptions;
  static const auto table =
      table_of<O>("max-pool")
          .add("undo", &O::undo, "by which layer a decoder mirrors it: upsample or unpool",
               word_of(OptionWords<O::Undo>{{"upsample", O::Undo::upsample}, {"unpool", O::Undo::unpool}}));
  static const LayerEntry entry = layer_row(
      table,
      [](const O& options, RowShape input) { return std::make_unique<MaxPool>(geometry_of(options, input)); },
      {.formula = "y[p,q,c] = max over the window of x[·,·,c]",
       .source = "Ranzato, Huang, Boureau & LeCun, CVPR 2007",
       .twin = by_options(max_twin),
       .trials = pooling_trials("max-pool"),
       .examples = {{.inputs = 6,
                     .x = {1, 5, 2, 3, -4, -6},
                     .parameters = {},
                     .y = {5, -4},
                     .by_hand = "3 rows of 2: max(1, 5, 2, 3) = 5; below, two pixels are left: max(−4, −6)"}},
       .number = "kernel",
       .kernel = "kernel",
       .mirror = by_options(mirror_max)});
  return entry;
}

const LayerEntry& layer_entry(const AveragePoolOptions&) {
  static const auto table = table_of<AveragePoolOptions>("average-pool");
  static const LayerEntry entry =
      layer_row(table, make_average,
                {.formula = "y[p,q,c] = mean over the window's pixels inside of x[·,·,c]",
                 .source = "LeCun, Bottou, Bengio & Haffner, Proceedings of the IEEE 86, 1998",
                 .twin = by_options(average_twin),
                 .trials = pooling_trials("average-pool"),
                 .examples = {{.inputs = 6,
                               .x = {1, 5, 2, 3, -4, -6},
                               .parameters = {},
                               .y = {2.75, -5},
                               .by_hand = "3 rows of 2: 11/4; below, two pixels are left: −10/2"}},
                 .short_names = {"avg-pool"},
                 .number = "kernel",
                 .kernel = "kernel",
                 .mirror = by_options(mirror_average)});
  return entry;
}

}  // namespace pushforward
