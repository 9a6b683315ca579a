// SPDX-License-Identifier: Apache-2.0
//
// Whole numbers that a user or a file gives: read with their sign and checked against a stated range before
// they become anything unsigned. Every option, SPEC, DATA word and run file goes through here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pushforward {

/// How many of anything there may be where no smaller limit is stated: as many as 32-bit indices can tell
/// apart, so that a product of two counts cannot pass 64 bits.
inline constexpr std::uint64_t kMostCount = 2'147'483'647;

inline constexpr std::uint64_t kMostThreads = 1024;

/// What is allowed, both ends included.
struct WholeRange {
  std::uint64_t least = 0;
  std::uint64_t most = kMostCount;

  /// "a whole number from 1 to 1000".
  std::string text() const;
};

/// The whole number that is all of `text`: digits, or 1e3 and 2.5e2, which are whole too. RequestError that
/// repeats the text as it was typed where it is none or lies outside `range`.
std::uint64_t whole_number(std::string_view text, std::string_view where, WholeRange range);

}  // namespace pushforward
