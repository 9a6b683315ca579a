// SPDX-License-Identifier: Apache-2.0
//
// Probabilistic PCA: the linear VAE's optimum, solved.
//
// x = Wz + μ + noise with one variance σ² for all features. The maximum of the likelihood is in closed form
// [Tipping & Bishop, "Probabilistic principal component analysis", JRSS B 61 (1999), equations 7 and 8]:
//   σ² = mean of the D − Z discarded eigenvalues,   W = U (Λ − σ²I)^½
// with U, Λ the leading eigenpairs of the covariance (W up to a rotation). A linear VAE's posterior family
// contains the exact posterior, so its best ELBO is this likelihood [Lucas, Tucker, Grosse & Norouzi, "Don't
// blame the ELBO!", NeurIPS 2019].
#include <fmt/format.h>

#include "core/whole_number.hpp"
#include "models/linear_gaussian.hpp"
#include "models/principal.hpp"
#include "models/registry.hpp"

namespace pushforward {
namespace {

LinearGaussianFit fit_ppca(const Dataset& training, std::size_t latent) {
  const auto d = static_cast<Eigen::Index>(training.cols()), z = static_cast<Eigen::Index>(latent);
  if (latent >= training.cols())
    throw RequestError(Complaint{"--latent", fmt::format("{}", latent),
                                 fmt::format("fewer than the {} features", training.cols())});
  const Principal p = principal_components(training, latent);
  const double discarded = p.eigenvalues.tail(p.eigenvalues.size() - z).sum();
  const double noise = discarded / static_cast<double>(d - z);
  // What products of rows, or the rows themselves, were rounded by is no noise.
  const bool wide = std::holds_alternative<Matrix<double>>(training.rows_data);
  if (!(noise > (wide ? 1e-14 : 1e-8) * p.eigenvalues.sum()))
    throw RequestError(Complaint{"ppca", fmt::format("data that lie in {} dimensions", latent),
                                 "some variance outside them: the likelihood is unbounded",
                                 "use fewer latents"});
  const Eigen::VectorXd scale = (p.eigenvalues.head(z).array() - noise).max(0).sqrt();
  return {p.mean, p.components * scale.asDiagonal(), Eigen::VectorXd::Constant(d, noise)};
}

}  // namespace

const OptionTable<PpcaOptions>& option_table(const PpcaOptions&) {
  static const auto table = solved_table<PpcaOptions>(OptionTable<PpcaOptions>("ppca").add(
      "latent", &PpcaOptions::latent, "number of latents", count_of(1, kMostUnits)));
  return table;
}

ModelEntry ppca_entry() {
  return {.name = "ppca",
          .title = "Probabilistic PCA: linear Gaussian latents with one noise variance, in closed form",
          .formula = "x ~ N(Wz + μ, σ²I), z ~ N(0, I); σ² = mean discarded eigenvalue, W = U(Λ − σ²I)^½",
          .source = "Tipping & Bishop, JRSS B 61 (1999)",
          .options = option_table(PpcaOptions{}).settings(),
          .solved = true,
          .examples = "  pushforward train ppca mnist -o runs/ppca --latent 10\n",
          .make = [](const Options& options, RowShape shape) {
            return make_linear_gaussian(shape, option_table(PpcaOptions{}).read(options).latent, fit_ppca);
          }};
}

}  // namespace pushforward
