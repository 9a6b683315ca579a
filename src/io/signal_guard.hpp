// SPDX-License-Identifier: Apache-2.0
//
// Signals that end a process, held back while something half made lies on the disk.
//
// While a guard lives, SIGINT, SIGTERM, SIGHUP, SIGQUIT and SIGXCPU wait (for this thread; the pool's threads
// never take them, threads.cpp). Whoever made the half thing asks `must_stop()` between pieces, throws where
// it is true, and cleans up on the way out; when the guard goes, the signal has its usual effect. No handler,
// no global: a signal that somebody else catches does not count, for then the process goes on.
#pragma once

#include <csignal>

namespace pushforward::io {

class SignalGuard {
 public:
  SignalGuard();
  SignalGuard(const SignalGuard&) = delete;
  SignalGuard& operator=(const SignalGuard&) = delete;
  ~SignalGuard();

  /// Whether a signal waits that will end the process.
  static bool must_stop();

 private:
  sigset_t before_{};
};

}  // namespace pushforward::io
