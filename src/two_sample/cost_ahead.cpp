// SPDX-License-Identifier: Apache-2.0
#include "pushforward/cost_ahead.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>

#include "pushforward/error.hpp"
#include "pushforward/subsample.hpp"

namespace pushforward {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kTelling = 0.03;  // seconds of a processor below which a time says little of growth

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// By the processor's clock, which other programs disturb least.
struct Timed {
  double size, processor, wall;
};

Timed timed(const Work& work, const Sample& x, const Sample& y, std::size_t rows) {
  const RowsOf some_x = evenly_spread(x, rows), some_y = evenly_spread(y, rows);
  const auto start = Clock::now();
  const double before = processor_seconds();
  work(some_x.sample(), some_y.sample());
  const double n = static_cast<double>(some_x.sample().n()), m = static_cast<double>(some_y.sample().n());
  return {std::sqrt(n * m), std::max(1e-6, processor_seconds() - before), seconds_since(start)};
}

}  // namespace

std::optional<double> seconds_ahead(const Work& work, const Sample& x, const Sample& y, std::size_t rows) {
  const std::size_t larger = std::max(x.n(), y.n());
  if (larger < 20 * rows) return std::nullopt;
  try {
    Timed few = timed(work, x, y, rows), twice = timed(work, x, y, rows *= 2);
    while (twice.processor < kTelling && 4 * rows < larger) few = twice, twice = timed(work, x, y, rows *= 2);
    const double power =
        std::clamp(std::log(twice.processor / few.processor) / std::log(twice.size / few.size), 1.0, 3.0);
    const double size = std::sqrt(static_cast<double>(x.n()) * static_cast<double>(y.n()));
    return twice.wall * std::pow(size / twice.size, power);
  } catch (const RequestError&) {
    return std::nullopt;
  }
}

}  // namespace pushforward
