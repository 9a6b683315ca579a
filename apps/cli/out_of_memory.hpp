// SPDX-License-Identifier: Apache-2.0
//
// What went wrong where memory ran out, in a sentence. The program's own operator new says how much was asked
// for, which std::bad_alloc does not know.
#pragma once

#include <string>

#include "command.hpp"

namespace pushforward::cli {

/// Loads now what the C library would load when an exception or a thread first needs it, and not find room
/// for.
void load_unwinder();

/// Runs `work`. Where memory runs out, a MemoryError says how much was wanted and what of `command` takes
/// less.
void run_within_memory(const Command& command, const std::function<void()>& work);

}  // namespace pushforward::cli
