// SPDX-License-Identifier: Apache-2.0
// Whether advice to go on with a run can be followed.
#pragma once

#include <string>

namespace pushforward {

/// Whether there is a run at `path` that resume_run() takes: one that is trained, not solved.
bool can_go_on(const std::string& path);

}  // namespace pushforward
