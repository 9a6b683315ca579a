// SPDX-License-Identifier: Apache-2.0
#include "pushforward/history.hpp"

#include <algorithm>
#include <set>

#include "train/metrics_log.hpp"

namespace pushforward {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kMonitor = "monitor_";

// How the work went, not how good it is.
bool is_bookkeeping(const std::string& key) {
  static const std::set<std::string> keys = {"epoch", "step",         "seconds", "samples_per_second",
                                             "rate",  "gradient_norm"};
  return keys.contains(key);
}

void add_point(std::vector<Series>& series, const std::string& name, double x, double y) {
  auto found = std::find_if(series.begin(), series.end(), [&](const auto& c) { return c.name == name; });
  if (found == series.end()) found = series.insert(found, Series{name});
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

History read_history(const std::string& run_path) {
  const std::vector<Json> lines = metrics_lines(run_path);
  History history;
  for (const Json& line : lines) add_line(history, line, stage_of(lines.back()));
  return history;
}

const Series* find_series(const std::vector<Series>& series, const std::string& name) {
  const auto found =
      std::find_if(series.begin(), series.end(), [&](const auto& c) { return c.name == name; });
  return found == series.end() ? nullptr : &*found;
}

}  // namespace pushforward
