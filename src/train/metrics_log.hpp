// SPDX-License-Identifier: Apache-2.0
//
// metrics.jsonl: a line a logged step and an epoch.
//
// Lines are counted in the checkpoint; opening cuts the file back to that many, so that a resumed run logs
// nothing twice.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/hash.hpp"
#include "io/json_lines.hpp"
#include "pushforward/step_losses.hpp"

namespace pushforward {

/// Adds "PREFIXloss" and "PREFIXname" for every part.
void add_losses(nlohmann::ordered_json& line, const Losses& losses, const std::string& prefix);
/// Adds "PREFIXname" for every part.
void add_parts(nlohmann::ordered_json& line, const Losses& losses, const std::string& prefix);

class MetricsLog {
 public:
  /// Opens the file at its first `lines` lines, whose sum() was `sum` ("" = not known). RequestError where
  /// they are others, or fewer; a file that is gone begins anew.
  void open(const std::string& path, std::size_t lines, const std::string& sum);
  bool is_open() const { return file_ != nullptr; }
  void append(const nlohmann::ordered_json& line);
  /// XXH64 of all lines, each up to its "seconds": the same in every run that is the same.
  std::string sum() const { return sum_.text(); }
  std::size_t lines() const { return lines_; }
  /// Makes sure that what was appended is on the disk.
  void sync() {
    if (file_) file_->sync();
  }

 private:
  void count(std::string_view line);

  std::unique_ptr<io::LineFile> file_{};
  Hash64 sum_{};
  std::size_t lines_ = 0;
};

/// The lines of a run's metrics.jsonl that are JSON objects; none where there is no such file.
std::vector<nlohmann::ordered_json> metrics_lines(const std::string& run_path);

}  // namespace pushforward
