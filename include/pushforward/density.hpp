// SPDX-License-Identifier: Apache-2.0
//
// Distributions known by their densities: mixtures on the line and in R^d, and what lies between them.
//
//   normal(mean,sd)   uniform(a,b)   laplace(mean,scale)   exponential(rate)   gamma(shape,rate)
//   beta(a,b)         student(df[,mean,scale])             0.5*normal(-2,1)+0.5*normal(2,1)
//   mvnormal(MEAN,COV)   normal(0,1)*laplace(0,2) 0.3*mvnormal(0+0,1+0+0+1)+0.7*mvnormal(M.npy,C.npy)
//
// Every divergence of the registry is measured by a closed form where there is one (two Gaussians), else by
// adaptive quadrature on the line and cubature in R² and R³ (with an error estimate), else by Monte Carlo
// (with a standard error).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "pushforward/divergence.hpp"
#include "pushforward/entropy.hpp"
#include "pushforward/random.hpp"
#include "pushforward/tensor.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

/// One component of a mixture on the line.
struct LineComponent {
  enum class Family { normal, uniform, laplace, exponential, gamma, beta, student } family = Family::normal;
  double weight = 1;
  double a = 0;  ///< mean; of a uniform its left end; rate of an exponential; the first number of the others
  double b = 1;  ///< standard deviation or scale; of a uniform its right end; the second number of the others
  double c = 0;  ///< degrees of freedom of a Student
};

/// A mixture on the line. Weights sum to 1.
class LineDensity {
 public:
  /// Throws RequestError for parameters out of range, or weights that do not sum to 1 within 1e-6.
  explicit LineDensity(std::vector<LineComponent> components);

  const std::vector<LineComponent>& components() const { return components_; }
  double log_density(double x) const;  ///< −∞ outside the support
  double cdf(double x) const;          ///< P(X ≤ x)
  double survival(double x) const;     ///< P(X > x), with all its digits where it is small
  /// F⁻¹(u), given u and 1 − u (each with its own digits, so that both tails are reached); 0 < u < 1.
  double quantile(double u, double one_minus_u) const;
  double mean() const;      ///< NaN where there is none
  double variance() const;  ///< +∞ or NaN where there is none
  /// Points between which the density is smooth and varies by moderate factors, in rising order: ends of
  /// supports, and steps around each component out to where it vanishes.
  std::vector<double> landmarks() const;

 private:
  std::vector<LineComponent> components_;
  std::vector<double> constants_;  // ln weight + what in the log density does not depend on x
};

/// N(mean, covariance) in R^d.
struct GaussianDensity {
  std::vector<double> mean;   ///< d
  Matrix<double> covariance;  ///< d × d, symmetric, positive semi-definite

  std::size_t d() const { return mean.size(); }
};

/// A mixture in R^d, d ≥ 2. Each component is a Gaussian of some coordinates times families on the line for
/// the others. Weights sum to 1.
class SpaceDensity {
 public:
  struct Component {
    double weight = 1;
    std::vector<LineComponent> axes;  ///< d: each coordinate's own distribution
    Matrix<double> covariance;        ///< d × d, of the normal coordinates; elsewhere 0
  };
  /// RequestError for weights that do not sum to 1, different d, or a covariance that is not positive
  /// definite.
  explicit SpaceDensity(std::vector<Component> components);

  std::size_t d() const { return components_.front().axes.size(); }
  const std::vector<Component>& components() const { return components_; }
  /// Cholesky factors of the covariances: rows and columns of coordinates that are not normal are 0.
  const std::vector<Matrix<double>>& roots() const { return roots_; }
  double log_density(std::span<const double> x) const;
  std::vector<double> mean() const;
  /// Of coordinates first … first + count − 1.
  SpaceDensity marginal(std::size_t first, std::size_t count) const;
  LineDensity marginal_line(std::size_t coordinate) const;

