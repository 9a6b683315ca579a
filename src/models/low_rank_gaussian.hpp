// SPDX-License-Identifier: Apache-2.0
//
// N(μ, W Wᵀ + Ψ) with W of D × Z and Ψ diagonal: the marginal of x = W z + μ + noise, z ~ N(0, I).
//
// It is what probabilistic PCA (Ψ = σ²I) and factor analysis have in common. By the matrix inversion lemma
// everything needs only the Z × Z matrix M = I + WᵀΨ⁻¹W:
//   (WWᵀ + Ψ)⁻¹ = Ψ⁻¹ − Ψ⁻¹W M⁻¹ WᵀΨ⁻¹,   ln|WWᵀ + Ψ| = ln|M| + Σ ln ψ,
//   p(z|x) = N(M⁻¹WᵀΨ⁻¹(x − μ), M⁻¹).
// Cost: D·Z a row after D·Z² once. All in float64.
#pragma once

#include <vector>

#include "models/moments.hpp"
#include "pushforward/tensor.hpp"

namespace pushforward {

class LowRankGaussian {
 public:
  /// mean: D; weight: D × Z; noise: D variances, all above 0.
  LowRankGaussian(Eigen::VectorXd mean, EigenMatrix weight, Eigen::VectorXd noise);

  /// E[z|x] for rows of x: B × Z.
  EigenMatrix posterior_means(const EigenMatrix& x) const;
  /// Cov[z|x] = M⁻¹, the same for every x.
  const EigenMatrix& posterior_covariance() const { return posterior_covariance_; }
  /// ln p(x) of each row, in nats, all constants included.
  Eigen::VectorXd log_density(const EigenMatrix& x) const;
  /// The mean of ln p over data with this mean and covariance (divided by n).
  double mean_log_density(const Eigen::VectorXd& mean, const EigenMatrix& covariance) const;

  const Eigen::VectorXd& mean() const { return mean_; }
  const EigenMatrix& weight() const { return weight_; }
  const Eigen::VectorXd& noise() const { return noise_; }

 private:
  Eigen::VectorXd mean_, noise_;
  EigenMatrix weight_, scaled_;  // Ψ⁻¹W
  EigenMatrix posterior_covariance_;
  double log_determinant_ = 0;
};

}  // namespace pushforward
