// SPDX-License-Identifier: Apache-2.0
//
// Activations (activation.hpp) and their backward fused with the bias gradient.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "pushforward/activation.hpp"
#include "pushforward/tensor.hpp"

namespace pushforward {

/// SELU's numbers, for which layers of many units keep mean 0 and variance 1 [Klambauer, Unterthiner, Mayr &
/// Hochreiter, "Self-normalizing neural networks", NeurIPS 2017, equation 14].
inline constexpr double kSeluScale = 1.0507009873554804934, kSeluAlpha = 1.6732632423543772848;

/// By name, with the kind's own slope.
Activation parse_activation(std::string_view name);
std::string activation_name(const Activation& activation);
/// sup |f′|: gelu's at a = √2, silu's at 2.3993573, selu's λα as a rises to 0.
double steepest(const Activation& activation);

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

/// The backward of the tangent pass ty = f′(a) ⊙ ta (layer.hpp), all rows × cols, one pass over memory:
///   dta = dty ⊙ f′      da = dy ⊙ f′ + dty ⊙ ta ⊙ f″      bias += column sums of da.
/// Null: a dy of 0; a dta, da or bias that is not wanted; `ta` is read only where f is curved. dta and da may
/// be dty's or dy's memory. A forward tangent pass is activate_backward with ta for dy.
struct TangentBackwardArguments {
  const float *dy, *dty, *ta, *at;  ///< `at` as activate_backward has it
  float *dta, *da, *bias;
  std::size_t rows, cols;
};
void activate_tangent_backward(const Activation& activation, const TangentBackwardArguments& arguments);

/// The double-precision twins: f, f′ and f″ at a.
double activation_value(const Activation& activation, double a);
double activation_slope(const Activation& activation, double a);
double activation_curvature(const Activation& activation, double a);

}  // namespace pushforward
