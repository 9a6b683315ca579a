// SPDX-License-Identifier: Apache-2.0
// transport --gromov: samples compared by their inner distances.
#pragma once

#include <string>

#include "command.hpp"
#include "samples.hpp"

namespace pushforward::cli {

struct GromovRequest {
  const SampleOptions& samples;
  double p = 2;        ///< inner distances to this power
  double epsilon = 0;  ///< 0: exact plans
  std::string output{};
};

void run_gromov(const GromovRequest& request, const Common& common);

}  // namespace pushforward::cli
