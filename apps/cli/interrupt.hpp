// SPDX-License-Identifier: Apache-2.0
//
// Ctrl-C asks for a stop; long work looks at `interrupt_requested()` between steps, saves, and throws
// Interrupted. A second Ctrl-C ends the process at once, as if nothing had caught the first.
#pragma once

#include "pushforward/error.hpp"

namespace pushforward::cli {

/// Stopped on request, after what could be saved was saved: exit status 130.
class Interrupted : public Error {
 public:
  using Error::Error;
};

/// From now on the first SIGINT or SIGTERM only sets the flag.
void catch_interrupts();
bool interrupt_requested();

}  // namespace pushforward::cli
