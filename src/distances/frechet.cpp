// SPDX-License-Identifier: Apache-2.0
//
// Fréchet distance: how far apart the Gaussians with the samples' means and covariances are.
//
//   D = ‖μ_x − μ_y‖² + tr Σ_x + tr Σ_y − 2 tr (Σ_x^½ Σ_y Σ_x^½)^½
//
// is the squared 2-Wasserstein distance of those Gaussians [Dowson & Landau, J. Multivar. Anal. 12, 1982],
// and on features of an image network the FID [Heusel et al., NeurIPS 2017]. Covariances are over n−1.
//
// The last trace is the sum of singular values of F_x F_yᵀ for any factors with FᵀF = Σ, so nobody needs the
// square root of a matrix that is not symmetric (whose imaginary dust other implementations throw away), nor
// of one that is: with n > d, F = Λ^½Vᵀ from the symmetric eigen-decomposition of Σ in float64; with n ≤ d,
// where Σ is singular, the centred sample itself, F = X_c/√(n−1), which is smaller and loses no digits.
// Eigenvalues below d·ε·λ_max are rounding and count as 0.
//
// With n ≤ d the number is finite but means little: a sample of n points cannot show variance outside n−1
// directions, and the reading says so. For any n the estimate is biased upwards by about O(d/n), so compare
// only values of equal n.
//
// Gradient: D depends on x through μ_x and X_c. With F_xF_yᵀ = U S Wᵀ and X_c/√(n−1) = Q F_x, the sum of
// singular values has the derivative Q U Wᵀ F_y/√(n−1) in X_c (U, W restricted to singular values that are
// not 0).
//
// Cost: O((n+m)d² + d³); memory O(d² + nd).
#include <algorithm>
#include <cmath>
#include <limits>

#include <Eigen/Eigenvalues>
#include <Eigen/SVD>

#include "distances/distance_row.hpp"
#include "distances/pool_scale.hpp"
#include "pushforward/distance.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

using Dense = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Row = Eigen::RowVectorXd;

constexpr Facts kFacts{.symmetric = true,
                       .non_negative = true,
                       .zero_on_itself = true,
                       .gradient_points = true,
                       .smallest_n = 2};

// A sample's mean, its centred points, and a factor of its covariance.
struct Moments {
  Row mean;
  Dense centred;     // n × d
  double total = 0;  // tr Σ
  Dense factor;      // r × d with factorᵀ·factor = Σ
  Dense back;  // d × r with centred·back/√(n−1) = Q, orthonormal; empty where factor is centred/√(n−1)
  double degrees = 1;  // n − 1
};

// F = Λ^½Vᵀ and V Λ^{−½}, without the directions whose variance is rounding.
void decompose(Moments& m) {
  const Dense covariance = m.centred.transpose() * m.centred / m.degrees;
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(covariance);
  if (solver.info() != Eigen::Success) throw WorkError("frechet: the eigen-decomposition did not converge");
  const Eigen::VectorXd& values = solver.eigenvalues();
  const double least = std::max(values.maxCoeff(), 0.0) * static_cast<double>(values.size()) * 0x1p-52;
  const Eigen::Index rank = (values.array() > least).count();  // ascending: the last `rank` of them
  const Eigen::VectorXd roots = values.tail(rank).cwiseSqrt();
  m.factor = roots.asDiagonal() * solver.eigenvectors().rightCols(rank).transpose();
  m.back = solver.eigenvectors().rightCols(rank) * roots.cwiseInverse().asDiagonal();
}

Moments moments_of(const Points& points) {
  Moments m;
  m.centred.resize(static_cast<Eigen::Index>(points.n()), static_cast<Eigen::Index>(points.d()));
  std::visit([&](auto view) { std::copy_n(view.data, view.size(), m.centred.data()); }, points.data);
  m.mean = m.centred.colwise().mean();
  m.centred.rowwise() -= m.mean;
  const Row residue =
      m.centred.colwise().mean();  // the mean's own rounding, which an offset of 1e6 makes visible
  m.mean += residue, m.centred.rowwise() -= residue;
  m.degrees = static_cast<double>(points.n() - 1);
  m.total = m.centred.squaredNorm() / m.degrees;
  if (points.n() > points.d())
    decompose(m);
  else
    m.factor = m.centred / std::sqrt(m.degrees);
  return m;
}

struct Overlap {
  double sum = 0;     // of singular values of F_x F_yᵀ
  Dense left, right;  // their vectors, those of zeros left out
};

Overlap overlap_of(const Moments& x, const Moments& y) {
  if (x.factor.rows() == 0 || y.factor.rows() == 0) return {};
  const Eigen::MatrixXd product = x.factor * y.factor.transpose();
  const Eigen::BDCSVD<Eigen::MatrixXd> svd(product, Eigen::ComputeThinU | Eigen::ComputeThinV);
  const Eigen::VectorXd& values = svd.singularValues();
  const double least = values.size() > 0 ? values[0] * static_cast<double>(values.size()) * 0x1p-52 : 0;
  const Eigen::Index rank = (values.array() > least).count();
  return {values.head(rank).sum(), svd.matrixU().leftCols(rank), svd.matrixV().leftCols(rank)};
}

