// SPDX-License-Identifier: Apache-2.0
//
// A family's density fitted to a known one, or to a sample, by any divergence.
//
//   q* = argmin over θ of D(p, q_θ)
//
// The direction is that of the divergence: kl is KL(p‖q), which is large wherever q misses what p has, so q
// covers p; reverse-kl is KL(q‖p), large wherever q has what p has not, so q picks a part of p. The second
// has as many local optima as p has parts: all that were found are told.
//
// Families: normal, laplace, uniform, exponential, gamma, beta, student, mixture:K (of normals; of mvnormal
// in R^d), mvnormal.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "pushforward/density.hpp"
#include "pushforward/spec.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

/// A density, or n points of R^d, a row each.
using FitTarget = std::variant<KnownDensity, Matrix<double>>;

/// Names and values, such as mean and sd; of a mixture weight, mean and sd of each component in turn.
using FitParameters = std::vector<std::pair<std::string, double>>;

struct LocalOptimum {
  KnownDensity q;
  FitParameters parameters;
  DensityReading reading;  ///< D(p, q)
  std::size_t starts = 0;  ///< how many starting points ended here
};

struct DensityFit {
  std::vector<LocalOptimum> optima;  ///< the best first
  std::vector<KnownDensity> path;    ///< on the way to the best one, from the start that was farthest from it
  std::string objective;             ///< what the value is, where it is not the divergence itself
  std::size_t evaluations = 0;
};

/// RequestError for a family that the target does not admit, and for a divergence that is infinite for every
/// member that was tried: it names those that are not.
DensityFit fit_density(const FitTarget& target, const Spec& family, const Spec& divergence,
                       const DensityOptions& options = {});

}  // namespace pushforward
#pragma GCC visibility pop
