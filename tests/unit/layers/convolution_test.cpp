// SPDX-License-Identifier: Apache-2.0
//
// Networks of convolutions: as text, mirrored, for images of another size, and under a gradient penalty.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "conformance/numeric.hpp"
#include "layers/gradient_penalty.hpp"
#include "layers/mirror.hpp"
#include "pushforward/arena.hpp"
#include "pushforward/error.hpp"
#include "pushforward/network_text.hpp"

namespace pushforward {
namespace {

RowShape image(std::size_t height, std::size_t width, std::size_t channels) {
  return {.height = height, .width = width, .channels = channels, .image = true};
}

std::string refusal(RowShape input, std::string_view text) {
  try {
    build_network(input, parse_network(text));
  } catch (const RequestError& error) {
    return error.what();
  }
  return "";
}

std::vector<std::string> layers_of(Network& network) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < network.depth(); ++i) all.push_back(network.layer(i).describe());
  return all;
}

TEST(NetworkText, NamesLayersShortly) {
  Network network =
      build_network(image(28, 28, 1), parse_network("conv 32 4x4/2, relu, conv 64 4x4/2, relu, dense 256"));
  EXPECT_EQ(layers_of(network),
            (std::vector<std::string>{"convolution 32 4×4/2×2, relu", "convolution 64 4×4/2×2, relu",
                                      "dense 3136→256, linear"}));
  EXPECT_EQ(network.layer(1).output_shape(), image(7, 7, 64));
  const std::vector<Fields> summary = network.summary();
  EXPECT_EQ(number_of(summary[0], "parameters"), 32 * 16 + 32);
  EXPECT_EQ(number_of(summary[1], "operations"), 2.0 * 7 * 7 * 64 * 32 * 16);
}

TEST(NetworkText, ReachesEveryLayerAndOption) {
  Network network = build_network(
      image(16, 12, 3),
      parse_network("dropout 0.1, conv 8 3x3 padding=1 groups=1 bias=no, batch-norm, tanh, max-pool 2, "
                    "residual 8 3x3/2 norm=none, layer-norm, leaky-relu slope=0.2, upsample 2, avg-pool 2x1, "
                    "unpool 1x2, "
                    "tconv 4 4x4/2, group-norm 2, flatten, maxout 6 pieces=2, dense 5, gelu, reshape 1x1x5"));
  EXPECT_EQ(network.output_shape(), image(1, 1, 5));
}

TEST(NetworkText, RefusalsNameTheLayerItsInputAndWhatIsBefore) {
  const std::string kernel = refusal(image(8, 8, 1), "conv 4 3x3/2, relu, conv 2 5x5");
  EXPECT_NE(kernel.find("layer 2, convolution: got a kernel of 5×5, wanted one no larger than its input, "
                        "4x4x4"),
            std::string::npos)
      << kernel;
  EXPECT_NE(kernel.find("so far: 8x8; convolution 4 3×3/2×2, relu → 4x4x4"), std::string::npos) << kernel;
  EXPECT_NE(refusal({.width = 9}, "dense 4, conv 3 3x3").find("wanted images"), std::string::npos);
  EXPECT_NE(refusal(image(8, 8, 3), "conv 4 groups=2").find("a divisor of 3 and 4"), std::string::npos);
  EXPECT_NE(refusal(image(8, 8, 4), "conv 3 groups=2").find("a divisor of 4 and 3"), std::string::npos);
  EXPECT_NE(refusal(image(8, 8, 3), "convo 4").find("convolution"), std::string::npos);
  EXPECT_NE(refusal(image(8, 8, 3), "conv 4 3x3 colour=2").find("colour"), std::string::npos);
  EXPECT_NE(refusal(image(8, 8, 3), "conv 4,, relu").find("a layer between commas"), std::string::npos);
  EXPECT_NE(refusal(image(8, 8, 3), "dense 4/2").find("stride"), std::string::npos);
  EXPECT_NE(refusal(image(4, 4, 1), "reshape 2x2x3").find("12"), std::string::npos);
}

