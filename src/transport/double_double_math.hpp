// SPDX-License-Identifier: Apache-2.0
//
// Functions of numbers of some 32 digits (double_double.hpp), right to about 2⁻⁹⁷ of their value.
#pragma once

#include "transport/double_double.hpp"

namespace pushforward::transport {

/// e^x; 0 where it is below 2⁻¹⁰⁷⁵, ∞ beyond the range.
DoubleDouble exponential(DoubleDouble x);
/// e^x − 1, to 2⁻⁹⁷ of itself also where x is small.
DoubleDouble exp_minus_one(DoubleDouble x);
/// ln(1 + x), x > −1.
DoubleDouble log_plus_one(DoubleDouble x);
/// √x, x ≥ 0.
DoubleDouble square_root(DoubleDouble x);
/// x^p, x ≥ 0, p > 0.
DoubleDouble power(DoubleDouble x, double p);

}  // namespace pushforward::transport
