// SPDX-License-Identifier: Apache-2.0
#include "train_telling.hpp"

#include <cmath>

#include <fmt/format.h>

#include "progress.hpp"

namespace pushforward::cli {

Json epoch_json(const Progress& progress) {
  Json line = {{"epoch", progress.epoch}, {"step", progress.step}};
  if (!progress.stage.empty()) line["stage"] = progress.stage;
  line["loss"] = json_number(progress.losses.loss);
  for (std::size_t i = 0; i < progress.losses.count; ++i)
    line[std::string(progress.losses.parts[i].name)] = json_number(progress.losses.parts[i].value);
  if (progress.validation) line["validation_loss"] = json_number(progress.validation->loss);
  if (progress.monitor)
    for (std::size_t i = 0; i < progress.monitor->count; ++i)
      line["monitor_" + std::string(progress.monitor->parts[i].name)] =
          json_number(progress.monitor->parts[i].value);
  line["seconds"] = progress.seconds;
  line["samples_per_second"] = progress.samples_per_second;
  return line;
}

std::string monitor_text(const std::optional<Losses>& monitor) {
  std::string text;
  for (std::size_t i = 0; monitor && i < monitor->count; ++i)
    text += fmt::format("  {} {}", monitor->parts[i].name, short_number(monitor->parts[i].value));
  return text;
}

std::string epoch_text(const Progress& progress) {
  std::string text =
      fmt::format("epoch {:>{}}/{}  {}loss {}", progress.epoch, fmt::format("{}", progress.epochs).size(),
                  progress.epochs, progress.stage.empty() ? "" : fmt::format("{}  ", progress.stage),
                  short_number(progress.losses.loss));
  for (std::size_t i = 0; i < progress.losses.count; ++i)
    text +=
        fmt::format("  {} {}", progress.losses.parts[i].name, short_number(progress.losses.parts[i].value));
  if (progress.validation) text += fmt::format("  validation {}", short_number(progress.validation->loss));
  if (const std::string monitored = monitor_text(progress.monitor); !monitored.empty())
    text += "  | held out:" + monitored;
  return text + fmt::format("  {} rows/s", rate_text(progress.samples_per_second));
}

Fields summary_fields(const Summary& summary, const Options& options) {
  Fields fields = {{"stopped", std::string(to_text(summary.stopped))}};
  if (summary.stopped == Stopped::solved) {
    fields.emplace_back("seconds", summary.seconds);
    return fields;
  }
  fields.emplace_back("steps", summary.steps);
  fields.emplace_back("epochs", summary.epochs);
  if (!std::isnan(summary.last.loss)) fields.emplace_back("loss", summary.last.loss);
  if (summary.best_validation) {
    const bool watch = options.known("watch") && options.has("watch");
    fields.emplace_back(watch ? "best_" + options.text("watch") : "best_validation_loss",
                        summary.best_validation->loss);
    fields.emplace_back("best_epoch", summary.best_epoch);
  }
  fields.emplace_back("seconds", summary.seconds);
  if (summary.samples_per_second > 0) fields.emplace_back("samples_per_second", summary.samples_per_second);
  return fields;
}

}  // namespace pushforward::cli