// Whatever a body does to a shape, its mirror undoes, also where sizes are odd.
TEST(Mirror, ComesBackToTheShapeItBeganWith) {
  for (const char* text :
       {"conv 4 4x4/2, relu, conv 6 4x4/2, relu", "conv 4 3x3/2 padding=1, batch-norm, relu, conv 3 2x2/3",
        "conv 4 3x3, residual 8 3x3/2, residual 8", "conv 4 3x3, tanh, max-pool 2, conv 5 3x3, avg-pool 3x2",
        "conv 4 5x3 padding=valid dilation=2x1, dropout 0.1, dense 7, elu", "flatten, dense 9, relu, dense 3",
        "tconv 2 4x4/2, relu, conv 4 4x4/2", "upsample 2, conv 3 3x3/2", "conv 6 3x3/2 groups=3",
        "conv 4 3x3, relu, max-pool 2 undo=unpool, conv 5 3x3/2",
        "conv 4 3x3, max-pool 3x2 stride=2 padding=valid undo=unpool", "unpool 3x2, relu, conv 3 3x3/2"})
    for (const RowShape& shape : {image(25, 22, 3), image(28, 28, 3), image(13, 11, 3)}) {
      const std::vector<LayerPlan> body = parse_network(text);
      const RowShape code = build_network(shape, body).output_shape();
      EXPECT_EQ(build_network(code, mirrored(shape, body, shape.channels, false)).output_shape(), shape)
          << text << " on " << shape.text();
    }
}

TEST(Mirror, KeepsTheCompanyOfEverySize) {
  const RowShape shape = image(8, 8, 1);
  const std::vector<LayerPlan> body = parse_network("conv 4 4x4/2, relu, conv 6 4x4/2, batch-norm, tanh");
  Network back = build_network(image(2, 2, 6), mirrored(shape, body, 2, true));
  EXPECT_EQ(layers_of(back),
            (std::vector<std::string>{"batch norm 6", "tanh", "transposed convolution 4 4×4/2×2, relu",
                                      "transposed convolution 2 4×4/2×2, linear"}));
}

// A bias stands where no batch norm takes it out again.
TEST(Mirror, BiasesStandWhereNoNormFollows) {
  const std::vector<LayerPlan> body = parse_network("conv 4 3x3 bias=no, batch-norm, relu, conv 6 3x3, relu");
  Network back = build_network(image(8, 8, 6), mirrored(image(8, 8, 1), body, 1, false));
  EXPECT_EQ(layers_of(back), (std::vector<std::string>{"transposed convolution 4 3×3, linear", "batch norm 4",
                                                       "relu", "transposed convolution 1 3×3, linear"}));
  EXPECT_EQ(back.layer(0).parameters().size(), 1u);
  EXPECT_EQ(back.layer(3).parameters().size(), 2u);
}

TEST(Mirror, UnpoolsWhereMaxPoolingAsks) {
  const RowShape shape = image(7, 8, 1);
  const std::vector<LayerPlan> body =
      parse_network("conv 2 3x3, relu, max-pool 2 undo=unpool, conv 3 3x3, relu");
  Network back = build_network(image(4, 4, 3), mirrored(shape, body, 1, true));
  EXPECT_EQ(layers_of(back),
            (std::vector<std::string>{"relu", "transposed convolution 2 3×3, linear", "unpool 2×2", "relu",
                                      "transposed convolution 1 3×3, linear"}));
  EXPECT_EQ(back.output_shape(), shape);
  EXPECT_THROW(mirrored(shape, parse_network("unpool 2 size=20x20, conv 2 3x3"), 1, false), RequestError);
}

// The same parameters on images of another size: what is far from the edges comes out alike.
TEST(SharedParameters, SuitImagesOfAnySize) {
  const std::vector<LayerPlan> layers = parse_network("conv 3 3x3, relu, conv 2 3x3");
  Network small = build_network(image(7, 7, 1), layers), large = build_network(image(9, 10, 1), layers);
  Arena arena;
  arena.bind(small.parameters(), Draw{3, 1, 0});
  share_parameters(large, small);
  Tensor x(1, 49), wide(1, 90);
  fill_normal(x.span(), Draw{4, 1, 0});
  for (std::size_t i = 0; i < 7; ++i)
    for (std::size_t j = 0; j < 7; ++j) wide(0, (i + 1) * 10 + j + 2) = x(0, i * 7 + j);
  Trace a, b;
  const View<const float> y = small.forward(x.view(), a, {}), z = large.forward(wide.view(), b, {});
  for (std::size_t i = 2; i < 5; ++i)
    for (std::size_t j = 2; j < 5; ++j)
      for (std::size_t c = 0; c < 2; ++c)
        EXPECT_NEAR(z(0, ((i + 1) * 10 + j + 2) * 2 + c), y(0, (i * 7 + j) * 2 + c), 1e-6);
  Network dense = build_network(image(9, 10, 1), parse_network("conv 3 3x3, dense 4"));
  Network other = build_network(image(7, 7, 1), parse_network("conv 3 3x3, dense 4"));
  arena.bind(other.parameters(), {});
  EXPECT_THROW(share_parameters(dense, other), RequestError);
}

