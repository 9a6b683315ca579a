// SPDX-License-Identifier: Apache-2.0
//
// The gradient penalty and its parameter gradient, against a plain network in double precision.
//
// The oracle computes ∇ₓf by the chain rule in double, sums the penalty, and differentiates that by central
// differences in every parameter: it shares no step with the tangent pass. Float32 carries the network's own
// pass to some 1e-6, so gradients agree to 1e-5 of the largest.
#include "layers/gradient_penalty.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "conformance/numeric.hpp"
#include "ops/activation.hpp"
#include "pushforward/arena.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

// An MLP in double: weights and biases by layer, all layers but the last with f.
struct PlainNetwork {
  Activation f;
  std::vector<Matrix<double>> parameters;  // W, b, W, b, …

  std::size_t depth() const { return parameters.size() / 2; }

  // ∇ₓf at one row, of length inputs.
  std::vector<double> slope(const double* x, std::size_t inputs) const {
    std::vector<std::vector<double>> slopes;
    std::vector<double> y(x, x + inputs);
    for (std::size_t l = 0; l < depth(); ++l) y = layer(l, y, slopes);
    std::vector<double> g = {1};
    for (std::size_t l = depth(); l-- > 0;) {
      const Matrix<double>& w = parameters[2 * l];
      std::vector<double> below(w.cols(), 0.0);
      for (std::size_t o = 0; o < w.rows(); ++o)
        for (std::size_t i = 0; i < w.cols(); ++i) below[i] += g[o] * slopes[l][o] * w(o, i);
      g = below;
    }
    return g;
  }
  double penalty(const Matrix<double>& x, double weight, bool one_sided) const {
    double sum = 0;
    for (std::size_t i = 0; i < x.rows(); ++i) {
      double square = 0;
      for (const double v : slope(x.row(i), x.cols())) square += v * v;
      const double excess = std::sqrt(square) - 1;
      if (!one_sided || excess > 0) sum += excess * excess;
    }
    return weight * sum / static_cast<double>(x.rows());
  }

 private:
  std::vector<double> layer(std::size_t l, const std::vector<double>& x,
                            std::vector<std::vector<double>>& slopes) const {
    const Matrix<double>&w = parameters[2 * l], &b = parameters[2 * l + 1];
    std::vector<double> y(w.rows()), slope(w.rows(), 1.0);
    for (std::size_t o = 0; o < w.rows(); ++o) {
      double a = b(0, o);
      for (std::size_t i = 0; i < w.cols(); ++i) a += w(o, i) * x[i];
      y[o] = l + 1 < depth() ? activation_value(f, a) : a;
      if (l + 1 < depth()) slope[o] = activation_slope(f, a);
    }
    slopes.push_back(slope);
    return y;
  }
};

struct Case {
  std::string activation;
  std::vector<std::size_t> hidden;
  bool one_sided = false;
};

void check_case(const Case& c) {
  Network network = dense_network({.width = 5}, c.hidden, 1, c.activation, "linear", "he");
  network.name_parameters("critic");
  Arena arena;
  arena.bind(network.parameters(), Draw{.seed = 7});
  for (Parameter* p : network.parameters())
    if (p->rows == 1) fill_normal(p->value.span(), Draw{.seed = 8}.on(p->name), 0, 0.3f);
  PlainNetwork plain{parse_activation(c.activation), {}};
  for (Parameter* p : network.parameters()) plain.parameters.push_back(conformance::in_double(p->value));
  const Tensor x = conformance::random_tensor(11, 5, Draw{.seed = 9});
  PenaltyTrace memory;
  const double got = gradient_penalty(network, x, 10, c.one_sided, memory, Pass{.training = true});
  const auto penalty = [&] { return plain.penalty(conformance::in_double(x), 10, c.one_sided); };
  // A penalty is the square of an excess that float32 knows to some 1e-6.
  EXPECT_NEAR(got, penalty(), 1e-5 * penalty() + 1e-7);
  // One scale for all parameters: the largest entry of the whole gradient.
  std::vector<float> all;
  std::vector<double> wanted;
  std::size_t position = 0;
  for (Parameter* p : network.parameters()) {
    all.insert(all.end(), p->gradient.data, p->gradient.data + p->size());
    for (const double v : conformance::central_differences(plain.parameters[position++].span(), penalty))
      wanted.push_back(v);
  }
  EXPECT_EQ(conformance::compare_gradient(all, wanted, 1e-5), "");
}

