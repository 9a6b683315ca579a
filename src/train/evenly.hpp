// SPDX-License-Identifier: Apache-2.0
//
// A few rows that stand for all: evenly spaced, so that a data set sorted by label gives all labels, and the
// same ones at every call.
#pragma once

#include "pushforward/data.hpp"

namespace pushforward {

/// At most `count` of the rows from `first` on.
Tensor evenly_spaced_rows(const Dataset& data, std::size_t first, std::size_t count);

}  // namespace pushforward
