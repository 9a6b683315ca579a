// SPDX-License-Identifier: Apache-2.0
//
// What a file's name says of its contents: PLAN.CSV is a plan.csv.
#pragma once

#include <algorithm>
#include <string_view>

namespace pushforward::io {

/// Whether `path` ends with `ending` (".csv", in small letters), whatever the case of its own letters.
inline bool has_ending(std::string_view path, std::string_view ending) {
  if (path.size() < ending.size()) return false;
  const auto small = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(ending.begin(), ending.end(), path.end() - static_cast<std::ptrdiff_t>(ending.size()),
                    [&](char wanted, char got) { return wanted == small(got); });
}

}  // namespace pushforward::io
