// SPDX-License-Identifier: Apache-2.0
// Reading whole files, and small guards for sizes that a file claims.
#include "io/bytes.hpp"

#include <algorithm>
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

// More than this is no file that is meant to be read whole: half of the machine's memory.
std::size_t most_read() {
  const long pages = ::sysconf(_SC_PHYS_PAGES), page = ::sysconf(_SC_PAGESIZE);
  return pages > 0 && page > 0 ? static_cast<std::size_t>(pages) / 2 * static_cast<std::size_t>(page)
                               : std::numeric_limits<std::size_t>::max() / 4;
}

[[noreturn]] void refuse_size(const std::string& path, std::string got) {
  throw RequestError(Complaint{path, std::move(got), "a file that fits in memory"});
}

// As far as `bytes` reaches, or to the end; how many were read.
std::size_t read_into(int fd, std::span<std::uint8_t> bytes, const std::string& path) {
  std::size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t got = ::read(fd, bytes.data() + have, bytes.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) refuse_file(path, errno);
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  return have;
}

// Reads to the end, whatever the size was said to be: pipes and /proc say 0, and a file may grow.
Bytes read_all(int fd, std::size_t expected, const std::string& path) {
  constexpr std::size_t kChunk = 1 << 16;
  Bytes bytes(expected + 1);
  std::size_t have = 0;
  const std::size_t most = most_read();
  for (;;) {
    if (have > most) refuse_size(path, fmt::format("more than {} bytes without an end", most));
    if (have == bytes.size()) bytes.resize(bytes.size() + std::max(kChunk, bytes.size() / 2));
    const std::size_t got = read_into(fd, std::span(bytes).subspan(have), path);
    have += got;
    if (have < bytes.size()) break;
  }
  bytes.resize(have);
  return bytes;
}

// A name of something that was opened before this process looked at it: `program <(command)`, `| program`.
bool is_inherited(const std::string& path) {
  return path == "/dev/stdin" || path.starts_with("/dev/fd/") || path.starts_with("/proc/self/fd/");
}

std::string_view kind_of(mode_t mode) {
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISFIFO(mode)) return "a named pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

// Opened without waiting, so that what it is can be seen first: a named pipe would wait for its writer.
struct stat facts_of(int fd, const std::string& path) {
  struct stat facts {};
  if (::fstat(fd, &facts) != 0) refuse_file(path, errno);
  const bool pipe = S_ISFIFO(facts.st_mode) && is_inherited(path);
  if (!S_ISREG(facts.st_mode) && !pipe)
    throw RequestError(Complaint{path, std::string(kind_of(facts.st_mode)), "a file"});
  if (pipe) ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) & ~O_NONBLOCK);
  return facts;
}

}  // namespace

Bytes read_file(const std::string& path) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
  if (file.fd < 0) refuse_file(path, errno);
  const auto size = static_cast<std::size_t>(facts_of(file.fd, path).st_size);
  if (size > most_read()) refuse_size(path, fmt::format("{} bytes", size));
  try {
    return read_all(file.fd, size, path);
  } catch (const std::bad_alloc&) {
    refuse_size(path, fmt::format("{} bytes", size));
  } catch (const std::length_error&) {
    refuse_size(path, fmt::format("{} bytes", size));
  }
}

Bytes read_start(const std::string& path, std::size_t count) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
  if (file.fd < 0) refuse_file(path, errno);
  const auto size = static_cast<std::size_t>(facts_of(file.fd, path).st_size);
  Bytes bytes(std::min(count, size));
  bytes.resize(read_into(file.fd, bytes, path));
  return bytes;
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
