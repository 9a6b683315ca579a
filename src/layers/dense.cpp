// SPDX-License-Identifier: Apache-2.0
//
// A dense layer, y = f(x·Wᵀ + b), and its tied twin, y = f(x·W + c) with the W of another layer.
//
// W is stored outputs × inputs, a row a unit, as most frameworks store it: measured, no layout is faster (see
// ops_onednn.cpp). With a = x·Wᵀ + b and da = dy ⊙ f′(a):
//   dx = da·W      dW += daᵀ·x      db += column sums of da.
// The bias and, where f is the (leaky) rectifier, f itself ride on the product; other activations are one
// pass over y. Backward makes da and db in one pass (ops/activation.cpp), then one product for each of dW and
// dx, each only if wanted.
//
// Tangents: ta = tx·Wᵀ, ty = f′(a) ⊙ ta. Backward: dta = dty ⊙ f′ and da = dy ⊙ f′ + dty ⊙ ta ⊙ f″, then
//   dtx = dta·W      dx = da·W      dW += dtaᵀ·tx + daᵀ·x      db += column sums of da,
// where everything with da falls away for a rectifier that is given no dy.
//
// spectral=yes divides W by its largest singular value: dense_weight.cpp.
//
// Tied [Hinton & Salakhutdinov, "Reducing the dimensionality of data with neural networks", Science 2006;
// weights shared as in Vincent et al., ICML 2008]: the decoder reads the encoder's W untransposed, and both
// gradients add up in one place.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "layers/dense_weight.hpp"
#include "layers/layer_row.hpp"
#include "layers/onnx_layers.hpp"
#include "ops/activation.hpp"
#include "ops/product.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

enum SavedSlot : std::size_t {
  kPreActivation = DenseWeight::kSlots,
  kActivationGradient,
  kTangent,
  kTangentGradient
};

class Dense : public Layer, public OnnxMap {
 public:
  // Owns its weight, outputs × inputs.
  Dense(std::size_t inputs, const DenseOptions& o)
      : Dense(inputs, o.units, carried_activation(o), nullptr,
              DenseWeight(o.units, inputs, initial_of(o), o.spectral)) {
    has_bias_ = o.bias, bias_.initial = bias_initial(initial_of(o));
  }
  // Borrows the weight of another layer, inputs × outputs.
  Dense(Parameter& weight, const Activation& f)
      : Dense(weight.rows, weight.cols, f, &weight, DenseWeight(0, 0, {}, false)) {}

  std::string describe() const override {
    return fmt::format("{} {}→{}, {}{}", borrowed_ ? "tied dense" : "dense", inputs_, outputs_,
                       activation_name(f_), own_.spectral() ? ", spectral" : "");
  }
  RowShape output_shape() const override { return {.height = 1, .width = outputs_, .channels = 1}; }
  double operations() const override { return 2.0 * static_cast<double>(inputs_ * outputs_); }

  void forward(View<const float> x, View<float> y, Saved& saved, const Pass& pass) const override {
    const bool keep = !f_.derivative_from_output();
    const View<float> a = keep ? saved.at(kPreActivation, y.rows, y.cols).view() : y;
    multiply({.a = x,
              .b = borrowed_ ? borrowed_->value : own_.make(saved),
              .c = a,
              .transpose_b = !borrowed_,
              .bias = has_bias_ ? bias_.value.data : nullptr,
              .rectify = rides(),
              .slope = static_cast<float>(f_.slope),
              .precision = pass.precision});
    if (!rides()) activate(f_, a.span(), y.span());
  }

  void backward(View<const float> x, View<const float> y, Saved& saved, View<const float> dy, View<float> dx,
                bool parameters, const Pass& pass) override {
    const View<const float> da = activation_gradient(y, saved, dy, parameters);
    if (parameters) add_weight_gradient(x, da, saved, pass);
    if (dx.wanted()) input_gradient(da, dx, saved, pass);
  }

  bool has_tangent() const override { return true; }

  void tangent(View<const float>, View<const float> y, Saved& saved, View<const float> tx, View<float> ty,
               const Pass& pass) const override {
    const View<float> ta = f_.curved() ? saved.at(kTangent, ty.rows, ty.cols).view() : ty;
    multiply({.a = tx, .b = factor(saved), .c = ta, .transpose_b = !borrowed_, .precision = pass.precision});
    if (!f_.linear()) activate_backward(f_, ta, slope_at(y, saved), ty, nullptr);
  }

