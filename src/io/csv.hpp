// SPDX-License-Identifier: Apache-2.0
//
// CSV and TSV for who wants numbers, and the one writer of tables.
//
// Reading is table_reader.hpp's, with nothing but numbers allowed: a word, an empty cell, NaN or infinity is
// an error that names row, line and column, and nothing is dropped. Numbers are read and written in full
// precision.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/table_reader.hpp"

namespace pushforward::io {

struct Table {
  std::vector<std::string> columns{};  ///< names from the header, or empty; without the label column
  Matrix<double> values{};
  bool numbers_first = false;  ///< guessed: no header, for the first row holds numbers only
  bool labelled = false;
  std::vector<std::string> labels{};  ///< the label column's cells, one a row
};

/// `label_column` is a name of the header, or a number from 1; empty for none. `where` names the file in
/// errors.
Table parse_csv(ByteSpan bytes, char separator, std::string_view label_column, std::string_view where,
                Header header = Header::guess);
/// The separator is looked for.
Table read_csv(const std::string& path, std::string_view label_column = {}, Header header = Header::guess);

/// The cells of a file of one column of texts, one a row, with a header's cell where there is one.
std::vector<std::string> parse_lines(ByteSpan bytes, std::string_view where);

/// Replaces the file `path`, atomically, by rows × cols numbers that read back to the same bits; a header
/// where `columns` is not empty; separated as read_csv expects.
void write_csv(const std::string& path, View<const float> values, std::span<const std::string> columns = {});
void write_csv(const std::string& path, View<const double> values, std::span<const std::string> columns = {});

/// Adds a cell to a line, in quotes where it must be.
void append_cell(std::string& line, std::string_view cell, char separator);

/// A table as its schema spells it: a column of `values` for each that is no key; keys that count rows are
/// counted anew, other keys left out. `labels`, where not empty, is a last column called `label_name`.
void write_table(const std::string& path, const TableSchema& schema, View<const double> values,
                 std::span<const std::string> labels = {}, const std::string& label_name = "label");

}  // namespace pushforward::io
