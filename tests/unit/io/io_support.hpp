// SPDX-License-Identifier: Apache-2.0
// What the tests of readers and writers share: a folder of their own, and a full disk.
#pragma once

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "io/bytes.hpp"
#include "unit/io/io_files.hpp"

namespace pushforward::io {

/// Expects `statement` to throw a one-line RequestError that holds every text of the list after it.
#define EXPECT_COMPLAINT(statement, ...)                                                  \
  try {                                                                                   \
    static_cast<void>(statement);                                                         \
    ADD_FAILURE() << "accepted: " #statement;                                             \
  } catch (const ::pushforward::RequestError& error) {                                    \
    const std::string message = error.what();                                             \
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;                          \
    for (const std::string& part : std::vector<std::string> __VA_ARGS__)                  \
      EXPECT_NE(message.find(part), std::string::npos) << message << "\nlacks: " << part; \
  }

/// A new folder that is removed with what is in it.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "pushforward-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw WorkError("no temporary folder");
    path_ = pattern;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }
  std::set<std::string> names() const {
    std::set<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(path_))
      found.insert(entry.path().filename());
    return found;
  }

 private:
  std::string path_;
};

/// While it lives, no file of this process grows beyond `bytes`: what a full disk does to write(2).
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int);
};

/// While it lives, an environment variable has another value.
class ScopedVariable {
 public:
  ScopedVariable(const char* name, const std::string& value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    ::setenv(name, value.c_str(), 1);
  }
  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;
  ~ScopedVariable() { before_ ? ::setenv(name_, before_->c_str(), 1) : ::unsetenv(name_); }

 private:
  const char* name_;
  std::optional<std::string> before_{};
};

/// Where `text` begins in `bytes`.
inline std::size_t find_bytes(const Bytes& bytes, std::string_view text) { return text_of(bytes).find(text); }

}  // namespace pushforward::io
