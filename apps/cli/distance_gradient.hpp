// SPDX-License-Identifier: Apache-2.0
//
// distance --gradient: the derivative that a training descends, as numbers in a file.
#pragma once

#include <string>
#include <vector>

#include "samples.hpp"

namespace pushforward::cli {

struct GradientRequest {
  std::string output{}, of = "x", wrt = "points";
  bool check = false;

  bool wanted() const { return !output.empty() || check; }
};

/// Refuses, before any data are loaded, what cannot be: several distances, one without this gradient, an
/// output that exists or has another ending.
void check_gradient(const GradientRequest& request, const std::vector<Spec>& specs, bool force);
/// The reading, with the gradient of its value written where asked and, with `check`, compared with central
/// differences ("largest_error"). What the distance derives from the data is held constant.
Reading measure_gradient(Distance& distance, const SamplePair& pair, const GradientRequest& request);

}  // namespace pushforward::cli
