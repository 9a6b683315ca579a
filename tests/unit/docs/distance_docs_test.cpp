// SPDX-License-Identifier: Apache-2.0
//
// docs/distances.md is in step with the registry, and its commands run.
//
// Each distance has a section whose card is what `pushforward distance --list NAME` prints, between the lines
// "<!-- list NAME -->" and "<!-- /list -->". To write the cards anew after a row changed:
//
//   PUSHFORWARD_REGENERATE=1 build/release/tests/pushforward_tests --gtest_filter='DistanceDocs.*'
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "pushforward/distance.hpp"
#include "support/places.hpp"
#include "support/program.hpp"

namespace pushforward {
namespace {

const std::string kPage = testing::source_folder() + "/docs/distances.md";
const std::string kEnd = "<!-- /list -->";

std::string read_page() {
  std::ifstream file(kPage);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The card of one row as it stands in the page.
std::string card(const std::string& name) {
  return "```text\n" + testing::run_program("distance --list " + name).out + "```\n";
}

TEST(DistanceDocs, ShowEveryRowAsItIs) {
  std::string page = read_page();
  const bool write = std::getenv("PUSHFORWARD_REGENERATE") != nullptr;
  for (const DistanceEntry& entry : distances()) {
    const std::string start = "<!-- list " + entry.name + " -->\n";
    const std::size_t from = page.find(start);
    ASSERT_NE(from, std::string::npos)
        << "docs/distances.md explains no '" << entry.name << "': add a section with the lines\n"
        << start << kEnd;
    const std::size_t begin = from + start.size(), end = page.find(kEnd, begin);
    ASSERT_NE(end, std::string::npos) << entry.name;
    if (write) page.replace(begin, end - begin, card(entry.name));
    if (write) continue;
    EXPECT_EQ(page.substr(begin, end - begin), card(entry.name))
        << "docs/distances.md is out of step; see the head of this test for how to write it anew";
  }
  if (write) std::ofstream(kPage) << page;
}

TEST(DistanceDocs, DescribeNothingElse) {
  const std::string page = read_page(), start = "<!-- list ";
  for (std::size_t at = page.find(start); at != std::string::npos; at = page.find(start, at + 1)) {
    const std::size_t begin = at + start.size();
    EXPECT_NO_THROW(find_distance(page.substr(begin, page.find(' ', begin) - begin)));
  }
}

// Lines of ```sh blocks that begin with the program's name are run in an empty folder.
TEST(DistanceDocs, CommandsRun) {
  std::istringstream page(read_page());
  std::string line;
  bool inside = false;
  int count = 0;
  while (std::getline(page, line)) {
    if (line.starts_with("```")) inside = line == "```sh";
    const std::string program = "pushforward ";
    if (!inside || !line.starts_with(program)) continue;
    const testing::Ran ran = testing::run_program(line.substr(program.size()));
    EXPECT_EQ(ran.status, 0) << line << "\n" << ran.err;
    EXPECT_NE(ran.out, "") << line;
    ++count;
  }
  EXPECT_GT(count, 5);
}

}  // namespace
}  // namespace pushforward
