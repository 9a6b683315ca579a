// SPDX-License-Identifier: Apache-2.0
//
// Activations y = f(a), element by element:
//
//   linear a · sigmoid 1/(1+e^−a) · tanh · relu max(a,0) · leaky-relu a or s·a · elu a or s(e^a − 1)
//   gelu a·Φ(a) · silu a·sigmoid(a) · softplus ln(1+e^a) · selu λa or λα(e^a − 1), λ and α of Klambauer et
//   al. [NeurIPS 2017]; s is the slope (leaky-relu 0.01, elu 1 by default).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#pragma GCC visibility push(default)
namespace pushforward {

struct Activation {
  enum class Kind { linear, sigmoid, tanh, relu, leaky_relu, elu, gelu, silu, softplus, selu };
  Kind kind = Kind::linear;
  double slope = 0;  ///< s, where the kind has one

  /// f′ is a function of y alone; otherwise backward needs a.
  bool derivative_from_output() const { return kind != Kind::gelu && kind != Kind::silu; }
  bool linear() const { return kind == Kind::linear; }
  /// f″ is not 0 everywhere: not linear, not a rectifier.
  bool curved() const { return !linear() && kind != Kind::relu && kind != Kind::leaky_relu; }
};

/// The names above, in that order.
const std::vector<std::string>& activation_names();
std::string activation_name(Activation::Kind kind);
/// RequestError names the nearest.
Activation::Kind parse_activation_kind(std::string_view name);
/// With the kind's own slope where there is none.
Activation make_activation(Activation::Kind kind, std::optional<double> slope = {});

}  // namespace pushforward
#pragma GCC visibility pop
