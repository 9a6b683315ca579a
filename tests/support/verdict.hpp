// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "support/run_limited.hpp"

namespace pushforward::testing {

/// What is wrong with how a run ended, in a few words, or "": its status is 0, 1, 2 or 130; where it is not
/// 0, one line of standard error is an error and all others are notes; no text of the standard library; no
/// control bytes.
std::string verdict(const Outcome& outcome);

}  // namespace pushforward::testing
