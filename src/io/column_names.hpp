// SPDX-License-Identifier: Apache-2.0
//
// The names of a table's columns: made different from each other, and found in time that does not grow with
// their number, which a file chooses.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "pushforward/table.hpp"

namespace pushforward::io {

class ColumnNames {
 public:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  ColumnNames() = default;
  /// The cells of a header, trimmed; what comes twice is told apart as pandas does it: a, a.1, a.2. Several
  /// may have none.
  explicit ColumnNames(const std::vector<std::string>& cells);

  bool empty() const { return names_.empty(); }
  const std::string& operator[](std::size_t c) const { return names_[c]; }
  const std::vector<std::string>& all() const { return names_; }

  /// The column called so, or the one of a number from 1 to `width`; kNone where there is none.
  std::size_t find(std::string_view word, std::size_t width) const;

  /// The place in the schema of every column, kNone where it has none. The k-th without a name is the k-th of
  /// the schema's; where it has fewer, some were left out of the training too: of those that are read, then.
  std::vector<std::size_t> places(const TableSchema& schema, const std::vector<bool>& read) const;

 private:
  void make_unique();

  std::vector<std::string> names_{};
  std::unordered_map<std::string, std::size_t> first_{};  // of a name, its first column
};

}  // namespace pushforward::io
