// SPDX-License-Identifier: Apache-2.0
// Temporary file, fsync, rename, fsync of the folder; the reasons are in the header.
#include "io/atomic_file.hpp"

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pushforward::io {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBuffer = 1 << 16;

[[noreturn]] void fail_at(const std::string& path, const char* doing, int problem) {
  const Complaint complaint{path, fmt::format("{} while {}", std::strerror(problem), doing),
                            "a folder with room that may be written", "what was there before is intact"};
  if (problem == ENOENT || problem == ENOTDIR)
    throw RequestError(Complaint{path, "a folder that does not exist", "one that does", "make it first"});
  throw WorkError(complaint);
}

std::string folder_of(const std::string& path) {
  const fs::path folder = fs::path(path).parent_path();
  return folder.empty() ? "." : folder.string();
}

// What a symbolic link points to: the link stays, its file is replaced.
std::string behind_link(std::string path) {
  std::error_code problem;
  if (!fs::is_symlink(path, problem)) return path;
  const fs::path target = fs::weakly_canonical(path, problem);
  return problem ? path : target.string();
}

bool is_special(const std::string& path) {
  struct stat facts {};
  return ::stat(path.c_str(), &facts) == 0 && !S_ISREG(facts.st_mode);
}

bool same_file(int fd, const std::string& path) {
  struct stat a {
  }, b{};
  return ::fstat(fd, &a) == 0 && ::stat(path.c_str(), &b) == 0 && a.st_dev == b.st_dev &&
         a.st_ino == b.st_ino;
}

void sync_path(const std::string& path, int flags) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags);
  if (fd < 0) return;  // may be written but not read: what was done is done, only its sync is not
  ::fsync(fd);
  ::close(fd);
}

}  // namespace

void sync_folder(const std::string& folder) { sync_path(folder, O_DIRECTORY); }

AtomicFile::AtomicFile(std::string path) : path_(behind_link(std::move(path))) {
  if (!is_special(path_)) {
    open_beside();
    return;
  }
  std::error_code ignored;
  if (fs::is_directory(path_, ignored)) throw RequestError(Complaint{path_, "a folder", "a file's name"});
  fd_ = ::open(path_.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd_ < 0) fail("opening");
}

void AtomicFile::open_beside() {
  const fs::path target(path_);
  if (!target.has_filename()) throw RequestError(Complaint{path_, "a folder", "a file's name"});
  temporary_ = (target.parent_path() / fmt::format(".{}.tmp", target.filename().string())).string();
  for (;;) {
    fd_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (fd_ < 0) fail("opening");
    if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
      ::close(fd_);
      fd_ = -1;
      throw WorkError(Complaint{path_, "another process that is writing it", "one writer at a time"});
    }
    // Between open and lock the other writer may have renamed this very file onto the target.
    if (same_file(fd_, temporary_)) break;
    ::close(fd_);
  }
  if (::ftruncate(fd_, 0) != 0) fail("emptying");
}

AtomicFile::~AtomicFile() {
  if (fd_ < 0) return;
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
  ::close(fd_);
}

void AtomicFile::fail(const char* doing) const { fail_at(path_, doing, errno); }

void AtomicFile::write(ByteSpan bytes) {
  if (buffer_.size() + bytes.size() > kBuffer) flush();
  if (bytes.size() <= kBuffer) {
    buffer_ += text_of(bytes);
    return;
  }
  write_through(bytes);
}

void AtomicFile::flush() {
  write_through(bytes_of(buffer_));
  buffer_.clear();
}

void AtomicFile::write_through(ByteSpan bytes) const {
  while (!bytes.empty()) {
    const ssize_t done = ::write(fd_, bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) fail("writing");
    bytes = bytes.subspan(static_cast<std::size_t>(done));
  }
}

void AtomicFile::commit() {
  flush();
  if (!temporary_.empty()) {
    if (::fsync(fd_) != 0) fail("forcing it to the disk");
    if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail("renaming");
    sync_folder(folder_of(path_));
  }
  ::close(fd_);
  fd_ = -1;
}

void write_file(const std::string& path, std::string_view contents) {
  AtomicFile file(path);
  file.write(contents);
  file.commit();
}

AtomicFolder::AtomicFolder(std::string target) : target_(std::move(target)) {
  while (target_.size() > 1 && target_.ends_with('/')) target_.pop_back();
  std::error_code ignored;
  if (fs::exists(target_, ignored))
    throw RequestError(Complaint{target_, "a name that is taken", "a new one"});
  const fs::path path(target_);
  std::string pattern = (path.parent_path() / fmt::format(".{}.XXXXXX", path.filename().string())).string();
  if (::mkdtemp(pattern.data()) == nullptr) fail_at(target_, "making the folder", errno);
  ::chmod(pattern.c_str(), 0755);  // mkdtemp makes it private; a finished folder is as public as any
  temporary_ = pattern;
}

AtomicFolder::~AtomicFolder() {
  std::error_code ignored;
  if (!temporary_.empty()) fs::remove_all(temporary_, ignored);
}

void AtomicFolder::commit() {
  for (const auto& entry : fs::recursive_directory_iterator(temporary_)) sync_path(entry.path().string(), 0);
  sync_folder(temporary_);
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail_at(target_, "renaming the folder", errno);
  temporary_.clear();
  sync_folder(folder_of(target_));
}

}  // namespace pushforward::io
