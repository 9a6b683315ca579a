// SPDX-License-Identifier: Apache-2.0
//
// N(μ, W Wᵀ + Ψ) with W of D × Z and Ψ diagonal: the marginal of x = W z + μ + noise, z ~ N(0, I).
//
// It is what probabilistic PCA (Ψ = σ²I) and factor analysis have in common. By the matrix inversion lemma
// everything needs only the Z × Z matrix M = I + WᵀΨ⁻¹W:
//   (WWᵀ + Ψ)⁻¹ = Ψ⁻¹ − Ψ⁻¹W M⁻¹ WᵀΨ⁻¹,   ln|WWᵀ + Ψ| = ln|M| + Σ ln ψ,
//   p(z|x) = N(M⁻¹WᵀΨ⁻¹(x − μ), M⁻¹).
// Where noise is small these are differences of numbers as large as 1/ψ. So M comes from a QR decomposition
// of A = (Ψ^−½W over I), whose RᵀR it is, and (x−μ)ᵀ(WWᵀ + Ψ)⁻¹(x−μ) = min_z ‖Ψ^−½(x − μ − Wz)‖² + ‖z‖² is
// the squared length of what A's columns leave of (Ψ^−½(x − μ) over 0): a sum of squares. Cost: D·Z a row
// after D·Z² once. All in float64.
#pragma once

#include <vector>

#include "models/moments.hpp"
#include "pushforward/tensor.hpp"

namespace pushforward {

/// F with FFᵀ = S, symmetric and positive semi-definite; eigenvalues below 0 are rounding and count as 0.
EigenMatrix factor_of(const EigenMatrix& s);

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
  /// The same for data with the model's mean and the covariance FFᵀ.
  double mean_log_density(const EigenMatrix& factor) const;
  /// M⁻¹WᵀΨ⁻¹, Z × D: what makes codes of x − μ.
  const EigenMatrix& gain() const { return gain_; }

  const Eigen::VectorXd& mean() const { return mean_; }
  const EigenMatrix& weight() const { return weight_; }
  const Eigen::VectorXd& noise() const { return noise_; }

 private:
  /// Squared lengths of what A's columns leave of (Ψ^−½ columns over 0), a column each.
  Eigen::VectorXd residuals(const EigenMatrix& columns) const;

  Eigen::VectorXd mean_, noise_;
  EigenMatrix weight_;
  EigenMatrix basis_;  // (D + Z) × Z: Q of A = QR
  EigenMatrix gain_;   // M⁻¹WᵀΨ⁻¹ = R⁻¹QᵀΨ^−½, Z × D
  EigenMatrix posterior_covariance_;
  double log_determinant_ = 0;
};

}  // namespace pushforward
