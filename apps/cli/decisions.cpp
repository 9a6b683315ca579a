// SPDX-License-Identifier: Apache-2.0
#include "decisions.hpp"

#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "output.hpp"
#include "progress.hpp"
#include "pushforward/run.hpp"

namespace pushforward::cli {
namespace {

bool has(const Run& run, std::string_view name) { return run.options.known(name) && run.options.has(name); }

std::string rows_text(const Run& run, const TrainingData& data) {
  const std::size_t rows = data.training.rows(), held_out = validation_rows(run.options, rows);
  std::string shape = data.training.shape.text();
  if (data.training.table) shape = fmt::format("{} columns", data.training.cols());
  std::string text = fmt::format("{} rows of {}", rows - held_out, shape);
  if (held_out > 0) return text + fmt::format(" and {} held out", held_out);
  if (data.validation)
    return text +
           fmt::format(" and {} of {} held out", data.validation->rows(), run.options.text("validation"));
  return text + ", none held out";
}

std::string network_text(const Run& run) {
  if (has(run, "network") && run.options.text("network") != "mlp") return run.options.text("network");
  if (has(run, "hidden"))
    return run.options.text("hidden") == "none" ? "linear" : "dense " + run.options.text("hidden");
  return run.entry->name;
}

std::size_t parameter_count(const Run& run) {
  std::size_t count = 0;
  for (const Parameter* parameter : run.arena.parameters()) count += parameter->size();
  return count;
}

}  // namespace

std::string decisions(const Run& run, const TrainingData& data) {
  std::vector<std::string> parts = {rows_text(run, data), network_text(run)};
  if (has(run, "latent")) parts.push_back("latent " + run.options.text("latent"));
  parts.push_back(rate_text(static_cast<double>(parameter_count(run))) + " parameters");
  for (const char* name : {"likelihood", "loss", "distance", "condition"})
    if (has(run, name)) parts.push_back(fmt::format("{} {}", name, run.options.text(name)));
  if (has(run, "precision")) parts.push_back(run.options.text("precision"));
  return fmt::format("{}", fmt::join(parts, "; "));
}

std::string length_text(const Run& run, const Progress& progress, double seconds_a_step) {
  const auto left = static_cast<double>(progress.total_steps - progress.step);
  return fmt::format("{} steps of {} rows, {} ms each: {} left", progress.total_steps,
                     run.options.text("batch"), short_number(1000 * seconds_a_step),
                     clock_text(std::ceil(left * seconds_a_step)));
}

}  // namespace pushforward::cli
