// SPDX-License-Identifier: Apache-2.0
#include "waiting.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include <fmt/format.h>

namespace pushforward::cli {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

std::string about(double seconds) {
  if (seconds < 90) return fmt::format("about {:.0f} s", std::max(1.0, seconds));
  if (seconds < 5400) return fmt::format("about {:.0f} min", seconds / 60);
  if (seconds < 48 * 3600) return fmt::format("about {:.0f} h", seconds / 3600);
  return fmt::format("about {:.0f} days", seconds / 86400);
}

Waiting::Waiting(const std::string& what, std::optional<double> seconds, bool quiet) : bar_(what, quiet) {
  if (quiet || !seconds || *seconds < 2) return;
  ticker_ = std::jthread([this, expected = *seconds](const std::stop_token& stop) {
    const auto start = Clock::now();
    std::mutex mutex;
    std::condition_variable_any tick;
    std::unique_lock lock(mutex);
    bar_.update(0, "");
    while (
        !tick.wait_for(lock, stop, std::chrono::milliseconds(200), [&] { return stop.stop_requested(); })) {
      const double passed = seconds_since(start);
      const bool longer = passed > 0.95 * expected;
      bar_.update(longer ? 0.95 : passed / expected,
                  longer ? clock_text(passed) + ", longer than expected" : "expected " + about(expected),
                  !longer);
    }
  });
}

}  // namespace pushforward::cli
