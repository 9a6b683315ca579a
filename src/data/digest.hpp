// SPDX-License-Identifier: Apache-2.0
//
// By which a run knows its data again: XXH64 of the values as they are stored, with their type, scale and
// number.
#pragma once

#include <cstdint>

#include "pushforward/data.hpp"

namespace pushforward {

/// Never 0, which stands for "not known".
std::uint64_t digest_of(const Dataset& data);

}  // namespace pushforward
