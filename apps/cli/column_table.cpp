// SPDX-License-Identifier: Apache-2.0
#include "column_table.hpp"

#include <fmt/format.h>

#include "io/bytes.hpp"
#include "io/cells.hpp"
#include "pushforward/column_figures.hpp"

namespace pushforward::cli {
namespace {

std::string name_of(const Dataset& data, std::size_t place, const TableColumn& column) {
  return data.header ? column.name : fmt::format("{}", place + 1);
}

bool has_moments(const TableColumn& column) { return column.numeric() || column.kind == ColumnKind::truth; }

std::vector<std::string> line_of(const Dataset& data, std::size_t place, const TableColumn& column,
                                 std::size_t at) {
  std::vector<std::string> line = {name_of(data, place, column), std::string(kind_name(column.kind))};
  if (column.kind == ColumnKind::key) {
    line.insert(line.end(), {column.counts ? "an index" : "left out", "", "", "", "", ""});
    return line;
  }
  const ColumnFigures f = column_figures(data, at);
  const bool some = f.present > 0, words = column.kind == ColumnKind::category;
  line.push_back(!some || words
                     ? ""
                     : fmt::format("{} … {}", io::cell_text(column, f.low), io::cell_text(column, f.high)));
  line.push_back(some && has_moments(column) ? fmt::format("{:.4g}", f.mean) : "");
  line.push_back(some && has_moments(column) ? fmt::format("{:.4g}", f.deviation) : "");
  line.push_back(fmt::format("{}", f.distinct));
  line.push_back(fmt::format("{}", f.missing));
  const std::string frequent = io::in_quotes(io::cell_text(column, f.frequent));
  line.push_back(!some ? ""
                       : fmt::format("{} ({:.3g} %)", frequent.substr(1, frequent.size() - 2),
                                     100 * static_cast<double>(f.most) / static_cast<double>(data.rows())));
  return line;
}

template <class Use>
void for_columns(const Dataset& data, Use use) {
  std::size_t at = 0;
  for (std::size_t place = 0; place < data.schema->columns.size(); ++place) {
    const TableColumn& column = data.schema->columns[place];
    use(place, column, at);
    at += column.kind != ColumnKind::key ? 1 : 0;
  }
}

}  // namespace

Fields describe_table(const Dataset& data) {
  return {{"data", data.name}, {"rows", data.rows()}, {"features", data.cols()}};
}

void print_columns(const Dataset& data) {
  std::vector<std::vector<std::string>> lines;
  for_columns(data, [&](std::size_t place, const TableColumn& column, std::size_t at) {
    lines.push_back(line_of(data, place, column, at));
  });
  print_table({"column", "kind", "range", "mean", "deviation", "distinct", "missing", "most frequent"},
              lines);
}

Json columns_json(const Dataset& data) {
  Json list = Json::array();
  for_columns(data, [&](std::size_t place, const TableColumn& column, std::size_t at) {
    Json object = {{"name", name_of(data, place, column)}, {"kind", kind_name(column.kind)}};
    if (column.kind != ColumnKind::key) {
      const ColumnFigures f = column_figures(data, at);
      object["distinct"] = f.distinct, object["missing"] = f.missing;
      if (f.present > 0)
        object["most_frequent"] = io::cell_text(column, f.frequent), object["most_frequent_count"] = f.most;
      if (f.present > 0 && column.kind != ColumnKind::category)
        object["minimum"] = f.low, object["maximum"] = f.high, object["mean"] = f.mean,
        object["standard_deviation"] = f.deviation;
    }
    list.push_back(std::move(object));
  });
  return list;
}

}  // namespace pushforward::cli
