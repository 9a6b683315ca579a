// SPDX-License-Identifier: Apache-2.0
//
// Rows that a run's model made, written as the data that it was trained on: a table comes back as a table of
// the same kind.
#pragma once

#include <string>
#include <vector>

#include "pushforward/apply.hpp"
#include "rows_output.hpp"

namespace pushforward::cli {

/// Names of the numbers of a row as the network sees it: of a table with names "a", "kind=A", "a missing";
/// else none.
std::vector<std::string> encoded_columns(const Run& run);
/// Undoes the run's units and writes; `rows` is changed. `how.shape` is set here. `conditions` are the rows'
/// own, of a conditional run.
void write_run_rows(const Run& run, const std::string& path, Tensor& rows, RowsOutput how = {},
                    const Dataset* conditions = nullptr);

}  // namespace pushforward::cli
