// SPDX-License-Identifier: Apache-2.0
//
// A file is either the old one or the new one, never half a file.
//
// The new contents go to a hidden file beside the target, are forced to the disk (fsync), and take the
// target's name by rename(2), which POSIX makes atomic; the folder is then forced to the disk too, so that
// the name survives a power cut. Until `commit` the target is untouched: a full disk, an exception or SIGKILL
// costs at most the hidden file. Its name is fixed (".NAME.tmp"), so that what a killed process left behind
// is reused and never piles up, and a lock that dies with its process keeps two writers apart.
//
// A target that is not a regular file (/dev/stdout, a pipe) cannot be renamed onto and is written as it is.
#pragma once

#include <string>
#include <string_view>

#include "io/bytes.hpp"

namespace pushforward::io {

class AtomicFile {
 public:
  /// RequestError when the folder does not exist; WorkError when it cannot be written.
  explicit AtomicFile(std::string path);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  /// Throws the new contents away unless they were committed.
  ~AtomicFile();

  /// Appends; WorkError when the disk is full.
  void write(ByteSpan bytes);
  void write(std::string_view text) { write(bytes_of(text)); }
  /// Replaces the target. WorkError, with the old file intact, when it cannot.
  void commit();

 private:
  void open_beside();
  void flush();
  void write_through(ByteSpan bytes) const;
  [[noreturn]] void fail(const char* doing) const;

  std::string path_, temporary_{}, buffer_{};
  int fd_ = -1;
};

/// Replaces the file `path` by `contents`, atomically.
void write_file(const std::string& path, std::string_view contents);

/// A folder that appears whole: files are written into `path()`, a hidden folder beside the target, and
/// `commit` forces them to the disk and gives it the target's name, which must not exist. Uncommitted, it is
/// removed.
class AtomicFolder {
 public:
  explicit AtomicFolder(std::string target);
  AtomicFolder(const AtomicFolder&) = delete;
  AtomicFolder& operator=(const AtomicFolder&) = delete;
  ~AtomicFolder();

  const std::string& path() const { return temporary_; }
  void commit();

 private:
  std::string target_, temporary_;
};

/// Forces a folder's names (files made, renamed or removed in it) to the disk.
void sync_folder(const std::string& folder);

}  // namespace pushforward::io
