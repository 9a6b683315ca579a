// SPDX-License-Identifier: Apache-2.0
//
// CSV and TSV: a row per observation, a column per feature [RFC 4180].
//
// Cells may be quoted ("" inside quotes is a quote; separators and line ends inside quotes are text), lines
// end in LF or CRLF, a byte-order mark, blanks around numbers and empty lines are skipped. Numbers are read
// in full double precision. A word, an empty cell, NaN or infinity where a number is wanted is an error that
// names row, line and column: nothing is guessed and nothing is dropped.
//
// The first row is a header when it holds no number at all, or when a word stands over a number and the other
// cells are words or counts ("label,0,1,2"). So a header of numbers only is taken for data, and a file
// without header may have columns of words (labels), which are then called by their number, from 1.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/bytes.hpp"
#include "pushforward/tensor.hpp"

namespace pushforward::io {

struct Table {
  std::vector<std::string> columns{};  ///< names from the header, or empty; without the label column
  Matrix<double> values{};
  bool labelled = false;
  std::vector<std::string> labels{};  ///< the label column's cells, one a row
};

/// `label_column` is a name of the header, or a number from 1; empty for none. `where` names the file in
/// errors.
Table parse_csv(ByteSpan bytes, char separator, std::string_view label_column, std::string_view where);
/// A tab separates where the name ends in ".tsv", else a comma.
Table read_csv(const std::string& path, std::string_view label_column = {});

/// The cells of a file of one column of texts, one a row, with a header's cell where there is one.
std::vector<std::string> parse_lines(ByteSpan bytes, std::string_view where);

/// Replaces the file `path`, atomically, by rows × cols numbers that read back to the same bits; a header
/// where `columns` is not empty; separated as read_csv expects.
void write_csv(const std::string& path, View<const float> values, std::span<const std::string> columns = {});
void write_csv(const std::string& path, View<const double> values, std::span<const std::string> columns = {});

}  // namespace pushforward::io
