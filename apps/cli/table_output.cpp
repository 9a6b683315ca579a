// SPDX-License-Identifier: Apache-2.0
#include "table_output.hpp"

#include "endings.hpp"
#include "io/csv.hpp"
#include "io/npy.hpp"

namespace pushforward::cli {

const std::vector<std::string>& table_endings() {
  static const std::vector<std::string> endings = {".csv", ".tsv", ".npy"};
  return endings;
}

void write_table(const std::string& path, View<const double> rows, const std::vector<std::string>& columns) {
  if (!has_ending(path, ".npy")) return io::write_csv(path, rows, columns);
  io::write_npy(path, io::ArrayView(std::span<const double>(rows.data, rows.size()), {rows.rows, rows.cols}));
}

}  // namespace pushforward::cli
