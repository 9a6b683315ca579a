// SPDX-License-Identifier: Apache-2.0
// docs/data.md: its commands run, and its table of toys names every toy and its noise.
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "data/parts.hpp"
#include "support/pages.hpp"
#include "unit/io/io_support.hpp"

namespace pushforward {
namespace {

TEST(DataDocs, CommandsRun) {
  const io::TemporaryFolder folder;
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder / "");
  std::ofstream("people.csv") << "age,sort,paid\n31,red,1.50\n42,blue,\n27,red,2.25\n";  // the page's printfs
  std::ofstream("names.toml") << "encoder = \"\"\n";
  const std::vector<std::string> commands = testing::commands_of("docs/data.md");
  for (const std::string& command : commands) testing::expect_runs(command);
  std::filesystem::current_path(before);
  EXPECT_EQ(commands.size(), 15u);
  EXPECT_EQ(folder.names(), (std::set<std::string>{"first", "moons.csv", "moons_run", "moved.csv",
                                                   "names.toml", "page.html", "people", "people.csv",
                                                   "people.toml", "red.csv", "second", "two_modes.png"}));
}

TEST(DataDocs, ToysHaveTheNoiseThatTheTableSays) {
  std::istringstream lines(testing::read_page("docs/data.md"));
  std::string line;
  int count = 0;
  for (bool inside = false; std::getline(lines, line);) {
    if (line.starts_with("## ")) inside = line == "## Toys";
    if (!inside || !line.starts_with("| `")) continue;
    const std::vector<std::string> cells = split(line, '|');
    const std::string text = cells[1].substr(2), name = text.substr(0, text.find_first_of(":`"));
    const data::Toy toy = data::parse_toy(name, 0);
    const std::string noise = cells[3].substr(1, cells[3].size() - 2);
    EXPECT_DOUBLE_EQ(toy.noise, noise == "1/30" ? 1.0 / 30 : parse_number(noise, name)) << name;
    ++count;
  }
  EXPECT_EQ(count, 9);
}

}  // namespace
}  // namespace pushforward
