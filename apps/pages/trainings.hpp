// SPDX-License-Identifier: Apache-2.0
// Curves of trainings: of one run, or of several beside each other.
#pragma once

#include <string>
#include <vector>

#include "pages/page.hpp"
#include "pushforward/fields.hpp"
#include "pushforward/history.hpp"

namespace pushforward::pages {

/// A section of one run's losses, their parts, and its distances to held-out rows; nothing where it has none.
void add_training(Page& page, const std::string& run_path);
/// The same of several: a chart a number with a curve a run, where its value means the same for all of them.
/// Losses of models that differ have a chart each.
void add_trainings(Page& page, const std::vector<std::string>& names, const std::vector<std::string>& models,
                   const std::vector<std::string>& run_paths);

/// Figures that are lists, such as the error after each stage of a stack: a chart each, with a curve for each
/// of `figures`, named alike.
Json list_charts(const std::vector<std::string>& names, const std::vector<const Fields*>& figures);

}  // namespace pushforward::pages
