// SPDX-License-Identifier: Apache-2.0
// The formulas of the header, by Householder's QR.
#include "models/low_rank_gaussian.hpp"

#include <cmath>
#include <numbers>

namespace pushforward {

EigenMatrix factor_of(const EigenMatrix& s) {
  const Eigen::SelfAdjointEigenSolver<EigenMatrix> solver(s);
  return solver.eigenvectors() * solver.eigenvalues().cwiseMax(0).cwiseSqrt().asDiagonal();
}

LowRankGaussian::LowRankGaussian(Eigen::VectorXd mean, EigenMatrix weight, Eigen::VectorXd noise)
    : mean_(std::move(mean)), noise_(std::move(noise)), weight_(std::move(weight)) {
  const Eigen::Index d = weight_.rows(), z = weight_.cols();
  const Eigen::VectorXd inverse_root = noise_.cwiseSqrt().cwiseInverse();
  EigenMatrix stacked(d + z, z);
  stacked << inverse_root.asDiagonal() * weight_, EigenMatrix::Identity(z, z);
  const Eigen::HouseholderQR<EigenMatrix> qr(stacked);
  basis_ = qr.householderQ() * EigenMatrix::Identity(d + z, z);
  const EigenMatrix upper = qr.matrixQR().topRows(z).triangularView<Eigen::Upper>();
  const EigenMatrix inverse = upper.triangularView<Eigen::Upper>().solve(EigenMatrix::Identity(z, z));
  posterior_covariance_ = inverse * inverse.transpose();
  gain_ = inverse * basis_.topRows(d).transpose() * inverse_root.asDiagonal();
  log_determinant_ = 2 * upper.diagonal().array().abs().log().sum() + noise_.array().log().sum();
}

EigenMatrix LowRankGaussian::posterior_means(const EigenMatrix& x) const {
  return (x.rowwise() - mean_.transpose()) * gain_.transpose();
}

Eigen::VectorXd LowRankGaussian::residuals(const EigenMatrix& columns) const {
  const Eigen::Index d = noise_.size();
  const EigenMatrix scaled = noise_.cwiseSqrt().cwiseInverse().asDiagonal() * columns;
  const EigenMatrix shares = basis_.topRows(d).transpose() * scaled;
  return (scaled - basis_.topRows(d) * shares).colwise().squaredNorm() +
         (basis_.bottomRows(basis_.rows() - d) * shares).colwise().squaredNorm();
}

Eigen::VectorXd LowRankGaussian::log_density(const EigenMatrix& x) const {
  const EigenMatrix centred = (x.rowwise() - mean_.transpose()).transpose();
  const double constant =
      log_determinant_ + static_cast<double>(mean_.size()) * std::log(2 * std::numbers::pi);
  return -0.5 * (residuals(centred).array() + constant);
}

double LowRankGaussian::mean_log_density(const Eigen::VectorXd& mean, const EigenMatrix& covariance) const {
  // E[(x−μ)ᵀ A (x−μ)] = tr(A S) + (m−μ)ᵀ A (m−μ).
  return mean_log_density(factor_of(covariance)) - residuals(mean - mean_).sum() / 2;
}

double LowRankGaussian::mean_log_density(const EigenMatrix& factor) const {
  const double constant =
      log_determinant_ + static_cast<double>(mean_.size()) * std::log(2 * std::numbers::pi);
  return -0.5 * (residuals(factor).sum() + constant);
}

}  // namespace pushforward
