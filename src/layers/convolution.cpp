// SPDX-License-Identifier: Apache-2.0
//
// Convolution, y = f(x ∗ w + b), and its adjoint as a layer of its own, the transposed convolution, which
// makes images larger where the convolution makes them smaller.
//
// [LeCun, Boser, Denker et al., "Backpropagation applied to handwritten zip code recognition", Neural
// Computation 1, 1989; transposed: Zeiler, Krishnan, Taylor & Fergus, "Deconvolutional networks", CVPR 2010;
// arithmetic of sizes: Dumoulin & Visin, arXiv 1603.07285.] With g the geometry between image and result
// (ops/convolution.hpp), a = x ∗ w + b and da = dy ⊙ f′(y):
//   convolution  dx = da ⋆ w (the adjoint),  dw += grad of ⟨da, x ∗ w⟩,  db += sums of da a channel
//   transposed   dx = da ∗ w,                dw += grad of ⟨x, da ∗ w⟩,  the same db.
// So one class does both, with image and result exchanged; a filter of the transposed layer is a row an
// *input* channel. f is linear or a (leaky) rectifier, which ride on the sum; others are a layer of their
// own.
//
// Tangent: the layer is piecewise linear, so ty = (tx ∗ w) ⊙ f′(y), and nothing curves.
//
// Rejected: transforms (Winograd, FFT): they gain for 3×3 kernels at many channels and lose digits; here
// kernels are 4×4 with stride 2.
#include <fmt/format.h>

#include "layers/geometry.hpp"
#include "layers/layer_row.hpp"
#include "layers/onnx_layers.hpp"
#include "ops/activation.hpp"
#include "ops/channel_gradient.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

using Kind = Activation::Kind;

constexpr bool is_transposed(const ConvolutionOptions&) { return false; }
constexpr bool is_transposed(const TransposedConvolutionOptions&) { return true; }
const char* name_of(bool transposed) { return transposed ? "transposed-convolution" : "convolution"; }

// What both kinds are made of.
struct Settings {
  Convolution geometry;
  Activation activation{};
  bool bias = true, transposed = false;
  Initial initial{};
};

Convolution geometry_of(const ConvolutionOptions& o, RowShape input) {
  Convolution g = window_over(input, window_of(o), name_of(false));
  g.result.channels = o.channels;
  return g;
}
Convolution geometry_of(const TransposedConvolutionOptions& o, RowShape input) {
  return window_onto(input, window_of(o), o.channels, o.output_padding, name_of(true));
}

void check_groups(const Convolution& g, bool transposed) {
  if (g.image.channels % g.groups == 0 && g.result.channels % g.groups == 0) return;
  throw RequestError(
      Complaint{fmt::format("{}:groups", name_of(transposed)), fmt::format("{}", g.groups),
                fmt::format("a divisor of {} and {} channels", g.image.channels, g.result.channels)});
}

Settings settings_of(const auto& o, RowShape input) {
  Settings s{geometry_of(o, input), carried_activation(o), o.bias, is_transposed(o), initial_of(o)};
  s.geometry.groups = o.groups;
  check_groups(s.geometry, s.transposed);
  return s;
}

enum SavedSlot : std::size_t { kActivationGradient, kTangentGradient };

class ConvolutionLayer final : public Layer, public OnnxMap {
 public:
  explicit ConvolutionLayer(const Settings& settings) : s_(settings), g_(settings.geometry) {
    // Terms of the sum that makes an output, and outputs that an input takes part in, on average.
    const std::size_t terms = g_.filter(), shared = g_.stride.area();
    const std::size_t uses = g_.kernel.area() * g_.result.channels / g_.groups;
    const auto a_stride = [&](std::size_t n) { return std::max<std::size_t>(1, n / shared); };
    weight_ = {.name = "weight",
               .rows = g_.result.channels,
               .cols = g_.filter(),
               .initial = settings.initial,
               .fan_in = s_.transposed ? a_stride(uses) : terms,
               .fan_out = s_.transposed ? terms : a_stride(uses)};
    bias_ = {.name = "bias",
             .rows = 1,
             .cols = output_shape().channels,
             .initial = bias_initial(settings.initial),
             .fan_in = weight_.fan_in,
             .fan_out = weight_.fan_out,
             .decays = false};
  }

  std::string describe() const override {
    std::string text = fmt::format("{} {} {}", s_.transposed ? "transposed convolution" : "convolution",
                                   output_shape().channels, extent_text(g_.kernel));
    if (g_.stride.area() > 1) text += fmt::format("/{}", extent_text(g_.stride));
    if (g_.dilation.area() > 1) text += fmt::format(", dilation {}", extent_text(g_.dilation));
    if (g_.groups > 1) text += fmt::format(", {} groups", g_.groups);
    return text + ", " + activation_name(s_.activation);
  }
  RowShape output_shape() const override { return s_.transposed ? g_.image : g_.result; }
  double operations() const override { return g_.operations(); }

