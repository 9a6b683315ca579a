// SPDX-License-Identifier: Apache-2.0
//
// Maxout [Goodfellow, Warde-Farley, Mirza, Courville & Bengio, ICML 2013]: each unit is the largest of k
// ("pieces") dense maps, y_o = max_p (W_po·x + b_po): a convex piecewise linear activation that is learnt.
//
// W holds the pieces one after the other, piece p of unit o in row p·units + o. Forward keeps the winners'
// numbers; backward puts dy into the winner's place of da (0 elsewhere) and goes on as a dense layer:
//   dx = da·W      dW += daᵀ·x      db += column sums of da.
// Tangents follow the winners: ty = (tx·Wᵀ + 0) at them; J does not depend on x but at ties. Most of da is 0,
// but a product that skipped the zeros would cost more than it saves at two to five pieces.
#include <fmt/format.h>

#include "layers/dense_weight.hpp"
#include "layers/layer_row.hpp"
#include "layers/onnx_layers.hpp"
#include "ops/activation.hpp"
#include "ops/product.hpp"
#include "ops/select_kernels.hpp"

namespace pushforward {
namespace {

enum SavedSlot : std::size_t { kPieces = DenseWeight::kSlots, kWinner };

class Maxout : public Layer, public OnnxMap {
 public:
  Maxout(std::size_t inputs, const MaxoutOptions& o)
      : inputs_(inputs),
        units_(o.units),
        maps_(o.units * o.pieces),
        has_bias_(o.bias),
        weight_(maps_, inputs, initial_of(o), o.spectral) {
    bias_ = {.name = "bias",
             .rows = 1,
             .cols = maps_,
             .initial = bias_initial(initial_of(o)),
             .fan_in = inputs,
             .fan_out = maps_,
             .decays = false};
  }

  std::string describe() const override {
    return fmt::format("maxout {}→{}×{}{}", inputs_, units_, maps_ / units_,
                       weight_.spectral() ? ", spectral" : "");
  }
  RowShape output_shape() const override { return {.height = 1, .width = units_, .channels = 1}; }
  double operations() const override { return 2.0 * static_cast<double>(inputs_ * maps_); }

  void forward(View<const float> x, View<float> y, Saved& saved, const Pass& pass) const override {
    const View<float> a = saved.at(kPieces, x.rows, maps_);
    multiply({.a = x,
              .b = weight_.make(saved),
              .c = a,
              .transpose_b = true,
              .bias = has_bias_ ? bias_.value.data : nullptr,
              .precision = pass.precision});
    vectors::largest_piece(a, y, saved.at(kWinner, x.rows, units_));
  }

  void backward(View<const float> x, View<const float>, Saved& saved, View<const float> dy, View<float> dx,
                bool parameters, const Pass& pass) override {
    through_winners(x, saved, dy, dx, parameters, has_bias_, pass);
  }

  bool has_tangent() const override { return true; }

  void tangent(View<const float>, View<const float>, Saved& saved, View<const float> tx, View<float> ty,
               const Pass& pass) const override {
    const View<float> ta = saved.at(kPieces, tx.rows, maps_);
    multiply({.a = tx, .b = weight_.value(saved), .c = ta, .transpose_b = true, .precision = pass.precision});
    vectors::pick_piece(ta, saved.at(kWinner), ty);
  }

  bool tangent_backward(View<const float> x, View<const float>, Saved& saved, View<const float> tx,
                        View<const float>, View<const float> dy, View<const float> dty, View<float> dx,
                        View<float> dtx, bool parameters, const Pass& pass) override {
    through_winners(tx, saved, dty, dtx, parameters, false, pass);
    if (dy.wanted()) through_winners(x, saved, dy, dx, parameters, has_bias_, pass);
    return dy.wanted();
  }

  std::vector<Parameter*> parameters() override {
    std::vector<Parameter*> all = {&weight_.weight()};
    if (has_bias_) all.push_back(&bias_);
    if (weight_.spectral()) all.push_back(&weight_.left());
    return all;
  }
  void update(const Saved&) override { weight_.update(); }

