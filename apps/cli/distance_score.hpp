// SPDX-License-Identifier: Apache-2.0
// distance --score POINTS -o SCORES: what the network of a learned distance says of new points.
#pragma once

#include <string>
#include <vector>

#include "samples.hpp"

namespace pushforward::cli {

struct ScoreRequest {
  std::string points, output;

  bool wanted() const { return !points.empty() || !output.empty(); }
};

/// Before any work: both are given, the distance is one learned one, the output can be written.
void check_score(const ScoreRequest& request, const std::vector<Spec>& specs, bool force);
/// Fits the distance's network to the samples, writes its scores of the points, and returns the reading.
Reading fit_and_score(const Distance& distance, const SamplePair& pair, const ScoreRequest& request,
                      LoadOptions load, std::uint64_t seed);

}  // namespace pushforward::cli
