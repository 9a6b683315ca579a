// SPDX-License-Identifier: Apache-2.0
//
// Two samples in units of both together: columns less their mean, over their deviation, of all rows of both.
//
// Of both, so that relabelling rows changes neither unit: a permutation test stays exact. Tables with
// categories, dates or gaps are first brought to numbers under one schema, to which both of them give their
// categories (table_encoding.hpp); a category counts as one column, so its indicators share one deviation.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pushforward/data.hpp"
#include "pushforward/table_encoding.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

class CommonUnits {
 public:
  /// Tables that hold more than numbers get the schema of both. RequestError for columns that do not match.
  CommonUnits(Dataset& x, Dataset& y);

  Matrix<double> x{}, y{};  ///< all rows, in these units

  /// Places in the data's units (of a table its cells, as loaded) in these.
  Matrix<double> measured(const Points& places) const;

 private:
  Matrix<double> numbers_of(const Dataset& data) const;
  Matrix<double> scaled(Matrix<double> rows) const;

  Dataset cells_;  // without rows: how to read cells
  std::optional<TableEncoding> encoding_{};
  std::vector<double> means_{}, scales_{};
};

/// Deviations of each column over all rows of all tables, and means.
std::vector<double> deviations(const std::vector<View<double>>& tables, std::vector<double>& means);

/// The unit of a reading in these units, from the one that it has otherwise.
std::string standardized_unit(std::string unit);

}  // namespace pushforward
#pragma GCC visibility pop
