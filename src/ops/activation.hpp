// SPDX-License-Identifier: Apache-2.0
//
// Activations y = f(a), element by element, and their backward fused with the bias gradient.
//
//   linear a · sigmoid 1/(1+e^−a) · tanh · relu max(a,0) · leaky-relu a or s·a · elu a or s(e^a − 1)
//   gelu a·Φ(a) · silu a·sigmoid(a) · softplus ln(1+e^a);   s is the slope (leaky-relu 0.01, elu 1 by
//   default).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pushforward/tensor.hpp"

namespace pushforward {

struct Activation {
  enum class Kind { linear, sigmoid, tanh, relu, leaky_relu, elu, gelu, silu, softplus };
  Kind kind = Kind::linear;
  double slope = 0;  ///< s, where the kind has one

  /// f′ is a function of y alone; otherwise backward needs a.
  bool derivative_from_output() const { return kind != Kind::gelu && kind != Kind::silu; }
  bool linear() const { return kind == Kind::linear; }
};

/// The names above, in that order.
const std::vector<std::string>& activation_names();
/// Parses a name; slope < 0 means the kind's default. RequestError names the nearest.
Activation parse_activation(std::string_view name, double slope = -1);
std::string activation_name(const Activation& activation);

/// y = f(a); a and y may be the same memory.
void activate(const Activation& activation, std::span<const float> a, std::span<float> y);

/// da = dy ⊙ f′, with f′ from y where derivative_from_output(), else from a (`at` is that one), and, where
/// wanted, the column sums of da added to bias_gradient (one a column): one pass over memory. da may be dy's
/// memory; where da is not wanted only the sums are made.
void activate_backward(const Activation& activation, View<const float> dy, View<const float> at,
                       View<float> da, float* bias_gradient);

/// What the backward kernel walks over, by columns: dy, at and da (or null) are rows × cols.
struct BackwardArguments {
  const float *dy, *at;
  float *da, *bias;
  std::size_t rows, cols;
};

/// The double-precision twins: f and f′ at a.
double activation_value(const Activation& activation, double a);
double activation_slope(const Activation& activation, double a);

}  // namespace pushforward
