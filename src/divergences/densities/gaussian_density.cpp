// SPDX-License-Identifier: Apache-2.0
//
// Gaussians of R^d by linear algebra in double precision (Eigen).
//
// Bures–Wasserstein: tr(Σ_p + Σ_q − 2(Σ_p^½ Σ_q Σ_p^½)^½) cancels when Σ_p ≈ Σ_q. It is the squared
// Procrustes distance min_O ‖Σ_p^½ − Σ_q^½ O‖² over orthogonal O, attained at O = WVᵀ of the singular vectors
// of Σ_q^½ Σ_p^½ = WSVᵀ [Bhatia, Jain & Lim, Expo. Math. 37 (2019) 165–191]: a sum of squares, never
// negative, defined for singular covariances too.
//
// Mutual information by canonical correlations, −½ Σ ln(1 − ρ²): no difference of log determinants.
#include "divergences/densities/gaussian_density.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <fmt/format.h>
#include <Eigen/Dense>

#include "core/summation.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

using EigenMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Eigen::Map<const EigenMatrix> covariance_of(const GaussianDensity& g) {
  const auto d = static_cast<Eigen::Index>(g.d());
  return {g.covariance.data(), d, d};
}

Eigen::Map<const Eigen::VectorXd> mean_of(const GaussianDensity& g) {
  return {g.mean.data(), static_cast<Eigen::Index>(g.d())};
}

// The symmetric root; eigenvalues below 0 by rounding count as 0.
EigenMatrix symmetric_root(const EigenMatrix& matrix) {
  const Eigen::SelfAdjointEigenSolver<EigenMatrix> eigen(matrix);
  return eigen.eigenvectors() * eigen.eigenvalues().cwiseMax(0).cwiseSqrt().asDiagonal() *
         eigen.eigenvectors().transpose();
}

Eigen::LLT<EigenMatrix> cholesky(const EigenMatrix& matrix, std::string_view of) {
  Eigen::LLT<EigenMatrix> factor(matrix);
  const auto diagonal = factor.matrixLLT().diagonal();
  const bool regular = factor.info() == Eigen::Success && diagonal.minCoeff() > 1e-8 * diagonal.maxCoeff();
  if (!regular)
    throw RequestError(Complaint{"mvnormal", fmt::format("a singular covariance of {}", of),
                                 "a positive definite one, without which there is no density",
                                 "w2 is defined for any covariance"});
  return factor;
}

double log_det(const Eigen::LLT<EigenMatrix>& factor) {
  return 2 * factor.matrixLLT().diagonal().array().log().sum();
}

double entropy_of(const EigenMatrix& covariance) {
  const auto d = static_cast<double>(covariance.rows());
  return (d * (std::log(2 * std::numbers::pi) + 1) + log_det(cholesky(covariance, "P"))) / 2;
}

}  // namespace

GaussianDensity make_gaussian(std::string_view where, std::vector<double> mean, Matrix<double> covariance) {
  const auto refuse = [&](std::string got, std::string wanted) {
    throw RequestError(Complaint{std::string(where), std::move(got), std::move(wanted)});
  };
  const std::size_t d = mean.size();
  if (d == 0) refuse("an empty mean", "at least one coordinate");
  if (covariance.rows() != d || covariance.cols() != d)
    refuse(fmt::format("a covariance of {} × {}", covariance.rows(), covariance.cols()),
           fmt::format("{} × {}, as the mean says", d, d));
  for (std::size_t i = 0; i < d; ++i) {
    if (!std::isfinite(mean[i]))
      refuse(fmt::format("{} in the mean, entry {}", mean[i], i), "finite numbers");
    for (std::size_t j = 0; j < d; ++j)
      if (!std::isfinite(covariance(i, j)))
        refuse(fmt::format("{} in the covariance, row {}, column {}", covariance(i, j), i, j),
               "finite numbers");
  }
  GaussianDensity g{std::move(mean), std::move(covariance)};
  const double size = covariance_of(g).cwiseAbs().maxCoeff();
  for (std::size_t i = 0; i < d; ++i)
    for (std::size_t j = 0; j < i; ++j) {
      double &low = g.covariance(i, j), &high = g.covariance(j, i);
      if (std::abs(low - high) > 1e-6 * size)
        refuse(fmt::format("a covariance with {} at row {}, column {} and {} across", low, i, j, high),
               "a symmetric one");
      low = high = low / 2 + high / 2;
    }
  const double least =
      Eigen::SelfAdjointEigenSolver<EigenMatrix>(covariance_of(g), Eigen::EigenvaluesOnly).eigenvalues()(0);
  if (least < -1e-9 * size)
    refuse(fmt::format("a covariance with the eigenvalue {:.6g}", least), "none below 0");
  return g;
}

