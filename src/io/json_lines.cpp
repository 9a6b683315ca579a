// SPDX-License-Identifier: Apache-2.0
// Appending and cutting back, a line at a time.
#include "io/json_lines.hpp"

#include <cerrno>
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

#include "io/atomic_file.hpp"

namespace pushforward::io {
namespace {

[[noreturn]] void fail(const std::string& path) {
  throw WorkError(Complaint{path, std::strerror(errno), "a file with room that may be written"});
}

}  // namespace

LineFile::LineFile(std::string path) : path_(std::move(path)) {
  fd_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (fd_ < 0) fail(path_);
}

LineFile::~LineFile() {
  if (fd_ >= 0) ::close(fd_);
}

void LineFile::append(std::string_view line) {
  const std::string whole = std::string(line) + '\n';
  std::string_view rest = whole;
  while (!rest.empty()) {
    const ssize_t done = ::write(fd_, rest.data(), rest.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) fail(path_);
    rest.remove_prefix(static_cast<std::size_t>(done));
  }
}

void LineFile::sync() {
  if (::fsync(fd_) != 0) fail(path_);
}

void keep_lines(const std::string& path, const std::function<bool(std::string_view)>& keep) {
  if (!std::filesystem::exists(path)) return;
  const Bytes bytes = read_file(path);
  std::string_view rest = text_of(bytes);
  std::size_t kept = 0;
  for (std::size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
    if (!keep(rest.substr(0, end))) break;
    kept += end + 1;
    rest.remove_prefix(end + 1);
  }
  if (kept < bytes.size()) write_file(path, text_of(bytes).substr(0, kept));
}

}  // namespace pushforward::io
