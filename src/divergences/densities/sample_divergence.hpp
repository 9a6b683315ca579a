// SPDX-License-Identifier: Apache-2.0
// The points of a sample against a density.
#pragma once

#include "divergences/densities/fit_objective.hpp"

namespace pushforward {

/// kl (maximum likelihood) in any R^d; w1, w2, energy and mmd on the line. RequestError for the others.
std::unique_ptr<FitObjective> objective_of_sample(const Matrix<double>& rows, const Spec& divergence);

}  // namespace pushforward
