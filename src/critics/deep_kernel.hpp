// SPDX-License-Identifier: Apache-2.0
//
// A kernel that is learned, and the criterion that it is learned for.
//
//   k(a, b) = ((1 − ε) exp(−‖φ(a) − φ(b)‖²/s²) + ε) exp(−‖a − b‖²/t²)
//
// with a network φ, and ε, s and t learned too. For samples x and y of n points each, H_ij = k(x_i, x_j) +
// k(y_i, y_j) − k(x_i, y_j) − k(x_j, y_i), and
//
//   J = M/√V,   M = 1/(n(n−1)) Σ_{i≠j} H_ij,   V = 4/n³ Σ_i (Σ_j H_ij)² − 4/n⁴ (Σ_ij H_ij)² + 10⁻⁸
//
// is what the power of the test by M grows with: M is its statistic and V its variance where the samples
// differ [Liu, Xu, Lu, Zhang, Gretton & Sutherland, "Learning deep kernels for non-parametric two-sample
// tests", ICML 2020, equations 1, 3 and 4].
//
// Letters: n points of d features, φ has q.
#pragma once

#include "critics/fit_loop.hpp"
#include "pushforward/network.hpp"

namespace pushforward {

/// ε, 1/s² and 1/t².
struct KernelScales {
  double mix = 0.5, feature_rate = 1, rate = 1;
};

/// J and its derivatives.
struct PowerCriterion {
  double value = 0;
  Tensor features{};                           ///< 2n × q, with respect to φ
  double mix = 0, feature_rate = 0, rate = 0;  ///< with respect to ε, 1/s², 1/t²
};
/// `features` (2n × q) and `points` (2n × d): x above y. O(n² (q + d)), in float32 with sums over rows in
/// double.
PowerCriterion power_criterion(View<const float> features, View<const float> points,
                               const KernelScales& scales);

class DeepKernel final : public Fittable {
 public:
  DeepKernel(const DenseChain& chain, std::size_t d);

  std::vector<Parameter*> parameters();
  /// After the arena has bound the parameters: bandwidths begin at a low quantile of the distances of
  /// points and of features.
  void begin(const FitData& data);

  /// Descends −J.
  Losses accumulate(View<const float> x, View<const float> y, const Pass& pass) override;
  /// −J of rows that were fitted to and of those that were not, together.
  double judged_loss(const FitData& data) override;

  KernelScales scales() const;
  /// φ of each point.
  Tensor features(View<const float> points);

 private:
  Network network_;
  Parameter raw_{};  // ε's logit, ln of both rates over where they began
  double feature_rate_ = 1, rate_ = 1;
  Trace trace_;
  Tensor batch_;
};

}  // namespace pushforward
