// SPDX-License-Identifier: Apache-2.0
//
// Layers as structs: every row of the registry made from its struct and from text, what either is refused
// for, and a layer that this library has not, which is a struct and its row.
#include "pushforward/layers.hpp"

#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "layers/mirror.hpp"
#include "pushforward/arena.hpp"
#include "pushforward/conformance_layers.hpp"
#include "pushforward/error.hpp"
#include "pushforward/network_text.hpp"
#include "pushforward/option_table.hpp"

namespace pushforward {
namespace {

using Kind = Activation::Kind;

struct Pair {
  LayerPlan plan;
  std::string spec;
  RowShape input;
};

RowShape image(std::size_t height, std::size_t width, std::size_t channels) {
  return {.height = height, .width = width, .channels = channels, .image = true};
}

// Every field of every struct, away from its default.
std::vector<Pair> pairs() {
  const RowShape nine{.width = 9}, picture = image(6, 5, 4);
  using MaxPool = MaxPoolOptions;
  using Residual = ResidualOptions;
  return {
      {DenseOptions{.units = 4,
                    .activation = Kind::leaky_relu,
                    .slope = 0.3,
                    .bias = false,
                    .initial = NormalInitial{0.5},
                    .spectral = true},
       "dense:units=4,activation=leaky-relu,slope=0.3,bias=no,initial=normal:sd=0.5,spectral=yes", nine},
      {DenseOptions{.units = 3}, "dense:units=3", nine},
      {MaxoutOptions{.units = 4, .pieces = 3, .bias = false, .initial = HeInitial{}, .spectral = true},
       "maxout:units=4,pieces=3,bias=no,initial=he,spectral=yes", nine},
      {ActivationOptions{Kind::elu, 0.7}, "activation:elu,slope=0.7", nine},
      {DropoutOptions{0.25}, "dropout:rate=0.25", nine},
      {BatchNormOptions{.momentum = 0.8, .epsilon = 0.1}, "batch-norm:momentum=0.8,epsilon=0.1", nine},
      {LayerNormOptions{0.1}, "layer-norm:epsilon=0.1", nine},
      {GroupNormOptions{.groups = 2, .epsilon = 0.1}, "group-norm:groups=2,epsilon=0.1", picture},
      {ConvolutionOptions{.channels = 6,
                          .kernel = {3, 2},
                          .stride = {2, 1},
                          .padding = Extent{1, 2},
                          .dilation = {1, 2},
                          .groups = 2,
                          .bias = false,
                          .activation = Kind::leaky_relu,
                          .slope = 0.3,
                          .initial = OrthogonalInitial{}},
       "convolution:channels=6,kernel=3x2,stride=2x1,padding=1x2,dilation=1x2,groups=2,bias=no,"
       "activation=leaky-relu,slope=0.3,initial=orthogonal",
       picture},
      {TransposedConvolutionOptions{.channels = 6,
                                    .kernel = {3, 2},
                                    .stride = {2, 1},
                                    .padding = Extent{0, 0},
                                    .dilation = {1, 2},
                                    .groups = 2,
                                    .bias = false,
                                    .activation = Kind::relu,
                                    .initial = UniformInitial{0.4},
                                    .output_padding = Extent{1, 0}},
       "transposed-convolution:channels=6,kernel=3x2,stride=2x1,padding=valid,dilation=1x2,groups=2,bias=no,"
       "activation=relu,initial=uniform:a=0.4,output-padding=1x0",
       picture},
      {Residual{.channels = 6,
                .kernel = {1, 2},
                .stride = {2, 1},
                .norm = Residual::Norm::batch,
                .groups = 3,
                .activation = Kind::leaky_relu,
                .slope = 0.3,
                .initial = XavierInitial{}},
       "residual:channels=6,kernel=1x2,stride=2x1,norm=batch,groups=3,activation=leaky-relu,slope=0.3,"
       "initial=xavier",
       picture},
      {Residual{.channels = 4, .groups = 2}, "residual:channels=4,groups=2", picture},
      {MaxPool{.kernel = {2, 3},
               .stride = Extent{1, 2},
               .padding = Extent{1, 1},
               .dilation = {2, 1},
               .undo = MaxPool::Undo::unpool},
       "max-pool:kernel=2x3,stride=1x2,padding=1,dilation=2x1,undo=unpool", picture},
      {AveragePoolOptions{.kernel = {3, 2}, .padding = Extent{0, 0}}, "average-pool:kernel=3x2,padding=valid",
       picture},
      {UpsampleOptions{.scale = {1, 3}, .mode = UpsampleOptions::Mode::bilinear},
       "upsample:scale=1x3,mode=bilinear", picture},
      {UpsampleOptions{.size = Extent{9, 8}}, "upsample:size=9x8", picture},
      {UnpoolOptions{.scale = {2, 1}, .size = Extent{13, 7}}, "unpool:scale=2x1,size=13x7", picture},
      {FlattenOptions{}, "flatten", picture},
      {ReshapeOptions{1, 3, 3}, "reshape:1x3x3", nine},
      {StackChannelsOptions{4}, "stack-channels:parts=4", picture},
  };
}

struct Bound {
  Network network;
  Arena arena{};
  Trace trace{};

