// SPDX-License-Identifier: Apache-2.0
//
// What a table's columns are: the schema that is inferred from a CSV file, shown, edited, given and kept with
// a run, so that what comes back is a table of the same kind.
//
// In memory a cell is one double, whatever its column's kind:
//
//   number, whole   its value                     truth       0 or 1
//   category        its place in `categories`     date        seconds since 1970-01-01
//   key             0: text that only tells rows apart, or a count of them; no model sees it
//   missing         NaN
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#pragma GCC visibility push(default)
namespace pushforward {

enum class ColumnKind { number, whole, truth, category, date, key };

/// How numbers of a column are spelt: "$1,234.50" has prefix "$", thousands "," and decimal ".".
struct NumberForm {
  char decimal = '.';
  char thousands = 0;  ///< 0 = none
  std::string prefix{}, suffix{};

  bool plain() const { return decimal == '.' && thousands == 0 && prefix.empty() && suffix.empty(); }
  bool operator==(const NumberForm&) const = default;
};

struct TableColumn {
  std::string name;
  ColumnKind kind = ColumnKind::number;
  std::vector<std::string> categories{};  ///< of a category in their order; of a truth value: false, true
  std::string other{};  ///< the category that stands for unknown ones; "" = they are refused
  int decimals = -1;    ///< of a number, the most that a cell has; −1 = as many as it takes
  NumberForm form{};
  std::string date_form{};  ///< "YYYY-MM-DD", "DD.MM.YYYY hh:mm", …
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();  ///< bounds, both included
  bool missing = false;                                   ///< cells may be missing
  std::string missing_text{};                             ///< and are written so
  bool counts = false;                                    ///< a key that counts rows
  double first = 0;                                       ///< from here

  bool numeric() const { return kind == ColumnKind::number || kind == ColumnKind::whole; }
  bool operator==(const TableColumn&) const = default;
};

struct TableSchema {
  std::vector<TableColumn> columns{};
  char separator = ',';

  /// Whether every column that a model sees holds numbers, none missing: rows of it are vectors.
  bool plain() const;
  /// The column called `name`, or their number.
  std::size_t find(std::string_view name) const;
  bool operator==(const TableSchema&) const = default;
};

std::string_view kind_name(ColumnKind kind);

/// TOML, a [[column]] each; reads back to the same schema.
std::string schema_text(const TableSchema& schema);
/// RequestError that names column, got and wanted.
TableSchema parse_schema(std::string_view text, const std::string& where);
TableSchema read_schema(const std::string& path);

}  // namespace pushforward
#pragma GCC visibility pop
