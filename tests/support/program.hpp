// SPDX-License-Identifier: Apache-2.0
// Runs the program itself: what a user types, and what comes back.
#pragma once

#include <string>

namespace pushforward::testing {

struct Ran {
  int status = 0;
  std::string out, err;
};

/// `pushforward ARGUMENTS` through the shell.
Ran run_program(const std::string& arguments);

}  // namespace pushforward::testing
