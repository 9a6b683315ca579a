// SPDX-License-Identifier: Apache-2.0
//
// What is in a table, column by column: kind, range, mean, deviation, distinct, missing and most frequent
// values.
#pragma once

#include "output.hpp"
#include "pushforward/data.hpp"
#include "pushforward/fields.hpp"

namespace pushforward::cli {

/// Of the whole: rows, columns.
Fields describe_table(const Dataset& data);
/// A line a column.
void print_columns(const Dataset& data);
Json columns_json(const Dataset& data);

}  // namespace pushforward::cli
