// SPDX-License-Identifier: Apache-2.0
// What a twin cannot say of its layer, for it shares the geometry or never meets the case: where padding
// goes, sizes, ties, how wide weights begin, what named networks are made of.
#include <cmath>

#include <gtest/gtest.h>

#include "layers/named_network.hpp"
#include "pushforward/arena.hpp"
#include "pushforward/layers.hpp"
#include "pushforward/network.hpp"

namespace pushforward {
namespace {

RowShape image(std::size_t height, std::size_t width, std::size_t channels = 1) {
  return {.height = height, .width = width, .channels = channels, .image = true};
}

// A layer with these parameters, run on one row.
struct One {
  std::unique_ptr<Layer> layer;
  Arena arena;
  Saved saved;
  Tensor x, y;

  One(const std::string& spec, RowShape shape, const std::vector<float>& row,
      const std::vector<std::vector<float>>& parameters = {})
      : layer(make_layer(parse_spec(spec), shape)), x(1, row.size()), y(1, layer->output_shape().size()) {
    arena.bind(layer->parameters(), Draw{});
    std::ranges::copy(row, x.data());
    for (std::size_t i = 0; i < parameters.size(); ++i)
      std::ranges::copy(parameters[i], layer->parameters()[i]->value.data);
    layer->forward(x, y, saved, {});
  }
  std::vector<float> output() const { return {y.span().begin(), y.span().end()}; }
  std::vector<float> gradient(const std::vector<float>& dy) {
    Tensor slopes(1, dy.size()), dx(1, x.cols());
    std::ranges::copy(dy, slopes.data());
    layer->backward(x, y, saved, slopes, dx, true, {});
    return {dx.span().begin(), dx.span().end()};
  }
};

using Row = std::vector<float>;

// Same padding puts the odd zero behind: taps 1 and 10 over 1, 2, 3.
TEST(Geometry, SamePaddingPutsTheOddZeroBehind) {
  const std::string two = "convolution:channels=1,bias=no,kernel=1x2";
  EXPECT_EQ(One(two, image(1, 3), {1, 2, 3}, {{1, 10}}).output(), (Row{21, 32, 3}));
  EXPECT_EQ(One(two + ",dilation=1x2", image(1, 3), {1, 2, 3}, {{1, 10}}).output(), (Row{20, 31, 2}));
  const std::string four = "convolution:channels=1,bias=no,kernel=1x4,stride=1x2";
  EXPECT_EQ(One(four, image(1, 4), {1, 2, 3, 4}, {{1, 10, 100, 1000}}).output(), (Row{3210, 432}));
  EXPECT_EQ(One(two + ",padding=0x1", image(1, 3), {1, 2, 3}, {{1, 10}}).output(), (Row{10, 21, 32, 3}));
  EXPECT_EQ(One(two + ",padding=valid", image(1, 3), {1, 2, 3}, {{1, 10}}).output(), (Row{21, 32}));
}

struct Size {
  std::string spec;
  std::size_t input, output;
};

TEST(Geometry, SizesByHand) {
  const std::string conv = "convolution:channels=1,", back = "transposed-convolution:channels=1,";
  for (const Size& row : std::vector<Size>{{conv + "kernel=3,stride=2", 7, 4},
                                           {conv + "kernel=3,stride=2", 8, 4},
                                           {conv + "kernel=2,stride=3", 7, 3},
                                           {conv + "kernel=3,stride=2,padding=valid", 7, 3},
                                           {conv + "kernel=3,stride=2,padding=valid", 8, 3},
                                           {conv + "kernel=3,stride=2,padding=1", 8, 4},
                                           {conv + "kernel=3,dilation=2,padding=valid", 7, 3},
                                           {conv + "kernel=4,dilation=2,padding=valid", 7, 1},
                                           {back + "kernel=4,stride=2", 5, 10},
                                           {back + "kernel=3,stride=2,output-padding=0", 5, 9},
                                           {back + "kernel=3,stride=2,padding=1", 5, 9},
                                           {back + "kernel=3,stride=2,padding=1,output-padding=1", 5, 10},
                                           {back + "kernel=4,stride=2,padding=valid", 5, 12},
                                           {"max-pool:kernel=2", 7, 4},
                                           {"max-pool:kernel=3,stride=1", 7, 7},
                                           {"average-pool:kernel=2,padding=valid", 7, 3},
                                           {"upsample:scale=3", 7, 21}}) {
    const RowShape shape = make_layer(parse_spec(row.spec), image(row.input, row.input))->output_shape();
    EXPECT_EQ(shape.height, row.output) << row.spec << " on " << row.input;
    EXPECT_EQ(shape.width, row.output) << row.spec << " on " << row.input;
  }
}

// Of equals the first wins, and all of the gradient is its own; NaN wins over all.
TEST(Ties, TheFirstOfEqualsWins) {
  One pool("max-pool:kernel=1x2", image(1, 4), {5, 5, 2, 3});
  EXPECT_EQ(pool.output(), (Row{5, 3}));
  EXPECT_EQ(pool.gradient({1, 10}), (Row{1, 0, 0, 10}));
  for (const Row& row : {Row{NAN, 5}, Row{5, NAN}})
    EXPECT_TRUE(std::isnan(One("max-pool:kernel=1x2", image(1, 2), row).output()[0]));
  One maxout("maxout:units=1,pieces=2,bias=no", {.width = 2}, {1, 1}, {{3, 0, 0, 3}});
  EXPECT_EQ(maxout.output(), (Row{3}));
  EXPECT_EQ(maxout.gradient({1}), (Row{3, 0}));
}

TEST(Fans, AreTermsOfASumByHand) {
  const auto fans = [](const std::string& spec, RowShape shape) {
    const auto layer = make_layer(parse_spec(spec), shape);
    const Parameter& weight = *layer->parameters().front();
    return std::pair(weight.fan_in, weight.fan_out);
  };
  using Pair = std::pair<std::size_t, std::size_t>;
  // 3·3 taps of 5 channels make an output; an input is in 9·8 sums, a quarter of them with stride 2.
  EXPECT_EQ(fans("convolution:channels=8,kernel=3", image(9, 9, 5)), Pair(45, 72));
  EXPECT_EQ(fans("convolution:channels=8,kernel=3,stride=2", image(9, 9, 5)), Pair(45, 18));
  EXPECT_EQ(fans("convolution:channels=10,kernel=3,groups=5", image(9, 9, 5)), Pair(9, 18));
  // Transposed: an input goes into 16·3 outputs, an output is made of 16·8/4 terms.
  EXPECT_EQ(fans("transposed-convolution:channels=3,kernel=4,stride=2", image(4, 4, 8)), Pair(32, 48));
}

// As many groups as divide both 8 and the channels.
TEST(ResidualBlock, GroupsDivideItsChannels) {
  const auto output = [](const std::string& more) {
    const RowShape shape = image(3, 3, 6);
    One block("residual:channels=6" + more, shape, Row(54, 0));
    fill_normal(block.x.span(), Draw{1}.on("x"));
    for (Parameter* p : block.layer->parameters())
      if (p->name.ends_with("weight")) fill_normal(p->value.span(), Draw{2}.on(p->name));
    block.layer->forward(block.x, block.y, block.saved, {});
    return block.output();
  };
  EXPECT_EQ(output(""), output(",groups=2"));
  EXPECT_NE(output(""), output(",groups=1"));
  EXPECT_EQ(output(",groups=9"), output(",groups=3"));
  // A stride needs a convolution beside it, also where channels stay.
  EXPECT_NE(make_layer(parse_spec("residual:channels=6,stride=2"), image(6, 6, 6))
                ->describe()
                .find("with a convolution beside it"),
            std::string::npos);
}

TEST(NamedNetworks, AreMadeOfTheirLayers) {
  const auto layers = [](const char* name, BodyRole role) {
    Network network = build_network(image(28, 28), named_network(name, "tanh", role));
    std::string text;
    for (std::size_t i = 0; i < network.depth(); ++i)
      text += (i > 0 ? "; " : "") + network.layer(i).describe();
    return text;
  };
  EXPECT_EQ(layers("dcgan", BodyRole::reads),
            "convolution 64 4×4/2×2, leaky-relu; convolution 128 4×4/2×2, linear; batch norm 128; "
            "leaky-relu");
  for (const BodyRole role : {BodyRole::reads, BodyRole::penalised}) {
    std::size_t slopes = 0;
    for (const LayerPlan& plan : named_network("dcgan", "tanh", role))
      if (const auto* f = plan.find<ActivationOptions>()) slopes += f->slope == 0.2;
    EXPECT_EQ(slopes, 2u);
  }
  EXPECT_EQ(layers("dcgan", BodyRole::penalised),
            "convolution 64 4×4/2×2, leaky-relu; convolution 128 4×4/2×2, leaky-relu");
  EXPECT_EQ(layers("dcgan", BodyRole::makes),
            "convolution 64 4×4/2×2, linear; batch norm 64; relu; convolution 128 4×4/2×2, linear; "
            "batch norm 128; relu");
  EXPECT_EQ(layers("conv", BodyRole::reads),
            "convolution 32 4×4/2×2, linear; tanh; convolution 64 4×4/2×2, linear; tanh");
}

}  // namespace
}  // namespace pushforward
