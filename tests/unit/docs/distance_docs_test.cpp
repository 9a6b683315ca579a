// SPDX-License-Identifier: Apache-2.0
// docs/distances.md is in step with the registry, and its commands run.
#include <gtest/gtest.h>

#include "pushforward/distance.hpp"
#include "support/pages.hpp"
#include "support/program.hpp"

namespace pushforward {
namespace {

const std::string kPage = "docs/distances.md";

TEST(DistanceDocs, ShowEveryRowAsItIs) {
  std::vector<std::string> names;
  for (const DistanceEntry& entry : distances()) names.push_back(entry.name);
  testing::expect_cards(kPage, "list", names, [](const std::string& name) {
    return testing::run_program("distance --list " + name).out;
  });
}

TEST(DistanceDocs, CommandsRun) {
  const std::vector<std::string> commands = testing::commands_of(kPage);
  EXPECT_GT(commands.size(), 5u);
  for (const std::string& command : commands) testing::expect_runs(command);
}

}  // namespace
}  // namespace pushforward
