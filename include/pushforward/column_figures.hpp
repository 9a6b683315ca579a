// SPDX-License-Identifier: Apache-2.0
//
// What is in a column of a table: how many cells, of which range, mean, deviation and most frequent value.
#pragma once

#include <cstddef>

#include "pushforward/data.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

/// Of the cells that are present. Categories are numbers here: their places among those of the column.
struct ColumnFigures {
  std::size_t present = 0, missing = 0, distinct = 0;
  double low = 0, high = 0, mean = 0;
  double deviation = 0;  ///< √ of the mean squared distance from the mean
  double frequent = 0;   ///< the most frequent value, the least of several
  std::size_t most = 0;  ///< how often it is there
};
/// Of column `column` of a table as loaded (keys are not counted).
ColumnFigures column_figures(const Dataset& table, std::size_t column);

}  // namespace pushforward
#pragma GCC visibility pop