  void forward(View<const float> x, View<float> y, Saved&, const Pass& pass) const override {
    const bool rectify = !s_.activation.linear();
    apply(x, y, {s_.bias ? bias_.value.data : nullptr, rectify, slope()}, pass.precision);
  }

  void backward(View<const float> x, View<const float> y, Saved& saved, View<const float> dy, View<float> dx,
                bool parameters, const Pass& pass) override {
    float* db = parameters && s_.bias ? bias_.gradient.data : nullptr;
    const View<const float> da = masked(dy, y, saved, kActivationGradient, db);
    if (parameters) add_weight_gradient(x, da, pass.precision);
    if (dx.wanted()) apply_adjoint(da, dx, pass.precision);
  }

  bool has_tangent() const override { return true; }
  void tangent(View<const float>, View<const float> y, Saved&, View<const float> tx, View<float> ty,
               const Pass& pass) const override {
    apply(tx, ty, {}, pass.precision);
    if (!s_.activation.linear()) channel_gradient(s_.activation, output_shape().channels, ty, y, ty, nullptr);
  }
  bool tangent_backward(View<const float> x, View<const float> y, Saved& saved, View<const float> tx,
                        View<const float>, View<const float> dy, View<const float> dty, View<float> dx,
                        View<float> dtx, bool parameters, const Pass& pass) override {
    const View<const float> da = masked(dty, y, saved, kTangentGradient, nullptr);
    if (parameters) add_weight_gradient(tx, da, pass.precision);
    if (dtx.wanted()) apply_adjoint(da, dtx, pass.precision);
    if (dy.wanted()) backward(x, y, saved, dy, dx, parameters, pass);
    return dy.wanted();
  }

  std::vector<Parameter*> parameters() override {
    if (s_.bias) return {&weight_, &bias_};
    return {&weight_};
  }

  OnnxRows write(OnnxGraph& graph, const OnnxRows& x) const override {
    std::vector<std::string> inputs = {graph.planes(x, s_.transposed ? g_.result : g_.image),
                                       write_filters(graph)};
    if (s_.bias) inputs.push_back(write_parameter(graph, bias_, {static_cast<std::int64_t>(bias_.cols)}));
    std::vector<OnnxGraph::Attribute> attributes = window_attributes(g_);
    attributes.push_back({"group", static_cast<std::int64_t>(g_.groups)});
    for (OnnxGraph::Attribute& each :
         s_.transposed ? pads_onto() : std::vector<OnnxGraph::Attribute>{pads_over(g_)})
      attributes.push_back(std::move(each));
    const std::string y =
        graph.add(s_.transposed ? "ConvTranspose" : "Conv", std::move(inputs), std::move(attributes));
    return write_activation(graph, s_.activation, graph.of_planes(y, output_shape()));
  }

 private:
  // A row a filter, channels last, becomes channels first: O × C/g × rows × columns, or of the adjoint
  // I × C/g × rows × columns.
  std::string write_filters(OnnxGraph& graph) const {
    const std::size_t taps = g_.kernel.area(), channels = g_.image.channels / g_.groups;
    std::vector<float> first;
    first.reserve(weight_.size());
    for (std::size_t o = 0; o < weight_.rows; ++o)
      for (std::size_t c = 0; c < channels; ++c)
        for (std::size_t tap = 0; tap < taps; ++tap) first.push_back(weight_.value(o, tap * channels + c));
    return graph.constant(
        weight_.name,
        {static_cast<std::int64_t>(weight_.rows), static_cast<std::int64_t>(channels),
         static_cast<std::int64_t>(g_.kernel.height), static_cast<std::int64_t>(g_.kernel.width)},
        first);
  }

  // What the adjoint makes and the image has not is cut off behind; what it lacks is output padding.
  std::vector<OnnxGraph::Attribute> pads_onto() const {
    const auto behind = [](std::size_t result, std::size_t stride, std::size_t dilation, std::size_t kernel,
                           std::size_t before, std::size_t image) {
      return static_cast<std::int64_t>((result - 1) * stride + (kernel - 1) * dilation + 1) -
             static_cast<std::int64_t>(before + image);
    };
    const std::int64_t rows = behind(g_.result.height, g_.stride.height, g_.dilation.height, g_.kernel.height,
                                     g_.before.height, g_.image.height);
    const std::int64_t cols = behind(g_.result.width, g_.stride.width, g_.dilation.width, g_.kernel.width,
                                     g_.before.width, g_.image.width);
    const auto none = std::int64_t{0};
    return {{"pads", std::vector{static_cast<std::int64_t>(g_.before.height),
                                 static_cast<std::int64_t>(g_.before.width), std::max(rows, none),
                                 std::max(cols, none)}},
            {"output_padding", std::vector{std::max(-rows, none), std::max(-cols, none)}}};
  }

