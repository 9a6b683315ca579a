// SPDX-License-Identifier: Apache-2.0
// Reading whole files, and small guards for sizes that a file claims.
#include "io/bytes.hpp"

#include <cerrno>
#include <limits>
#include <new>
#include <stdexcept>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pushforward::io {
namespace {

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

[[noreturn]] void refuse_file(const std::string& path, int problem) {
  throw RequestError(Complaint{path, std::strerror(problem), "a file that can be read"});
}

// Reads to the end, whatever the size was said to be: pipes and /proc say 0, and a file may grow.
Bytes read_all(int fd, std::size_t expected, const std::string& path) {
  constexpr std::size_t kChunk = 1 << 16;
  Bytes bytes(expected + 1);
  std::size_t have = 0;
  for (;;) {
    if (have == bytes.size()) bytes.resize(bytes.size() + std::max(kChunk, bytes.size() / 2));
    const ssize_t got = ::read(fd, bytes.data() + have, bytes.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) refuse_file(path, errno);
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  bytes.resize(have);
  return bytes;
}

}  // namespace

Bytes read_file(const std::string& path) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.fd < 0) refuse_file(path, errno);
  struct stat facts {};
  if (::fstat(file.fd, &facts) != 0) refuse_file(path, errno);
  if (S_ISDIR(facts.st_mode)) throw RequestError(Complaint{path, "a folder", "a file"});
  try {
    return read_all(file.fd, static_cast<std::size_t>(facts.st_size), path);
  } catch (const std::bad_alloc&) {
    throw RequestError(Complaint{path, fmt::format("{} bytes", facts.st_size), "a file that fits in memory"});
  } catch (const std::length_error&) {
    throw RequestError(Complaint{path, fmt::format("{} bytes", facts.st_size), "a file that fits in memory"});
  }
}

std::string in_quotes(std::string_view text) {
  std::string out = "'";
  for (char c : text.substr(0, 40)) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte < 0x20 || byte >= 0x7F ? '?' : c;
  }
  return out + (text.size() > 40 ? "…'" : "'");
}

std::size_t checked_product(std::size_t a, std::size_t b, std::string_view where) {
  std::size_t product = 0;
  if (__builtin_mul_overflow(a, b, &product))
    throw RequestError(Complaint{std::string(where), fmt::format("a claim of {} × {} elements", a, b),
                                 "an array that fits in memory"});
  return product;
}

std::size_t most_inflated(std::size_t compressed) {
  constexpr std::size_t kRatio = 1032;
  constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max();
  return compressed > kMost / kRatio - 64 ? kMost : compressed * kRatio + 64;
}

ByteSpan Cursor::take(std::size_t count, std::string_view what) {
  if (count > left())
    throw RequestError(Complaint{std::string(where_),
                                 fmt::format("the end of the file at byte {}", bytes_.size()),
                                 fmt::format("{} bytes of {} from byte {}", count, what, offset_),
                                 "the file is truncated or not what its name says"});
  const ByteSpan piece = bytes_.subspan(offset_, count);
  offset_ += count;
  return piece;
}

}  // namespace pushforward::io
