// SPDX-License-Identifier: Apache-2.0
// Two run directories compared byte by byte.
#pragma once

#include "support/own_folder.hpp"

namespace pushforward::testing {

/// The files whose bytes do not depend on the clock.
inline void expect_same_files(const std::string& a, const std::string& b) {
  for (const char* file : {"/model.safetensors", "/checkpoint.safetensors", "/config.toml"})
    EXPECT_TRUE(file_bytes(a + file) == file_bytes(b + file)) << file;
}

}  // namespace pushforward::testing
