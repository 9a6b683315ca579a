// SPDX-License-Identifier: Apache-2.0
//
// Figures as pages show them: each with half a sentence of what it is, the direction that is better, and, of
// a distance, its floor.
#pragma once

#include <string>
#include <vector>

#include "pages/json.hpp"
#include "pushforward/fields.hpp"
#include "pushforward/spec.hpp"

namespace pushforward::pages {

/// A JSON array of rows { "name", "about", "better", "cells": [ { "value" or "text", "error", "floor", … } ]
/// }. Parts and lists are rows of their own: "memorisation ratio", "stage_squared_errors 2".
Json figure_rows(const Fields& figures);
/// One of each reading, or of each of its parts, by their SPECs.
Json figure_rows(const std::vector<Fields>& readings, const std::vector<Spec>& specs);

/// Adds a run's rows as column `column`; what it lacks, or only it has, leaves gaps. New rows stand behind
/// the one before them.
void merge_rows(Json& table, const Json& rows, std::size_t column);

/// `names` are the runs' (none for a single one); `rows` as merged.
Json figures_block(const std::vector<std::string>& names, Json rows, const std::string& caption);

/// "0.0123 ± 0.0004", "" of an empty cell.
std::string cell_text(const Json& cell);

}  // namespace pushforward::pages
