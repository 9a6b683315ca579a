// SPDX-License-Identifier: Apache-2.0
// Rounding float32 to bfloat16, the upper half of its bits.
#pragma once

#include <cstdint>
#include <span>

namespace pushforward {

/// To nearest, ties to even; NaN stays NaN, and what rounds above the largest number becomes infinite. `to`
/// holds as many.
void round_to_bf16(std::span<const float> from, std::uint16_t* to);

}  // namespace pushforward
