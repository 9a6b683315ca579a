// SPDX-License-Identifier: Apache-2.0
// The report's sections about what a run generates.
#pragma once

#include "evaluation.hpp"
#include "pages/page.hpp"

namespace pushforward::cli {

/// Samples: a grid of images, or points over the data with the critic's (or the witness's) level lines.
/// `original` may be null: then the data are not at hand.
void add_samples(Page& page, const Run& run, const Dataset* original, const Common& common);
/// How the samples spread over the modes of a toy that has some.
void add_modes(Page& page, const Run& run, const Dataset& original, const Common& common);
/// What the critic says of real and of generated points, as two histograms.
void add_critic(Page& page, const Run& run, const Dataset& data, const Common& common);

}  // namespace pushforward::cli
