// SPDX-License-Identifier: Apache-2.0
#include "figure_plots.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "output.hpp"

namespace pushforward::cli {
namespace {

bool stands_beside_another(const Fields& fields, const std::string& key) {
  const std::string suffix = "_standard_error";
  return key.ends_with(suffix) && find_field(fields, key.substr(0, key.size() - suffix.size()));
}

std::string with_error(const FieldValue& value, const Field* error) {
  return short_text(value) + (error ? fmt::format(" ± {:.2g}", number_of({*error}, error->key)) : "");
}

void add_cells(Cells& cells, const Fields& fields, const std::string& before) {
  for (const Field& field : fields) {
    if (stands_beside_another(fields, field.key)) continue;
    if (const auto* parts = std::get_if<Fields>(&field.value)) {
      add_cells(cells, *parts, before + field.key + " ");
    } else if (const auto* list = std::get_if<std::vector<double>>(&field.value)) {
      for (std::size_t i = 0; i < list->size(); ++i)
        cells.emplace_back(fmt::format("{}{} {}", before, field.key, i + 1), short_number((*list)[i]));
    } else {
      cells.emplace_back(before + field.key,
                         with_error(field.value, find_field(fields, field.key + "_standard_error")));
    }
  }
}

const std::vector<double>* list_in(const Fields& fields, const std::string& key) {
  const Field* field = find_field(fields, key);
  return field ? std::get_if<std::vector<double>>(&field->value) : nullptr;
}

}  // namespace

Cells cells_of(const Fields& figures) {
  Cells cells;
  add_cells(cells, figures, "");
  return cells;
}

Cells cells_of(const std::vector<Fields>& readings, const std::vector<Spec>& specs) {
  Cells cells;
  for (std::size_t i = 0; i < readings.size(); ++i) {
    if (const Field* value = find_field(readings[i], "value"))
      cells.emplace_back(specs[i].text(),
                         with_error(value->value, find_field(readings[i], "standard_error")));
    if (const Field* parts = find_field(readings[i], "parts"))
      add_cells(cells, std::get<Fields>(parts->value), specs[i].text() + " ");
  }
  return cells;
}

Plots list_plots(const std::vector<std::string>& names, const std::vector<const Fields*>& figures) {
  std::vector<std::string> keys;
  for (const Fields* fields : figures)
    for (const Field& field : *fields) {
      const auto* list = list_in(*fields, field.key);
      if (list && list->size() > 1 && std::find(keys.begin(), keys.end(), field.key) == keys.end())
        keys.push_back(field.key);
    }
  Plots plots;
  for (const std::string& key : keys) {
    std::vector<report::Curve> curves;
    for (std::size_t r = 0; r < figures.size(); ++r)
      if (const auto* list = list_in(*figures[r], key)) {
        curves.push_back({names[r], {}, *list, r});
        for (std::size_t i = 0; i < list->size(); ++i) curves.back().x.push_back(static_cast<double>(i + 1));
      }
    plots.push_back({key, report::line_plot(curves, key, "number", key, true)});
  }
  return plots;
}

}  // namespace pushforward::cli
