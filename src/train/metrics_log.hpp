// SPDX-License-Identifier: Apache-2.0
//
// metrics.jsonl: a line a logged step and an epoch.
//
// Lines are counted in the checkpoint; opening cuts the file back to that many, so that a resumed run logs
// nothing twice.
#pragma once

#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include "io/json_lines.hpp"
#include "pushforward/step_losses.hpp"

namespace pushforward {

/// Adds "PREFIXloss" and "PREFIXname" for every part.
void add_losses(nlohmann::ordered_json& line, const Losses& losses, const std::string& prefix);
/// Adds "PREFIXname" for every part.
void add_parts(nlohmann::ordered_json& line, const Losses& losses, const std::string& prefix);

class MetricsLog {
 public:
  /// Opens the file at its first `lines` lines.
  void open(const std::string& path, std::size_t lines);
  bool is_open() const { return file_ != nullptr; }
  void append(const nlohmann::ordered_json& line) { file_->append(line.dump()); }
  /// Makes sure that what was appended is on the disk.
  void sync() {
    if (file_) file_->sync();
  }

 private:
  std::unique_ptr<io::LineFile> file_{};
};

}  // namespace pushforward
