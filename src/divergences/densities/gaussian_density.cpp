// SPDX-License-Identifier: Apache-2.0
//
// Gaussians of R^d by linear algebra, in doubles where those suffice and in wide numbers where they do not.
//
// Doubles suffice where covariances are well conditioned once their diagonals are made 1, and no direction
// has variances of very different sizes in p and q: then λ − 1 comes from L⁻¹(Σ_p − Σ_q)L⁻ᵀ with digits of
// its own. Otherwise L_q⁻¹L_p is taken apart by a pivoted QR and a one-sided Jacobi iteration, in 113 bits: a
// condition of 1e15 leaves 18 digits. In many dimensions (kMostWide) in long doubles, which leave some 4 of
// them.
//
// Bures–Wasserstein: tr(Σ_p + Σ_q − 2(Σ_p^½ Σ_q Σ_p^½)^½) cancels when Σ_p ≈ Σ_q. It is the squared
// Procrustes distance min_O ‖A − BO‖² over orthogonal O, AAᵀ = Σ_p and BBᵀ = Σ_q, attained at O = UVᵀ of the
// singular vectors of BᵀA = USVᵀ [Bhatia, Jain & Lim, Expo. Math. 37 (2019) 165–191]: a sum of squares, never
// negative, defined for singular covariances too.
//
// Mutual information by canonical correlations, −½ Σ ln(1 − ρ²), where they are small; by determinants where
// not.
#include "divergences/densities/gaussian_density.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <Eigen/Dense>

#include "divergences/densities/wide_algebra.hpp"
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

using algebra::Cholesky;
using algebra::Square;

constexpr std::size_t kAlwaysWide = 8;  // up to here wide numbers take less than a millisecond
constexpr std::size_t kMostWide = 64;   // and here half a second
constexpr double kBenign = 100;  // condition of a matrix, ratio of variances: costs a double two digits

template <class T>
Square<T> square(const EigenMatrix& matrix) {
  Square<T> out(static_cast<std::size_t>(matrix.rows()));
  std::copy_n(matrix.data(), out.values.size(), out.values.begin());
  return out;
}

template <class T>
Cholesky<T> regular(const EigenMatrix& matrix, std::string_view of) {
  Cholesky<T> factor(square<T>(matrix));
  if (factor.singular)
    throw RequestError(Complaint{"mvnormal", fmt::format("a singular covariance of {}", of),
                                 "a positive definite one, without which there is no density",
                                 "w2 is defined for any covariance"});
  return factor;
}

// ---- the pair in doubles ----

// Whether the matrix with its diagonal made 1 has a condition of at most kBenign.
bool is_benign(const EigenMatrix& covariance) {
  if (!(covariance.diagonal().minCoeff() > 0)) return false;
  const Eigen::VectorXd root = covariance.diagonal().cwiseSqrt().cwiseInverse();
  const EigenMatrix scaled = root.asDiagonal() * covariance * root.asDiagonal();
  const Eigen::VectorXd values =
      Eigen::SelfAdjointEigenSolver<EigenMatrix>(scaled, Eigen::EigenvaluesOnly).eigenvalues();
  return values(0) * kBenign > values(values.size() - 1);
}

std::optional<GaussianPair> pair_in_doubles(const GaussianDensity& p, const GaussianDensity& q) {
  if (p.d() <= kAlwaysWide || !is_benign(covariance_of(p)) || !is_benign(covariance_of(q))) return {};
  const Eigen::LLT<EigenMatrix> root{EigenMatrix(covariance_of(q))};
  EigenMatrix excess = root.matrixL().solve(EigenMatrix(covariance_of(p) - covariance_of(q)));
  excess = root.matrixL().solve(EigenMatrix(excess.transpose()));
  const Eigen::SelfAdjointEigenSolver<EigenMatrix> eigen(EigenMatrix((excess + excess.transpose()) / 2));
  const Eigen::VectorXd& x = eigen.eigenvalues();  // λ − 1
  if (!((x.minCoeff() + 1) * kBenign > 1 && x.maxCoeff() + 1 < kBenign)) return {};
  const Eigen::VectorXd shift = root.matrixL().solve(Eigen::VectorXd(mean_of(p) - mean_of(q)));
  const Eigen::VectorXd delta = eigen.eigenvectors().transpose() * shift;
  GaussianPair pair{{}, {delta.begin(), delta.end()}, 0};
  for (const double excess_of_one : x) pair.lambda.push_back(1 + Wide(excess_of_one));
  pair.log_det_q = 2 * root.matrixLLT().diagonal().array().log().sum();
  return pair;
}

// ---- the pair in wide numbers ----

