// SPDX-License-Identifier: Apache-2.0
// open and flock.
#include "io/file_lock.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "pushforward/error.hpp"

namespace pushforward::io {

FileLock::FileLock(const std::string& path)
    : fd_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666)) {
  const auto fail = [&](int problem) {
    throw WorkError(Complaint{path, std::strerror(problem), "a file that can be written and locked"});
  };
  if (fd_ < 0) fail(errno);
  held_ = ::flock(fd_, LOCK_EX | LOCK_NB) == 0;
  if (held_ || errno == EWOULDBLOCK) return;
  const int problem = errno;
  ::close(fd_);
  fail(problem);
}

FileLock::~FileLock() { ::close(fd_); }

}  // namespace pushforward::io
