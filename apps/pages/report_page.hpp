// SPDX-License-Identifier: Apache-2.0
//
// The page about a run: is it good, what it makes, what it sees, how it was trained, what it is.
#pragma once

#include <optional>
#include <string>

#include "pages/page.hpp"
#include "pages/page_options.hpp"
#include "pushforward/run.hpp"

namespace pushforward::pages {

/// DATA that a run is judged on where nobody says: MNIST's test images for a run on its training images, say;
/// "" where those are rows of its own.
std::string report_data(const Run& run);
/// `rows` are those that it is judged on, of which some are read; without any, what needs them is left out.
Page report_page(const Run& run, std::optional<EvaluatedRows> rows, const PageOptions& how);

}  // namespace pushforward::pages
