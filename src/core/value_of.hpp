// SPDX-License-Identifier: Apache-2.0
//
// The number of a reading, where one is needed: a divergence whose iterations left everything open has none.
#pragma once

#include <string_view>

#include "pushforward/reading.hpp"

namespace pushforward {

/// Throws WorkError, with the reading's "note", where there is none. `what` names the measurement.
double value_of(std::string_view what, const Reading& reading);

}  // namespace pushforward
