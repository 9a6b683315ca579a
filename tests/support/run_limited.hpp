// SPDX-License-Identifier: Apache-2.0
// Runs a program within bounds of time and memory, and keeps what it said.
#pragma once

#include <string>
#include <vector>

namespace pushforward::testing {

struct Outcome {
  int status = 0;  ///< exit status, or −signal
  bool late = false;
  std::string out{}, err{};
};

/// `words` behind the program's path, in the folder `where`, as an own process group: what is left of it is
/// killed after `seconds` of processor time, or twenty times as long by the clock.
Outcome run_limited(const std::string& program, const std::vector<std::string>& words,
                    const std::string& where, double seconds);

}  // namespace pushforward::testing
