// SPDX-License-Identifier: Apache-2.0
// What `test -m auto` chooses: a row of the registry that takes such samples, with its reason.
#include "pushforward/choose_test.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "pushforward/distance.hpp"

namespace pushforward {
namespace {

TEST(ChooseTest, ByRowsAndFeatures) {
  EXPECT_EQ(choose_test(1, 50, 2).test.name, "energy");
  EXPECT_EQ(choose_test(200, 300, 2).test.name, "mmd-fuse");
  EXPECT_EQ(choose_test(200, 300, 784).test.name, "mmd-fuse");
  EXPECT_EQ(choose_test(500, 600, 784).test.name, "c2st-logit");
  EXPECT_EQ(choose_test(20000, 20000, 2).test.name, "c2st-logit");
  EXPECT_EQ(choose_test(30000, 5, 2).test.name, "mmd-fuse");
  EXPECT_EQ(choose_test(500, 500, 2).reason.find("2 × 500 rows of 2 features: "), 0u);
}

TEST(ChooseTest, IsAlwaysDefinedForItsSamples) {
  for (const std::size_t n : {1, 2, 19, 20, 499, 500, 10000, 100000})
    for (const std::size_t m : {1, 2, 20, 500, 100000})
      for (const std::size_t d : {1, 255, 256, 3072}) {
        const Facts facts = facts_of(choose_test(n, m, d).test);
        EXPECT_GE(std::min(n, m), facts.smallest_n) << n << " " << m << " " << d;
      }
}

}  // namespace
}  // namespace pushforward
