// SPDX-License-Identifier: Apache-2.0
//
// Whole numbers that a user or a file gives: read with their sign and checked against a stated range before
// they become anything unsigned. Every option, SPEC, DATA word and run file goes through here.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "pushforward/spec.hpp"

namespace pushforward {

inline constexpr long long kMostThreads = 1024;
/// Of a layer's units, channels and groups, of a code's numbers.
inline constexpr long long kMostUnits = 1'000'000;
/// How often a step, or a row of an evaluation, may repeat its work.
inline constexpr long long kMostRepeats = 10'000;

/// What is allowed, both ends included.
struct WholeRange {
  std::uint64_t least = 0;
  std::uint64_t most = kMostCount;

  /// "a whole number from 1 to 1000".
  std::string text() const;
};
inline constexpr WholeRange kSeeds{0, std::numeric_limits<std::uint64_t>::max()};

/// The whole number that is all of `text`: digits, or 1e3 and 2.5e2, which are whole too. RequestError that
/// repeats the text as it was typed where it is none or lies outside `range`.
std::uint64_t whole_number(std::string_view text, std::string_view where, WholeRange range);

}  // namespace pushforward
