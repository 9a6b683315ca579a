// SPDX-License-Identifier: Apache-2.0
//
// Fuzzing: whatever the bytes, a reader returns or throws RequestError. Anything else is a bug: another
// exception (bad_alloc too, for a claimed size must be checked before memory is taken), a sanitizer's report,
// a hang.
//
// Each target is one file that defines `target` and `seeds`. With clang, libFuzzer drives it; with g++,
// driver.cpp does, guided by coverage in the same way but much more simply, and in an order that Philox makes
// repeatable.
#pragma once

#include <functional>
#include <vector>

#include "io/bytes.hpp"

namespace pushforward::fuzz {

using io::Bytes;
using io::ByteSpan;

/// Reads `bytes`; defined by each target.
void target(ByteSpan bytes);
/// Good inputs to begin with; defined by each target.
std::vector<Bytes> seeds();

/// Runs the target, and swallows RequestError.
void run(ByteSpan bytes);

inline Bytes bytes_from(std::string_view text) { return {text.begin(), text.end()}; }

/// What `write` puts into a file of a temporary folder, which it is given.
Bytes written(const std::function<void(const std::string& path)>& write);

}  // namespace pushforward::fuzz
