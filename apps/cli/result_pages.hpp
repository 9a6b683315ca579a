// SPDX-License-Identifier: Apache-2.0
// Pages about runs and samples, for a file (report, compare, distance) or a browser (studio).
#pragma once

#include "evaluation.hpp"
#include "pages/page.hpp"
#include "pages/page_options.hpp"
#include "run_argument.hpp"
#include "samples.hpp"

namespace pushforward::cli {

inline pages::PageOptions page_options(const Common& common) { return {common.seed, listener(common)}; }

pages::Page report_page(RunArguments arguments, const Common& common);
/// Several runs on the same data, by the distances that compare takes by default.
pages::Page compare_page(const std::vector<std::string>& runs, const std::string& data, const Common& common);
/// Two samples by the distances that distance takes by default; of many rows, some are measured.
pages::Page distance_page(const SampleOptions& samples, const Common& common);

}  // namespace pushforward::cli
