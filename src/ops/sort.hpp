// SPDX-License-Identifier: Apache-2.0
//
// Sorting numbers, with or without where they came from.
//
// The work is done by Highway's VQSort [Blacher, Giesen & Kühne, "Vectorized and performance-portable
// quicksort", 2022], several times faster than std::sort. VQSort picks its pivots at random, which does not
// show in sorted numbers but would show in the order of ties; so an order is sorted as (key, index) packed
// into one wide integer, which has no ties and therefore one answer. Input must hold no NaN.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace pushforward {

/// Sorts ascending, in place.
void sort_values(std::span<float> values);
void sort_values(std::span<double> values);

/// Writes the values in ascending order to `sorted` and where each came from to `order` (ties by index;
/// −0 and 0 are equal). At most 2³² values.
void sort_with_order(std::span<const float> values, std::vector<float>& sorted,
                     std::vector<std::uint32_t>& order);
void sort_with_order(std::span<const double> values, std::vector<double>& sorted,
                     std::vector<std::uint32_t>& order);

}  // namespace pushforward
