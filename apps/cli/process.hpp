// SPDX-License-Identifier: Apache-2.0
//
// Other programs, run without a shell: arguments are never parsed again, so no name can turn into a command.
#pragma once

#include <string>
#include <vector>

namespace pushforward::cli {

struct Finished {
  int status = 0;      ///< as exit(3) gave it; 128 + the signal when killed
  std::string output;  ///< standard output and standard error, as they came
};

/// Runs argv[0] (found in PATH) in `folder` with nothing on its standard input, and waits. WorkError when it
/// cannot be started, with `hint` as the next step.
Finished run_program(const std::vector<std::string>& argv, const std::string& folder,
                     const std::string& hint);
/// The same; a status other than 0 is a WorkError that shows the last line it wrote.
std::string run_checked(const std::vector<std::string>& argv, const std::string& folder,
                        const std::string& hint);

}  // namespace pushforward::cli
