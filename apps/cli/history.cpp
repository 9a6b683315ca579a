// SPDX-License-Identifier: Apache-2.0
#include "history.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include "io/bytes.hpp"
#include "output.hpp"
#include "pushforward/spec.hpp"

namespace pushforward::cli {
namespace {

constexpr std::string_view kMonitor = "monitor_";

// How the work went, not how good it is.
bool is_bookkeeping(const std::string& key) {
  static const std::set<std::string> keys = {"epoch", "step",         "seconds", "samples_per_second",
                                             "rate",  "gradient_norm"};
  return keys.contains(key);
}

void add_point(std::vector<Curve>& curves, const std::string& name, double x, double y) {
  auto found = std::find_if(curves.begin(), curves.end(), [&](const auto& c) { return c.name == name; });
  if (found == curves.end()) found = curves.insert(found, Curve{name, {}, {}, {}});
  if (!found->x.empty() && found->x.back() == x) return;  // a step's line and its epoch's say the same
  found->x.push_back(x), found->y.push_back(y);
}

std::string stage_of(const Json& line) {
  return line.contains("stage") && line["stage"].is_string() ? line["stage"].get<std::string>() : "";
}

// `last` is the stage that the training ended in: its losses bear no other name than those of a run without.
void add_line(History& history, const Json& line, const std::string& last) {
  const bool epoch = line.contains("epoch");
  const std::string stage = stage_of(line), suffix = stage == last ? "" : ", " + stage;
  for (const auto& [key, value] : line.items()) {
    if (!value.is_number() || is_bookkeeping(key)) continue;
    if (key.starts_with(kMonitor)) {
      if (line.contains("step") && line["step"].is_number())
        add_point(history.monitored, key.substr(kMonitor.size()), line["step"].get<double>(),
                  value.get<double>());
    } else if (epoch && line["epoch"].is_number()) {
      add_point(history.epochs, key + suffix, line["epoch"].get<double>(), value.get<double>());
    }
  }
}

}  // namespace

std::vector<Json> metrics_lines(const std::string& run_path) {
  const std::string path = run_path + "/metrics.jsonl";
  std::error_code ignored;
  std::vector<Json> lines;
  if (!std::filesystem::exists(path, ignored)) return lines;
  const io::Bytes bytes = io::read_file(path);
  for (const std::string& text : split(io::text_of(bytes), '\n'))
    if (Json line = Json::parse(text, nullptr, false); line.is_object()) lines.push_back(std::move(line));
  return lines;
}

History read_history(const std::string& run_path) {
  const std::vector<Json> lines = metrics_lines(run_path);
  History history;
  for (const Json& line : lines) add_line(history, line, stage_of(lines.back()));
  return history;
}

const Curve* find_curve(const std::vector<Curve>& curves, const std::string& name) {
  const auto found =
      std::find_if(curves.begin(), curves.end(), [&](const auto& c) { return c.name == name; });
  return found == curves.end() ? nullptr : &*found;
}

}  // namespace pushforward::cli
