// SPDX-License-Identifier: Apache-2.0
//
// Two tables beside each other, column by column: shares of values, what goes with what, rows.
#pragma once

#include <string>
#include <vector>

#include "pages/json.hpp"
#include "pushforward/data.hpp"
#include "pushforward/table.hpp"

namespace pushforward::pages {

/// A table's columns that models see, and their cells as table.hpp keeps them (NaN: missing).
struct ColumnTable {
  std::string name;  ///< "the data", "samples"
  std::vector<TableColumn> columns;
  Matrix<double> cells;
};
/// Of any data: without a schema, columns of numbers.
ColumnTable column_table(const std::string& name, const Dataset& data);

/// Whether two tables have the same columns, so that they can stand beside each other.
bool same_columns(const ColumnTable& x, const ColumnTable& y);

/// How far two columns are apart, 0 … 1: of categories and truth values half the sum of differences of shares
/// (total variation), of numbers the largest difference of their distribution functions (Kolmogorov and
/// Smirnov); a missing cell is a value of its own.
double column_gap(const ColumnTable& x, const ColumnTable& y, std::size_t column);

/// Histograms and bars of each, the one that is furthest off first.
Json columns_block(const ColumnTable& x, const ColumnTable& y);

/// What goes with what, −1 … 1, in rows of `columns`: Pearson's correlation of numbers, Cramér's V of
/// categories, the correlation ratio of a category and a number; NaN where a column is constant.
Matrix<double> association(const ColumnTable& table, const std::vector<std::size_t>& columns);
/// Both tables' side by side, and their difference; of the columns that differ most, where there are many.
/// Null for one column.
Json association_block(const ColumnTable& x, const ColumnTable& y);

/// These rows as texts, spelt as the file spells them.
Json rows_block(const ColumnTable& table, const std::vector<std::size_t>& rows, const std::string& caption);

}  // namespace pushforward::pages
