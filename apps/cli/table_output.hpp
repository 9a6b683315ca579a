// SPDX-License-Identifier: Apache-2.0
//
// Numbers in columns: a table of text (.csv, .tsv) or .npy, in float64.
#pragma once

#include <string>
#include <vector>

#include "pushforward/tensor.hpp"

namespace pushforward::cli {

/// The endings of tables of text, as the table of formats has them: .csv, .tsv
const std::vector<std::string>& text_table_endings();
bool is_text_table(const std::string& path);

/// These and .npy.
const std::vector<std::string>& table_endings();
void write_table(const std::string& path, View<const double> rows, const std::vector<std::string>& columns);

}  // namespace pushforward::cli
