// SPDX-License-Identifier: Apache-2.0
// What single layers promise beyond the conformance run: masks, running statistics, singular values, and what
// dense_chain makes of them.
#include <algorithm>
#include <cmath>
#include <set>

#include <gtest/gtest.h>
#include <Eigen/SVD>

#include "conformance/numeric.hpp"
#include "layers/gradient_penalty.hpp"
#include "pushforward/arena.hpp"
#include "pushforward/conformance_layers.hpp"
#include "pushforward/error.hpp"
#include "pushforward/layers.hpp"
#include "unit/ops/every_target.hpp"

namespace pushforward {
namespace {

using conformance::in_double;
using conformance::random_tensor;

// A network of these layers, named and bound.
struct Bound {
  explicit Bound(Network made) : network(std::move(made)) {
    network.name_parameters("net");
    arena.bind(network.parameters(), Draw{.seed = 5});
  }
  Bound(std::size_t inputs, const std::vector<std::string>& specs) : Bound(chain(inputs, specs)) {}
  static Network chain(std::size_t inputs, const std::vector<std::string>& specs) {
    Network network(RowShape{.width = inputs});
    for (const std::string& spec : specs) network.add(parse_spec(spec));
    return network;
  }
  Parameter& parameter(std::string_view name) {
    for (Parameter* p : network.parameters())
      if (p->name == name) return *p;
    throw std::runtime_error(std::string(name));
  }
  Network network;
  Arena arena;
};

Tensor ones(std::size_t rows, std::size_t cols) { return conformance::filled(rows, cols, 1); }

TEST(Dropout, KeepsTheShareAndTheMean) {
  Bound b(200, {"dropout:0.2"});
  const Tensor x = ones(500, 200);
  Trace trace;
  const View<const float> y = b.network.forward(x, trace, {.training = true});
  double kept = 0;
  for (const float v : y.span()) {
    EXPECT_TRUE(v == 0 || v == 1.25f);
    kept += v > 0 ? 1 : 0;
  }
  // 100000 draws of share 0.8: five standard errors are 0.0063.
  EXPECT_NEAR(kept / 1e5, 0.8, 0.0063);
}

std::vector<float> mask_of(Network& network, const Pass& pass) {
  const Tensor x = ones(4, 64);
  Trace trace;
  network.forward(x, trace, pass);
  const View<const float> y = trace.output();
  return {y.data, y.data + y.size()};
}

TEST(Dropout, NoTwoLayersStepsOrPassesShareAMask) {
  Bound one(64, {"dropout:0.5"}), two(64, {"activation:linear", "dropout:0.5"});
  Bound other(Bound::chain(64, {"dropout:0.5"}));
  other.network.name_parameters("other");
  const Draw draw = Draw{.seed = 3}.on("train");
  const auto pass = [](const Draw& d) { return Pass{.training = true, .draw = d}; };
  const std::vector<std::vector<float>> masks = {
      mask_of(one.network, pass(draw)), mask_of(two.network, pass(draw)), mask_of(other.network, pass(draw)),
      mask_of(one.network, pass(draw.at(1))), mask_of(one.network, pass(draw.on("real")))};
  EXPECT_EQ(std::set(masks.begin(), masks.end()).size(), masks.size());
  EXPECT_EQ(mask_of(one.network, pass(draw)), masks[0]);
  // Two layers in a row keep a quarter, not a half: 256 of 1024 ± five standard errors of 13.9.
  Bound both(256, {"dropout:0.5", "dropout:0.5"});
  const Tensor x = ones(4, 256);
  Trace trace;
  const View<const float> y = both.network.forward(x, trace, pass(draw));
  EXPECT_NEAR(static_cast<double>(std::count(y.data, y.data + y.size(), 4.0f)), 256, 70);
}

TEST(Dropout, RefusesToDropEverything) {
  EXPECT_THROW(make_layer(parse_spec("dropout:1"), {.width = 3}), RequestError);
  EXPECT_THROW(make_layer(parse_spec("dropout:-0.1"), {.width = 3}), RequestError);
}

TEST(Maxout, ANumberThatIsNoneIsSeen) {
  for (const std::size_t piece : {0u, 1u, 2u}) {
    Bound b(1, {"maxout:units=1,pieces=3,initial=constant:1"});
    b.parameter("net.0.weight").value(piece, 0) = std::nanf("");
    const Tensor x = ones(1, 1);
    Trace trace;
    EXPECT_TRUE(std::isnan(b.network.forward(x, trace, {}).data[0])) << piece;
  }
}

// Column 0 holds 0, 2: mean 1, variance 1 (2 of the population); column 1 holds 4, 4.
TEST(BatchNorm, UpdateMovesRunningStatisticsByHand) {
  Bound b(2, {"batch-norm"});
  Tensor x(2, 2);
  x(0, 0) = 0, x(1, 0) = 2, x(0, 1) = 4, x(1, 1) = 4;
  Trace trace;
  const View<const float> y = b.network.forward(x, trace, {.training = true});
  EXPECT_NEAR(y(0, 0), -1 / std::sqrt(1 + 1e-5), 1e-6);
  EXPECT_EQ(y(0, 1), 0);
  EXPECT_EQ(b.parameter("net.0.running_mean").value(0, 0), 0);  // not before update
  b.network.update(trace);
  EXPECT_NEAR(b.parameter("net.0.running_mean").value(0, 0), 0.1, 1e-7);
  EXPECT_NEAR(b.parameter("net.0.running_mean").value(0, 1), 0.4, 1e-7);
  EXPECT_NEAR(b.parameter("net.0.running_variance").value(0, 0), 0.9 + 0.1 * 2, 1e-6);
  EXPECT_NEAR(b.parameter("net.0.running_variance").value(0, 1), 0.9, 1e-6);
  b.network.forward(x, trace, {});
  b.network.update(trace);  // an inference pass moves nothing
  EXPECT_NEAR(b.parameter("net.0.running_mean").value(0, 0), 0.1, 1e-7);
}

// A mean of 1000 beside a deviation of 1: x itself is known to 6e-5, the moments must not be worse.
TEST(BatchNorm, ALargeMeanHidesNothing) {
  Bound b(3, {"batch-norm:epsilon=1e-9"});
  Tensor x = random_tensor(5000, 3, Draw{.seed = 1});
  Matrix<double> wanted(5000, 3);
  for (float& v : x.span()) v += 1000;
  layer_entry(BatchNormOptions{})
      .training_twin(BatchNormOptions{.epsilon = 1e-9}, {.width = 3}, in_double(x),
                     std::vector{Matrix<double>(1, 3), Matrix<double>(1, 3)}, {}, wanted);
  Trace trace;
  const View<const float> y = b.network.forward(x, trace, {.training = true});
  double square = 0;
  for (const float v : y.span()) square += static_cast<double>(v) * static_cast<double>(v);
  EXPECT_NEAR(square / 15000, 1, 1e-6);
}

// Images of two pixels, 1 2 and 3 6, times 3: mean 9, squared distances from it 36 + 9 + 0 + 81 = 126,
// over 3.
TEST(BatchNorm, MovesWithinAResidualBlockAndIsRefusedThereUnderAPenalty) {
  Network made({.height = 1, .width = 2, .channels = 1, .image = true});
  made.add(parse_spec("residual:channels=1,kernel=1,norm=batch")).add(parse_spec("dense:units=1"));
  Bound b(std::move(made));
  b.parameter("net.0.main.0.weight").value(0, 0) = 3;
  Tensor x(2, 2);
  x(0, 0) = 1, x(0, 1) = 2, x(1, 0) = 3, x(1, 1) = 6;
  Trace trace;
  b.network.forward(x, trace, {.training = true});
  const Parameter &mean = b.parameter("net.0.main.1.running_mean"),
                  &variance = b.parameter("net.0.main.1.running_variance");
  EXPECT_EQ(mean.value(0, 0), 0);
  b.network.update(trace);
  EXPECT_NEAR(mean.value(0, 0), 0.1 * 9, 1e-6);
  EXPECT_NEAR(variance.value(0, 0), 0.9 + 0.1 * 42, 1e-5);
  EXPECT_NE(b.parameter("net.0.main.4.running_variance").value(0, 0), 1);
  b.network.forward(x, trace, {}), b.network.update(trace);
  EXPECT_NEAR(mean.value(0, 0), 0.1 * 9, 1e-6);
  PenaltyTrace memory;
  try {
    gradient_penalty(b.network, x, 10, false, memory, {.training = true});
    FAIL();
  } catch (const RequestError& error) {
    EXPECT_NE(std::string(error.what()).find("residual 1, batch norm"), std::string::npos) << error.what();
  }
}

TEST(BatchNorm, RefusesABatchOfOneAndAPenalty) {
  Bound b(2, {"dense:units=3", "batch-norm", "dense:units=1"});
  Trace trace;
  EXPECT_THROW(b.network.forward(ones(1, 2), trace, {.training = true}), RequestError);
  PenaltyTrace memory;
  try {
    gradient_penalty(b.network, ones(4, 2), 10, false, memory, {.training = true});
    FAIL();
  } catch (const RequestError& error) {
    EXPECT_NE(std::string(error.what()).find("batch norm"), std::string::npos) << error.what();
  }
}

double largest_singular_value(View<const float> w) {
  Eigen::MatrixXd m(w.rows, w.cols);
  for (std::size_t i = 0; i < w.rows; ++i)
    for (std::size_t j = 0; j < w.cols; ++j)
      m(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) = static_cast<double>(w(i, j));
  return Eigen::JacobiSVD<Eigen::MatrixXd>(m).singularValues()(0);
}

// W = diag(3, 1) from u = (1, 1)/√2: σ = √((9+1)/2), then 3.
TEST(Spectral, ByHand) {
  Bound b(2, {"dense:units=2,initial=identity,bias=no,spectral=yes"});
  b.parameter("net.0.weight").value(0, 0) = 3;
  b.parameter("net.0.singular_vector").value(0, 0) = 7;
  b.parameter("net.0.singular_vector").value(0, 1) = 7;
  Trace trace;
  const Tensor x = ones(1, 2);
  EXPECT_NEAR(b.network.forward(x, trace, {})(0, 0), 3 / std::sqrt(5.0), 1e-6);
  b.network.update(trace);
  const View<const float> y = b.network.forward(x, trace, {});
  EXPECT_NEAR(y(0, 0), 1, 1e-4);
  EXPECT_NEAR(y(0, 1), 1.0 / 3, 1e-4);
}

TEST(Spectral, ConvergesToTheLargestSingularValueAndFollowsIt) {
  Bound b(60, {"dense:units=40,spectral=yes", "maxout:units=9,pieces=3,spectral=yes"});
  Trace trace;
  const Tensor x = random_tensor(3, 60, Draw{});
  for (int step = 0; step < 20; ++step) b.network.forward(x, trace, {}), b.network.update(trace);
  b.network.forward(x, trace, {});
  EXPECT_NEAR(largest_singular_value(trace.saved[0].at(0)), 1, 5e-3);
  EXPECT_NEAR(largest_singular_value(trace.saved[1].at(0)), 1, 5e-3);
  // A small step of training, one update.
  Parameter& w = b.parameter("net.0.weight");
  const Tensor noise = random_tensor(w.rows, w.cols, Draw{.seed = 2}, 1e-3f);
  for (std::size_t i = 0; i < w.size(); ++i) w.value.data[i] = 2 * w.value.data[i] + noise.data()[i];
  b.network.update(trace);
  b.network.forward(x, trace, {});
  EXPECT_NEAR(largest_singular_value(trace.saved[0].at(0)), 1, 5e-3);
}

TEST(Spectral, AZeroWeightStaysFiniteAndKeepsItsVector) {
  Bound b(3, {"dense:units=2,initial=zeros,spectral=yes"});
  Trace trace;
  const Tensor x = ones(2, 3);
  for (int step = 0; step < 3; ++step) {
    for (const float v : b.network.forward(x, trace, {}).span()) EXPECT_EQ(v, 0);
    b.network.update(trace);
  }
  EXPECT_GT(std::abs(b.parameter("net.0.singular_vector").value(0, 0)), 0.0f);
}

TEST(DenseChain, PutsLayersInOrder) {
  Network network = dense_chain({.width = 8}, {.hidden = {5, 4},
                                               .outputs = 2,
                                               .activation = "relu",
                                               .norm = "batch",
                                               .input_dropout = 0.2,
                                               .dropout = 0.5});
  std::vector<std::string> got;
  for (std::size_t i = 0; i < network.depth(); ++i) got.push_back(network.layer(i).describe());
  EXPECT_EQ(got, (std::vector<std::string>{"dropout 0.2", "dense 8→5, linear", "batch norm 5", "relu",
                                           "dropout 0.5", "dense 5→4, linear", "batch norm 4", "relu",
                                           "dropout 0.5", "dense 4→2, linear"}));
  EXPECT_EQ(network.layer(1).parameters().size(), 1u);  // no bias before a normalisation
  network = dense_chain({.width = 8}, {.hidden = {5}, .outputs = 1, .pieces = 3, .spectral = true});
  EXPECT_EQ(network.layer(0).describe(), "maxout 8→5×3, spectral");
  EXPECT_EQ(network.layer(1).describe(), "dense 5→1, linear, spectral");
  EXPECT_EQ(dense_chain({.width = 3}, {.hidden = {}, .outputs = 4}).depth(), 1u);
}

// The penalty of a chain in double precision, from the layers' twins alone.
struct TwinChain {
  std::vector<std::string> specs;
  std::vector<std::vector<Matrix<double>>> parameters;

