// SPDX-License-Identifier: Apache-2.0
// Losses as JSON, and the file's beginning.
#include "train/metrics_log.hpp"

namespace pushforward {

void add_losses(nlohmann::ordered_json& line, const Losses& losses, const std::string& prefix) {
  line[prefix + "loss"] = losses.loss;
  add_parts(line, losses, prefix);
}

void add_parts(nlohmann::ordered_json& line, const Losses& losses, const std::string& prefix) {
  for (std::size_t i = 0; i < losses.count; ++i)
    line[prefix + std::string(losses.parts[i].name)] = losses.parts[i].value;
}

void MetricsLog::open(const std::string& path, std::size_t lines) {
  std::size_t line = 0;
  io::keep_lines(path, [&](std::string_view) { return line++ < lines; });
  file_ = std::make_unique<io::LineFile>(path);
}

}  // namespace pushforward
