// SPDX-License-Identifier: Apache-2.0
//
// One line a row: a registry names the function that returns the row, which the row's own file defines, and
// declares it in the same breath. So what is added is a file and a line.
// A row is found by its name, as people write it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/synonyms.hpp"

/// Of the function `name` in the namespace that this stands in: what it returns, a `Row`.
#define PUSHFORWARD_ROW(Row, name) \
  [] {                             \
    extern Row name();             \
    return name();                 \
  }()

namespace pushforward {

template <class Entry>
std::vector<std::string> names_of(std::span<const Entry> table) {
  std::vector<std::string> names;
  for (const Entry& entry : table) names.push_back(entry.name);
  return names;
}

/// The row that `name` means; `what` is looked for: "distance".
template <class Entry>
const Entry& find_row(std::span<const Entry> table, std::string_view name, const char* what) {
  return table[find_word(what, name, names_of(table))];
}

}  // namespace pushforward
