// SPDX-License-Identifier: Apache-2.0
// What the tests of readers and writers share: a folder of their own, files made by hand, and a full disk.
#pragma once

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "io/bytes.hpp"

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

/// An NPY file with this header and these elements, right or wrong.
inline Bytes npy_bytes(const std::string& descr, bool fortran, const std::string& shape,
                       const Bytes& elements) {
  std::string header = "{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") +
                       ", 'shape': " + shape + ", }";
  header.append((64 - (10 + header.size() + 1) % 64) % 64, ' ');
  header += '\n';
  std::string file("\x93NUMPY\x01\x00", 8);
  file += static_cast<char>(header.size() & 255);
  file += static_cast<char>(header.size() >> 8);
  file += header;
  Bytes out(file.begin(), file.end());
  out.insert(out.end(), elements.begin(), elements.end());
  return out;
}

/// What numpy.savez(a=numpy.array([1, 2], numpy.float32)) wrote: sizes in a 64-bit extra field of the
/// member's header.
inline Bytes numpy_npz() {
  using namespace std::string_literals;
  const Bytes npy = npy_bytes("<f4", false, "(2,)", {0, 0, 128, 63, 0, 0, 0, 64});
  std::string zip =
      "PK\3\4\x2d\0\0\0\0\0\0\0\x21\0\x9a\xca\xab\xe7\xff\xff\xff\xff\xff\xff\xff\xff\5\0\x14\0a."
      "npy\1\0\x10\0\x88\0\0"
      "\0\0\0\0\0\x88\0\0\0\0\0\0\0"s;
  zip.append(npy.begin(), npy.end());
  zip +=
      "PK\1\2\x2d\3\x2d\0\0\0\0\0\0\0\x21\0\x9a\xca\xab\xe7\x88\0\0\0\x88\0\0\0\5\0\0\0\0\0\0\0\0\0\0\0\x80\1\0\0\0\0"s;
  zip += "a.npyPK\5\6\0\0\0\0\1\0\1\0\x33\0\0\0\xbf\0\0\0\0\0"s;
  return Bytes(zip.begin(), zip.end());
}

/// Where `text` begins in `bytes`.
inline std::size_t find_bytes(const Bytes& bytes, std::string_view text) { return text_of(bytes).find(text); }

}  // namespace pushforward::io
