// SPDX-License-Identifier: Apache-2.0
//
// Factor analysis: a noise variance of its own for each feature, by EM.
//
// x = Wz + μ + noise, noise ~ N(0, Ψ), Ψ diagonal. With S the covariance, M = I + WᵀΨ⁻¹W and β = M⁻¹WᵀΨ⁻¹,
// one round of EM is [Rubin & Thayer, "EM algorithms for ML factor analysis", Psychometrika 47 (1982)]
//   V = Sβᵀ,   W ← V (M⁻¹ + βV)⁻¹,   Ψ ← diag(S − W Vᵀ),
// and never lowers the likelihood. It needs only S: D²·Z a round, whatever n.
//
// A feature that never varies (a corner of an image) would get variance 0 and an infinite likelihood, so
// every variance is kept above `--noise-floor` times the mean variance of the data. The start is ppca's
// answer with each feature's own residual; the stop is a relative gain below `--tolerance`, or
// `--iterations`, and the model says which.
#include <cmath>

#include <fmt/format.h>

#include "core/whole_number.hpp"
#include "models/linear_gaussian.hpp"
#include "models/principal.hpp"
#include "models/registry.hpp"

namespace pushforward {
namespace {

struct EmOptions {
  double tolerance, noise_floor;
  std::size_t iterations;
};

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

void em_round(const EigenMatrix& s, const LowRankGaussian& now, double floor, Factors& f) {
  const EigenMatrix beta =
      now.posterior_covariance() * now.weight().transpose() * now.noise().cwiseInverse().asDiagonal();
  const EigenMatrix v = s * beta.transpose();
  const EigenMatrix second = now.posterior_covariance() + beta * v;
  f.weight = second.ldlt().solve(v.transpose()).transpose();
  f.noise = (s.diagonal().array() - (f.weight.array() * v.array()).rowwise().sum()).max(floor);
}

LinearGaussianFit fit_fa(const Dataset& training, std::size_t latent, const EmOptions& options) {
  if (latent >= training.cols() || training.rows() < 2)
    throw RequestError(
        Complaint{"--latent", fmt::format("{}", latent),
                  fmt::format("fewer than the {} features, and two rows or more", training.cols())});
  const Moments m = moments(training);
  const double floor = options.noise_floor * m.covariance.diagonal().mean();
  if (!(floor > 0)) throw RequestError(Complaint{"fa", "data that never vary", "some variance"});
  Factors f = start(m.covariance, static_cast<Eigen::Index>(latent), floor);
  LinearGaussianFit out{m.mean, {}, {}, 0, false};
  double before = -HUGE_VAL;
  for (; out.iterations < options.iterations && !out.converged; ++out.iterations) {
    const LowRankGaussian now(m.mean, f.weight, f.noise);
    const double likelihood = now.mean_log_density(m.mean, m.covariance);
    out.converged = likelihood - before < options.tolerance * std::abs(likelihood);
    before = likelihood;
    if (!out.converged) em_round(m.covariance, now, floor, f);
  }
  out.weight = std::move(f.weight), out.noise = std::move(f.noise);
  return out;
}

}  // namespace

ModelEntry fa_entry() {
  return {.name = "fa",
          .title = "Factor analysis: linear Gaussian latents with a noise variance a feature, by EM",
          .formula = "x ~ N(Wz + μ, Ψ), z ~ N(0, I), Ψ diagonal",
          .source = "Rubin & Thayer, Psychometrika 47 (1982)",
          .options = {{"latent", "20", "number of factors"},
                      {"iterations", "1000", "most rounds of EM"},
                      {"tolerance", "1e-7", "relative gain of the likelihood below which EM stops"},
                      {"noise-floor", "1e-4", "least noise variance, in units of the data's mean variance"}},
          .solved = true,
          .examples = "  pushforward train fa mnist -o runs/fa --latent 10\n",
          .make = [](const Options& options, RowShape shape) {
            const EmOptions em{options.number("tolerance", 0, 1), options.number("noise-floor", 1e-12, 1),
                               static_cast<std::size_t>(options.count("iterations", 1, 10'000'000))};
            return make_linear_gaussian(
                shape, static_cast<std::size_t>(options.count("latent", 1, kMostUnits)),
                [em](const Dataset& data, std::size_t latent) { return fit_fa(data, latent, em); });
          }};
}

}  // namespace pushforward
