// SPDX-License-Identifier: Apache-2.0
// How long a measurement will take, and how far it is, as people read it.
#pragma once

#include <optional>
#include <string>
#include <thread>

#include "progress.hpp"
#include "pushforward/cost_ahead.hpp"

namespace pushforward::cli {

/// "about 40 s", "about 12 min", "about 3 h".
std::string about(double seconds);

/// While it lives, a bar that fills as time passes; none where less than two seconds are expected.
class Waiting {
 public:
  Waiting(const std::string& what, std::optional<double> seconds, bool quiet);

 private:
  ProgressBar bar_;
  std::jthread ticker_;  // last: it ends before the bar does
};

}  // namespace pushforward::cli
