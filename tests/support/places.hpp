// SPDX-License-Identifier: Apache-2.0
//
// Where the tests find the source tree and the program that was built beside them.
#pragma once

#include <string>

namespace pushforward::testing {

/// The top folder of the source tree, without a slash at its end.
const std::string& source_folder();
/// The program; empty where it was not built.
const std::string& program_path();
/// The example that resumes a run.
const std::string& example_path();

}  // namespace pushforward::testing