 private:
  std::vector<Component> components_;
  std::vector<Matrix<double>> roots_;
  std::vector<double> constants_;
};

using KnownDensity = std::variant<LineDensity, GaussianDensity, SpaceDensity>;

/// Parses a density as written above; mvnormal's arguments are files (.npy, .csv) or numbers joined by '+',
/// the covariance row by row. RequestError names the character.
KnownDensity parse_density(std::string_view text);
/// Checks a mean and a covariance: finite, d × d, symmetric, no negative eigenvalue. `where` names them in
/// errors.
GaussianDensity make_gaussian(std::string_view where, std::vector<double> mean, Matrix<double> covariance);

std::size_t dimension_of(const KnownDensity& density);
/// As a mixture of R^d with one component; RequestError for a singular covariance.
SpaceDensity as_space(const KnownDensity& density);
/// As it would be written: "0.5*normal(-2,1)+0.5*normal(2,1)", with that many significant digits.
std::string text_of(const KnownDensity& density, int digits = 6);
/// ln p(x), x of d numbers.
double log_density(const KnownDensity& density, std::span<const double> x);
/// n draws, a row each. Row i is a function of (draw, i).
Matrix<double> sample_density(const KnownDensity& density, std::size_t n, const Draw& draw);

struct DensityOptions {
  std::uint64_t seed = 0;      ///< of Monte Carlo
  std::size_t draws = 200000;  ///< of Monte Carlo, from each of the two
};

/// What was found, in natural units (nats).
struct DensityReading {
  double value = 0;
  std::optional<double> error_estimate{};  ///< of quadrature: an absolute error that it is very likely within
  std::optional<double> standard_error{};  ///< of Monte Carlo
  std::string estimator{};                 ///< "closed form", "adaptive quadrature", …
};

/// D(p,q). RequestError where this divergence of these densities has none of the three routes.
DensityReading density_divergence(const Spec& spec, const KnownDensity& p, const KnownDensity& q,
                                  const DensityOptions& options = {});
/// Whether density_divergence would answer.
bool has_density_divergence(const Spec& spec, const KnownDensity& p, const KnownDensity& q);

/// Differential entropy −∫ p ln p, nats; it may be negative.
DensityReading density_entropy(const KnownDensity& p, const DensityOptions& options = {});
/// Entropies of X, the first `split` coordinates of a joint Gaussian, and Y, the others; 0 < split < d.
JointEntropies gaussian_joint_entropies(const GaussianDensity& joint, std::size_t split);

/// The same of any joint density, each with its precision; 0 < split < d.
struct JointReading {
  DensityReading joint, x, y, y_given_x, x_given_y, mutual_information;
};
JointReading joint_density_entropies(const KnownDensity& joint, std::size_t split,
                                     const DensityOptions& options = {});

/// The coupling that attains every W_p on the line: quantile against quantile.
struct LineCoupling {
  std::vector<double> u, x, y;  ///< x = F⁻¹(u), y = G⁻¹(u)
};
/// At u = (i + ½)/n.
LineCoupling line_coupling(const LineDensity& p, const LineDensity& q, std::size_t n);

/// The map that attains W_2 between two Gaussians, T(x) = shift + matrix·x, with matrix =
/// Σ_p^−½ (Σ_p^½ Σ_q Σ_p^½)^½ Σ_p^−½. RequestError for a singular Σ_p.
struct GaussianMap {
  std::vector<double> shift;  ///< d
  Matrix<double> matrix;      ///< d × d, symmetric
};
GaussianMap gaussian_map(const GaussianDensity& p, const GaussianDensity& q);

/// W_2² between two Gaussians: ‖μ_p − μ_q‖² + tr(Σ_p + Σ_q − 2(Σ_p^½ Σ_q Σ_p^½)^½); singular covariances
/// allowed.
double bures_wasserstein_squared(const GaussianDensity& p, const GaussianDensity& q);

}  // namespace pushforward
#pragma GCC visibility pop
