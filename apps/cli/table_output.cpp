// SPDX-License-Identifier: Apache-2.0
#include "table_output.hpp"

#include <algorithm>

#include "data/formats.hpp"
#include "endings.hpp"
#include "io/csv.hpp"
#include "io/npy.hpp"

namespace pushforward::cli {

const std::vector<std::string>& text_table_endings() {
  static const std::vector<std::string> endings = [] {
    std::vector<std::string> all;
    for (const data::FileFormat& format : data::file_formats())
      if (format.holds == data::Holds::table)
        all.insert(all.end(), format.written.begin(), format.written.end());
    return all;
  }();
  return endings;
}

bool is_text_table(const std::string& path) {
  return std::ranges::any_of(text_table_endings(),
                             [&](const auto& ending) { return has_ending(path, ending); });
}

const std::vector<std::string>& table_endings() {
  static const std::vector<std::string> endings = [] {
    std::vector<std::string> all = text_table_endings();
    all.emplace_back(".npy");
    return all;
  }();
  return endings;
}

void write_table(const std::string& path, View<const double> rows, const std::vector<std::string>& columns) {
  if (is_text_table(path)) return io::write_csv(path, rows, columns);
  io::write_npy(path, io::ArrayView(std::span<const double>(rows.data, rows.size()), {rows.rows, rows.cols}));
}

}  // namespace pushforward::cli
