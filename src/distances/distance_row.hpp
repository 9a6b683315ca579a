// SPDX-License-Identifier: Apache-2.0
// What rows of the registry have in common that are made from a struct.
#pragma once

#include "pushforward/distances.hpp"
#include "pushforward/option_table.hpp"

namespace pushforward {

/// A row's `make`: the struct that the table reads, made by its make_distance.
template <class T>
auto distance_from(const OptionTable<T>& table) {
  return from_table(table, [](const T& options, std::uint64_t seed) { return make_distance(options, seed); });
}

}  // namespace pushforward
