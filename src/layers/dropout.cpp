// SPDX-License-Identifier: Apache-2.0
//
// Dropout [Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov, JMLR 15, 2014]: in training each number
// is kept with probability 1 − rate and then divided by it, so that its mean stays and nothing is to be done
// at inference ("inverted" scaling); y = x ⊙ m, m = [u ≥ rate]/(1 − rate), u ~ U[0,1).
//
// The mask is a function of the pass's draw and of the layer's name, and of nothing else: the tangent pass
// and a resumed run see the same one, and two layers of a network, or of two networks, never do. Number i of
// the batch belongs to draw i. Cost: a draw and two passes over memory, next to nothing beside a product.
#include <algorithm>

#include <fmt/format.h>

#include "layers/layer_row.hpp"
#include "layers/onnx_layers.hpp"
#include "ops/select_kernels.hpp"

namespace pushforward {
namespace {

// The stream of a layer of this name within a pass's.
Draw mask_draw(std::uint32_t name, const Draw& draw) {
  return {draw.seed, (draw.stream ^ name) * 16777619u, draw.step};
}
std::uint32_t name_id(std::string_view name) { return stream_id(fmt::format("dropout {}", name)); }
float gain_of(double rate) { return static_cast<float>(1 / (1 - rate)); }

class Dropout : public Layer, public OnnxMap {
 public:
  Dropout(double rate, RowShape shape) : rate_(rate), shape_(shape) {}

  void named(std::string_view name) override { name_ = name_id(name); }
  std::string describe() const override { return fmt::format("dropout {}", rate_); }
  RowShape output_shape() const override { return shape_; }

  void forward(View<const float> x, View<float> y, Saved& saved, const Pass& pass) const override {
    if (!pass.training) return copy(x, y);
    Tensor& mask = saved.at(0, x.rows, x.cols);
    fill_uniform(mask.span(), mask_draw(name_, pass.draw));
    vectors::drop(x.span(), mask.span(), static_cast<float>(rate_), gain_of(rate_), y.span());
  }
  void backward(View<const float>, View<const float>, Saved& saved, View<const float> dy, View<float> dx,
                bool, const Pass& pass) override {
    if (dx.wanted()) masked(dy, saved, pass, dx);
  }

  bool has_tangent() const override { return true; }
  void tangent(View<const float>, View<const float>, Saved& saved, View<const float> tx, View<float> ty,
               const Pass& pass) const override {
    masked(tx, saved, pass, ty);
  }
  bool tangent_backward(View<const float>, View<const float>, Saved& saved, View<const float>,
                        View<const float>, View<const float> dy, View<const float> dty, View<float> dx,
                        View<float> dtx, bool, const Pass& pass) override {
    if (dtx.wanted()) masked(dty, saved, pass, dtx);
    if (dy.wanted() && dx.wanted()) masked(dy, saved, pass, dx);
    return dy.wanted();
  }

  OnnxRows write(OnnxGraph& graph, const OnnxRows& x) const override { return graph.each("Identity", x); }

 private:
  static void copy(View<const float> from, View<float> to) { std::copy_n(from.data, from.size(), to.data); }
  static void masked(View<const float> from, const Saved& saved, const Pass& pass, View<float> to) {
    if (!pass.training) return copy(from, to);
    vectors::multiply_elements(from.span(), saved.at(0).span(), to.span());
  }

  double rate_;
  RowShape shape_;
  std::uint32_t name_ = name_id("");
};

void dropout_twin(const DropoutOptions&, RowShape, View<const double> x, std::span<const Matrix<double>>,
                  View<double> y) {
  std::copy_n(x.data, x.size(), y.data);
}

void training_twin(const DropoutOptions& options, RowShape, View<const double> x,
                   std::span<const Matrix<double>>, const Pass& pass, View<double> y) {
  const double rate = options.rate;
  Tensor u(x.rows, x.cols);
  fill_uniform(u.span(), mask_draw(name_id(""), pass.draw));
  for (std::size_t i = 0; i < x.size(); ++i)
    y.data[i] = u.data()[i] >= static_cast<float>(rate) ? x.data[i] / (1 - rate) : 0;
}

}  // namespace

const LayerEntry& layer_entry(const DropoutOptions&) {
  using O = DropoutOptions;
  static const auto table =
      OptionTable<O>("dropout")
          .add("", &O::rate, "share of the numbers that is dropped, below 1", number_below(0, 1))
          .again("rate", &O::rate, "the same by name", number_below(0, 1));
  static const LayerEntry entry = layer_row(
      table, [](const O& options, RowShape input) { return std::make_unique<Dropout>(options.rate, input); },
      {.formula = "y = x ⊙ m in training, m = [u ≥ rate]/(1 − rate), u ~ U[0,1); y = x at inference",
       .source = "Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov, JMLR 15, 2014",
       .twin = by_options(dropout_twin),
       .training_twin = by_options(training_twin),
       .trials = {{"dropout:0.5", {.width = 3}},
                  {"dropout:rate=0.2", image_shape(3, 5, 2)},
                  {"dropout:0", {.width = 33}}},
       .examples = {{.inputs = 3,
                     .x = {2, 0, -4},
                     .parameters = {},
                     .y = {2, 0, -4},
                     .by_hand = "at inference nothing is dropped"}}});
  return entry;
}

}  // namespace pushforward
