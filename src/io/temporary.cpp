// SPDX-License-Identifier: Apache-2.0
// getrandom, and a look at a folder.
#include "io/temporary.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pushforward/error.hpp"

namespace pushforward::io {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEnding = ".tmp";
constexpr std::size_t kDigits = 16, kLongestName = 255;

std::string random_digits() {
  std::uint64_t bits = 0;
  if (::getrandom(&bits, sizeof bits, 0) != sizeof bits)
    throw WorkError(Complaint{"getrandom", "no random bits", "a kernel that gives them"});
  return fmt::format("{:016x}", bits);
}

// ".NAME." with as much of NAME as leaves room for the rest.
std::string prefix_of(const fs::path& target) {
  const std::string name = target.filename().string();
  return fmt::format(".{}.", name.substr(0, kLongestName - 2 - kDigits - kEnding.size()));
}

bool is_temporary(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix) || !name.ends_with(kEnding)) return false;
  const std::string_view random = name.substr(0, name.size() - kEnding.size());
  if (random.size() < 2 + kDigits || random[random.size() - kDigits - 1] != '.') return false;
  if (prefix != "." && random.size() != prefix.size() + kDigits) return false;
  return random.substr(random.size() - kDigits).find_first_not_of("0123456789abcdef") ==
         std::string_view::npos;
}

// The lock is kept until it is gone, so that nobody takes it for one that lives.
void remove_if_dead(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) return;
  struct stat facts {};
  const bool ours = ::fstat(fd, &facts) == 0 && facts.st_uid == ::geteuid() &&
                    (S_ISREG(facts.st_mode) || S_ISDIR(facts.st_mode));
  std::error_code ignored;
  if (ours && ::flock(fd, LOCK_EX | LOCK_NB) == 0) fs::remove_all(path, ignored);
  ::close(fd);
}

void remove_like(const fs::path& folder, std::string_view prefix) {
  std::error_code problem;
  std::vector<std::string> found;
  for (fs::directory_iterator entry(folder.empty() ? "." : folder, problem), end; !problem && entry != end;
       entry.increment(problem))
    if (is_temporary(entry->path().filename().string(), prefix)) found.push_back(entry->path().string());
  for (const std::string& path : found) remove_if_dead(path);
}

}  // namespace

std::string temporary_name(const std::string& target) {
  const fs::path path(target);
  return (path.parent_path() / (prefix_of(path) + random_digits() + std::string(kEnding))).string();
}

void remove_stale(const std::string& target) {
  const fs::path path(target);
  remove_like(path.parent_path(), prefix_of(path));
}

void remove_all_stale(const std::string& folder) { remove_like(folder, "."); }

}  // namespace pushforward::io