bool any_differ(const Sample& x, const Sample& y) {
  for (const Sample* sample : {&x, &y})
    for (std::size_t i = 0; i < sample->n(); ++i)
      for (std::size_t k = 0; k < x.d(); ++k)
        if (sample->points.at(i, k) != x.points.at(0, k)) return true;
  return false;
}

class Frechet : public Distance {
 public:
  Reading measure(const Sample& x, const Sample& y, const Gradient& grad) const override {
    check_samples("frechet", x, y, kFacts);
    const Moments a = moments_of(x.points), b = moments_of(y.points);
    const double squares = (a.mean - b.mean).squaredNorm() + a.total + b.total;
    if (squares < std::numeric_limits<double>::min() && any_differ(x, y))
      throw RequestError(Complaint{"frechet", "points so near together that their squares are about 0",
                                   "variances that float64 can hold", "rescale the data"});
    const Overlap overlap = overlap_of(a, b);
    const double means = (a.mean - b.mean).squaredNorm(), spreads = a.total + b.total - 2 * overlap.sum;
    const double rounding = 8 * 0x1p-52 * static_cast<double>(x.d()) * (a.total + b.total);
    Reading reading;
    reading.value = means + (spreads > rounding ? spreads : 0.0);
    reading.estimator = "Gaussians with the samples' moments";
    reading.unit = "squared unit of the data";
    reading.extra = {{"means", means}, {"covariances", *reading.value - means}};
    if (const std::size_t least = std::min(x.n(), y.n()); least <= x.d())
      reading.extra.emplace_back(
          "warning", "n ≤ d: a covariance is singular, so the value says little; use n well above d");
    if (grad.points.wanted()) write_gradient(a, b, overlap, grad.points);
    return reading;
  }

  // A variance below d·ε of the largest is rounding, and enters as its root. A relabelled sample may hold all
  // of the pool's spread.
  std::optional<Rounding> rounding(const Sample& x, const Sample& y) const override {
    const PoolScale scale = pool_scale(x, y);
    const auto pool = static_cast<double>(x.n() + y.n()), least = static_cast<double>(std::min(x.n(), y.n()));
    const double variance = scale.variance * pool / (least - 1);
    const double spreads = 2 * std::sqrt(static_cast<double>(x.d()) * 0x1p-52) * variance;
    return Rounding{spreads + 8 * 0x1p-52 * scale.largest * std::sqrt(variance)};
  }

 private:
  static void write_gradient(const Moments& a, const Moments& b, const Overlap& overlap, View<double> out) {
    const double n = a.degrees + 1;
    Dense gradient = 2 / a.degrees * a.centred;
    if (overlap.left.cols() > 0) {
      const Dense pulled = overlap.right.transpose() * b.factor;  // rank × d
      const Dense ahead = a.back.size() > 0
                              ? Dense(a.centred * (a.back * overlap.left) / std::sqrt(a.degrees))
                              : overlap.left;
      gradient -= 2 / std::sqrt(a.degrees) * (ahead * pulled);
    }
    gradient.rowwise() += 2 / n * (a.mean - b.mean);
    std::copy_n(gradient.data(), gradient.size(), out.data);
  }
};

}  // namespace

const OptionTable<FrechetOptions>& option_table(const FrechetOptions&) {
  static const OptionTable<FrechetOptions> table("frechet");
  return table;
}

std::unique_ptr<Distance> make_distance(const FrechetOptions&, std::uint64_t) {
  return std::make_unique<Frechet>();
}

DistanceEntry frechet_entry() {
  DistanceEntry entry;
  entry.name = "frechet";
  entry.title = "Fréchet distance of the Gaussians with the samples' moments, squared";
  entry.formula = "‖μ_x − μ_y‖² + tr Σ_x + tr Σ_y − 2 tr (Σ_x^½ Σ_y Σ_x^½)^½, covariances over n−1";
  entry.source = "Dowson & Landau, J. Multivar. Anal. 12, 1982; Heusel et al., NeurIPS 2017 (FID)";
  entry.facts = kFacts;
  entry.examples = {
      {.options = "",
       .d = 1,
       .x = {0, 2},
       .y = {5, 5, 8},
       .value = 25 + 5 - 2 * std::sqrt(6.0),
       .by_hand = "means 1 and 6, variances 2 and 3: 25 + (√2 − √3)² = 25 + 5 − 2√6"},
      {.options = "",
       .d = 2,
       .x = {0, 0, 2, 0, 0, 2, 2, 2},
       .y = {1, 1, 5, 1, 1, 3, 5, 3},
       .value = 4 + 1 + 4.0 / 3,
       .by_hand =
           "means (1,1) and (3,2): 5; covariances (4/3)·I and diag(16/3, 4/3): (√(4/3) − √(16/3))² = 4/3"}};
  entry.make = distance_from(option_table(FrechetOptions{}));
  return entry;
}

}  // namespace pushforward