  bool tangent_backward(View<const float> x, View<const float> y, Saved& saved, View<const float> tx,
                        View<const float>, View<const float> dy, View<const float> dty, View<float> dx,
                        View<float> dtx, bool parameters, const Pass& pass) override {
    const Gradients at = tangent_gradients(y, saved, dy, dty, parameters);
    if (parameters) add_weight_gradient(tx, at.dta, saved, pass);
    if (dtx.wanted()) input_gradient(at.dta, dtx, saved, pass);
    if (!at.da.wanted()) return false;
    if (parameters) add_weight_gradient(x, at.da, saved, pass);
    if (dx.wanted()) input_gradient(at.da, dx, saved, pass);
    return true;
  }

  std::vector<Parameter*> parameters() override {
    std::vector<Parameter*> all;
    if (!borrowed_) all.push_back(&own_.weight());
    if (has_bias_) all.push_back(&bias_);
    if (own_.spectral()) all.push_back(&own_.left());
    return all;
  }
  void update(const Saved&) override { own_.update(); }

  OnnxRows write(OnnxGraph& graph, const OnnxRows& x) const override {
    Saved saved;
    const View<const float> w = borrowed_ ? borrowed_->value : own_.make(saved);
    const auto rows = static_cast<std::int64_t>(w.rows), cols = static_cast<std::int64_t>(w.cols);
    const std::string weight =
        graph.constant(borrowed_ ? borrowed_->name : own_.weight().name, {rows, cols}, w.span());
    const std::string bias =
        has_bias_ ? write_parameter(graph, bias_, {static_cast<std::int64_t>(outputs_)}) : "";
    return write_activation(graph, f_, graph.product(x, weight, bias, !borrowed_, outputs_));
  }

 private:
  Dense(std::size_t inputs, std::size_t outputs, const Activation& f, Parameter* borrowed, DenseWeight own)
      : inputs_(inputs), outputs_(outputs), f_(f), borrowed_(borrowed), own_(std::move(own)) {
    bias_ = {
        .name = "bias", .rows = 1, .cols = outputs, .fan_in = inputs, .fan_out = outputs, .decays = false};
  }

  // Whether f rides on the product.
  bool rides() const { return f_.kind == Activation::Kind::relu || f_.kind == Activation::Kind::leaky_relu; }
  View<const float> factor(const Saved& saved) const {
    return borrowed_ ? borrowed_->value : own_.value(saved);
  }

  // What f′ is a function of.
  View<const float> slope_at(View<const float> y, const Saved& saved) const {
    return f_.derivative_from_output() ? y : saved.at(kPreActivation).view();
  }
  float* bias_gradient(bool parameters) const {
    return parameters && has_bias_ ? bias_.gradient.data : nullptr;
  }

  // da = dy ⊙ f′, and the bias gradient on the way; dy itself where f is linear.
  View<const float> activation_gradient(View<const float> y, Saved& saved, View<const float> dy,
                                        bool parameters) const {
    float* db = bias_gradient(parameters);
    if (f_.linear()) {
      if (db) activate_backward(f_, dy, dy, {}, db);
      return dy;
    }
    const View<float> da = saved.at(kActivationGradient, y.rows, y.cols);
    activate_backward(f_, dy, slope_at(y, saved), da, db);
    return da;
  }

  // The gradients at a and at its tangent; da is empty where it is 0.
  struct Gradients {
    View<const float> da{}, dta{};
  };
  Gradients tangent_gradients(View<const float> y, Saved& saved, View<const float> dy, View<const float> dty,
                              bool parameters) const {
    if (f_.linear())
      return {dy.wanted() ? activation_gradient(y, saved, dy, parameters) : View<const float>{}, dty};
    const bool curved = f_.curved(), any = curved || dy.wanted();
    const View<float> da = any ? saved.at(kActivationGradient, y.rows, y.cols).view() : View<float>{};
    const View<float> dta = saved.at(kTangentGradient, y.rows, y.cols);
    activate_tangent_backward(f_, {.dy = dy.data,
                                   .dty = dty.data,
                                   .ta = curved ? saved.at(kTangent).data() : nullptr,
                                   .at = slope_at(y, saved).data,
                                   .dta = dta.data,
                                   .da = da.data,
                                   .bias = any ? bias_gradient(parameters) : nullptr,
                                   .rows = y.rows,
                                   .cols = y.cols});
    return {da, dta};
  }

