// SPDX-License-Identifier: Apache-2.0
//
// Factor analysis: a noise variance of its own for each feature, by EM.
//
// x = Wz + μ + noise, noise ~ N(0, Ψ), Ψ diagonal. With S = FFᵀ the covariance, M = I + WᵀΨ⁻¹W and β =
// M⁻¹WᵀΨ⁻¹, one round of EM is [Rubin & Thayer, "EM algorithms for ML factor analysis", Psychometrika 47
// (1982)]
//   V = Sβᵀ,   W ← V (M⁻¹ + βV)⁻¹,   Ψ ← diag((F − WβF)(F − WβF)ᵀ + W M⁻¹ Wᵀ),
// and never lowers the likelihood. It needs only S: D²·Z a round, whatever n. (diag(S − WVᵀ) is the same Ψ,
// as a difference that keeps no digits of a small variance.)
//
// EM creeps where noise is small: a round may gain little far from the top. So where it seems to be done, W
// is set to the best one for this Ψ, Ψ^½U(Λ − I)^½ with U, Λ the leading eigenpairs of Ψ^−½SΨ^−½ [Jöreskog,
// Psychometrika 32 (1967), equation 20], and EM goes on where this gains more than EM did.
//
// A feature that never varies (a corner of an image) would get variance 0 and an infinite likelihood, so
// every variance is kept above `--noise-floor` times the mean variance of the data. The start is ppca's
// answer with each feature's own residual; the stop is a relative gain below `--tolerance` of both, or
// `--iterations`, and the model says which.
#include <cmath>

#include <fmt/format.h>

#include "core/whole_number.hpp"
#include "models/linear_gaussian.hpp"
#include "models/principal.hpp"
#include "models/registry.hpp"

namespace pushforward {
namespace {

struct Factors {
  EigenMatrix weight;
  Eigen::VectorXd noise;
};

Factors start(const EigenMatrix& s, Eigen::Index z, double floor) {
  const Eigen::SelfAdjointEigenSolver<EigenMatrix> solver(s);
  const Eigen::VectorXd values = solver.eigenvalues().reverse();
  const double noise = values.tail(values.size() - z).mean();
  const Eigen::VectorXd scale = (values.head(z).array() - noise).max(0).sqrt();
  Factors f{solver.eigenvectors().rightCols(z).rowwise().reverse() * scale.asDiagonal(), {}};
  f.noise = (s.diagonal().array() - f.weight.rowwise().squaredNorm().array()).max(floor);
  return f;
}

void em_round(const EigenMatrix& factor, const LowRankGaussian& now, double floor, Factors& f) {
  const EigenMatrix codes = now.gain() * factor;  // βF
  const EigenMatrix second = now.posterior_covariance() + codes * codes.transpose();
  f.weight = second.ldlt().solve(codes * factor.transpose()).transpose();
  f.noise = ((factor - f.weight * codes).rowwise().squaredNorm() +
             ((f.weight * now.posterior_covariance()).array() * f.weight.array()).rowwise().sum().matrix())
                .cwiseMax(floor);
}

// The best W for this Ψ.
EigenMatrix best_weight(const EigenMatrix& s, const Eigen::VectorXd& noise, Eigen::Index z) {
  const Eigen::VectorXd root = noise.cwiseSqrt(), inverse = root.cwiseInverse();
  const Eigen::SelfAdjointEigenSolver<EigenMatrix> solver(inverse.asDiagonal() * s * inverse.asDiagonal());
  const Eigen::VectorXd scale = (solver.eigenvalues().tail(z).array() - 1).max(0).sqrt();
  return root.asDiagonal() * solver.eigenvectors().rightCols(z) * scale.asDiagonal();
}

class Em {
 public:
  Em(const Moments& m, Eigen::Index z, double floor, double tolerance)
      : m_(m), factor_(factor_of(m.covariance)), z_(z), floor_(floor), tolerance_(tolerance) {
    now_ = start(m.covariance, z, floor);
  }

  // One round; true where neither EM nor the best W gains anything.
  bool round() {
    const LowRankGaussian density(m_.mean, now_.weight, now_.noise);
    const double likelihood = density.mean_log_density(factor_);
    const bool creeps = !gains(likelihood, before_);
    before_ = likelihood;
    if (creeps) {
      Factors other{best_weight(m_.covariance, now_.noise, z_), now_.noise};
      const double jump = LowRankGaussian(m_.mean, other.weight, other.noise).mean_log_density(factor_);
      if (!gains(jump, likelihood)) return true;
      now_ = std::move(other), before_ = jump;
      return false;
    }
    em_round(factor_, density, floor_, now_);
    return false;
  }
  const Factors& factors() const { return now_; }

 private:
  bool gains(double likelihood, double before) const {
    return !(likelihood - before < tolerance_ * std::abs(likelihood));
  }

  const Moments& m_;
  EigenMatrix factor_;
  Eigen::Index z_;
  double floor_, tolerance_, before_ = -HUGE_VAL;
  Factors now_;
};

LinearGaussianFit fit_fa(const Dataset& training, const FaOptions& options) {
  const std::size_t latent = options.latent;
  if (latent >= training.cols() || training.rows() < 2)
    throw RequestError(
        Complaint{"--latent", fmt::format("{}", latent),
                  fmt::format("fewer than the {} features, and two rows or more", training.cols())});
  const Moments m = moments(training, Products::exact);
  const double floor = options.noise_floor * m.covariance.diagonal().mean();
  if (!(floor > 0)) throw RequestError(Complaint{"fa", "data that never vary", "some variance"});
  LinearGaussianFit out{m.mean, {}, {}, 0, false};
  Em em(m, static_cast<Eigen::Index>(latent), floor, options.tolerance);
  for (; out.iterations < options.iterations && !out.converged; ++out.iterations) out.converged = em.round();
  out.weight = em.factors().weight, out.noise = em.factors().noise;
  return out;
}

}  // namespace

const OptionTable<FaOptions>& option_table(const FaOptions&) {
  using O = FaOptions;
  static const auto table = solved_table<O>(
      OptionTable<O>("fa")
          .add("latent", &O::latent, "number of factors", count_of(1, kMostUnits))
          .add("iterations", &O::iterations, "most rounds of EM", count_of(1, 10'000'000))
          .add("tolerance", &O::tolerance, "relative gain of the likelihood below which EM stops",
               number_of(0, 1))
          .shown("1e-7")
          .add("noise-floor", &O::noise_floor, "least noise variance, in units of the data's mean variance",
               number_of(1e-12, 1))
          .shown("1e-4"));
  return table;
}

ModelEntry fa_entry() {
  return {.name = "fa",
          .title = "Factor analysis: linear Gaussian latents with a noise variance a feature, by EM",
          .formula = "x ~ N(Wz + μ, Ψ), z ~ N(0, I), Ψ diagonal",
          .source = "Rubin & Thayer, Psychometrika 47 (1982)",
          .options = option_table(FaOptions{}).settings(),
          .solved = true,
          .examples = "  pushforward train fa mnist -o runs/fa --latent 10\n",
          .make = [](const Options& given, RowShape shape) {
            const FaOptions options = option_table(FaOptions{}).read(given);
            return make_linear_gaussian(shape, options.latent, [options](const Dataset& data, std::size_t) {
              return fit_fa(data, options);
            });
          }};
}

}  // namespace pushforward
