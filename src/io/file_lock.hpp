// SPDX-License-Identifier: Apache-2.0
//
// One process at a time: an advisory lock on a file.
//
// flock(2) belongs to the open file, so the kernel lets go of it when the process ends, however it ends:
// nothing is left behind that somebody must clear away, as a file with a process number would be. Only those
// who ask are kept out. The file stays, empty: removing it would let two processes lock two files of one
// name.
#pragma once

#include <string>

namespace pushforward::io {

class FileLock {
 public:
  /// Takes the lock on `path`, which is made if it is not there. WorkError where that file cannot be written
  /// or its file system has no locks.
  explicit FileLock(const std::string& path);
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

  /// Whether it was had: false where somebody else holds it.
  bool held() const { return held_; }

 private:
  int fd_ = -1;
  bool held_ = false;
};

}  // namespace pushforward::io