  // dW += daᵀ·x, of a borrowed weight xᵀ·da.
  void add_weight_gradient(View<const float> x, View<const float> da, Saved& saved, const Pass& pass) {
    if (!borrowed_) return own_.add_gradient(x, da, saved, pass);
    multiply({.a = x,
              .b = da,
              .c = borrowed_->gradient,
              .transpose_a = true,
              .accumulate = true,
              .precision = pass.precision});
  }
  // dx = da·W.
  void input_gradient(View<const float> da, View<float> dx, const Saved& saved, const Pass& pass) const {
    multiply({.a = da,
              .b = factor(saved),
              .c = dx,
              .transpose_b = borrowed_ != nullptr,
              .precision = pass.precision});
  }

  std::size_t inputs_, outputs_;
  Activation f_;
  bool has_bias_ = true;
  Parameter* borrowed_;  // null: own_
  DenseWeight own_;
  Parameter bias_{};
};

// The twin: y_o = f(Σ_i W_oi x_i + b_o), by the book.
void dense_twin(const DenseOptions& o, RowShape, View<const double> x,
                std::span<const Matrix<double>> parameters, View<double> y) {
  const Matrix<double>& weight = parameters[0];
  const double sigma = o.spectral ? spectral_twin(weight, parameters.back()) : 1;
  for (std::size_t b = 0; b < x.rows; ++b)
    for (std::size_t u = 0; u < y.cols; ++u) {
      double a = o.bias ? parameters[1](0, u) : 0;
      for (std::size_t i = 0; i < x.cols; ++i) a += weight(u, i) / sigma * x(b, i);
      y(b, u) = activation_value(carried_activation(o), a);
    }
}

std::vector<std::pair<std::string, RowShape>> dense_trials() {
  const RowShape five{.width = 5};
  std::vector<std::pair<std::string, RowShape>> trials = {
      {"dense:units=2,activation=relu", {.width = 3}},
      {"dense:units=33", {.width = 18}},
      {"dense:units=1,bias=no", five},
      {"dense:units=7,activation=leaky-relu,spectral=yes", five},
      {"dense:units=20,activation=tanh,spectral=yes,bias=no", {.width = 18}},
      {"dense:units=6,activation=leaky-relu,slope=0.2",
       {.height = 2, .width = 3, .channels = 2, .image = true}}};
  for (const std::string& name : activation_names())
    trials.emplace_back(fmt::format("dense:units=9,activation={}", name), five);
  return trials;
}

std::vector<LayerPlan> mirror_dense(const DenseOptions& o, const Passage& passage) {
  RowShape shape = passage.input;
  shape.channels = passage.channels;
  std::vector<LayerPlan> back = {DenseOptions{.units = shape.size(), .initial = o.initial}};
  if (shape.image) back.push_back(shaped(shape));
  return back;
}

}  // namespace

const LayerEntry& layer_entry(const DenseOptions&) {
  using O = DenseOptions;
  static const auto table =
      OptionTable<O>("dense")
          .add("units", &O::units, "outputs", count_of(1, kMostUnits))
          .shown("")
          .add("activation", &O::activation,
               "f: linear, sigmoid, tanh, relu, leaky-relu, elu, gelu, silu, softplus, selu",
               activation_kind())
          .shown("linear")
          .add("slope", &O::slope, "of leaky-relu below 0 (0.01), of elu (1)", slope_kind())
          .add("bias", &O::bias, "whether there is b", yes_or_no())
          .add("initial", &O::initial, "how W begins (fan-in sets b alike, others leave it 0)",
               initial_kind())
          .shown("fan-in")
          .add("spectral", &O::spectral, "W divided by its largest singular value (Miyato et al., ICLR 2018)",
               yes_or_no());
  static const LayerEntry entry = layer_row(
      table, [](const O& options, RowShape input) { return std::make_unique<Dense>(input.size(), options); },
      {.formula = "y = f(x·Wᵀ + b), W units × inputs",
       .source = "Rumelhart, Hinton & Williams, Nature 323, 1986",
       .twin = by_options(dense_twin),
       .trials = dense_trials(),
       .examples = {{.inputs = 3,
                     .x = {1, 2, -1, 0, 1, 1},
                     .parameters = {{1, 0, 2, -1, 1, 0.5}, {0.5, -1}},
                     .y = {0, 0, 2.5, 0.5},
                     .by_hand = "row 1: 1+0−2+0.5 = −0.5 → 0, −1+2−0.5−1 = −0.5 → 0; row 2: 0+0+2+0.5 = 2.5, "
                                "0+1+0.5−1 = 0.5"}},
       .short_names = {"linear"},
       .number = "units",
       .mirror = by_options(mirror_dense)});
  return entry;
}

std::unique_ptr<Layer> make_tied_dense(Parameter& weight, const ActivationOptions& activation) {
  return std::make_unique<Dense>(weight, activation_of(activation));
}

}  // namespace pushforward
