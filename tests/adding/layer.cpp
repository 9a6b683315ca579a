// SPDX-License-Identifier: Apache-2.0
// A layer that is added: y = c·x, whose options text alone gives.
#include "pushforward/layer.hpp"
#include "pushforward/option_table.hpp"

namespace pushforward {
namespace {

struct AddedOptions {
  double factor = 2;
};

class Times final : public Layer {
 public:
  Times(double factor, RowShape shape) : factor_(static_cast<float>(factor)), shape_(shape) {}
  std::string describe() const override { return "added-layer"; }
  RowShape output_shape() const override { return shape_; }
  void forward(View<const float> x, View<float> y, Saved&, const Pass&) const override { times(x, y); }
  void backward(View<const float>, View<const float>, Saved&, View<const float> dy, View<float> dx, bool,
                const Pass&) override {
    if (dx.wanted()) times(dy, dx);
  }

 private:
  void times(View<const float> from, View<float> to) const {
    for (std::size_t i = 0; i < to.size(); ++i) to.data[i] = factor_ * from.data[i];
  }
  float factor_;
  RowShape shape_;
};

double factor_of(const LayerPlan& plan) { return plan.as<AddedOptions>().factor; }

}  // namespace

LayerEntry added_layer() {
  static const auto table =
      OptionTable<AddedOptions>("added-layer").add("factor", &AddedOptions::factor, "c", any_number());
  return {.name = table.name(),
          .formula = "y = c·x",
          .source = "this test",
          .options = table.rows(),
          .read = [](const Spec& spec) { return std::any(table.read(spec)); },
          .make = [](const LayerPlan& plan, RowShape input) -> std::unique_ptr<Layer> {
            return std::make_unique<Times>(factor_of(plan), input);
          },
          .twin =
              [](const LayerPlan& plan, RowShape, View<const double> x, std::span<const Matrix<double>>,
                 View<double> y) {
                for (std::size_t i = 0; i < y.size(); ++i) y.data[i] = factor_of(plan) * x.data[i];
              },
          .trials = {{"added-layer:factor=3", {.width = 2}}},
          .examples = {{.inputs = 2, .x = {1, -2}, .parameters = {}, .y = {3, -6}, .by_hand = "3·1, 3·−2"}},
          .number = "factor",
          .mirror = [](const LayerPlan& plan, const Passage&) { return std::vector<LayerPlan>{plan}; }};
}

}  // namespace pushforward
