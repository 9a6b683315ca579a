// SPDX-License-Identifier: Apache-2.0
// Losses as JSON, and the file's beginning.
#include "train/metrics_log.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "io/bytes.hpp"
#include "pushforward/error.hpp"
#include "pushforward/spec.hpp"

namespace pushforward {

void add_losses(nlohmann::ordered_json& line, const Losses& losses, const std::string& prefix) {
  line[prefix + "loss"] = losses.loss;
  add_parts(line, losses, prefix);
}

void add_parts(nlohmann::ordered_json& line, const Losses& losses, const std::string& prefix) {
  for (std::size_t i = 0; i < losses.count; ++i)
    line[prefix + std::string(losses.parts[i].name)] = losses.parts[i].value;
}

void MetricsLog::count(std::string_view line) {
  sum_.update(line.substr(0, line.find(",\"seconds\":"))), sum_.update("\n");
  ++lines_;
}

void MetricsLog::append(const nlohmann::ordered_json& line) {
  const std::string text = line.dump();
  file_->append(text);
  count(text);
}

void MetricsLog::open(const std::string& path, std::size_t lines, const std::string& sum) {
  sum_ = {}, lines_ = 0;
  std::error_code ignored;
  const bool there = std::filesystem::exists(path, ignored);
  io::keep_lines(path, [&](std::string_view line) {
    if (lines_ == lines) return false;
    count(line);
    return true;
  });
  if (there && !sum.empty() && (lines_ != lines || sum_.text() != sum))
    throw RequestError(Complaint{path, fmt::format("{} lines of the sum {}", lines_, sum_.text()),
                                 fmt::format("{} of the sum {}, as they were written", lines, sum),
                                 "restore it, or remove it: the run goes on without its history"});
  file_ = std::make_unique<io::LineFile>(path);
}

std::vector<nlohmann::ordered_json> metrics_lines(const std::string& run_path) {
  const std::string path = run_path + "/metrics.jsonl";
  std::error_code ignored;
  std::vector<nlohmann::ordered_json> lines;
  if (!std::filesystem::exists(path, ignored)) return lines;
  const io::Bytes bytes = io::read_file(path);
  for (const std::string& text : split(io::text_of(bytes), '\n'))
    if (auto line = nlohmann::ordered_json::parse(text, nullptr, false); line.is_object())
      lines.push_back(std::move(line));
  return lines;
}

}  // namespace pushforward
