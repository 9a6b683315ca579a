// SPDX-License-Identifier: Apache-2.0
//
// An order of points in which every aligned run of 2^k of them (k ≥ 3) is a cell of a k-d tree.
#pragma once

#include <cstdint>
#include <vector>

#include "pushforward/tensor.hpp"

namespace pushforward::transport {

/// order[place] is a row of `points`. Cells are halved across their widest side.
std::vector<std::uint32_t> cell_order(View<const double> points);

}  // namespace pushforward::transport
