// SPDX-License-Identifier: Apache-2.0
// Entropies by hand, and the identities between them.
#include "pushforward/entropy.hpp"

#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include <gtest/gtest.h>

#include "pushforward/divergence.hpp"
#include "pushforward/random.hpp"

namespace pushforward {
namespace {

constexpr double kLn2 = std::numbers::ln2;

JointEntropies of(const std::vector<double>& table, std::size_t rows) {
  return joint_entropies({table.data(), rows, table.size() / rows});
}

TEST(Entropy, WorkedExamples) {
  EXPECT_NEAR(entropy(std::vector<double>{0.5, 0.25, 0.25}), 1.5 * kLn2, 1e-15);  // ½·1 + 2·¼·2 bits
  EXPECT_EQ(entropy(std::vector<double>{1, 0, 0}), 0);
  EXPECT_FALSE(std::signbit(entropy(std::vector<double>{1})));
  EXPECT_NEAR(entropy(std::vector<double>(1000, 0.001)), std::log(1000), 1e-14);
  EXPECT_NEAR(entropy(std::vector<double>{0.36, 0.48, 0.16}), 1.0133126873497391, 1e-15);  // SciPy 1.17.1
}

TEST(Entropy, ManyMassesLoseNothing) {
  // A million equal masses: ln 10^6; a plain loop is wrong by about 1e-11 here.
  EXPECT_NEAR(entropy(std::vector<double>(1000000, 1e-6)), std::log(1e6), 2e-15 * std::log(1e6));
}

TEST(JointEntropies, OfTwoFairCoinsThatAgreeMostly) {
  // p = (0.4, 0.1; 0.1, 0.4): H(X) = H(Y) = ln 2, H(Y|X) = −0.8 ln 0.8 − 0.2 ln 0.2.
  const JointEntropies h = of({0.4, 0.1, 0.1, 0.4}, 2);
  const double given = -0.8 * std::log(0.8) - 0.2 * std::log(0.2);
  EXPECT_NEAR(h.x, kLn2, 1e-15);
  EXPECT_NEAR(h.y, kLn2, 1e-15);
  EXPECT_NEAR(h.y_given_x, given, 1e-15);
  EXPECT_NEAR(h.x_given_y, given, 1e-15);
  EXPECT_NEAR(h.joint, kLn2 + given, 1e-15);
  EXPECT_NEAR(h.mutual_information, kLn2 - given, 1e-15);
}

TEST(JointEntropies, OfACopyAndOfIndependence) {
  const JointEntropies copy = of({0.5, 0, 0, 0.25, 0, 0, 0, 0.25, 0}, 3);  // Y is a function of X
  EXPECT_EQ(copy.y_given_x, 0);
  EXPECT_NEAR(copy.mutual_information, copy.y, 1e-15);
  const JointEntropies independent = of({0.12, 0.28, 0.18, 0.42}, 2);  // (0.4, 0.6) × (0.3, 0.7)
  EXPECT_GE(independent.mutual_information, 0);
  EXPECT_LT(independent.mutual_information, 1e-30);  // as differences of entropies: 1e-16, of either sign
}

TEST(JointEntropies, IdentitiesHoldOnRandomTables) {
  for (std::uint64_t trial = 0; trial < 20; ++trial) {
    std::vector<double> table(4 * 7);
    fill_uniform(std::span<double>(table), Draw{3, stream_id("tables"), trial});
    for (std::size_t i = trial % 5; i < table.size(); i += 5) table[i] = 0;
    table = distribution_of("test", table, {.normalize = true});
    const JointEntropies h = of(table, 4);
    EXPECT_NEAR(h.joint, h.x + h.y_given_x, 1e-14);
    EXPECT_NEAR(h.joint, h.y + h.x_given_y, 1e-14);
    EXPECT_NEAR(h.mutual_information, h.x + h.y - h.joint, 1e-14);
    EXPECT_GE(h.mutual_information, 0);
  }
}

TEST(JointEntropies, SubnormalMassesDoNotUnderflowInTheProductOfMargins) {
  const double small = std::numeric_limits<double>::denorm_min();
  const JointEntropies h = of({1, 0, 0, small}, 2);  // p(x)·p(y) of the last cell is 0 in double precision
  EXPECT_TRUE(std::isfinite(h.mutual_information));
  EXPECT_GE(h.mutual_information, 0);
}

}  // namespace
}  // namespace pushforward
