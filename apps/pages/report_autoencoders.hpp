// SPDX-License-Identifier: Apache-2.0
//
// Sections of a report that only some autoencoders have: the stages of a stack, what was denoised.
#pragma once

#include "pages/page.hpp"
#include "pages/page_options.hpp"
#include "pushforward/run.hpp"

namespace pushforward::pages {

/// The stack's error after each stage and at the end; nothing for a run without stages.
void add_stages(Page& page, const Run& run);

/// noisy | denoised | clean of the first rows, for a run that was trained on noise or pairs; `inputs` are the
/// noisy halves where there are pairs, else null.
void add_denoised(Page& page, const Run& run, const Dataset& data, const Dataset* inputs,
                  const PageOptions& how);

}  // namespace pushforward::pages
