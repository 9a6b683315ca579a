// SPDX-License-Identifier: Apache-2.0
//
// Layer normalisation [Ba, Kiros & Hinton, arXiv:1607.06450, 2016]: every row by its own mean and variance,
//   x̂ = (x − μ)/√(σ² + ε),  y = x̂ ⊙ γ + β,
// over all features of the row (all pixels and channels of an image), γ and β one a feature.
//
// A row's output depends on that row alone, so it may stand in a penalised critic, where batch normalisation
// may not; its tangent pass and that pass's backward are in closed form (ops/norm_kernels.cpp). Cost: three
// passes over a row that lies in the first-level cache.
#include <cmath>

#include <fmt/format.h>

#include "layers/layer_row.hpp"
#include "layers/onnx_layers.hpp"
#include "ops/norm_kernels.hpp"

namespace pushforward {
namespace {

enum SavedSlot : std::size_t { kRows, kTangentMeans };

class LayerNorm : public Layer, public OnnxMap {
 public:
  LayerNorm(double epsilon, RowShape shape) : epsilon_(static_cast<float>(epsilon)), shape_(shape) {
    const std::size_t n = shape.size();
    scale_ = {.name = "scale", .rows = 1, .cols = n, .initial = ConstantInitial{1}, .decays = false};
    shift_ = {.name = "shift", .rows = 1, .cols = n, .decays = false};
  }

  std::string describe() const override { return fmt::format("layer norm {}", shape_.text()); }
  RowShape output_shape() const override { return shape_; }

  void forward(View<const float> x, View<float> y, Saved& saved, const Pass&) const override {
    vectors::normalise_rows(at(x, saved), shift_.value.data, epsilon_, y);
  }
  void backward(View<const float> x, View<const float>, Saved& saved, View<const float> dy, View<float> dx,
                bool parameters, const Pass&) override {
    if (dx.wanted()) vectors::rows_backward(at(x, saved), dy, dx);
    if (parameters) add_gradients(x, saved, dy);
  }

  bool has_tangent() const override { return true; }
  void tangent(View<const float> x, View<const float>, Saved& saved, View<const float> tx, View<float> ty,
               const Pass&) const override {
    vectors::rows_tangent(at(x, saved), tx, saved.at(kTangentMeans, x.rows, 2), ty);
  }
  bool tangent_backward(View<const float> x, View<const float>, Saved& saved, View<const float> tx,
                        View<const float>, View<const float> dy, View<const float> dty, View<float> dx,
                        View<float> dtx, bool parameters, const Pass&) override {
    const vectors::RowNorm rows = at(x, saved);
    const View<const float> means = saved.at(kTangentMeans, x.rows, 2);
    if (dx.wanted() || dtx.wanted()) vectors::rows_tangent_backward(rows, tx, means, dy, dty, dx, dtx);
    if (!parameters) return true;
    vectors::row_tangent_scale_gradients(rows, tx, means, dty, scale_.gradient.data);
    if (dy.wanted()) add_gradients(x, saved, dy);
    return true;
  }

  std::vector<Parameter*> parameters() override { return {&scale_, &shift_}; }

  OnnxRows write(OnnxGraph& graph, const OnnxRows& x) const override {
    const auto n = static_cast<std::int64_t>(shape_.size());
    const std::string y =
        graph.add("LayerNormalization",
                  {graph.rows(x), write_parameter(graph, scale_, {n}), write_parameter(graph, shift_, {n})},
                  {{"axis", std::int64_t{1}}, {"epsilon", epsilon_}});
    return graph.of_rows(y, shape_.size());
  }

 private:
  vectors::RowNorm at(View<const float> x, Saved& saved) const {
    return {x, scale_.value.data, saved.at(kRows, x.rows, 2)};
  }
  void add_gradients(View<const float> x, Saved& saved, View<const float> dy) {
    vectors::row_scale_gradients(at(x, saved), dy, scale_.gradient.data, shift_.gradient.data);
  }

  float epsilon_;
  RowShape shape_;
  Parameter scale_{}, shift_{};
};

void layer_norm_twin(const LayerNormOptions& options, RowShape, View<const double> x,
                     std::span<const Matrix<double>> parameters, View<double> y) {
  const double epsilon = options.epsilon, n = static_cast<double>(x.cols);
  for (std::size_t i = 0; i < x.rows; ++i) {
    double mean = 0, variance = 0;
    for (std::size_t j = 0; j < x.cols; ++j) mean += x(i, j) / n;
    for (std::size_t j = 0; j < x.cols; ++j) variance += (x(i, j) - mean) * (x(i, j) - mean) / n;
    for (std::size_t j = 0; j < x.cols; ++j)
      y(i, j) = (x(i, j) - mean) / std::sqrt(variance + epsilon) * parameters[0](0, j) + parameters[1](0, j);
  }
}

}  // namespace

const LayerEntry& layer_entry(const LayerNormOptions&) {
  using O = LayerNormOptions;
  static const auto table =
      OptionTable<O>("layer-norm").add("epsilon", &O::epsilon, "ε, added to the variance", positive_number());
  static const LayerEntry entry = layer_row(
      table,
      [](const O& options, RowShape input) { return std::make_unique<LayerNorm>(options.epsilon, input); },
      {.formula = "y = (x − μ)/√(σ² + ε) ⊙ γ + β, μ and σ² of each row",
       .source = "Ba, Kiros & Hinton, arXiv:1607.06450, 2016",
       .twin = by_options(layer_norm_twin),
       .trials = {{"layer-norm:epsilon=1", {.width = 2}},
                  {"layer-norm", {.width = 19}},
                  {"layer-norm", image_shape(2, 3, 4)},
                  {"layer-norm:epsilon=0.1", {.width = 70}}},
       .examples = {{.inputs = 2,
                     .x = {1 + 1.7320508075688772, 1 - 1.7320508075688772, 5, 5},
                     .parameters = {{2, 4}, {1, 0}},
                     .y = {2.7320508075688772, -3.4641016151377544, 1, 0},
                     .by_hand = "row 1: μ = 1, σ² = 3, √(3+1) = 2: x̂ = ±√3/2, y = 2·√3/2 + 1 and −4·√3/2; "
                                "row 2: x̂ = 0"}}});
  return entry;
}

}  // namespace pushforward