  explicit Bound(Network made) : network(std::move(made)) {
    network.name_parameters("net");
    arena.bind(network.parameters(), Draw{.seed = 5});
  }
  std::vector<float> run(RowShape input) {
    Tensor x(3, input.size());
    fill_normal(x.span(), Draw{.seed = 6});
    const View<const float> y = network.forward(x, trace, {.training = true});
    std::vector<float> all(y.data, y.data + y.size());
    for (const Parameter* p : network.parameters())
      all.insert(all.end(), p->value.data, p->value.data + p->size());
    return all;
  }
};

TEST(LayerOptions, EveryRowIsTheSameFromItsStructAndFromText) {
  std::map<std::string, std::size_t> tried;
  for (const auto& [plan, text, input] : pairs()) {
    SCOPED_TRACE(text);
    const Spec spec = parse_spec(text);
    ++tried[spec.name];
    Network one(input), two(input);
    Bound typed(std::move(one.add(plan))), read(std::move(two.add(spec)));
    EXPECT_EQ(typed.network.layer(0).describe(), read.network.layer(0).describe());
    EXPECT_EQ(typed.network.output_shape(), read.network.output_shape());
    EXPECT_EQ(typed.run(input), read.run(input));
  }
  for (const LayerEntry& entry : layers()) EXPECT_GT(tried[entry.name], 0u) << entry.name;
}

// What a row shows as a default makes what leaving the option out makes.
TEST(LayerOptions, ShownDefaultsAreTheStructs) {
  for (const LayerEntry& entry : layers())
    for (const OptionRow& row : entry.options) {
      if (row.fallback.empty()) continue;
      const auto& [text, input] = entry.trials.front();
      Spec spec = parse_spec(text);
      if (row.name.empty() ||
          std::ranges::count(spec.options, row.name, &std::pair<std::string, std::string>::first) > 0)
        continue;
      Network plain(input), said(input);
      Bound without(std::move(plain.add(spec)));
      spec.options.emplace_back(row.name, row.fallback);
      Bound with(std::move(said.add(spec)));
      EXPECT_EQ(without.run(input), with.run(input)) << spec.text();
    }
}

template <class Work>
std::string refusal(const Work& work) {
  try {
    work();
  } catch (const RequestError& error) {
    return error.what();
  }
  return "";
}

TEST(LayerOptions, AStructOutOfBoundsIsRefusedAsTextIs) {
  const RowShape nine{.width = 9}, picture = image(6, 5, 4);
  for (const auto& [plan, text, input] : std::vector<Pair>{
           {DenseOptions{}, "dense", nine},
           {DenseOptions{.units = 2'000'000}, "dense:units=2000000", nine},
           {DenseOptions{.units = 1, .slope = -1}, "dense:units=1,slope=-1", nine},
           {DenseOptions{.units = 1, .initial = NormalInitial{-2}}, "dense:units=1,initial=normal:sd=-2",
            nine},
           {MaxoutOptions{.units = 1, .pieces = 0}, "maxout:units=1,pieces=0", nine},
           {ActivationOptions{Kind::elu, -2}, "activation:elu,slope=-2", nine},
           {DropoutOptions{1}, "dropout:1", nine},
           {BatchNormOptions{.momentum = 1.5}, "batch-norm:momentum=1.5", nine},
           {LayerNormOptions{0}, "layer-norm:epsilon=0", nine},
           {GroupNormOptions{.groups = 0}, "group-norm:groups=0", picture},
           {GroupNormOptions{.groups = 3}, "group-norm:groups=3", picture},
           {ConvolutionOptions{}, "convolution", picture},
           {ConvolutionOptions{.channels = 1, .kernel = {0, 1}}, "convolution:channels=1,kernel=0x1",
            picture},
           {ConvolutionOptions{.channels = 1, .padding = Extent{70000, 70000}},
            "convolution:channels=1,padding=70000", picture},
           {ConvolutionOptions{.channels = 1, .activation = Kind::tanh},
            "convolution:channels=1,activation=tanh", picture},
           {TransposedConvolutionOptions{.channels = 1, .output_padding = Extent{1, 1}},
            "transposed-convolution:channels=1,output-padding=1", picture},
           {ResidualOptions{.channels = 4, .activation = Kind::linear},
            "residual:channels=4,activation=linear", picture},
           {MaxPoolOptions{.stride = Extent{0, 0}}, "max-pool:stride=0", picture},
           {AveragePoolOptions{.kernel = {9, 9}, .padding = Extent{0, 0}},
            "average-pool:kernel=9,padding=valid", picture},
           {UpsampleOptions{.size = Extent{3, 3}}, "upsample:size=3", picture},
           {UnpoolOptions{.scale = {0, 0}}, "unpool:scale=0", picture},
           {ReshapeOptions{3, 3, 0}, "reshape:3x3x0", nine},
           {ReshapeOptions{3, 3, 2}, "reshape:3x3x2", nine},
           {StackChannelsOptions{0}, "stack-channels:parts=0", picture},
       }) {
    const std::string typed = refusal([&, &p = plan, &shape = input] { make_layer(p, shape); });
    EXPECT_EQ(typed, refusal([&, &t = text, &shape = input] { make_layer(parse_spec(t), shape); }));
    EXPECT_NE(typed.find("got"), std::string::npos) << text;
  }
}

TEST(LayerOptions, ANetworkOfStructsIsTheNetworkOfItsText) {
  const RowShape input = image(12, 12, 1);
  Bound typed(
      build_network(input,
                    {ConvolutionOptions{.channels = 4, .kernel = {4, 4}, .stride = {2, 2}},
                     ActivationOptions{Kind::leaky_relu, 0.2}, BatchNormOptions{}, DenseOptions{.units = 5}},
                    HeInitial{}));
  Bound read(build_network(input, parse_network("conv 4 4x4/2, leaky-relu slope=0.2, batch-norm, dense 5"),
                           read_initial("he")));
  EXPECT_EQ(typed.network.depth(), 3u);  // the activation rides on the convolution
  EXPECT_EQ(typed.run(input), read.run(input));
}

// A layer that this library has not: y = c·x, which halves as many columns as it is told on the way back.
struct TimesOptions {
  double factor = 2;
};
const LayerEntry& layer_entry(const TimesOptions&);

class Times : public Layer {
 public:
  Times(double factor, RowShape shape) : factor_(static_cast<float>(factor)), shape_(shape) {}
  std::string describe() const override { return "times"; }
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

const LayerEntry& layer_entry(const TimesOptions&) {
  static const auto table =
      OptionTable<TimesOptions>("times").add("", &TimesOptions::factor, "c", any_number());
  static const LayerEntry entry = {
      .name = table.name(),
      .formula = "y = c·x",
      .source = "this test",
      .options = table.rows(),
      .read = [](const Spec& spec) { return std::any(table.read(spec)); },
      .make = [](const LayerPlan& plan, RowShape input) -> std::unique_ptr<Layer> {
        return std::make_unique<Times>(plan.as<TimesOptions>().factor, input);
      },
      .twin =
          [](const LayerPlan& plan, RowShape, View<const double> x, std::span<const Matrix<double>>,
             View<double> y) {
            for (std::size_t i = 0; i < y.size(); ++i) y.data[i] = plan.as<TimesOptions>().factor * x.data[i];
          },
      .trials = {{"times:3", {.width = 2}}, {"times", {.width = 7}}},
      .examples = {{.inputs = 2, .x = {1, -2}, .parameters = {}, .y = {3, -6}, .by_hand = "3·1, 3·−2"}},
      .mirror =
          [](const LayerPlan& plan, const Passage&) {
            return std::vector<LayerPlan>{TimesOptions{1 / plan.as<TimesOptions>().factor}};
          }};
  return entry;
}

TEST(LayerOptions, ALayerOutsideTheTreeNeedsAStructAndARow) {
  for (const Finding& finding : check_layer(layer_entry(TimesOptions{}))) ADD_FAILURE() << finding.text();
  const RowShape input{.width = 3};
  const std::vector<LayerPlan> body = {TimesOptions{4}, TimesOptions{}};
  std::vector<LayerPlan> all = body;
  for (const LayerPlan& back : mirrored(input, body, 1, true)) all.push_back(back);
  Bound there(build_network(input, body)), and_back(build_network(input, all));
  Tensor x(1, 3);
  fill_normal(x.span(), Draw{.seed = 6});
  EXPECT_EQ(there.network.forward(x, there.trace, {})(0, 1), 8 * x(0, 1));
  EXPECT_EQ(and_back.network.forward(x, and_back.trace, {})(0, 1), x(0, 1));
}

}  // namespace
}  // namespace pushforward
