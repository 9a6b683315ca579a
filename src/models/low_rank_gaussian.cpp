// SPDX-License-Identifier: Apache-2.0
// The formulas of the header, by a Cholesky factor of M.
#include "models/low_rank_gaussian.hpp"

#include <cmath>
#include <numbers>

namespace pushforward {

LowRankGaussian::LowRankGaussian(Eigen::VectorXd mean, EigenMatrix weight, Eigen::VectorXd noise)
    : mean_(std::move(mean)), noise_(std::move(noise)), weight_(std::move(weight)) {
  scaled_ = noise_.cwiseInverse().asDiagonal() * weight_;
  const Eigen::Index z = weight_.cols();
  const EigenMatrix m = EigenMatrix::Identity(z, z) + weight_.transpose() * scaled_;
  const Eigen::LLT<EigenMatrix> factor(m);
  posterior_covariance_ = factor.solve(EigenMatrix::Identity(z, z));
  const EigenMatrix lower = factor.matrixL();
  log_determinant_ = 2 * lower.diagonal().array().log().sum() + noise_.array().log().sum();
}

EigenMatrix LowRankGaussian::posterior_means(const EigenMatrix& x) const {
  return (x.rowwise() - mean_.transpose()) * scaled_ * posterior_covariance_;
}

Eigen::VectorXd LowRankGaussian::log_density(const EigenMatrix& x) const {
  const EigenMatrix centred = x.rowwise() - mean_.transpose();
  const EigenMatrix projected = centred * scaled_;
  const Eigen::VectorXd quadratic =
      (centred.array().square().rowwise() * noise_.cwiseInverse().transpose().array()).rowwise().sum() -
      ((projected * posterior_covariance_).array() * projected.array()).rowwise().sum();
  const double constant =
      log_determinant_ + static_cast<double>(mean_.size()) * std::log(2 * std::numbers::pi);
  return -0.5 * (quadratic.array() + constant);
}

double LowRankGaussian::mean_log_density(const Eigen::VectorXd& mean, const EigenMatrix& covariance) const {
  // E[(x−μ)ᵀ A (x−μ)] = tr(A S), with S the second moment about μ.
  const Eigen::VectorXd shift = mean - mean_;
  const EigenMatrix half = covariance * scaled_ + shift * (shift.transpose() * scaled_);
  const double diagonal = ((covariance.diagonal().array() + shift.array().square()) / noise_.array()).sum();
  const double low_rank = ((scaled_.transpose() * half) * posterior_covariance_).trace();
  const double constant =
      log_determinant_ + static_cast<double>(mean_.size()) * std::log(2 * std::numbers::pi);
  return -0.5 * (diagonal - low_rank + constant);
}

}  // namespace pushforward
