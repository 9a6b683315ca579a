// SPDX-License-Identifier: Apache-2.0
// Figures of runs as `report` and `compare` show them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "pushforward/fields.hpp"
#include "pushforward/spec.hpp"
#include "report/page.hpp"

namespace pushforward::cli {

using Plots = std::vector<report::Page::NamedPlot>;

/// A figure's name and its text, "0.0123 ± 0.0004" where a standard error stands beside it.
using Cells = std::vector<std::pair<std::string, std::string>>;
/// Parts and lists become cells of their own: "memorisation ratio", "stage_squared_errors 2".
Cells cells_of(const Fields& figures);
/// One of each reading, or one of each of its parts, by their SPECs.
Cells cells_of(const std::vector<Fields>& readings, const std::vector<Spec>& specs);

/// Figures that are lists, such as the error after each stage of a stack: a plot each over their index, with
/// a curve for each of `figures`, named alike.
Plots list_plots(const std::vector<std::string>& names, const std::vector<const Fields*>& figures);

}  // namespace pushforward::cli
