// SPDX-License-Identifier: Apache-2.0
//
// An activation as a layer of its own, y = f(x), for where no dense layer carries it. Its tangent is
// ty = f′(x) ⊙ tx.
#include <fmt/format.h>

#include "layers/layer_row.hpp"
#include "layers/onnx_layers.hpp"
#include "ops/activation.hpp"

namespace pushforward {
namespace {

const OptionTable<ActivationOptions>& table() {
  using O = ActivationOptions;
  static const auto fields =
      OptionTable<O>("activation")
          .add("", &O::f, "f: linear, sigmoid, tanh, relu, leaky-relu, elu, gelu, silu, softplus, selu",
               activation_kind())
          .add("slope", &O::slope, "of leaky-relu below 0 (0.01), of elu (1)", slope_kind());
  return fields;
}

class ActivationLayer : public Layer, public OnnxMap {
 public:
  ActivationLayer(const Activation& f, RowShape shape) : f_(f), shape_(shape) {}

  std::string describe() const override { return activation_name(f_); }
  RowShape output_shape() const override { return shape_; }

  void forward(View<const float> x, View<float> y, Saved&, const Pass&) const override {
    activate(f_, x.span(), y.span());
  }
  void backward(View<const float> x, View<const float> y, Saved&, View<const float> dy, View<float> dx, bool,
                const Pass&) override {
    if (dx.wanted()) activate_backward(f_, dy, slope_at(x, y), dx, nullptr);
  }

  bool has_tangent() const override { return true; }
  void tangent(View<const float> x, View<const float> y, Saved&, View<const float> tx, View<float> ty,
               const Pass&) const override {
    activate_backward(f_, tx, slope_at(x, y), ty, nullptr);
  }
  bool tangent_backward(View<const float> x, View<const float> y, Saved&, View<const float> tx,
                        View<const float>, View<const float> dy, View<const float> dty, View<float> dx,
                        View<float> dtx, bool, const Pass&) override {
    const bool any = f_.curved() || dy.wanted();
    activate_tangent_backward(f_, {.dy = dy.data,
                                   .dty = dty.data,
                                   .ta = tx.data,
                                   .at = slope_at(x, y).data,
                                   .dta = dtx.data,
                                   .da = any ? dx.data : nullptr,
                                   .bias = nullptr,
                                   .rows = y.rows,
                                   .cols = y.cols});
    return any;
  }

  OnnxRows write(OnnxGraph& graph, const OnnxRows& x) const override {
    return f_.linear() ? graph.each("Identity", x) : write_activation(graph, f_, x);
  }

 private:
  View<const float> slope_at(View<const float> x, View<const float> y) const {
    return f_.derivative_from_output() ? y : x;
  }

  Activation f_;
  RowShape shape_;
};

void activation_twin(const ActivationOptions& options, RowShape, View<const double> x,
                     std::span<const Matrix<double>>, View<double> y) {
  const Activation f = activation_of(options);
  for (std::size_t i = 0; i < x.size(); ++i) y.data[i] = activation_value(f, x.data[i]);
}

std::vector<std::pair<std::string, RowShape>> activation_trials() {
  std::vector<std::pair<std::string, RowShape>> trials = {{"activation:leaky-relu,slope=0.3", {.width = 3}},
                                                          {"activation:elu,slope=0.5", {.width = 130}}};
  for (const std::string& name : activation_names())
    trials.emplace_back("activation:" + name, RowShape{.width = 70});
  return trials;
}

}  // namespace

OnnxRows write_activation(OnnxGraph& graph, const Activation& f, const OnnxRows& x) {
  const auto slope = static_cast<float>(f.slope);
  switch (f.kind) {
    case Activation::Kind::linear:
      break;
    case Activation::Kind::sigmoid:
      return graph.each("Sigmoid", x);
    case Activation::Kind::tanh:
      return graph.each("Tanh", x);
    case Activation::Kind::relu:
      return graph.each("Relu", x);
    case Activation::Kind::leaky_relu:
      return graph.each("LeakyRelu", x, {{"alpha", slope}});
    case Activation::Kind::elu:
      return graph.each("Elu", x, {{"alpha", slope}});
    case Activation::Kind::gelu:
      return graph.each("Gelu", x);
    case Activation::Kind::silu:
      return graph.each("Mul", x, {}, {graph.each("Sigmoid", x).name});
    case Activation::Kind::softplus:
      return graph.each("Softplus", x);
    case Activation::Kind::selu:
      return graph.each(
          "Selu", x, {{"alpha", static_cast<float>(kSeluAlpha)}, {"gamma", static_cast<float>(kSeluScale)}});
  }
  return x;
}

Activation activation_of(const ActivationOptions& options) {
  table().check(options);
  return make_activation(options.f, options.slope);
}

const LayerEntry& layer_entry(const ActivationOptions&) {
  static const LayerEntry entry =
      layer_row(table(),
                [](const ActivationOptions& options, RowShape input) {
                  return std::make_unique<ActivationLayer>(activation_of(options), input);
                },
                {.formula = "y = f(x)",
                 .source = "Goodfellow, Bengio & Courville, Deep Learning, section 6.3",
                 .twin = by_options(activation_twin),
                 .trials = activation_trials(),
                 .examples = {{.inputs = 3,
                               .x = {2, 0, -4},
                               .parameters = {},
                               .y = {2, 0, -1.2},
                               .by_hand = "slope 0.3: 2 and 0 stay, −4·0.3 = −1.2"}}});
  return entry;
}

}  // namespace pushforward