// A chain of twins in double, its slope and penalty by differences: no step in common with the tangent pass.
struct PlainChain {
  RowShape input;
  std::vector<LayerPlan> specs;
  std::vector<std::vector<Matrix<double>>> parameters;

  Matrix<double> value(Matrix<double> x) const {
    RowShape shape = input;
    for (std::size_t i = 0; i < specs.size(); ++i) {
      const RowShape next = make_layer(specs[i], shape)->output_shape();
      Matrix<double> y(x.rows(), next.size());
      specs[i].entry().twin(specs[i], shape, std::as_const(x).view(), parameters[i], y.view());
      x = std::move(y), shape = next;
    }
    return x;
  }
  double penalty(const Matrix<double>& x, double weight) const {
    constexpr double h = 1e-5;  // piecewise linear or smooth enough: good to 1e-9
    std::vector<double> squares(x.rows(), 0);
    for (std::size_t j = 0; j < x.cols(); ++j) {
      Matrix<double> up = x, down = x;
      for (std::size_t i = 0; i < x.rows(); ++i) up(i, j) += h, down(i, j) -= h;
      const Matrix<double> a = value(up), b = value(down);
      for (std::size_t i = 0; i < x.rows(); ++i) squares[i] += std::pow((a(i, 0) - b(i, 0)) / (2 * h), 2);
    }
    double sum = 0;
    for (const double square : squares) sum += std::pow(std::sqrt(square) - 1, 2);
    return weight * sum / static_cast<double>(x.rows());
  }
};

void expect_penalty_gradient(const std::vector<std::string>& layers) {
  const RowShape shape = image(4, 4, 2);
  Network network(shape);
  PlainChain plain{shape, {}, {}};
  for (const std::string& text : layers)
    network.add(parse_spec(text)), plain.specs.push_back(read_layer(parse_spec(text)));
  Arena arena;
  arena.bind(network.parameters(), {});
  for (std::size_t i = 0; i < network.depth(); ++i) {
    plain.parameters.emplace_back();
    for (Parameter* p : network.layer(i).parameters()) {
      fill_normal(p->value.span(), Draw{8, stream_id(std::to_string(i) + p->name), 0}, 0.1f, 0.4f);
      plain.parameters.back().push_back(conformance::in_double(p->value));
    }
  }
  const Tensor x = conformance::random_tensor(3, shape.size(), Draw{9, 1, 0});
  PenaltyTrace memory;
  const double got = gradient_penalty(network, x.view(), 10, false, memory, {});
  const Matrix<double> wide = conformance::in_double(x);
  EXPECT_NEAR(got, plain.penalty(wide, 10), 1e-5 * got);
  for (std::size_t i = 0; i < network.depth(); ++i)
    for (std::size_t k = 0; k < plain.parameters[i].size(); ++k) {
      Parameter& p = *network.layer(i).parameters()[k];
      const std::vector<double> wanted = conformance::central_differences(
          plain.parameters[i][k].span(), [&] { return plain.penalty(wide, 10); });
      const bool none = std::ranges::all_of(wanted, [](double w) { return std::abs(w) < 1e-6; });
      if (none)  // a shift that no slope depends on: the differences are rounding
        for (const float g : p.gradient.span()) EXPECT_LT(std::abs(g), 1e-6f);
      else
        EXPECT_EQ(conformance::compare_gradient(p.gradient.span(), wanted, 1e-5), "")
            << layers[i] << " " << p.name;
    }
}

TEST(GradientPenalty, GoesThroughConvolutions) {
  expect_penalty_gradient({"convolution:channels=3,kernel=3,stride=2,activation=leaky-relu,slope=0.2",
                           "transposed-convolution:channels=2,kernel=2,activation=relu", "dense:units=1"});
  expect_penalty_gradient({"convolution:channels=2,kernel=2", "group-norm:groups=1,epsilon=0.1",
                           "average-pool:kernel=2", "dense:units=1"});
  expect_penalty_gradient(
      {"convolution:channels=2,kernel=2,activation=leaky-relu", "max-pool:kernel=2", "dense:units=1"});
  expect_penalty_gradient(
      {"unpool:scale=2", "convolution:channels=2,kernel=2,activation=leaky-relu", "dense:units=1"});
}

}  // namespace
}  // namespace pushforward
