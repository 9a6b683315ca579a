// SPDX-License-Identifier: Apache-2.0
//
// A table from a text: what kind each column is, and its cells as doubles (table.hpp).
//
// One pass over one buffer: the kinds are guessed from the first thousand rows, then every cell is read as
// its column's kind and written where it belongs, nothing allocated for it. A column that turns out to be
// another kind is read again, alone. Columns of text become categories, or keys where nearly every row has
// another one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "io/bytes.hpp"
#include "pushforward/table.hpp"
#include "pushforward/tensor.hpp"

namespace pushforward::io {

/// Whether the first row holds the columns' names.
enum class Header { guess, yes, no };

struct TableRequest {
  std::string label_column{};  ///< a name of the header, or a number from 1; its cells become `labels`
  Header header = Header::guess;
  char separator = 0;                   ///< 0 = look
  bool numbers_only = false;            ///< refuse what is no number, by row, line and column
  const TableSchema* schema = nullptr;  ///< what the columns are, by name; else it is inferred
  std::vector<std::string> columns{};   ///< only these, by name or number from 1
  std::vector<std::string> drop{};      ///< not these
};

struct TableRows {
  TableSchema schema{};
  Matrix<double> values{};  ///< a column for each of the schema's that is no key
  bool header = false;
  bool numbers_first = false;  ///< guessed: no header, for the first row holds numbers only
  bool labelled = false;
  std::vector<std::string> labels{};   ///< the label column's cells, one a row
  std::vector<std::string> remarks{};  ///< what a user should know of how it was read
};

/// `where` names the file in errors.
TableRows parse_table(ByteSpan bytes, const TableRequest& request, std::string_view where, char usual = ',');
TableRows read_table(const std::string& path, const TableRequest& request);

/// A tab where the name ends in ".tsv" or ".tab", else a comma.
char separator_of(std::string_view path);

}  // namespace pushforward::io
