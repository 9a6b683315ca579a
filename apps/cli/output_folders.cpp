// SPDX-License-Identifier: Apache-2.0
#include "output_folders.hpp"

#include <filesystem>
#include <system_error>

namespace pushforward::cli {
namespace {

namespace fs = std::filesystem;

// "runs/a/" and "runs/a" are both in "runs".
std::string folder_of(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return fs::path(path).parent_path().string();
}

}  // namespace

OutputFolders::OutputFolders(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) make(folder_of(path));
}

void OutputFolders::make(const std::string& folder) {
  std::error_code problem;
  if (folder.empty() || fs::exists(folder, problem) || problem) return;
  make(folder_of(folder));
  if (fs::create_directory(folder, problem)) made_.push_back(folder);
}

OutputFolders::~OutputFolders() {
  std::error_code ignored;
  for (auto folder = made_.rbegin(); folder != made_.rend(); ++folder) {
    const bool empty = fs::is_empty(*folder, ignored);
    if (!ignored && empty) fs::remove(*folder, ignored);
  }
}

}  // namespace pushforward::cli
