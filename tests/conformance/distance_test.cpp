// SPDX-License-Identifier: Apache-2.0
// Every row of the registry keeps its promises.
#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "pushforward/conformance.hpp"

namespace pushforward {
namespace {

class RegisteredDistance : public testing::TestWithParam<std::size_t> {};

TEST_P(RegisteredDistance, KeepsItsPromises) {
  const DistanceEntry& entry = distances()[GetParam()];
  if (entry.facts.learned) GTEST_SKIP() << "fitted distances have their own test";
  for (const Finding& finding : check_distance(entry)) ADD_FAILURE() << finding.text();
}

std::vector<std::size_t> rows() {
  std::vector<std::size_t> all(distances().size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  return all;
}

std::string row_name(const testing::TestParamInfo<std::size_t>& info) {
  std::string name = distances()[info.param].name;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Registry, RegisteredDistance, testing::ValuesIn(rows()), row_name);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RegisteredDistance);

TEST(Registry, NamesAreUnique) {
  std::set<std::string> names;
  for (const DistanceEntry& entry : distances()) EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
}

}  // namespace
}  // namespace pushforward
