// SPDX-License-Identifier: Apache-2.0
// The report's sections about what a run generates.
#pragma once

#include "pages/page.hpp"
#include "pages/page_options.hpp"

namespace pushforward::pages {

/// Samples: a grid of images, or points over the data with the critic's (or the witness's) level lines.
/// `original` may be null: then the data are not at hand.
void add_samples(Page& page, const Run& run, const Dataset* original, const PageOptions& how);
/// How the samples spread over the modes of a toy that has some.
void add_modes(Page& page, const Run& run, const Dataset& original, const PageOptions& how);
/// What the critic says of real and of generated points, as two histograms.
void add_critic(Page& page, const Run& run, const Dataset& data, const PageOptions& how);

}  // namespace pushforward::pages
