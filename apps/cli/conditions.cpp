// SPDX-License-Identifier: Apache-2.0
#include "conditions.hpp"

#include <fmt/format.h>

#include "io/bytes.hpp"
#include "io/csv.hpp"
#include "io/ending.hpp"
#include "pushforward/error.hpp"

namespace pushforward::cli {
namespace {

// A label a line, or a number a row.
std::vector<std::string> labels_in(const std::string& path) {
  if (io::has_ending(path, ".csv") || io::has_ending(path, ".tsv") || io::has_ending(path, ".txt")) {
    std::vector<std::string> lines = io::parse_lines(io::read_file(path), path);
    if (!lines.empty() && lines.front() == "label") lines.erase(lines.begin());
    return lines;
  }
  std::vector<std::string> labels;
  const Matrix<double> rows = load_data(path).doubles();
  if (rows.cols() != 1)
    throw RequestError(
        Complaint{"--conditions " + path, fmt::format("rows of {}", rows.cols()), "a label a row"});
  for (const double label : rows.span()) labels.push_back(fmt::format("{}", label));
  return labels;
}

Dataset told_in(const Conditions& conditions, const std::string& path, const Common& common) {
  if (conditions.columns()) {
    LoadOptions load = {.seed = common.seed};
    load.schema = conditions.told_schema(), load.mixed = true;
    for (const TableColumn& column : load.schema->columns)
      load.columns += (load.columns.empty() ? "" : ",") + column.name;
    return conditions.of(load_data(path, load));
  }
  Dataset labelled;
  labelled.label_names = labels_in(path);
  labelled.rows_data = Matrix<float>(labelled.label_names.size(), 1);
  for (std::size_t i = 0; i < labelled.label_names.size(); ++i)
    labelled.labels.push_back(static_cast<std::int32_t>(i));
  labelled.name = path;
  return conditions.of(labelled);
}

}  // namespace

void add_conditions(CommandLine& line, AskedConditions& asked, bool file) {
  line.text("--label", asked.label, "Of a run with --condition label: rows of this label", {.type = "LABEL"});
  line.texts("--where", asked.where,
             "Of a run with --condition COLUMNS: rows with this value; once for each column",
             {.type = "COLUMN=VALUE"});
  if (file)
    line.text("--conditions", asked.file,
              "A table with the columns of the condition, or labels: a row is made for each of its rows",
              {.type = "FILE"});
}

Dataset conditions_for(const Run& run, const AskedConditions& asked, std::size_t n, const Common& common) {
  if (!run.conditions) {
    if (!asked.any()) return {};
    throw RequestError(
        Complaint{asked.label.empty() ? asked.file.empty() ? "--where" : "--conditions" : "--label",
                  run.path + ", which has no condition", "a run that was trained with --condition",
                  "--condition label, or --condition COLUMN"});
  }
  if (!asked.file.empty() && (!asked.label.empty() || !asked.where.empty()))
    throw RequestError(Complaint{"--conditions", "--label or --where beside it", "one of them"});
  if (!asked.file.empty()) return told_in(*run.conditions, asked.file, common);
  if (!asked.label.empty() && run.conditions->columns())
    throw RequestError(Complaint{"--label", "a run conditioned on columns", "--where COLUMN=VALUE"});
  std::vector<std::string> where = asked.where;
  if (!asked.label.empty()) where.push_back("label=" + asked.label);
  return drawn_conditions(run, n, where, common.seed);
}

}  // namespace pushforward::cli
