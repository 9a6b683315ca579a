// SPDX-License-Identifier: Apache-2.0
//
// Families to fit, written in numbers without bounds, and where to begin.
//
// Locations are measured from the target's mean in units of its spread, spreads by their logarithms, weights
// by logits, covariances by their Cholesky factors: so every θ is a density, and steps of 0.3 are moderate.
#pragma once

#include <memory>
#include <vector>

#include "pushforward/density_fit.hpp"

namespace pushforward {

/// A part of the target, by its moments.
struct Hump {
  double weight = 1;
  std::vector<double> mean;
  Matrix<double> covariance;
};

/// What is known of a target before anything is fitted.
struct Outline {
  std::size_t d = 1;
  Hump whole;
  std::vector<Hump> parts;        ///< components, or clusters of a sample
  std::vector<double> quantiles;  ///< on the line: at 5, 25, 50, 75, 95 %
  double low = 0, high = 0;       ///< on the line: ends of the support, may be infinite
};
/// `k`: how many clusters a sample is cut into.
Outline outline_of(const FitTarget& target, std::size_t k);

class FitFamily {
 public:
  virtual ~FitFamily() = default;
  /// How many humps a start is made of.
  virtual std::size_t parts() const { return 1; }
  virtual std::vector<double> theta(const std::vector<Hump>& humps) const = 0;
  virtual KnownDensity density(const std::vector<double>& theta) const = 0;
};

/// RequestError for a family that is none, or not for this many coordinates.
std::unique_ptr<FitFamily> make_fit_family(const Spec& spec, const Outline& outline);
/// How many parts a family has: K of mixture:K, else 1.
std::size_t parts_of_family(const Spec& spec);
/// Lists of humps to begin from, the most telling first.
std::vector<std::vector<Hump>> starting_humps(const Outline& outline, std::size_t parts);

FitParameters parameters_of(const KnownDensity& q);

}  // namespace pushforward
