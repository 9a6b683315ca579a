// SPDX-License-Identifier: Apache-2.0
//
// One column of a table while it is read: its kind so far, and what its cells have shown.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "pushforward/table.hpp"

namespace pushforward::io {

class ColumnReader {
 public:
  /// What a guess from the first rows made of it, or (fixed) what a schema says.
  ColumnReader(TableColumn column, bool fixed);

  /// The cell's value; false where it does not fit. A missing cell is NaN.
  bool read(std::string_view cell, double& value);
  /// Reads its cells again, as text: nothing that was learnt of them stays.
  void become_text();
  bool is_text() const { return column_.kind == ColumnKind::category || column_.kind == ColumnKind::key; }
  bool fixed() const { return fixed_; }

  TableColumn& column() { return column_; }
  /// When all cells are read: kinds, categories in the order of their names (`order` receives, for every
  /// place of before, its place now; empty where none moved), bounds.
  void finish(std::size_t rows, std::vector<double>& order);
  /// Every cell one more than the one before, from the first.
  bool counts() const { return counting_ && seen_ > 1; }
  double first() const { return first_; }
  bool all_missing() const { return seen_ == 0; }

 private:
  bool read_number(std::string_view cell, double& value);
  bool read_text(std::string_view cell, double& value);
  void see(double value);
  void finish_text(std::size_t rows, std::vector<double>& order);

  TableColumn column_;
  bool fixed_;
  std::unordered_map<std::string_view, std::size_t> places_{};
  std::deque<std::string> kept_{};  ///< the categories' texts, in the order of their coming
  bool too_many_ = false;
  std::size_t seen_ = 0, missing_ = 0;
  int decimals_ = 0;
  bool whole_ = true, counting_ = true;
  double first_ = 0, last_ = 0, low_ = 0, high_ = 0;
};

/// The kind of a column from some of its cells, in their order; `comma_decimals` is the file's habit.
TableColumn guess_column(const std::vector<std::string>& cells, bool comma_decimals);

}  // namespace pushforward::io