  double output(const Matrix<double>& x) const {
    Matrix<double> at = x;
    for (std::size_t l = 0; l < specs.size(); ++l) {
      const LayerPlan plan = read_layer(parse_spec(specs[l]));
      const RowShape input{.width = at.cols()};
      Matrix<double> y(1, make_layer(plan, input)->output_shape().size());
      plan.entry().twin(plan, input, at, parameters[l], y);
      at = y;
    }
    return at(0, 0);
  }
  double penalty(const Matrix<double>& x) const {
    double sum = 0;
    for (std::size_t i = 0; i < x.rows(); ++i) {
      Matrix<double> row(1, x.cols());
      std::copy_n(x.row(i), x.cols(), row.data());
      double square = 0;
      for (const double g : conformance::central_differences(row.span(), [&] { return output(row); }))
        square += g * g;
      sum += (std::sqrt(square) - 1) * (std::sqrt(square) - 1);
    }
    return sum / static_cast<double>(x.rows());
  }
};

// Every kind of layer that a critic may hold, together; at inference, so that dropout is the identity.
TEST(GradientPenalty, GoesThroughEveryLayerWithATangent) {
  const std::vector<std::string> specs = {"maxout:units=4,pieces=2",
                                          "layer-norm:epsilon=0.1",
                                          "dropout:0.5",
                                          "dense:units=4,activation=tanh,spectral=yes",
                                          "activation:softplus",
                                          "dense:units=1"};
  Bound b(3, specs);
  TwinChain twin{specs, {}};
  for (std::size_t l = 0; l < specs.size(); ++l) {
    twin.parameters.emplace_back();
    for (Parameter* p : b.network.layer(l).parameters()) {
      if (p->trained) fill_normal(p->value.span(), Draw{.seed = 4}.on(p->name), 0.2f, 0.8f);
      twin.parameters.back().push_back(in_double(p->value));
    }
  }
  const Tensor x = random_tensor(3, 3, Draw{.seed = 6});
  PenaltyTrace memory;
  const auto penalty = [&] { return twin.penalty(in_double(x)); };
  EXPECT_NEAR(gradient_penalty(b.network, x, 1, false, memory, {}), penalty(), 1e-5);
  std::vector<float> got;
  std::vector<double> wanted;
  for (std::size_t l = 0; l < specs.size(); ++l)
    for (std::size_t p = 0; p < twin.parameters[l].size(); ++p) {
      const Parameter& at = *b.network.layer(l).parameters()[p];
      if (!at.trained) continue;
      got.insert(got.end(), at.gradient.data, at.gradient.data + at.size());
      for (const double v : conformance::central_differences(twin.parameters[l][p].span(), penalty))
        wanted.push_back(v);
    }
  EXPECT_EQ(conformance::compare_gradient(got, wanted, 1e-5), "");
}

TEST(EveryTarget, NormalisesSelectsAndDropsAlike) {
  for_every_target([] {
    for (const char* name : {"dropout", "maxout", "batch-norm", "layer-norm"})
      for (const Finding& finding : check_layer(find_layer(name))) ADD_FAILURE() << finding.text();
  });
}

}  // namespace
}  // namespace pushforward
