// SPDX-License-Identifier: Apache-2.0
//
// The model x = Wz + μ + noise, z ~ N(0, I), noise ~ N(0, Ψ) with Ψ diagonal, whichever way W and Ψ were
// fitted.
//
// Probabilistic PCA and factor analysis differ only in the fit; codes (posterior means or draws), samples and
// exact likelihoods are the same formulas and live here.
#pragma once

#include "models/evaluation.hpp"
#include "models/low_rank_gaussian.hpp"

namespace pushforward {

/// What a fit returns. `noise` has D entries, all above 0.
struct LinearGaussianFit {
  Eigen::VectorXd mean;
  EigenMatrix weight;  ///< D × Z
  Eigen::VectorXd noise;
  std::size_t iterations = 0;  ///< 0 = closed form
  bool converged = true;
};
using FitLinearGaussian = std::function<LinearGaussianFit(const Dataset&, std::size_t latent)>;

std::unique_ptr<Model> make_linear_gaussian(RowShape shape, std::size_t latent, FitLinearGaussian fit);

}  // namespace pushforward
