// SPDX-License-Identifier: Apache-2.0
// docs/cli.md lists every command, and every model's options, as the program's --help does; README's commands
// run.
#include <sstream>

#include <gtest/gtest.h>

#include "pushforward/model.hpp"
#include "support/pages.hpp"
#include "support/program.hpp"

namespace pushforward {
namespace {

// The words that begin an indented line of `pushforward --help`.
std::vector<std::string> names_of_commands() {
  std::istringstream overview(testing::run_program("--help").out);
  std::vector<std::string> names;
  for (std::string line; std::getline(overview, line);)
    if (line.starts_with("  ") && line.size() > 2 && line[2] != ' ')
      names.push_back(line.substr(2, line.find(' ', 2) - 2));
  return names;
}

TEST(CliDocs, ListEveryCommandsOptions) {
  std::vector<std::string> names = names_of_commands();
  EXPECT_GT(names.size(), 20u);
  for (const ModelEntry& model : models()) names.push_back("train " + model.name);
  testing::expect_cards("docs/cli.md", "help", names,
                        [](const std::string& name) { return testing::run_program(name + " --help").out; });
}

}  // namespace
}  // namespace pushforward