TEST(GradientPenalty, ParameterGradientMatchesDifferencesInDoublePrecision) {
  for (const std::string& name : activation_names())
    for (const std::vector<std::size_t>& hidden : {std::vector<std::size_t>{9, 8}, {8, 7, 6}}) {
      SCOPED_TRACE(name);
      check_case({name, hidden});
      check_case({name, hidden, true});
    }
}

TEST(GradientPenalty, ByHand) {
  Network network(RowShape{.width = 2});
  network.add(parse_spec("dense:units=1,initial=constant:3"));
  network.name_parameters("critic");
  Arena arena;
  arena.bind(network.parameters(), Draw{});
  network.parameters()[0]->value(0, 1) = 4;
  const Tensor x = conformance::random_tensor(6, 2, Draw{});
  PenaltyTrace memory;
  // f = 3x₁ + 4x₂ + b: ‖∇f‖ = 5, P = 10·(5−1)² = 160, ∂P/∂w = 10·2·(5−1)·w/5 = (48, 64).
  EXPECT_NEAR(gradient_penalty(network, x, 10, false, memory, Pass{}), 160, 1e-4);
  EXPECT_NEAR(network.parameters()[0]->gradient(0, 0), 48, 1e-4);
  EXPECT_NEAR(network.parameters()[0]->gradient(0, 1), 64, 1e-4);
  EXPECT_EQ(network.parameters()[1]->gradient(0, 0), 0);
}

TEST(GradientPenalty, OfAConstantCriticIsItsWeightAndMovesNothing) {
  Network network = dense_network({.width = 3}, {4}, 1, "relu", "linear", "zeros");
  Arena arena;
  arena.bind(network.parameters(), Draw{});
  const Tensor x = conformance::random_tensor(5, 3, Draw{});
  PenaltyTrace memory;
  EXPECT_NEAR(gradient_penalty(network, x, 10, false, memory, Pass{}), 10, 1e-6);
  EXPECT_EQ(gradient_penalty(network, x, 10, true, memory, Pass{}), 0);
  for (const float g : arena.gradients().span()) EXPECT_EQ(g, 0);
}

TEST(GradientPenalty, AddsToWhatIsThere) {
  Network network = dense_network({.width = 3}, {6}, 1, "softplus", "linear", "he");
  Arena arena;
  arena.bind(network.parameters(), Draw{.seed = 2});
  const Tensor x = conformance::random_tensor(5, 3, Draw{});
  PenaltyTrace memory;
  gradient_penalty(network, x, 1, false, memory, Pass{});
  Tensor once(1, arena.trained_size());
  std::copy_n(arena.gradients().data, once.size(), once.data());
  gradient_penalty(network, x, 1, false, memory, Pass{});
  for (std::size_t i = 0; i < once.size(); ++i)
    EXPECT_NEAR(arena.gradients().data[i], 2 * once.data()[i], 1e-6);
}

TEST(GradientPenalty, RefusesACriticOfTwoOutputs) {
  Network network = dense_network({.width = 3}, {4}, 2, "relu", "linear", "he");
  Arena arena;
  arena.bind(network.parameters(), Draw{});
  PenaltyTrace memory;
  EXPECT_THROW(gradient_penalty(network, conformance::random_tensor(5, 3, Draw{}), 10, false, memory, Pass{}),
               RequestError);
}

}  // namespace
}  // namespace pushforward
