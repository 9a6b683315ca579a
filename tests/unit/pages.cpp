// SPDX-License-Identifier: Apache-2.0
#include "support/pages.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "support/places.hpp"
#include "support/program.hpp"

namespace pushforward::testing {
namespace {

bool regenerating() { return std::getenv("PUSHFORWARD_REGENERATE") != nullptr; }

// Writes one card, or expects it to be as it should; appends a section where the page has none.
void settle_card(std::string& page, const std::string& kind, const std::string& name,
                 const std::string& text) {
  const std::string start = "<!-- " + kind + " " + name + " -->\n", stop = "<!-- /" + kind + " -->";
  const std::string card = "```text\n" + text + (text.ends_with('\n') ? "" : "\n") + "```\n";
  std::size_t begin = page.find(start);
  if (begin == std::string::npos) {
    EXPECT_TRUE(regenerating()) << "no card for '" << name << "'; see support/pages.hpp for how to add it";
    if (regenerating()) page += "\n## " + name + "\n\n" + start + card + stop + "\n";
    return;
  }
  begin += start.size();
  const std::size_t end = page.find(stop, begin);
  ASSERT_NE(end, std::string::npos) << name;
  if (regenerating())
    page.replace(begin, end - begin, card);
  else
    EXPECT_EQ(page.substr(begin, end - begin), card) << "see support/pages.hpp for how to write it anew";
}

void expect_no_others(const std::string& page, const std::string& kind,
                      const std::vector<std::string>& names) {
  const std::string start = "<!-- " + kind + " ";
  for (std::size_t at = page.find(start); at != std::string::npos; at = page.find(start, at + 1)) {
    const std::size_t begin = at + start.size();
    const std::string name = page.substr(begin, page.find(" -->", begin) - begin);
    EXPECT_NE(std::find(names.begin(), names.end(), name), names.end())
        << "a card for '" << name << "', which is none";
  }
}

}  // namespace

std::string read_page(const std::string& path) {
  std::ifstream file(source_folder() + "/" + path);
  EXPECT_TRUE(file.is_open()) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

void expect_cards(const std::string& path, const std::string& kind, const std::vector<std::string>& names,
                  const std::function<std::string(const std::string&)>& card) {
  std::string page = read_page(path);
  for (const std::string& name : names) settle_card(page, kind, name, card(name));
  expect_no_others(page, kind, names);
  if (regenerating()) std::ofstream(source_folder() + "/" + path) << page;
}

std::vector<std::string> commands_of(const std::string& path) {
  std::istringstream page(read_page(path));
  std::vector<std::string> commands;
  bool inside = false;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("```")) inside = line == "```sh";
    if (inside && line.starts_with("pushforward ")) commands.push_back(line);
  }
  return commands;
}

void expect_runs(const std::string& line) {
  const Ran ran = run_program(line.substr(std::string("pushforward ").size()));
  EXPECT_EQ(ran.status, 0) << line << "\n" << ran.err;
  EXPECT_NE(ran.out + ran.err, "") << line;
}

}  // namespace pushforward::testing
