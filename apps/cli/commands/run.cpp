// SPDX-License-Identifier: Apache-2.0
// pushforward run: what a run directory is.
#include <fmt/format.h>

#include "output.hpp"
#include "run_argument.hpp"
#include "train/metrics_log.hpp"
#include "written.hpp"

namespace pushforward::cli {
namespace {

// The last line of metrics.jsonl that is an epoch's, if any.
std::optional<Json> last_epoch(const std::string& path) {
  std::optional<Json> last;
  for (Json& line : metrics_lines(path))
    if (line.contains("epoch")) last = std::move(line);
  return last;
}

// A text that is a number as JSON writes it, and any other as it stands: "0x10", "1e400" and "nan" are words.
Json value_json(const std::string& text) {
  Json value = Json::parse(text, nullptr, false);
  return value.is_number() ? value : Json(text);
}

// Sizes of layers and shares a layer are lists, also of one: their help names a list.
bool is_list(const OptionRow& row) {
  return row.meaning.find("sizes of") != std::string::npos || row.meaning.find("layer:") != std::string::npos;
}

// As what it is: yes or no, a number, a list of numbers, else a word.
Json option_json(const OptionRow& row, const std::string& text) {
  if (row.flag) return text == "yes";
  if (!is_list(row)) return value_json(text);
  Json list = Json::array();
  for (std::size_t begin = 0; begin <= text.size() && text != "none";) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    list.push_back(value_json(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  return list;
}

Json options_json(const Options& options) {
  Json object = Json::object();
  for (const OptionRow& row : options.rows())
    if (options.has(row.name)) object[row.name] = option_json(row, options.text(row.name));
  return object;
}

void describe(const RunArguments& arguments, const Common& common) {
  const Run run = open(arguments);
  Fields fields = {{"model", run.entry->name}, {"data", run.data_name}, {"shape", run.shape.text()}};
  std::size_t parameters = 0;
  for (const Parameter* parameter : run.model->parameters()) parameters += parameter->size();
  fields.emplace_back("parameters", parameters);
  if (code_size(*run.model) > 0) fields.emplace_back("latent", code_size(*run.model));
  Fields options;
  for (const OptionRow& row : run.options.rows())
    if (run.options.has(row.name)) options.emplace_back(row.name, run.options.text(row.name));
  const std::optional<Json> last = last_epoch(run.path);
  if (common.json) {
    Json object = to_json(fields);
    object["shape"] = shape_json(run.shape);
    object["options"] = options_json(run.options);
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
