// SPDX-License-Identifier: Apache-2.0
//
// Numbers in columns: .csv, .tsv or .npy, in float64.
#pragma once

#include <string>
#include <vector>

#include "pushforward/tensor.hpp"

namespace pushforward::cli {

/// .csv, .tsv, .npy
const std::vector<std::string>& table_endings();
void write_table(const std::string& path, View<const double> rows, const std::vector<std::string>& columns);

}  // namespace pushforward::cli
