// SPDX-License-Identifier: Apache-2.0
// What a fit descends: D(p, q) for a known p, or for the points of a sample.
#pragma once

#include <memory>

#include "pushforward/density_fit.hpp"

namespace pushforward {

class FitObjective {
 public:
  virtual ~FitObjective() = default;
  /// Quick, smooth in q's parameters, +∞ where it is; for the search.
  virtual double operator()(const KnownDensity& q) const = 0;
  /// With all digits.
  virtual DensityReading reading(const KnownDensity& q) const = 0;
  /// What the value is, where it is not the divergence itself; else empty.
  virtual std::string meaning() const { return ""; }
};

/// RequestError for a divergence that this target does not admit.
std::unique_ptr<FitObjective> make_fit_objective(const FitTarget& target, const Spec& divergence,
                                                 const DensityOptions& options);

}  // namespace pushforward
