// SPDX-License-Identifier: Apache-2.0
//
// Folders on the way to what a command will write: -o runs/a/b.png makes runs and runs/a. Those that are
// still empty when the command ends, for it failed or was refused, are removed again.
#pragma once

#include <string>
#include <vector>

namespace pushforward::cli {

class OutputFolders {
 public:
  /// A folder that cannot be made is left to whoever writes into it, who says why.
  explicit OutputFolders(const std::vector<std::string>& paths);
  OutputFolders(const OutputFolders&) = delete;
  OutputFolders& operator=(const OutputFolders&) = delete;
  ~OutputFolders();

 private:
  void make(const std::string& folder);
  std::vector<std::string> made_{};  // outer ones first
};

}  // namespace pushforward::cli