// L_q⁻¹L_p = (L_q⁻¹D)·(D⁻¹L_p) with D the deviations of p, so that neither factor hides one scale below
// another.
template <class T>
GaussianPair pair_in(const GaussianDensity& p, const GaussianDensity& q) {
  using std::sqrt;
  const std::size_t d = p.d();
  const Cholesky<T> root = regular<T>(covariance_of(q), "Q"), other = regular<T>(covariance_of(p), "P");
  Square<T> rows(d), scaled(d), relative(d);
  std::vector<T> shift(d);
  for (std::size_t i = 0; i < d; ++i) {
    const T deviation = sqrt(T(p.covariance(i, i)));
    rows(i, i) = deviation, shift[i] = T(p.mean[i]) - T(q.mean[i]);
    for (std::size_t j = 0; j <= i; ++j) scaled(i, j) = other.lower(i, j) / deviation;
  }
  for (std::size_t j = 0; j < d; ++j) root.solve(&rows(0, j), d);
  root.solve(shift.data());
  Square<T> basis = algebra::pivoted_qr(rows);
  for (std::size_t i = 0; i < d; ++i)
    for (std::size_t k = 0; k < d; ++k)
      for (std::size_t j = 0; j <= k; ++j) relative(i, j) += rows(i, k) * scaled(k, j);
  algebra::orthogonalize_rows(relative, basis);
  GaussianPair pair;
  for (std::size_t i = 0; i < d; ++i) {
    T delta = 0;
    for (std::size_t k = 0; k < d; ++k) delta += basis(k, i) * shift[k];
    pair.lambda.emplace_back(algebra::dot(relative.row(i), relative.row(i), d));
    pair.delta.emplace_back(delta);
  }
  pair.log_det_q = Wide(root.log_det(0, d));
  return pair;
}

// ---- transport ----

// min_O ‖A − BO‖².
template <class T>
double procrustes_squared(const GaussianDensity& p, const GaussianDensity& q) {
  const std::size_t d = p.d();
  const Cholesky<T> a(square<T>(covariance_of(p))), b(square<T>(covariance_of(q)));
  Square<T> rows(d), basis(d), turned(d);  // BᵀA = basis·rows
  for (std::size_t i = 0; i < d; ++i) {
    basis(i, i) = 1;
    for (std::size_t k = i; k < d; ++k)
      for (std::size_t j = 0; j <= k; ++j) rows(i, j) += b.lower(k, i) * a.lower(k, j);
  }
  algebra::orthogonalize_rows(rows, basis);
  algebra::complete(rows);
  for (std::size_t i = 0; i < d; ++i)
    for (std::size_t k = 0; k < d; ++k)
      for (std::size_t j = 0; j < d; ++j) turned(i, j) += basis(i, k) * rows(k, j);
  T sum = 0;
  for (std::size_t i = 0; i < d; ++i)
    for (std::size_t j = 0; j < d; ++j) {
      T apart = a.lower(i, j);
      for (std::size_t k = 0; k <= i; ++k) apart -= b.lower(i, k) * turned(k, j);
      sum += apart * apart;
    }
  for (std::size_t i = 0; i < d; ++i) {
    const T apart = T(p.mean[i]) - T(q.mean[i]);
    sum += apart * apart;
  }
  return static_cast<double>(sum);
}

// The same in doubles, from symmetric roots (eigenvalues below 0 by rounding count as 0).
double procrustes_squared_in_doubles(const GaussianDensity& p, const GaussianDensity& q) {
  const EigenMatrix root_p = symmetric_root(covariance_of(p)), root_q = symmetric_root(covariance_of(q));
  const Eigen::JacobiSVD<Eigen::MatrixXd> svd(Eigen::MatrixXd(root_q * root_p),
                                              Eigen::ComputeFullU | Eigen::ComputeFullV);
  const EigenMatrix turned = root_q * svd.matrixU() * svd.matrixV().transpose();
  return (mean_of(p) - mean_of(q)).squaredNorm() + (root_p - turned).squaredNorm();
}

// Y before X: the joint covariance with its coordinates from `split` on put first.
EigenMatrix exchanged(const EigenMatrix& all, Eigen::Index split) {
  const Eigen::Index d = all.rows(), rest = d - split;
  EigenMatrix out(d, d);
  out.topLeftCorner(rest, rest) = all.bottomRightCorner(rest, rest);
  out.bottomRightCorner(split, split) = all.topLeftCorner(split, split);
  out.topRightCorner(rest, split) = all.bottomLeftCorner(rest, split);
  out.bottomLeftCorner(split, rest) = all.topRightCorner(split, rest);
  return out;
}