  OnnxRows write(OnnxGraph& graph, const OnnxRows& x) const override {
    Saved saved;
    const auto maps = static_cast<std::int64_t>(maps_), units = static_cast<std::int64_t>(units_);
    const std::string weight = graph.constant(
        weight_.weight().name, {maps, static_cast<std::int64_t>(inputs_)}, weight_.make(saved).span());
    const std::string bias = has_bias_ ? write_parameter(graph, bias_, {maps}) : "";
    const std::string pieces = graph.add("Reshape", {graph.product(x, weight, bias, true, maps_).name,
                                                     graph.constant("pieces", {-1, maps / units, units})});
    const std::string largest =
        graph.add("ReduceMax", {pieces, graph.constant("axis", {1})}, {{"keepdims", std::int64_t{0}}});
    return graph.of_rows(largest, units_);
  }

 private:
  void through_winners(View<const float> x, Saved& saved, View<const float> dy, View<float> dx,
                       bool parameters, bool bias, const Pass& pass) {
    const View<float> da = saved.at(kPieces, dy.rows, maps_);
    vectors::spread_to_piece(dy, saved.at(kWinner), da);
    if (parameters && bias) activate_backward({}, da, da, {}, bias_.gradient.data);
    if (parameters) weight_.add_gradient(x, da, saved, pass);
    if (dx.wanted()) multiply({.a = da, .b = weight_.value(saved), .c = dx, .precision = pass.precision});
  }

  std::size_t inputs_, units_, maps_;
  bool has_bias_;
  DenseWeight weight_;
  Parameter bias_{};
};

// By the book; the weight's rows are pieces of units.
void maxout_twin(const MaxoutOptions& o, RowShape, View<const double> x,
                 std::span<const Matrix<double>> parameters, View<double> y) {
  const Matrix<double>& weight = parameters[0];
  const double sigma = o.spectral ? spectral_twin(weight, parameters.back()) : 1;
  for (std::size_t b = 0; b < x.rows; ++b)
    for (std::size_t u = 0; u < o.units; ++u)
      for (std::size_t p = 0; p < o.pieces; ++p) {
        const std::size_t row = p * o.units + u;
        double a = o.bias ? parameters[1](0, row) : 0;
        for (std::size_t i = 0; i < x.cols; ++i) a += weight(row, i) / sigma * x(b, i);
        y(b, u) = p == 0 ? a : std::max(a, y(b, u));
      }
}

// A dense layer, as the pieces of what goes the other way cannot be told.
std::vector<LayerPlan> mirror_maxout(const MaxoutOptions& o, const Passage& passage) {
  return layer_entry(DenseOptions{}).mirror(DenseOptions{.initial = o.initial}, passage);
}

}  // namespace

const LayerEntry& layer_entry(const MaxoutOptions&) {
  using O = MaxoutOptions;
  static const auto table =
      OptionTable<O>("maxout")
          .add("units", &O::units, "outputs", count_of(1, kMostUnits))
          .shown("")
          .add("pieces", &O::pieces, "dense maps a unit", count_of(1, 1000))
          .add("bias", &O::bias, "whether there is b", yes_or_no())
          .add("initial", &O::initial, "how W begins (fan-in sets b alike, others leave it 0)",
               initial_kind())
          .shown("fan-in")
          .add("spectral", &O::spectral, "W divided by its largest singular value", yes_or_no());
  static const LayerEntry entry = layer_row(
      table, [](const O& options, RowShape input) { return std::make_unique<Maxout>(input.size(), options); },
      {.formula = "y_o = max_p (W_po·x + b_po), row p·units + o of W for piece p of unit o",
       .source = "Goodfellow, Warde-Farley, Mirza, Courville & Bengio, ICML 2013",
       .twin = by_options(maxout_twin),
       .trials = {{"maxout:units=2,pieces=2", {.width = 2}},
                  {"maxout:units=19,pieces=5", {.width = 6}},
                  {"maxout:units=4,pieces=1,bias=no", {.width = 3}},
                  {"maxout:units=5,pieces=3,spectral=yes", {.width = 7}}},
       .examples = {{.inputs = 2,
                     .x = {1, 2, -1, 0},
                     .parameters = {{1, 0, 0, 1, -1, 1, 2, 0}, {0, 0, 0.5, -1}},
                     .y = {1.5, 2, 1.5, 0},
                     .by_hand = "row 1: unit 1 max(1, −1+2+0.5 = 1.5), unit 2 max(2, 2−1 = 1); row 2: unit "
                                "1 max(−1, 1+0.5 = 1.5), unit 2 max(0, −2−1 = −3)"}},
       .number = "units",
       .mirror = by_options(mirror_maxout)});
  return entry;
}

}  // namespace pushforward
