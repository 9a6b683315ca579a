// SPDX-License-Identifier: Apache-2.0
//
// Losses that compute value and gradient in one pass over memory.
//
// Each returns the *sum* over rows and features (in float64) and, where `gradient` is wanted, writes
// scale · d(sum)/d(first argument): pass scale = 1/B for the gradient of the mean over the batch. `rows`,
// where not empty, receives each row's own sum (B numbers), for scores.
//
// Letters: B rows of a batch, D features, Z latents.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "pushforward/tensor.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

/// Σ (y − x)², gradient in y: 2(y − x).
double squared_error(View<const float> y, View<const float> x, View<float> gradient, float scale,
                     std::span<double> rows = {});

/// Cross-entropy of targets x in 0…1 on logits a: Σ [softplus(a) − x·a] = −Σ [x ln s(a) + (1−x) ln(1−s(a))]
/// with s the sigmoid; gradient in a: s(a) − x. Exact for any a (no clamp).
double cross_entropy_logits(View<const float> logits, View<const float> x, View<float> gradient, float scale,
                            std::span<double> rows = {});

/// −ln N(x; mean, variance), one variance for all: Σ [½(x−m)²/v + ½ ln(2πv)]; gradient in the mean, and
/// scale · d(sum)/d ln v is added to *d_log_variance where that is not null.
double gaussian_nll(View<const float> mean, View<const float> x, double log_variance, View<float> gradient,
                    double* d_log_variance, float scale, std::span<double> rows = {});

/// The same with ln σ²(z) per feature: `head` is B × 2D, means then log-variances, a row each; the
/// log-variance used is max(h, floor) smoothly: floor + softplus(h − floor), so that it cannot collapse.
/// Gradient in head (B × 2D).
double gaussian_nll_head(View<const float> head, View<const float> x, double floor, View<float> gradient,
                         float scale, std::span<double> rows = {});

/// Reparametrisation with its KL. code is B × 2Z (means, then ln σ²); draws and z are (L·B) × Z, draw l of
/// row b at row l·B + b: z = μ + exp(½ ln σ²) ⊙ ε. Returns Σ KL[N(μ, σ²) ‖ N(0, I)] = −½ Σ (1 + ln σ² − μ² −
/// σ²) over the B rows.
double reparametrise(View<const float> code, View<const float> draws, View<float> z,
                     std::span<double> rows = {});
/// Backward of both: given dz (of the loss, (L·B) × Z), writes d/dcode of ⟨dz, z⟩ + kl_scale · KL into dcode
/// (B × 2Z).
void reparametrise_backward(View<const float> code, View<const float> draws, View<const float> dz,
                            float kl_scale, View<float> dcode);

/// A row of the table of losses, for the conformance run: the function in the float kernel's form and its
/// plain double-precision twin, over one flat argument that has a gradient and one that has not.
struct LossEntry {
  std::string name, formula, source;
  std::size_t argument_cols, target_cols;  ///< per row
  bool unit_targets;                       ///< targets must lie in 0…1
  std::function<double(View<const float> argument, View<const float> target, View<float> gradient,
                       float scale)>
      value;
  std::function<double(View<const double> argument, View<const double> target)> twin;
  std::vector<double> example_argument, example_target;  ///< one row
  double example_value;
  std::string by_hand;
};
std::span<const LossEntry> losses();

}  // namespace pushforward
#pragma GCC visibility pop
