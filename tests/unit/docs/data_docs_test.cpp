// SPDX-License-Identifier: Apache-2.0
// docs/data.md: its commands run, and its table of toys names every toy and its noise.
#include <filesystem>
#include <sstream>

#include <gtest/gtest.h>

#include "data/parts.hpp"
#include "support/places.hpp"
#include "support/program.hpp"
#include "unit/io/io_support.hpp"

namespace pushforward {
namespace {

std::string page() {
  return std::string(io::text_of(io::read_file(testing::source_folder() + "/docs/data.md")));
}

TEST(DataDocs, CommandsRun) {
  const io::TemporaryFolder folder;
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder / "");
  std::istringstream lines(page());
  std::string line;
  int count = 0;
  for (bool inside = false; std::getline(lines, line);) {
    if (line.starts_with("```")) inside = line == "```sh";
    if (!inside || !line.starts_with("pushforward ")) continue;
    const testing::Ran ran = testing::run_program(line.substr(12));
    EXPECT_EQ(ran.status, 0) << line << "\n" << ran.err;
    ++count;
  }
  std::filesystem::current_path(before);
  EXPECT_EQ(count, 4);
  EXPECT_EQ(folder.names(), (std::set<std::string>{"moons.csv", "two_modes.png"}));
}

TEST(DataDocs, ToysHaveTheNoiseThatTheTableSays) {
  std::istringstream lines(page());
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
