// SPDX-License-Identifier: Apache-2.0
// A folder of a test's own: empty when the test begins, gone when it ends.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace pushforward::testing {

inline std::string file_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct Folder {
  Folder()
      : path(::testing::TempDir() +
             fmt::format("pushforward-{}-{}", ::testing::UnitTest::GetInstance()->current_test_info()->name(),
                         getpid())) {
    std::filesystem::remove_all(path), std::filesystem::create_directories(path);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path); }
  std::string operator/(const std::string& name) const { return path + "/" + name; }

  std::string path;
};

/// A fixture with such a folder for each test.
class OwnFolder : public ::testing::Test {
 protected:
  std::string at(const std::string& name) const { return folder_ / name; }
  std::string read(const std::string& name) const { return file_bytes(at(name)); }

  const Folder folder_;
};

}  // namespace pushforward::testing
