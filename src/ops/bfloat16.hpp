// SPDX-License-Identifier: Apache-2.0
// Rounding float32 to bfloat16, the upper half of its bits.
#pragma once

#include <cstdint>
#include <span>

namespace pushforward {

/// To nearest, ties to even; NaN stays NaN, and what rounds above the largest number becomes infinite. `to`
/// holds as many.
void round_to_bf16(std::span<const float> from, std::uint16_t* to);
/// The same numbers as float32: what products take where the processor multiplies no bfloat16.
void round_to_bf16(std::span<const float> from, float* to);

/// Whether bfloat16 products are native to this processor (else factors are rounded to it and multiplied in
/// float32, which comes to the same and is slower than float32).
bool bf16_is_native();

}  // namespace pushforward
