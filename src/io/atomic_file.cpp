// SPDX-License-Identifier: Apache-2.0
// Draft, fsync, rename, fsync of the folder; the reasons are in the header.
#include "io/atomic_file.hpp"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/temporary.hpp"

namespace pushforward::io {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBuffer = 1 << 16;

[[noreturn]] void fail_at(const std::string& path, const char* doing, int problem) {
  const Complaint complaint{path, fmt::format("{} while {}", std::strerror(problem), doing),
                            "a folder with room that may be written", "what was there before is intact"};
  if (problem == ENOTDIR)
    throw RequestError(
        Complaint{path, "a file where its folder should be", "a folder's name before the '/'"});
  if (problem == ENOENT)
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
  return ::fstat(fd, &a) == 0 && ::lstat(path.c_str(), &b) == 0 && a.st_dev == b.st_dev &&
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

AtomicFile::AtomicFile(std::string path, Draft draft)
    : path_(behind_link(std::move(path))), special_(is_special(path_)) {
  if (!special_) {
    open_beside(draft);
    return;
  }
  std::error_code ignored;
  if (fs::is_directory(path_, ignored)) throw RequestError(Complaint{path_, "a folder", "a file's name"});
  // A pipe by name would wait for its reader; one without a reader is refused so.
  fd_ = ::open(path_.c_str(), O_WRONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd_ < 0 && errno == ENXIO)
    throw RequestError(Complaint{path_, "a named pipe or device that nobody reads", "a file's name"});
  if (fd_ < 0) fail("opening");
  ::fcntl(fd_, F_SETFL, ::fcntl(fd_, F_GETFL) & ~O_NONBLOCK);
}

void AtomicFile::open_beside(Draft draft) {
  if (!fs::path(path_).has_filename()) throw RequestError(Complaint{path_, "a folder", "a file's name"});
  if (draft == Draft::named || !open_nameless()) open_named();
  keep_mode();
}

// It gets its name by way of /proc. False where the file system or the kernel has no such files.
bool AtomicFile::open_nameless() {
#ifdef O_TMPFILE
  if (::access("/proc/self/fd", X_OK) != 0) return false;
  fd_ = ::open(folder_of(path_).c_str(), O_WRONLY | O_TMPFILE | O_CLOEXEC, 0666);
  if (fd_ >= 0) return true;
  if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL) fail("opening");
#endif
  return false;
}

void AtomicFile::open_named() {
  guard_.emplace();
  remove_stale(path_);
  while (fd_ < 0) {
    const std::string name = temporary_name(path_);
    fd_ = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd_ < 0 && errno != EEXIST) fail("opening");
    if (fd_ < 0) continue;
    temporary_ = name;
    // Between open and lock another writer may have taken it for a dead one's.
    if (::flock(fd_, LOCK_EX | LOCK_NB) == 0 && !same_file(fd_, name)) ::close(std::exchange(fd_, -1));
  }
}

// Of the file that is replaced. What the process may not keep (another's ownership) it does not.
void AtomicFile::keep_mode() const {
  struct stat old {
  }, made{};
  if (::stat(path_.c_str(), &old) != 0 || ::fstat(fd_, &made) != 0) return;
  const bool owner = old.st_uid == made.st_uid && old.st_gid == made.st_gid;
  const bool owned = owner || ::fchown(fd_, old.st_uid, old.st_gid) == 0;
  // What was for the group must not be for another group.
  ::fchmod(fd_, old.st_mode & (owned ? 0777u : 0707u));
}

AtomicFile::~AtomicFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
  if (fd_ >= 0) ::close(fd_);
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
  if (guard_ && SignalGuard::must_stop())
    throw WorkError(Complaint{path_, "a signal to stop", "time to write it"});
  while (!bytes.empty()) {
    const ssize_t done = ::write(fd_, bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) fail("writing");
    bytes = bytes.subspan(static_cast<std::size_t>(done));
  }
}

