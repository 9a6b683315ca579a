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

#include "layers/entries.hpp"
#include "layers/onnx_layers.hpp"
#include "ops/select_kernels.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

double read_rate(const Spec& spec) {
  SpecReader read(spec);
  const std::string key = read.has("rate") ? "rate" : "";
  const double rate = read.number(key, 0.5, 0, 1);
  read.finish();
  if (rate < 1) return rate;
  throw RequestError(Complaint{"dropout", "a rate of 1, which drops everything", "a rate below 1"});
}

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

void training_twin(const Spec& spec, RowShape, View<const double> x, std::span<const Matrix<double>>,
                   const Pass& pass, View<double> y) {
  const double rate = read_rate(spec);
  Tensor u(x.rows, x.cols);
  fill_uniform(u.span(), mask_draw(name_id(""), pass.draw));
  for (std::size_t i = 0; i < x.size(); ++i)
    y.data[i] = u.data()[i] >= static_cast<float>(rate) ? x.data[i] / (1 - rate) : 0;
}

}  // namespace

LayerEntry dropout_entry() {
  return {.name = "dropout",
          .formula = "y = x ⊙ m in training, m = [u ≥ rate]/(1 − rate), u ~ U[0,1); y = x at inference",
          .source = "Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov, JMLR 15, 2014",
          .options = {{"", "0.5", "share of the numbers that is dropped, below 1"},
                      {"rate", "", "the same by name"}},
          .make = [](const Spec& spec, RowShape input) -> std::unique_ptr<Layer> {
            return std::make_unique<Dropout>(read_rate(spec), input);
          },
          .twin = [](const Spec&, RowShape, View<const double> x, std::span<const Matrix<double>>,
                     View<double> y) { std::copy_n(x.data, x.size(), y.data); },
          .training_twin = training_twin,
          .trials = {{"dropout:0.5", {.width = 3}},
                     {"dropout:rate=0.2", {.height = 3, .width = 5, .channels = 2, .image = true}},
                     {"dropout:0", {.width = 33}}},
          .examples = {{.inputs = 3,
                        .x = {2, 0, -4},
                        .parameters = {},
                        .y = {2, 0, -4},
                        .by_hand = "at inference nothing is dropped"}}};
}

}  // namespace pushforward
