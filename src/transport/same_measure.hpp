// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pushforward/sample.hpp"

namespace pushforward {

/// Whether two samples are the same measure: the same points, in whatever order and however often each comes,
/// with the same weight in all, to 30 digits.
bool same_measure(const Sample& x, const Sample& y);

}  // namespace pushforward
