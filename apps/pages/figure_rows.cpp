// SPDX-License-Identifier: Apache-2.0
#include "pages/figure_rows.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "pages/figure_notes.hpp"
#include "pushforward/distance.hpp"

namespace pushforward::pages {
namespace {

bool stands_beside_another(const Fields& fields, const std::string& key) {
  const std::string suffix = "_standard_error";
  return key.ends_with(suffix) && find_field(fields, key.substr(0, key.size() - suffix.size()));
}

Json cell_of(const FieldValue& value, const Field* error) {
  Json cell;
  if (std::holds_alternative<double>(value) || std::holds_alternative<long long>(value))
    cell["value"] = to_json(value);
  else
    cell["text"] = short_text(value);
  if (error) cell["error"] = to_json(error->value);
  return cell;
}

Json row_of(const std::string& name, Json cell) {
  const FigureNote* note = figure_note(name);
  return {{"name", name},
          {"about", note ? note->about : ""},
          {"better", note ? note->better : ""},
          {"cells", Json::array({std::move(cell)})}};
}

void add_rows(Json& rows, const Fields& fields, const std::string& before) {
  for (const Field& field : fields) {
    if (stands_beside_another(fields, field.key)) continue;
    if (const auto* parts = std::get_if<Fields>(&field.value)) {
      add_rows(rows, *parts, before + field.key + " ");
    } else if (const auto* list = std::get_if<std::vector<double>>(&field.value)) {
      for (std::size_t i = 0; i < list->size(); ++i)
        rows.push_back(
            row_of(fmt::format("{}{} {}", before, field.key, i + 1), cell_of((*list)[i], nullptr)));
    } else {
      rows.push_back(row_of(before + field.key,
                            cell_of(field.value, find_field(fields, field.key + "_standard_error"))));
    }
  }
}

// A distance's value beside its floor.
Json reading_row(const Spec& spec, const Fields& reading) {
  Json cell = cell_of(find_field(reading, "value")->value, find_field(reading, "standard_error"));
  if (const Field* floor = find_field(reading, "floor"))
    cell["floor"] = to_json(std::get<Fields>(floor->value))["value"];
  if (const Field* times = find_field(reading, "times_floor")) cell["times"] = to_json(times->value);
  const Field* unit = find_field(reading, "unit");
  const std::string in = unit && !short_text(unit->value).empty() ? ", " + short_text(unit->value) : "";
  return {{"name", spec.text()},
          {"about", find_distance(spec.name).title + in},
          {"better", "nearer"},  // of two samples, neither is to be improved
          {"cells", Json::array({std::move(cell)})}};
}

Json parts_rows(const Spec& spec, const Fields& parts) {
  Json rows = Json::array();
  add_rows(rows, parts, "");
  for (Json& row : rows) row["name"] = spec.text() + " " + row["name"].get<std::string>();
  return rows;
}

}  // namespace

Json figure_rows(const Fields& figures) {
  Json rows = Json::array();
  add_rows(rows, figures, "");
  return rows;
}

Json figure_rows(const std::vector<Fields>& readings, const std::vector<Spec>& specs) {
  Json rows = Json::array();
  for (std::size_t i = 0; i < readings.size(); ++i) {
    if (find_field(readings[i], "value")) rows.push_back(reading_row(specs[i], readings[i]));
    if (const Field* parts = find_field(readings[i], "parts"))
      for (Json& row : parts_rows(specs[i], std::get<Fields>(parts->value))) rows.push_back(std::move(row));
  }
  return rows;
}

void merge_rows(Json& table, const Json& rows, std::size_t column) {
  if (table.is_null()) table = Json::array();
  std::size_t after = 0;
  for (const Json& row : rows) {
    auto found =
        std::find_if(table.begin(), table.end(), [&](const Json& one) { return one["name"] == row["name"]; });
    if (found == table.end()) {
      Json fresh = row;
      fresh["cells"] = Json::array();
      found = table.insert(table.begin() + static_cast<std::ptrdiff_t>(after), std::move(fresh));
    }
    after = static_cast<std::size_t>(found - table.begin()) + 1;
    while ((*found)["cells"].size() < column) (*found)["cells"].push_back(nullptr);
    (*found)["cells"].push_back(row["cells"][0]);
  }
  for (Json& row : table)
    while (row["cells"].size() <= column) row["cells"].push_back(nullptr);
}

Json figures_block(const std::vector<std::string>& names, Json rows, const std::string& caption) {
  return {{"type", "figures"}, {"names", names}, {"rows", std::move(rows)}, {"caption", caption}};
}

std::string cell_text(const Json& cell) {
  if (cell.is_null()) return "";
  if (cell.contains("text")) return cell["text"];
  const Json& value = cell["value"];
  const std::string text = value.is_string()         ? value.get<std::string>()
                           : value.is_number_float() ? short_number(value.get<double>())
                                                     : value.dump();
  return text + (cell.contains("error") ? fmt::format(" ± {:.2g}", cell["error"].get<double>()) : "");
}

}  // namespace pushforward::pages
