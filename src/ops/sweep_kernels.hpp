// SPDX-License-Identifier: Apache-2.0
//
// Sweeps over an arena: optimisers, norm, moving average. Each runs over n elements once.
#pragma once

#include <cstddef>

namespace pushforward::vectors {

/// What every optimiser's sweep reads and writes; gradients become 0.
struct Sweep {
  float *values, *gradients;
  float *first, *second;  ///< moments; null where the rule has none
  const float* decays;    ///< 0 or 1 a parameter, or null for all 0
  float gradient_scale;   ///< multiplies gradients first
  float decay;            ///< weight decay λ
};

// Each returns Σ g² of the gradients as they came in.

/// g += λθ; m ← μm + g; θ −= r·(nesterov ? g + μm : m). Without `first`: θ −= r·g.
double sgd(const Sweep& sweep, float rate, float momentum, bool nesterov, std::size_t n);
/// g += λθ; v ← ρv + (1−ρ)g²; θ −= r·g/(√v + ε).
/// `rest` is 1 − ρ.
double rmsprop(const Sweep& sweep, float rate, float rho, float rest, float epsilon, std::size_t n);
/// g += λθ; v ← v + g²; θ −= r·g/(√v + ε).
double adagrad(const Sweep& sweep, float rate, float epsilon, std::size_t n);

struct AdamFactors {
  float beta1, beta2, epsilon;
  float rest1, rest2;  ///< 1 − β, rounded once: 1 − float(0.999) would be off by 1e-5
  float rate;          ///< r / (1 − β1^t)
  float second_scale;  ///< 1/√(1 − β2^t)
  bool decoupled;      ///< decay beside the gradient (θ −= shrink·θ) instead of through it
  float shrink;        ///< r·λ
};
/// m ← β1 m + (1−β1)g; v ← β2 v + (1−β2)g²; θ −= rate·m/(√v·second_scale + ε), after θ −= shrink·θ.
double adam(const Sweep& sweep, const AdamFactors& factors, std::size_t n);

/// Σ g².
double square_sum(const float* g, std::size_t n);
/// average += share·(values − average).
void average(float* average, const float* values, float share, std::size_t n);

}  // namespace pushforward::vectors
