// SPDX-License-Identifier: Apache-2.0
#include "train/still_falling.hpp"

#include <cmath>
#include <functional>

#include <gtest/gtest.h>

#include "pushforward/random.hpp"

namespace pushforward::cli {
namespace {

bool falls(std::uint64_t steps, const std::function<double(double)>& loss) {
  LossBlocks blocks;
  for (std::uint64_t step = 1; step <= steps; ++step)
    blocks.see(step, steps, loss(static_cast<double>(step) / static_cast<double>(steps)));
  return blocks.still_falls();
}

double noise(double at) { return uniform01(Draw{3}, static_cast<std::uint32_t>(1e6 * at)) - 0.5; }

TEST(StillFalling, TellsALineFromAPlateau) {
  EXPECT_TRUE(falls(1000, [](double t) { return 10 - 5 * t; }));
  EXPECT_TRUE(falls(1000, [](double t) { return 10 - 5 * t + noise(t); }));
  EXPECT_FALSE(falls(1000, [](double t) { return 3 + 7 * std::exp(-30 * t) + noise(t); }));
  EXPECT_FALSE(falls(1000, [](double t) { return 3 + noise(t); }));
  EXPECT_FALSE(falls(1000, [](double t) { return 3 + 5 * t; }));
}

TEST(StillFalling, LooksAtTheLastStageAlone) {
  LossBlocks blocks;
  for (std::uint64_t step = 1; step <= 1000; ++step)
    blocks.see(
        step, 1000,
        step <= 700 ? 100 - 0.1 * static_cast<double>(step) : 3 + noise(1e-3 * static_cast<double>(step)),
        step <= 700 ? "first" : "all");
  EXPECT_FALSE(blocks.still_falls());
}

TEST(StillFalling, LooksAtARunThatGoesOnFromWhereItStood) {
  LossBlocks blocks;
  for (std::uint64_t step = 501; step <= 1000; ++step)
    blocks.see(step, 1000, 10 - 0.005 * static_cast<double>(step));
  EXPECT_TRUE(blocks.still_falls());
}

TEST(StillFalling, SaysNothingOfAHandfulOfSteps) {
  EXPECT_FALSE(falls(10, [](double t) { return 10 - 5 * t; }));
  EXPECT_FALSE(falls(100, [](double t) { return t > 0.5 ? NAN : 10 - 5 * t; }));
}

TEST(LateEstimate, IsImpossibleBelowWhatChanceExplains) {
  const auto late = [](double first, double last) {
    LateEstimate seen;
    for (std::uint64_t step = 1; step <= 100; ++step) seen.see(step, 100, step <= 90 ? first : last);
    return seen;
  };
  EXPECT_DOUBLE_EQ(late(7, -3).mean(), -3);
  EXPECT_TRUE(late(7, -3).impossible());
  EXPECT_TRUE(late(7, NAN).impossible());
  EXPECT_FALSE(late(-1e9, 0.2).impossible());
  EXPECT_FALSE(late(-3, -0.5).impossible());
  EXPECT_FALSE(LateEstimate{}.impossible());
}

}  // namespace
}  // namespace pushforward::cli
