// SPDX-License-Identifier: Apache-2.0
//
// Numbers of 113 bits and 15 bits of exponent, for closed forms of a few hundred operations.
//
// Between Gaussians whose spreads differ by 1e150, or whose covariances have a condition of 1e15, a double
// has neither the range (λ = 1e-600) nor the digits (a pivot of 1e-15 of which the last place is 10 %). Here
// both are left over, and formulas may be written as they are read. Software numbers: some 50 ns an
// operation, and microseconds a logarithm.
#pragma once

#include <boost/multiprecision/cpp_bin_float.hpp>

namespace pushforward {

using Wide = boost::multiprecision::cpp_bin_float_quad;

/// x − ln(1 + x) ≥ 0, all digits near 0. `one_plus` is 1 + x, which may have digits that x has not.
Wide minus_log1pmx(const Wide& x, const Wide& one_plus);
/// e^x, +∞ and 0 beyond the range.
Wide wide_exp(const Wide& x);
/// ln(1 + x) and e^x − 1, all digits near 0.
Wide wide_log1p(const Wide& x);
Wide wide_expm1(const Wide& x);

}  // namespace pushforward
