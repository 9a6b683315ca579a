// SPDX-License-Identifier: Apache-2.0
#include "io/csv.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "io/atomic_file.hpp"
#include "io/cells.hpp"
#include "io/text_rows.hpp"

namespace pushforward::io {
void append_cell(std::string& line, std::string_view cell, char separator) {
  const char special[] = {'"', '\r', '\n', separator};
  const bool blank = cell != trimmed(cell);
  if (!blank && cell.find_first_of(std::string_view(special, 4)) == std::string_view::npos) {
    line += cell;
    return;
  }
  line += '"';
  for (const char c : cell) line += c == '"' ? std::string("\"\"") : std::string(1, c);
  line += '"';
}

namespace {

void write_header(AtomicFile& file, std::span<const std::string> columns, char separator) {
  if (columns.empty()) return;
  std::string line;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (c > 0) line += separator;
    append_cell(line, columns[c], separator);
  }
  if (line.empty()) line = "\"\"";  // an empty line is no row
  file.write(line + '\n');
}

template <class T>
void write_values(const std::string& path, View<const T> values, std::span<const std::string> columns) {
  AtomicFile file(path);
  const char separator = separator_of(path);
  write_header(file, columns, separator);
  std::string line;
  for (std::size_t i = 0; i < values.rows; ++i) {
    line.clear();
    for (std::size_t c = 0; c < values.cols; ++c)
      fmt::format_to(std::back_inserter(line), "{}", values(i, c)),
          line += c + 1 == values.cols ? '\n' : separator;
    file.write(line);
  }
  file.commit();
}

bool written(const TableColumn& column) { return column.kind != ColumnKind::key || column.counts; }

void append_row(std::string& line, const TableSchema& schema, View<const double> values, std::size_t i,
                char separator) {
  std::size_t at = 0;
  bool first = true;
  for (const TableColumn& column : schema.columns) {
    if (!written(column)) continue;
    if (!std::exchange(first, false)) line += separator;
    if (column.kind == ColumnKind::key)
      line += fmt::format("{:.0f}", column.first + static_cast<double>(i));
    else
      append_cell(line, cell_text(column, values(i, at++)), separator);
  }
}

std::vector<std::string> header_of(const TableSchema& schema, std::span<const std::string> labels,
                                   const std::string& label_name) {
  std::vector<std::string> names;
  for (const TableColumn& column : schema.columns)
    if (written(column)) names.push_back(column.name);
  if (!labels.empty()) names.push_back(label_name);
  return names;
}

}  // namespace

Table parse_csv(ByteSpan bytes, char separator, std::string_view label_column, std::string_view where,
                Header header) {
  TableRequest request;
  request.label_column = label_column, request.header = header, request.separator = separator;
  request.numbers_only = true;
  TableRows rows = parse_table(bytes, request, where);
  Table table;
  if (rows.header)
    for (const TableColumn& column : rows.schema.columns)
      if (column.kind != ColumnKind::key) table.columns.push_back(column.name);
  table.values = std::move(rows.values), table.labels = std::move(rows.labels);
  table.numbers_first = rows.numbers_first, table.labelled = rows.labelled;
  return table;
}

Table read_csv(const std::string& path, std::string_view label_column, Header header) {
  const Bytes bytes = read_file(path);
  Bytes room;
  const std::string_view text = text_in(bytes, path, room);
  return parse_csv(bytes_of(text), guess_separator(text, separator_of(path)), label_column, path, header);
}

std::vector<std::string> parse_lines(ByteSpan bytes, std::string_view where) {
  RowLexer lexer(text_of(bytes), ',', where);
  std::vector<std::string_view> cells;
  std::vector<std::string> lines;
  while (lexer.next(cells)) {
    if (cells.size() != 1)
      throw RequestError(Complaint{fmt::format("{}: line {}", where, lexer.line()),
                                   fmt::format("{} cells", cells.size()), "one a row"});
    lines.emplace_back(trimmed(cells[0]));
  }
  return lines;
}

void write_csv(const std::string& path, View<const float> values, std::span<const std::string> columns) {
  write_values(path, values, columns);
}
void write_csv(const std::string& path, View<const double> values, std::span<const std::string> columns) {
  write_values(path, values, columns);
}

void write_table(const std::string& path, const TableSchema& schema, View<const double> values,
                 std::span<const std::string> labels, const std::string& label_name) {
  AtomicFile file(path);
  const char usual = separator_of(path), separator = usual == '\t' ? usual : schema.separator;
  const std::vector<std::string> names = header_of(schema, labels, label_name);
  const bool named = std::any_of(names.begin(), names.end(), [](const std::string& n) { return !n.empty(); });
  if (named) write_header(file, names, separator);
  std::string line;
  for (std::size_t i = 0; i < values.rows; ++i) {
    line.clear();
    append_row(line, schema, values, i, separator);
    if (!labels.empty()) line += separator, append_cell(line, labels[i], separator);
    if (line.empty()) line = "\"\"";  // a missing cell alone: an empty line is no row
    file.write(line + '\n');
  }
  file.commit();
}

}  // namespace pushforward::io