// −½ Σ ln(1 − ρ²) by canonical correlations; −1 where one is not small, and determinants say more.
template <class T>
Wide information_of_small(const EigenMatrix& all, const Cholesky<T>& x, const Cholesky<T>& y,
                          std::size_t split) {
  const std::size_t d = x.lower.d, rest = d - split;
  Square<T> whitened(std::max(split, rest)), basis(whitened.d);  // L_y⁻¹ Σ_yx L_x⁻ᵀ, rows of Y
  for (std::size_t i = 0; i < rest; ++i)
    for (std::size_t k = 0; k < split; ++k) {
      T sum = all(static_cast<Eigen::Index>(split + i), static_cast<Eigen::Index>(k));
      for (std::size_t j = 0; j < k; ++j) sum -= x.lower(k, j) * whitened(i, j);
      whitened(i, k) = sum / x.lower(k, k);
    }
  for (std::size_t i = 0; i < rest; ++i)
    for (std::size_t k = 0; k < split; ++k) {
      for (std::size_t j = 0; j < i; ++j) whitened(i, k) -= y.lower(i, j) * whitened(j, k);
      whitened(i, k) /= y.lower(i, i);
    }
  algebra::orthogonalize_rows(whitened, basis);
  Wide sum = 0;
  for (std::size_t i = 0; i < whitened.d; ++i) {
    const Wide square = Wide(algebra::dot(whitened.row(i), whitened.row(i), whitened.d));
    if (square > 0.5) return -1;
    sum -= wide_log1p(-square) / 2;
  }
  return sum;
}

template <class T>
JointEntropies joint_entropies_in(const GaussianDensity& joint, std::size_t split) {
  const std::size_t d = joint.d(), rest = d - split;
  const EigenMatrix all = covariance_of(joint);
  const Cholesky<T> x_first = regular<T>(all, "P");
  const Cholesky<T> y_first = regular<T>(exchanged(all, static_cast<Eigen::Index>(split)), "P");
  const auto entropy = [](const Cholesky<T>& factor, std::size_t begin, std::size_t end) {
    return gaussian_entropy(end - begin, Wide(factor.log_det(begin, end)));
  };
  JointEntropies h;
  h.x = entropy(x_first, 0, split), h.y_given_x = entropy(x_first, split, d);
  h.y = entropy(y_first, 0, rest), h.x_given_y = entropy(y_first, rest, d);
  h.joint = entropy(x_first, 0, d);
  Wide information = information_of_small(all, x_first, y_first, split);
  if (information < 0) information = Wide(T(y_first.log_det(0, rest) - x_first.log_det(split, d))) / 2;
  h.mutual_information = information.convert_to<double>();
  return h;
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
    refuse(fmt::format("a covariance with the eigenvalue {:.6g}", least),
           "none below 0: each covariance at most √ of its two variances' product");
  return g;
}

GaussianPair gaussian_pair(const GaussianDensity& p, const GaussianDensity& q) {
  if (auto pair = pair_in_doubles(p, q)) return *pair;
  return p.d() <= kMostWide ? pair_in<Wide>(p, q) : pair_in<long double>(p, q);
}

double bures_wasserstein_squared(const GaussianDensity& p, const GaussianDensity& q) {
  if (p.d() != q.d())
    throw RequestError(Complaint{"w2", fmt::format("d = {} and {}", p.d(), q.d()), "the same number"});
  return p.d() <= kMostWide ? procrustes_squared<Wide>(p, q) : procrustes_squared_in_doubles(p, q);
}

double gaussian_entropy(const GaussianDensity& p) {
  const EigenMatrix covariance = covariance_of(p);
  const Wide log_det = p.d() <= kMostWide ? regular<Wide>(covariance, "P").log_det(0, p.d())
                                          : Wide(regular<long double>(covariance, "P").log_det(0, p.d()));
  return gaussian_entropy(p.d(), log_det);
}

JointEntropies gaussian_joint_entropies(const GaussianDensity& joint, std::size_t split) {
  if (split == 0 || split >= joint.d())
    throw RequestError(Complaint{"split", fmt::format("{} of {} coordinates", split, joint.d()),
                                 "at least one coordinate for X and one for Y"});
  return joint.d() <= kMostWide ? joint_entropies_in<Wide>(joint, split)
                                : joint_entropies_in<long double>(joint, split);
}

GaussianMap gaussian_map(const GaussianDensity& p, const GaussianDensity& q) {
  if (p.d() != q.d())
    throw RequestError(Complaint{"coupling", fmt::format("d = {} and {}", p.d(), q.d()), "the same number"});
  regular<long double>(covariance_of(p), "P");
  const EigenMatrix root = symmetric_root(covariance_of(p)), inverse = root.inverse();
  const EigenMatrix middle = symmetric_root(EigenMatrix(root * covariance_of(q) * root));
  EigenMatrix map = inverse * middle * inverse;
  map = (map + map.transpose().eval()) / 2;
  const Eigen::VectorXd shift = mean_of(q) - map * mean_of(p);
  GaussianMap result{{shift.data(), shift.data() + shift.size()}, Matrix<double>(p.d(), p.d())};
  std::copy(map.data(), map.data() + map.size(), result.matrix.data());
  return result;
}

}  // namespace pushforward
