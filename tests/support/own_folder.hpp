// SPDX-License-Identifier: Apache-2.0
// A fixture with a folder of its own for each test: empty when the test begins, gone when it ends.
#pragma once

#include <filesystem>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace pushforward::testing {

class OwnFolder : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ =
        (std::filesystem::temp_directory_path() / fmt::format("pushforward-{}-{}", info->name(), getpid()))
            .string();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string at(const std::string& name) const { return folder_ + "/" + name; }

  std::string folder_;
};

}  // namespace pushforward::testing
