// SPDX-License-Identifier: Apache-2.0
//
// --precision auto: which product is faster on this processor, measured once; the answer becomes the run's
// option, so that it goes on to the same bits anywhere.
#pragma once

#include "pushforward/run.hpp"

namespace pushforward {

/// Replaces auto by f32 or bf16. Networks that multiply little in a step stay float32 without measuring, as
/// do several ranks, whose processors may differ.
void settle_precision(Run& run);

}  // namespace pushforward
