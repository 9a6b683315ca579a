// SPDX-License-Identifier: Apache-2.0
//
// A file is either the old one or the new one, never half a file.
//
// The new contents go to a file without a name (O_TMPFILE), are forced to the disk (fsync), get a hidden name
// that nobody can guess, and take the target's by rename(2), which POSIX makes atomic; the folder is then
// forced to the disk too, so that the name survives a power cut. Until `commit` the target is untouched: a
// full disk, an exception or SIGKILL costs nothing, for a file without a name goes with its process. Where
// the file system has none (NFS), the hidden name is there from the beginning, made exclusively and followed
// by no link; what a killed process leaves of that kind is removed at the next writing. Of two writers of one
// file the last one wins, whole. A file that is replaced keeps its mode, and its owner where that may be
// kept; a new one has the user's mask.
//
// A target that is not a regular file (/dev/stdout, a pipe) cannot be renamed onto and is written as it is.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "io/bytes.hpp"
#include "io/signal_guard.hpp"

namespace pushforward::io {

class AtomicFile {
 public:
  enum class Draft { nameless, named };
  /// RequestError when the folder does not exist; WorkError when it cannot be written. A nameless draft
  /// becomes a named one where the file system has none.
  explicit AtomicFile(std::string path, Draft draft = Draft::nameless);
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
  void open_beside(Draft draft);
  bool open_nameless();
  void open_named();
  void keep_mode() const;
  void give_name();
  void flush();
  void write_through(ByteSpan bytes) const;
  [[noreturn]] void fail(const char* doing) const;

  std::string path_, temporary_{}, buffer_{};
  int fd_ = -1;
  bool special_ = false;
  std::optional<SignalGuard> guard_{};  // while there is a hidden name
};

/// Replaces the file `path` by `contents`, atomically.
void write_file(const std::string& path, std::string_view contents);

/// A folder that appears whole: files are written into `path()`, a hidden folder beside the target with the
/// user's mask, and `commit` forces them to the disk and gives it the target's name. Uncommitted, it is
/// removed; so are those that killed processes left of earlier ones, when the next begins.
class AtomicFolder {
 public:
  enum class Target { fresh, replaced };
  /// RequestError where the target exists, unless it may be replaced.
  explicit AtomicFolder(std::string target, Target kind = Target::fresh);
  AtomicFolder(const AtomicFolder&) = delete;
  AtomicFolder& operator=(const AtomicFolder&) = delete;
  ~AtomicFolder();

  const std::string& path() const { return temporary_; }
  /// Between two files: throws where a signal asks the process to end, so that the draft is removed first.
  void check_stop() const;
  void commit();

 private:
  void make();
  void take_place() const;

  std::string target_, temporary_;
  Target kind_;
  int fd_ = -1;  // locked
  SignalGuard guard_{};
};

/// Forces a folder's names (files made, renamed or removed in it) to the disk.
void sync_folder(const std::string& folder);

}  // namespace pushforward::io
