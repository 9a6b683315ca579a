// SPDX-License-Identifier: Apache-2.0
//
// JSON lines: a file that grows by one line at a time (metrics.jsonl) and survives a kill.
//
// A line goes out in one write(2), newline included, so a killed process leaves whole lines and at most one
// torn last one. To resume, `keep_lines` drops the torn line and whatever was logged after the checkpoint,
// atomically.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace pushforward::io {

class LineFile {
 public:
  /// Opens for appending, and makes the file where there is none. WorkError when it cannot be written.
  explicit LineFile(std::string path);
  LineFile(const LineFile&) = delete;
  LineFile& operator=(const LineFile&) = delete;
  ~LineFile();

  /// Appends `line` and a newline at once. WorkError when the disk is full.
  void append(std::string_view line);
  /// Forces what was appended to the disk.
  void sync();

 private:
  std::string path_;
  int fd_ = -1;
};

/// Rewrites the file with its complete lines up to, not including, the first for which `keep` is false. A
/// file that does not exist stays so.
void keep_lines(const std::string& path, const std::function<bool(std::string_view)>& keep);

}  // namespace pushforward::io
