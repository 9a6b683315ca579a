// SPDX-License-Identifier: Apache-2.0
// What nobody means where a whole number is wanted, and what somebody types or a damaged file holds.
#pragma once

namespace pushforward::testing {

/// None of them is in the range of any count: below 0, beyond every limit (2^61 + 1 times 8 is 8 again),
/// beyond 64 bits, no number at all.
inline constexpr const char* kAbsurdCounts[] = {"-1",
                                                "-9223372036854775808",
                                                "2305843009213693953",
                                                "9223372036854775807",
                                                "18446744073709551615",
                                                "99999999999999999999",
                                                "1e300",
                                                "2.5",
                                                "ten"};

}  // namespace pushforward::testing
