// SPDX-License-Identifier: Apache-2.0
//
// Distributions known by their densities: mixtures on the line, Gaussians of R^d, and what lies between them.
//
//   normal(mean,sd)   uniform(a,b)   laplace(mean,scale)   0.5*normal(-2,1)+0.5*normal(2,1)
//   mvnormal(MEAN,COV)
//
// Every divergence of the registry is measured by a closed form where there is one (two Gaussians), else by
// adaptive quadrature on the line (with an error estimate), else by Monte Carlo (with a standard error).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "pushforward/divergence.hpp"
#include "pushforward/entropy.hpp"
#include "pushforward/tensor.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

/// One component of a mixture on the line.
struct LineComponent {
  enum class Family { normal, uniform, laplace } family = Family::normal;
  double weight = 1;
  double a = 0;  ///< mean; of a uniform its left end
  double b = 1;  ///< standard deviation; scale of a Laplace; of a uniform its right end
};

/// A mixture of normals, uniforms and Laplace distributions. Weights sum to 1.
class LineDensity {
 public:
  /// Throws RequestError for spreads that are not above 0, or weights that do not sum to 1 within 1e-6.
  explicit LineDensity(std::vector<LineComponent> components);

  const std::vector<LineComponent>& components() const { return components_; }
  double log_density(double x) const;  ///< −∞ outside the support
  double cdf(double x) const;          ///< P(X ≤ x)
  double survival(double x) const;     ///< P(X > x), with all its digits where it is small
  /// F⁻¹(u), given u and 1 − u (each with its own digits, so that both tails are reached); 0 < u < 1.
  double quantile(double u, double one_minus_u) const;
  double mean() const;
  double variance() const;
  /// Points between which the density is smooth and varies by moderate factors, in rising order: ends of
  /// uniforms, and steps around each component out to where it vanishes.
  std::vector<double> landmarks() const;

 private:
  std::vector<LineComponent> components_;
};

/// N(mean, covariance) in R^d.
struct GaussianDensity {
  std::vector<double> mean;   ///< d
  Matrix<double> covariance;  ///< d × d, symmetric, positive semi-definite

  std::size_t d() const { return mean.size(); }
};

using KnownDensity = std::variant<LineDensity, GaussianDensity>;

/// Parses a density as written above; mvnormal's arguments are files (.npy, .csv). RequestError names the
/// character.
KnownDensity parse_density(std::string_view text);
/// Checks a mean and a covariance: finite, d × d, symmetric, no negative eigenvalue. `where` names them in
/// errors.
GaussianDensity make_gaussian(std::string_view where, std::vector<double> mean, Matrix<double> covariance);

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
DensityReading density_entropy(const KnownDensity& p);
/// Entropies of X, the first `split` coordinates of a joint Gaussian, and Y, the others; 0 < split < d.
JointEntropies gaussian_joint_entropies(const GaussianDensity& joint, std::size_t split);

/// The coupling that attains every W_p on the line: quantile against quantile.
struct LineCoupling {
  std::vector<double> u, x, y;  ///< x = F⁻¹(u), y = G⁻¹(u)
};
/// At u = (i + ½)/n.
LineCoupling line_coupling(const LineDensity& p, const LineDensity& q, std::size_t n);

/// W_2² between two Gaussians: ‖μ_p − μ_q‖² + tr(Σ_p + Σ_q − 2(Σ_p^½ Σ_q Σ_p^½)^½); singular covariances
/// allowed.
double bures_wasserstein_squared(const GaussianDensity& p, const GaussianDensity& q);

}  // namespace pushforward
#pragma GCC visibility pop
