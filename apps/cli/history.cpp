// SPDX-License-Identifier: Apache-2.0
#include "history.hpp"

#include <algorithm>
#include <fstream>
#include <set>

#include "output.hpp"

namespace pushforward::cli {
namespace {

constexpr std::string_view kMonitor = "monitor_";

// How the work went, not how good it is.
bool is_bookkeeping(const std::string& key) {
  static const std::set<std::string> keys = {"epoch", "step",         "seconds", "samples_per_second",
                                             "rate",  "gradient_norm"};
  return keys.contains(key);
}

void add_point(std::vector<report::Curve>& curves, const std::string& name, double x, double y) {
  auto found = std::find_if(curves.begin(), curves.end(), [&](const auto& c) { return c.name == name; });
  if (found == curves.end()) found = curves.insert(found, report::Curve{name, {}, {}});
  if (!found->x.empty() && found->x.back() == x) return;  // a step's line and its epoch's say the same
  found->x.push_back(x), found->y.push_back(y);
}

void add_line(History& history, const Json& line) {
  const bool epoch = line.contains("epoch");
  const std::string stage =
      line.contains("stage") && line["stage"].is_string() ? ", " + line["stage"].get<std::string>() : "";
  for (const auto& [key, value] : line.items()) {
    if (!value.is_number() || is_bookkeeping(key)) continue;
    if (key.starts_with(kMonitor)) {
      if (line.contains("step"))
        add_point(history.monitored, key.substr(kMonitor.size()), line["step"].get<double>(),
                  value.get<double>());
    } else if (epoch) {
      add_point(history.epochs, key + stage, line["epoch"].get<double>(), value.get<double>());
    }
  }
}

}  // namespace

History read_history(const std::string& run_path) {
  History history;
  std::ifstream file(run_path + "/metrics.jsonl");
  for (std::string line; std::getline(file, line);) {
    const Json object = Json::parse(line, nullptr, false);
    if (object.is_object()) add_line(history, object);
  }
  return history;
}

const report::Curve* find_curve(const std::vector<report::Curve>& curves, const std::string& name) {
  const auto found =
      std::find_if(curves.begin(), curves.end(), [&](const auto& c) { return c.name == name; });
  return found == curves.end() ? nullptr : &*found;
}

}  // namespace pushforward::cli
