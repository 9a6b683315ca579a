// SPDX-License-Identifier: Apache-2.0
// Whether the system gave the pool fewer threads than were asked for.
#pragma once

namespace pushforward {

bool threads_refused();

}  // namespace pushforward
