// SPDX-License-Identifier: Apache-2.0
// A folder of a test's own, and two run directories compared byte by byte.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

namespace pushforward::testing {

struct Folder {
  explicit Folder(const std::string& name)
      : path(::testing::TempDir() + "pushforward-" + name + "-" + std::to_string(getpid())) {
    std::filesystem::remove_all(path), std::filesystem::create_directories(path);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path); }
  std::string operator/(const std::string& name) const { return path + "/" + name; }

  std::string path;
};

inline std::string file_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream out;
  out << file.rdbuf();
  return out.str();
}

/// The files whose bytes do not depend on the clock.
inline void expect_same_files(const std::string& a, const std::string& b) {
  for (const char* file : {"/model.safetensors", "/checkpoint.safetensors", "/config.toml"})
    EXPECT_TRUE(file_bytes(a + file) == file_bytes(b + file)) << file;
}

}  // namespace pushforward::testing