  float slope() const { return static_cast<float>(s_.activation.slope); }

  void apply(View<const float> x, View<float> y, const Epilogue& after, Precision precision) const {
    if (s_.transposed)
      convolve_transposed(g_, x, weight_.value, y, after, precision);
    else
      convolve(g_, x, weight_.value, y, after, precision);
  }
  void apply_adjoint(View<const float> da, View<float> dx, Precision precision) const {
    if (s_.transposed)
      convolve(g_, da, weight_.value, dx, {}, precision);
    else
      convolve_transposed(g_, da, weight_.value, dx, {}, precision);
  }
  void add_weight_gradient(View<const float> x, View<const float> da, Precision precision) {
    if (s_.transposed)
      convolve_weights(g_, da, x, weight_.gradient, precision);
    else
      convolve_weights(g_, x, da, weight_.gradient, precision);
  }

  // dy ⊙ f′(y).
  View<const float> masked(View<const float> dy, View<const float> y, Saved& saved, std::size_t slot,
                           float* bias) const {
    const bool linear = s_.activation.linear();
    const View<float> room = linear ? View<float>{} : saved.at(slot, dy.rows, dy.cols).view();
    return channel_gradient(s_.activation, output_shape().channels, dy, y, room, bias);
  }

  Settings s_;
  Convolution g_;
  Parameter weight_{}, bias_{};
};

// The twin of one row: for every pair of an image and a result pixel, by the definition.
void add_products(const Settings& s, const double* x, const Matrix<double>& weight, double* a) {
  const Convolution& g = s.geometry;
  const std::size_t in = g.image.channels / g.groups, out = g.result.channels / g.groups;
  for_taps(g, [&](std::size_t result_pixel, std::size_t image_pixel, std::size_t tap) {
    for (std::size_t o = 0; o < g.result.channels; ++o)
      for (std::size_t c = 0; c < in; ++c) {
        const std::size_t pixel = image_pixel * g.image.channels + o / out * in + c;
        const std::size_t result = result_pixel * g.result.channels + o;
        const double w = weight(o, tap * in + c);
        if (s.transposed)
          a[pixel] += w * x[result];
        else
          a[result] += w * x[pixel];
      }
  });
}

template <class T>
void convolution_twin(const T& options, RowShape input, View<const double> x,
                      std::span<const Matrix<double>> parameters, View<double> y) {
  const Settings s = settings_of(options, input);
  const std::size_t channels = s.transposed ? s.geometry.image.channels : s.geometry.result.channels;
  for (std::size_t b = 0; b < x.rows; ++b) {
    for (std::size_t k = 0; k < y.cols; ++k) y(b, k) = s.bias ? parameters[1](0, k % channels) : 0;
    add_products(s, x.row(b), parameters[0], y.row(b));
    for (std::size_t k = 0; k < y.cols; ++k) y(b, k) = activation_value(s.activation, y(b, k));
  }
}

// The one as the other: the same window with other channels.
template <class Other>
Other turned(const auto& o, const Passage& passage) {
  Other back;
  back.channels = passage.channels, back.bias = passage.bias;
  back.kernel = o.kernel, back.stride = o.stride, back.dilation = o.dilation, back.padding = o.padding;
  back.groups = o.groups, back.initial = o.initial;
  return back;
}

// With as many rows and columns below and right as are missing of the image.
std::vector<LayerPlan> mirror_convolution(const ConvolutionOptions& o, const Passage& passage) {
  auto back = turned<TransposedConvolutionOptions>(o, passage);
  const Extent least = size_onto(passage.output, window_of(o), {0, 0}, name_of(false));
  back.output_padding = {passage.input.height - least.height, passage.input.width - least.width};
  return {back};
}
std::vector<LayerPlan> mirror_transposed(const TransposedConvolutionOptions& o, const Passage& passage) {
  return {turned<ConvolutionOptions>(o, passage)};
}

template <class T>
OptionTable<T> table_of(const std::string& weight) {
  return OptionTable<T>(name_of(is_transposed(T{})))
      .add("channels", &T::channels, "of the output", count_of(1, kMostUnits))
      .shown("")
      .add("kernel", &T::kernel, "size, or rows x columns", extent_kind())
      .add("stride", &T::stride, "pixels from patch to patch", extent_kind())
      .add("padding", &T::padding, "same, valid or zeros on either side (1, 1x2)", padding_kind())
      .add("dilation", &T::dilation, "pixels from tap to tap", extent_kind())
      .add("groups", &T::groups, "groups of channels that do not see each other", count_of(1, kMostUnits))
      .add("bias", &T::bias, "whether there is b", yes_or_no())
      .add("activation", &T::activation, "f: linear, relu or leaky-relu (others are a layer of their own)",
           activation_kind({Kind::linear, Kind::relu, Kind::leaky_relu}))
      .shown("linear")
      .add("slope", &T::slope, "of leaky-relu below 0 (0.01)", slope_kind())
      .add("initial", &T::initial, "how w begins; " + weight, initial_kind())
      .shown("fan-in");
}

