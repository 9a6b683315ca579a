// SPDX-License-Identifier: Apache-2.0
// What both drivers share.
#include <cstdlib>
#include <filesystem>

#include "fuzz.hpp"

// One allocation above 256 MB is a claimed size that nobody checked.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() { return "max_allocation_size_mb=256:detect_leaks=1"; }

namespace pushforward::fuzz {

void run(ByteSpan bytes) {
  try {
    target(bytes);
  } catch (const RequestError&) {
  }
}

Bytes written(const std::function<void(const std::string& path)>& write) {
  std::string folder = (std::filesystem::temp_directory_path() / "pushforward-fuzz-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) std::abort();
  write(folder + "/file");
  Bytes bytes = io::read_file(folder + "/file");
  std::filesystem::remove_all(folder);
  return bytes;
}

}  // namespace pushforward::fuzz
