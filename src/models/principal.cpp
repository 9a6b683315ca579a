// SPDX-License-Identifier: Apache-2.0
// Symmetric eigen-decomposition in float64; signs are fixed so that the same data give the same components.
#include "models/principal.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "pushforward/error.hpp"

namespace pushforward {
namespace {

// An eigenvector is known up to its sign: make the entry of largest size positive.
void fix_signs(EigenMatrix& components) {
  for (Eigen::Index j = 0; j < components.cols(); ++j) {
    Eigen::Index at = 0;
    components.col(j).cwiseAbs().maxCoeff(&at);
    if (components(at, j) < 0) components.col(j) *= -1;
  }
}

Eigen::SelfAdjointEigenSolver<EigenMatrix> decompose(const EigenMatrix& symmetric) {
  Eigen::SelfAdjointEigenSolver<EigenMatrix> solver(symmetric);
  if (solver.info() != Eigen::Success)
    throw WorkError(Complaint{"principal components", "an eigen-decomposition that did not converge",
                              "finite data of moderate size"});
  return solver;
}

Principal from_covariance(const Dataset& data, Eigen::Index k) {
  Moments m = moments(data);
  const auto solver = decompose(m.covariance);
  return {std::move(m.mean), solver.eigenvalues().reverse().cwiseMax(0),
          solver.eigenvectors().rightCols(k).rowwise().reverse()};
}

Principal from_gram(const Dataset& data, Eigen::Index k) {
  const Matrix<double> rows = data.doubles();
  const auto n = static_cast<Eigen::Index>(rows.rows()), d = static_cast<Eigen::Index>(rows.cols());
  EigenMatrix x = Eigen::Map<const EigenMatrix>(rows.data(), n, d);
  const Eigen::VectorXd mean = x.colwise().mean();
  x.rowwise() -= mean.transpose();
  const auto solver = decompose(x * x.transpose() / static_cast<double>(n));
  EigenMatrix components = x.transpose() * solver.eigenvectors().rightCols(k).rowwise().reverse();
  // Directions without variance come out as rounding; a QR sweep makes the columns orthonormal all the same.
  const Eigen::HouseholderQR<EigenMatrix> qr(components);
  const EigenMatrix q = qr.householderQ() * EigenMatrix::Identity(d, k);
  return {mean, solver.eigenvalues().reverse().cwiseMax(0), q};
}

EigenMatrix orthonormal(const EigenMatrix& a) {
  const Eigen::HouseholderQR<EigenMatrix> qr(a);
  return qr.householderQ() * EigenMatrix::Identity(a.rows(), a.cols());
}

}  // namespace

Principal principal_components(const Dataset& data, std::size_t k) {
  const std::size_t most = std::min(data.rows(), data.cols());
  if (k < 1 || k > most)
    throw RequestError(
        Complaint{"--latent", fmt::format("{}", k),
                  fmt::format("1 to {} for {} rows of {} features", most, data.rows(), data.cols())});
  const auto count = static_cast<Eigen::Index>(k);
  Principal out = data.rows() < data.cols() ? from_gram(data, count) : from_covariance(data, count);
  fix_signs(out.components);
  return out;
}

std::vector<double> principal_angles(const EigenMatrix& a, const EigenMatrix& b) {
  const EigenMatrix qa = orthonormal(a), qb = orthonormal(b);
  const Eigen::VectorXd cosines = Eigen::JacobiSVD<EigenMatrix>(qa.transpose() * qb).singularValues();
  const Eigen::VectorXd sines =
      Eigen::JacobiSVD<EigenMatrix>(qb - qa * (qa.transpose() * qb)).singularValues().reverse();
  std::vector<double> degrees;
  for (Eigen::Index i = 0; i < cosines.size(); ++i) {
    const double radians = cosines[i] * cosines[i] < 0.5 ? std::acos(std::min(1.0, cosines[i]))
                                                         : std::asin(std::min(1.0, sines[i]));
    degrees.push_back(radians * 180 / std::numbers::pi);
  }
  return degrees;
}

}  // namespace pushforward
