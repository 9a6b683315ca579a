// SPDX-License-Identifier: Apache-2.0
//
// docs/known_distributions.md shows the registry as it is, and its commands run.
#include <gtest/gtest.h>

#include "pushforward/divergence.hpp"
#include "support/pages.hpp"
#include "support/program.hpp"

namespace pushforward {
namespace {

const std::string kPage = "docs/known_distributions.md";

TEST(KnownDocs, ShowEveryRowAsItIs) {
  std::vector<std::string> names;
  for (const DivergenceEntry& entry : divergences()) names.push_back(entry.name);
  testing::expect_cards(kPage, "list", names, [](const std::string& name) {
    std::string text = testing::run_program("divergence --list " + name).out;
    while (text.ends_with('\n')) text.pop_back();
    return text;
  });
}

TEST(KnownDocs, CommandsRun) {
  const std::vector<std::string> commands = testing::commands_of(kPage);
  EXPECT_GT(commands.size(), 10u);
  for (const std::string& command : commands) testing::expect_runs(command);
}

}  // namespace
}  // namespace pushforward
