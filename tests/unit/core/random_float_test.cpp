// SPDX-License-Identifier: Apache-2.0
// Vectors of draws against the plain mapping that random.hpp and random_float.cpp document, element by
// element.
#include <cmath>
#include <numbers>
#include <vector>

#include <gtest/gtest.h>

#include "pushforward/random.hpp"

namespace pushforward {
namespace {

const Draw kDraws[] = {Draw{},
                       Draw{.seed = 0x123456789abcdefull, .stream = stream_id("x"), .step = 1ull << 40}};

TEST(RandomFloat, NormalFollowsBoxMullerOfPhiloxBlocks) {
  for (const Draw& draw : kDraws) {
    std::vector<float> got(1003);
    fill_normal(std::span<float>(got), draw, 0.5f, 2);
    for (std::size_t i = 0; i < got.size(); ++i) {
      const auto w = random_bits(draw, static_cast<std::uint32_t>(i / 4));
      const std::size_t first = i % 4 / 2 * 2;
      const double t = (4294967295.5 - w[first]) * 0x1p-32;
      const double angle = 2 * std::numbers::pi * w[first + 1] * 0x1p-32;
      const double radius = std::sqrt(-2 * std::log(t));
      const double wanted = 0.5 + 2 * radius * (i % 2 == 0 ? std::cos(angle) : std::sin(angle));
      // t is rounded to 24 bits: near t = 1 the radius √(2(1−t)) then is off by up to √2^-24·½.
      EXPECT_NEAR(static_cast<double>(got[i]), wanted, 1e-6 + (1 - t < 1e-3 ? 4e-4 : 0)) << i;
    }
  }
}

TEST(RandomFloat, UniformIsTheUpper24Bits) {
  for (const Draw& draw : kDraws) {
    std::vector<float> got(1003);
    fill_uniform(std::span<float>(got), draw);
    for (std::size_t i = 0; i < got.size(); ++i)
      EXPECT_EQ(got[i], static_cast<float>(random_bits(draw, static_cast<std::uint32_t>(i / 4))[i % 4] >> 8) *
                            0x1p-24f);
  }
}

TEST(RandomFloat, ElementsDoNotDependOnHowManyAreDrawn) {
  std::vector<float> all(200), some(200);
  fill_normal(std::span<float>(all), kDraws[1]);
  for (std::size_t n = 0; n <= 130; ++n) {
    std::fill(some.begin(), some.end(), 7.0f);
    fill_normal(std::span<float>(some.data(), n), kDraws[1]);
    EXPECT_TRUE(std::equal(some.begin(), some.begin() + static_cast<std::ptrdiff_t>(n), all.begin())) << n;
    EXPECT_EQ(some[n], 7.0f) << n;
  }
}

TEST(RandomFloat, NormalHasItsMomentsAndTails) {
  std::vector<float> draws(400000);
  fill_normal(std::span<float>(draws), Draw{.seed = 5});
  double m1 = 0, m2 = 0, m4 = 0, beyond = 0;
  for (const float v : draws) {
    const auto x = static_cast<double>(v);
    m1 += x, m2 += x * x, m4 += x * x * x * x, beyond += std::abs(x) > 3;
  }
  const auto n = static_cast<double>(draws.size());
  EXPECT_NEAR(m1 / n, 0, 5 / std::sqrt(n));  // five standard errors each
  EXPECT_NEAR(m2 / n, 1, 5 * std::sqrt(2 / n));
  EXPECT_NEAR(m4 / n, 3, 5 * std::sqrt(96 / n));
  const double p = 0.0026997960632602;  // P(|x| > 3)
  EXPECT_NEAR(beyond / n, p, 5 * std::sqrt(p / n));
}

}  // namespace
}  // namespace pushforward
