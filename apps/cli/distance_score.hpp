// SPDX-License-Identifier: Apache-2.0
// distance --score POINTS -o SCORES: what the network of a learned distance says of new points, and, where
// their labels are known, what that is worth.
#pragma once

#include <string>
#include <vector>

#include "samples.hpp"

namespace pushforward::cli {

struct ScoreRequest {
  std::string points, output;
  std::string labels{};   ///< a file of labels of the points
  std::string label_x{};  ///< the label of X's; "" = what X selects, else 1

  bool wanted() const { return !points.empty() || !output.empty() || !labels.empty() || !label_x.empty(); }
};

/// Before any work: there are points, and an output or labels; the distance is one learned one, the output
/// can be written.
void check_score(const ScoreRequest& request, const std::vector<Spec>& specs, const SampleOptions& samples,
                 bool force);
/// Fits the distance's network to the samples, writes its scores of the points, and returns the reading, with
/// the "likelihood" of labels that are known where the network is a discriminator.
Reading fit_and_score(const Distance& distance, const SamplePair& pair, const ScoreRequest& request,
                      const SampleOptions& samples, std::uint64_t seed);

}  // namespace pushforward::cli
