// SPDX-License-Identifier: Apache-2.0
// Tables as text: CSV and its like, by any separator.
#include <array>
#include <iostream>

#include <fmt/format.h>

#include "data/formats.hpp"
#include "data/parts.hpp"
#include "io/atomic_file.hpp"
#include "io/csv.hpp"
#include "io/table_reader.hpp"
#include "pushforward/error.hpp"

namespace pushforward::data {
namespace {

io::Bytes read_standard_input() {
  io::Bytes bytes;
  std::array<char, 1 << 16> block;
  while (std::cin.read(block.data(), block.size()) || std::cin.gcount() > 0)
    bytes.insert(bytes.end(), block.data(), block.data() + std::cin.gcount());
  return bytes;
}

io::Header header_of(const LoadOptions& options) {
  if (options.header.empty()) return io::Header::guess;
  const std::vector<std::string> valid = {"yes", "no"};
  if (options.header != "yes" && options.header != "no")
    throw unknown_word("--header", options.header, valid);
  return options.header == "yes" ? io::Header::yes : io::Header::no;
}

// "a,b" as a list; names with commas are given by their numbers.
std::vector<std::string> names_in(const std::string& text) {
  std::vector<std::string> names;
  for (const std::string& name : split(text, ','))
    if (!name.empty()) names.push_back(name);
  return names;
}

io::TableRows read_rows(const std::string& path, const LoadOptions& options) {
  io::TableRequest request;
  request.label_column = options.label_column, request.header = header_of(options);
  request.columns = names_in(options.columns), request.drop = names_in(options.drop);
  request.numbers_only = !options.mixed;
  TableSchema given;
  request.schema = options.schema.get();
  if (!options.schema_file.empty()) given = read_schema(options.schema_file), request.schema = &given;
  if (path == "-") return io::parse_table(read_standard_input(), request, "standard input");
  return io::read_table(path, request);
}

Dataset data_of(io::TableRows table, const std::string& path) {
  Dataset data;
  data.name = path;
  data.shape = {1, table.values.cols(), 1, false};
  data.rows_data = std::move(table.values);
  data.table = true, data.header = table.header, data.remarks = std::move(table.remarks);
  for (const TableColumn& column : table.schema.columns)
    if (table.header && column.kind != ColumnKind::key) data.columns.push_back(column.name);
  data.schema = std::make_shared<const TableSchema>(std::move(table.schema));
  if (table.numbers_first)
    data.remarks.push_back(
        fmt::format("{} has no header: its first row holds numbers only and is read as data; --header "
                    "yes makes them the columns' names, --header no is silent",
                    path));
  if (table.labelled) set_labels(data, table.labels);
  return data;
}

Dataset read(const FileRequest& request) {
  return data_of(read_rows(request.path, request.options), request.path);
}

// With a file's name before each row.
std::string named_rows(const FileRows& how, const std::vector<std::string>& columns, char separator) {
  std::string text = "file";
  for (const std::string& name : columns) text += separator, io::append_cell(text, name, separator);
  text += '\n';
  for (std::size_t i = 0; i < how.rows.rows; ++i) {
    io::append_cell(text, how.names[i], separator);
    for (std::size_t j = 0; j < how.rows.cols; ++j)
      fmt::format_to(std::back_inserter(text), "{}{}", separator, how.rows(i, j));
    text += '\n';
  }
  return text;
}

void write(const std::string& path, const FileRows& how) {
  std::vector<std::string> columns = how.columns;
  if (columns.size() != how.rows.cols) columns.clear();
  for (std::size_t j = columns.size(); j < how.rows.cols; ++j) columns.push_back(fmt::format("x{}", j));
  how.names.empty() ? io::write_csv(path, how.rows, columns)
                    : io::write_file(path, named_rows(how, columns, io::separator_of(path)));
}

}  // namespace

Dataset table_from(std::string_view text, const std::string& name) {
  io::TableRequest request;
  request.header = io::Header::yes, request.separator = ',';
  return data_of(io::parse_table(io::bytes_of(text), request, name), name);
}

FileFormat table_format() {
  return {.name = "CSV, TSV",
          .holds = Holds::table,
          .endings = {".csv", ".tsv", ".tab", ".txt", ".csv.gz", ".tsv.gz", ".tab.gz", ".txt.gz"},
          .named = [](std::string_view path) { return path == "-"; },
          .read = read,
          .written = {".csv", ".tsv"},
          .write = write};
}

}  // namespace pushforward::data
