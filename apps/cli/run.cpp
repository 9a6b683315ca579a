// SPDX-License-Identifier: Apache-2.0
// pushforward run: what a run directory is.
#include <fmt/format.h>

#include "history.hpp"
#include "output.hpp"
#include "run_argument.hpp"

namespace pushforward::cli {
namespace {

// The last line of metrics.jsonl that is an epoch's, if any.
std::optional<Json> last_epoch(const std::string& path) {
  std::optional<Json> last;
  for (Json& line : metrics_lines(path))
    if (line.contains("epoch")) last = std::move(line);
  return last;
}

void describe(const RunArguments& arguments, const Common& common) {
  const Run run = open(arguments);
  Fields fields = {{"model", run.entry->name}, {"data", run.data_name}, {"shape", run.shape.text()}};
  std::size_t parameters = 0;
  for (const Parameter* parameter : run.model->parameters()) parameters += parameter->size();
  fields.emplace_back("parameters", parameters);
  if (run.model->latent() > 0) fields.emplace_back("latent", run.model->latent());
  Fields options;
  for (const OptionRow& row : run.options.rows())
    if (run.options.has(row.name)) options.emplace_back(row.name, run.options.text(row.name));
  const std::optional<Json> last = last_epoch(run.path);
  if (common.json) {
    Json object = to_json(fields);
    object["options"] = to_json(options);
    if (last) object["last"] = *last;
    return print_json(object);
  }
  print_fields(fields);
  if (last)
    for (const auto& [key, value] : last->items())
      if (value.is_number()) print_fields({{key, value.get<double>()}});
  print_line("");
  print_fields(options);
}

}  // namespace

Command run_command() {
  return {.name = "run",
          .summary = "What a run directory is: model, data, options, last figures",
          .group = "Train and use a network",
          .examples = "  pushforward run run",
          .declare = [](CommandLine& line, const Common& common) -> std::function<void()> {
            auto arguments = std::make_shared<RunArguments>();
            add_run(line, *arguments);
            return [arguments, &common] { describe(*arguments, common); };
          }};
}

}  // namespace pushforward::cli
