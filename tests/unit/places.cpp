// SPDX-License-Identifier: Apache-2.0
// The one file of the tests that is compiled with paths of this checkout.
#include "support/places.hpp"

namespace pushforward::testing {

const std::string& source_folder() {
  static const std::string folder = PUSHFORWARD_SOURCE_DIR;
  return folder;
}

const std::string& program_path() {
  static const std::string path = PUSHFORWARD_PROGRAM;
  return path;
}

const std::string& example_path() {
  static const std::string path = PUSHFORWARD_EXAMPLE;
  return path;
}

}  // namespace pushforward::testing