void AtomicFile::give_name() {
  const std::string from = fmt::format("/proc/self/fd/{}", fd_);
  guard_.emplace();
  do temporary_ = temporary_name(path_);
  while (::linkat(AT_FDCWD, from.c_str(), AT_FDCWD, temporary_.c_str(), AT_SYMLINK_FOLLOW) != 0 &&
         errno == EEXIST);
  if (::access(temporary_.c_str(), F_OK) != 0) {
    temporary_.clear();
    fail("naming it");
  }
}

void AtomicFile::commit() {
  flush();
  if (!special_) {
    if (::fsync(fd_) != 0) fail("forcing it to the disk");
    if (temporary_.empty()) give_name();
    if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail("renaming");
    temporary_.clear();
    guard_.reset();
    sync_folder(folder_of(path_));
  }
  ::close(std::exchange(fd_, -1));
}

void write_file(const std::string& path, std::string_view contents) {
  AtomicFile file(path);
  file.write(contents);
  file.commit();
}

AtomicFolder::AtomicFolder(std::string target, Target kind) : target_(std::move(target)), kind_(kind) {
  while (target_.size() > 1 && target_.ends_with('/')) target_.pop_back();
  if (kind_ == Target::replaced) target_ = behind_link(target_);
  std::error_code ignored;
  if (kind_ == Target::fresh && fs::exists(fs::symlink_status(target_, ignored)))
    throw RequestError(Complaint{target_, "a name that is taken", "a new one"});
  remove_stale(target_);
  make();
}

void AtomicFolder::make() {
  while (fd_ < 0) {
    const std::string name = temporary_name(target_);
    if (::mkdir(name.c_str(), 0777) != 0) {
      if (errno == EEXIST) continue;
      fail_at(target_, "making the folder", errno);
    }
    fd_ = ::open(name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd_ < 0) fail_at(target_, "making the folder", errno);
    temporary_ = name;
    // Between making and locking it another process may have taken it for a dead one's.
    if (::flock(fd_, LOCK_EX | LOCK_NB) == 0 && !same_file(fd_, name)) ::close(std::exchange(fd_, -1));
  }
}

AtomicFolder::~AtomicFolder() {
  std::error_code ignored;
  if (!temporary_.empty()) fs::remove_all(temporary_, ignored);
  if (fd_ >= 0) ::close(fd_);
}

void AtomicFolder::check_stop() const {
  if (SignalGuard::must_stop()) throw WorkError(Complaint{target_, "a signal to stop", "time to write it"});
}

// With a folder in its place the two change names in one step, and the old one is removed under the hidden
// name.
void AtomicFolder::take_place() const {
  struct stat old {};
  const bool there = kind_ == Target::replaced && ::lstat(target_.c_str(), &old) == 0;
  if (there) ::fchmod(fd_, old.st_mode & 07777);
  const unsigned flags = there ? RENAME_EXCHANGE : RENAME_NOREPLACE;
  if (::renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, target_.c_str(), flags) == 0) return;
  if (errno != EINVAL && errno != ENOSYS) fail_at(target_, "renaming the folder", errno);
  // A file system without exchange: the old one goes first, by a name that is removed like a draft's.
  const std::string aside = there ? temporary_name(target_) : "";
  if (there && ::rename(target_.c_str(), aside.c_str()) != 0) fail_at(target_, "renaming the folder", errno);
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail_at(target_, "renaming the folder", errno);
  if (there) ::rename(aside.c_str(), temporary_.c_str());
}

void AtomicFolder::commit() {
  for (const auto& entry : fs::recursive_directory_iterator(temporary_)) sync_path(entry.path().string(), 0);
  sync_folder(temporary_);
  take_place();
  std::error_code ignored;
  if (kind_ == Target::replaced) fs::remove_all(temporary_, ignored);  // what was there before
  temporary_.clear();
  sync_folder(folder_of(target_));
}

}  // namespace pushforward::io
