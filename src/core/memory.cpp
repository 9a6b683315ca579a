// SPDX-License-Identifier: Apache-2.0
// What is left of memory: of the machine (/proc/meminfo), of RLIMIT_AS, of the control group (version 2, then
// 1). What cannot be read limits nothing.
#include "core/memory.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <limits>
#include <optional>

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

namespace pushforward {
namespace {

constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

std::optional<std::uint64_t> number_in(const std::string& path) {
  std::ifstream file(path);
  std::uint64_t value = 0;
  if (file >> value) return value;
  return std::nullopt;
}

// The number behind `key` in a file of lines "key number …".
std::uint64_t number_of(const std::string& path, std::string_view key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);)
    if (line.starts_with(key) && line.size() > key.size() &&
        std::isspace(static_cast<unsigned char>(line[key.size()])))
      return std::strtoull(line.c_str() + key.size(), nullptr, 10);
  return 0;
}

std::uint64_t left_of(std::uint64_t limit, std::uint64_t used) { return limit > used ? limit - used : 0; }

std::uint64_t left_on_machine() {
  const std::uint64_t kilobytes =
      number_of("/proc/meminfo", "MemAvailable:") + number_of("/proc/meminfo", "SwapFree:");
  return kilobytes > 0 ? kilobytes * 1024 : kNoLimit;
}

std::uint64_t left_of_address_space() {
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return kNoLimit;
  const std::uint64_t pages = number_in("/proc/self/statm").value_or(0);
  return left_of(limit.rlim_cur, pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)));
}

// The path of this process in the hierarchy that `prefix` names in /proc/self/cgroup.
std::string group_path(std::string_view prefix) {
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    const std::size_t at = line.find(prefix);
    if (at != std::string::npos) return line.substr(at + prefix.size());
  }
  return "";
}

// Cached files of the group do not count: they go when memory is wanted.
std::uint64_t left_of_folder(const std::string& folder, const char* limit, const char* used,
                             const char* cached) {
  const std::optional<std::uint64_t> most = number_in(folder + limit);
  const std::optional<std::uint64_t> taken = number_in(folder + used);
  if (!most || !taken) return kNoLimit;
  return left_of(*most, left_of(*taken, number_of(folder + "/memory.stat", cached)));
}

std::uint64_t left_of_group() {
  std::uint64_t left = kNoLimit;
  for (const std::string& path : {group_path("0::"), std::string()})  // in a container the root is the group
    left = std::min(
        left, left_of_folder("/sys/fs/cgroup" + path, "/memory.max", "/memory.current", "inactive_file"));
  for (const std::string& path : {group_path(":memory:"), std::string()})
    left = std::min(left, left_of_folder("/sys/fs/cgroup/memory" + path, "/memory.limit_in_bytes",
                                         "/memory.usage_in_bytes", "total_inactive_file"));
  return left;
}

}  // namespace

std::string bytes_text(double bytes) {
  constexpr std::array units = {"bytes", "kB", "MB", "GB", "TB", "PB", "EB"};
  std::size_t unit = 0;
  for (; bytes >= 999.5 && unit + 1 < units.size(); ++unit) bytes /= 1000;
  return fmt::format("{:.{}f} {}", bytes, bytes < 9.95 && unit > 0 ? 1 : 0, units[unit]);
}

std::uint64_t available_memory() {
  return std::min({left_on_machine(), left_of_address_space(), left_of_group()});
}

void refuse_product(std::initializer_list<std::size_t> sizes, std::string_view what) {
  double estimate = 1;
  for (const std::size_t size : sizes) estimate *= static_cast<double>(size);
  throw MemoryError(Complaint{"memory", bytes_text(static_cast<double>(available_memory())) + " left",
                              fmt::format("{} for {}", bytes_text(estimate), what)});
}

void refuse_memory(std::uint64_t bytes, std::string_view what, std::string_view hint) {
  throw MemoryError(Complaint{"memory", bytes_text(static_cast<double>(available_memory())) + " left",
                              fmt::format("{} for {}", bytes_text(static_cast<double>(bytes)), what),
                              std::string(hint)});
}

std::size_t checked_product(std::initializer_list<std::size_t> sizes, std::string_view what) {
  std::size_t product = 1;
  for (const std::size_t size : sizes)
    if (__builtin_mul_overflow(product, size, &product) || product > PTRDIFF_MAX) refuse_product(sizes, what);
  return product;
}

void require_memory(std::uint64_t bytes, std::string_view what, std::string_view hint) {
  if (bytes > available_memory()) refuse_memory(bytes, what, hint);
}

}  // namespace pushforward