GaussianPair gaussian_pair(const GaussianDensity& p, const GaussianDensity& q) {
  const auto root = cholesky(covariance_of(q), "Q");
  cholesky(covariance_of(p), "P");
  EigenMatrix relative = root.matrixL().solve(EigenMatrix(covariance_of(p)));
  relative = root.matrixL().solve(EigenMatrix(relative.transpose()));
  const Eigen::SelfAdjointEigenSolver<EigenMatrix> eigen(EigenMatrix((relative + relative.transpose()) / 2));
  const Eigen::VectorXd shift = root.matrixL().solve(Eigen::VectorXd(mean_of(p) - mean_of(q)));
  const Eigen::VectorXd delta = eigen.eigenvectors().transpose() * shift;
  const Eigen::VectorXd lambda = eigen.eigenvalues();
  return {{lambda.data(), lambda.data() + lambda.size()},
          {delta.data(), delta.data() + delta.size()},
          log_det(root)};
}

double bures_wasserstein_squared(const GaussianDensity& p, const GaussianDensity& q) {
  if (p.d() != q.d())
    throw RequestError(Complaint{"w2", fmt::format("d = {} and {}", p.d(), q.d()), "the same number"});
  const EigenMatrix root_p = symmetric_root(covariance_of(p)), root_q = symmetric_root(covariance_of(q));
  const Eigen::JacobiSVD<Eigen::MatrixXd> svd(Eigen::MatrixXd(root_q * root_p),
                                              Eigen::ComputeFullU | Eigen::ComputeFullV);
  const EigenMatrix turned = root_q * svd.matrixU() * svd.matrixV().transpose();
  return (mean_of(p) - mean_of(q)).squaredNorm() + (root_p - turned).squaredNorm();
}

JointEntropies gaussian_joint_entropies(const GaussianDensity& joint, std::size_t split) {
  if (split == 0 || split >= joint.d())
    throw RequestError(Complaint{"split", fmt::format("{} of {} coordinates", split, joint.d()),
                                 "at least one coordinate for X and one for Y"});
  const EigenMatrix all = covariance_of(joint);
  const auto k = static_cast<Eigen::Index>(split), rest = all.rows() - k;
  const EigenMatrix xx = all.topLeftCorner(k, k), yy = all.bottomRightCorner(rest, rest),
                    xy = all.topRightCorner(k, rest);
  EigenMatrix whitened = cholesky(xx, "X").matrixL().solve(xy);
  whitened = cholesky(yy, "Y").matrixL().solve(EigenMatrix(whitened.transpose()));
  const Eigen::VectorXd correlations =
      Eigen::JacobiSVD<Eigen::MatrixXd>(Eigen::MatrixXd(whitened)).singularValues();
  CompensatedSum information;
  for (const double rho : correlations)
    information.add(-std::log1p(-std::min(rho, 1.0) * std::min(rho, 1.0)) / 2);
  JointEntropies h;
  h.x = entropy_of(xx), h.y = entropy_of(yy);
  h.mutual_information = information.value();
  h.y_given_x = h.y - h.mutual_information, h.x_given_y = h.x - h.mutual_information;
  h.joint = h.x + h.y_given_x;
  return h;
}

}  // namespace pushforward