template <class T>
LayerEntry row_of(const OptionTable<T>& table, LayerEntry row) {
  row.twin = by_options(convolution_twin<T>);
  row.number = "channels", row.kernel = "kernel";
  row.carries = {Kind::relu, Kind::leaky_relu};
  return layer_row(
      table,
      [](const T& options, RowShape input) {
        return std::make_unique<ConvolutionLayer>(settings_of(options, input));
      },
      std::move(row));
}

}  // namespace

const LayerEntry& layer_entry(const ConvolutionOptions&) {
  static const auto table =
      table_of<ConvolutionOptions>("channels × (kernel rows × kernel columns × input channels)");
  static const LayerEntry entry = row_of(
      table,
      {.formula = "y[p,q,o] = f(Σ w[o,i,j,c]·x[p·s−t+i·d, q·s−l+j·d, c] + b[o])",
       .source = "LeCun et al., Neural Computation 1, 1989",
       .trials = {{"convolution:channels=1,kernel=2,padding=valid,activation=relu", image_shape(3, 3, 1)},
                  {"convolution:channels=17,kernel=4x4,stride=2,activation=leaky-relu", image_shape(5, 4, 1)},
                  {"convolution:channels=5,kernel=1", image_shape(3, 4, 6)},
                  {"convolution:channels=4,kernel=3x2,stride=2x1,dilation=1x2,padding=1x2,bias=no",
                   image_shape(5, 6, 2)},
                  {"convolution:channels=6,groups=3,padding=2,activation=relu", image_shape(4, 4, 3)},
                  {"convolution:channels=18,kernel=2,stride=2,padding=valid", image_shape(2, 3, 16)}},
       .examples = {{.inputs = 9,
                     .x = {1, 2, 3, 4, 5, 6, 7, 8, 9},
                     .parameters = {{1, 0, -1, 0.5}, {0.25}},
                     .y = {0, 0.25, 1.25, 1.75},
                     .by_hand = "upper left: 1·1+0·2−1·4+0.5·5+0.25 = −0.25 → 0; upper right: "
                                "2−5+3+0.25; lower left: 4−7+4+0.25; lower right: 5−8+4.5+0.25"}},
       .short_names = {"conv"},
       .mirror = by_options(mirror_convolution)});
  return entry;
}

const LayerEntry& layer_entry(const TransposedConvolutionOptions&) {
  static const auto table =
      table_of<TransposedConvolutionOptions>("input channels × (rows × columns × output channels)")
          .add("output-padding", &TransposedConvolutionOptions::output_padding,
               "rows and columns more below and right, less than the stride "
               "(default: 0; with same padding, stride − 1: stride times larger)",
               extent_kind(0));
  static const LayerEntry entry = row_of(
      table,
      {.formula = "y = f(xᵀ∗w + b), the adjoint of a convolution from output to input",
       .source = "Zeiler et al., CVPR 2010; Dumoulin & Visin, arXiv 1603.07285",
       .trials = {{"transposed-convolution:channels=1,kernel=2,stride=2,padding=valid", image_shape(1, 2, 1)},
                  {"transposed-convolution:channels=1,kernel=4x4,stride=2", image_shape(3, 4, 5)},
                  {"transposed-convolution:channels=17,kernel=2x1,stride=2x1,activation=leaky-relu,slope=0.2",
                   image_shape(2, 1, 18)},
                  {"transposed-convolution:channels=3,kernel=3,stride=2,output-padding=0x1",
                   image_shape(3, 3, 2)},
                  {"transposed-convolution:channels=4,kernel=3,padding=1,dilation=2,bias=no",
                   image_shape(4, 5, 2)},
                  {"transposed-convolution:channels=6,kernel=3,groups=2,stride=2,padding=1,output-padding=1",
                   image_shape(3, 3, 4)},
                  {"transposed-convolution:channels=2,kernel=1,activation=relu", image_shape(2, 3, 3)}},
       .examples = {{.inputs = 2,
                     .x = {1, -2},
                     .parameters = {{1, 2, 3, 4}, {0.5}},
                     .y = {1.5, 2.5, -1.5, -3.5, 3.5, 4.5, -5.5, -7.5},
                     .by_hand = "each input pixel times the 2×2 kernel, side by side, plus 0.5: row 1: "
                                "1+0.5, 2+0.5, −2+0.5, −4+0.5"}},
       .short_names = {"tconv"},
       .mirror = by_options(mirror_transposed)});
  return entry;
}

}  // namespace pushforward
