// SPDX-License-Identifier: Apache-2.0
// pthread_sigmask and sigpending.
#include "io/signal_guard.hpp"

namespace pushforward::io {
namespace {

constexpr int kFatal[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGXCPU};

}  // namespace

SignalGuard::SignalGuard() {
  sigset_t held;
  sigemptyset(&held);
  for (const int signal : kFatal) sigaddset(&held, signal);
  pthread_sigmask(SIG_BLOCK, &held, &before_);
}

SignalGuard::~SignalGuard() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

bool SignalGuard::must_stop() {
  sigset_t waiting;
  if (sigpending(&waiting) != 0) return false;
  for (const int signal : kFatal) {
    struct sigaction action {};
    if (sigismember(&waiting, signal) == 1 && sigaction(signal, nullptr, &action) == 0 &&
        action.sa_handler == SIG_DFL)
      return true;
  }
  return false;
}

}  // namespace pushforward::io
