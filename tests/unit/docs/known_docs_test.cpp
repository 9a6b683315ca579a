// SPDX-License-Identifier: Apache-2.0
//
// docs/known_distributions.md shows the registry as it is, docs/course.md names files and tests that exist,
// and the commands of both run. To write the cards anew after a row changed:
//
//   PUSHFORWARD_REGENERATE=1 build/release/tests/pushforward_tests --gtest_filter='KnownDocs.*'
#include <unistd.h>

#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include <gtest/gtest.h>

#include "pushforward/divergence.hpp"
#include "support/places.hpp"
#include "support/program.hpp"

namespace pushforward {
namespace {

const std::string kRoot = testing::source_folder();
const std::string kEnd = "<!-- /list -->";

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string card(const std::string& name) {
  std::string text = testing::run_program("divergence --list " + name).out;
  while (text.ends_with('\n')) text.pop_back();
  return "```text\n" + text + "\n```\n";
}

TEST(KnownDocs, ShowEveryRowAsItIs) {
  const std::string path = kRoot + "/docs/known_distributions.md";
  std::string page = read_file(path);
  const bool write = std::getenv("PUSHFORWARD_REGENERATE") != nullptr;
  for (const DivergenceEntry& entry : divergences()) {
    const std::string start = "<!-- list " + entry.name + " -->\n";
    ASSERT_NE(page.find(start), std::string::npos) << "no section for " << entry.name << ": add the lines\n"
                                                   << start << kEnd;
    const std::size_t begin = page.find(start) + start.size(), end = page.find(kEnd, begin);
    ASSERT_NE(end, std::string::npos) << entry.name;
    if (write)
      page.replace(begin, end - begin, card(entry.name));
    else
      EXPECT_EQ(page.substr(begin, end - begin), card(entry.name)) << "see the head of this test";
  }
  if (write) std::ofstream(path) << page;
}

// `folder` takes the place of "course", where a page's commands keep their runs.
void expect_runs(std::string command, const std::string& folder = "course") {
  for (std::size_t at = command.find("course/"); at != std::string::npos;
       at = command.find("course/", at + folder.size()))
    command.replace(at, std::string("course").size(), folder);
  const testing::Ran ran = testing::run_program(command.substr(std::string("pushforward ").size()));
  EXPECT_EQ(ran.status, 0) << command << "\n" << ran.err;
  EXPECT_NE(ran.out + ran.err, "") << command;
}

TEST(KnownDocs, CommandsRun) {
  std::istringstream page(read_file(kRoot + "/docs/known_distributions.md"));
  bool inside = false;
  int count = 0;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("```")) inside = line == "```sh";
    if (!inside || !line.starts_with("pushforward ")) continue;
    expect_runs(line), ++count;
  }
  EXPECT_GT(count, 10);
}

// Everything between a pair of back quotes.
std::vector<std::string> quoted(const std::string& page) {
  std::vector<std::string> pieces;
  for (std::size_t at = page.find('`'); at != std::string::npos; at = page.find('`', at + 1)) {
    const std::size_t end = page.find('`', at + 1);
    if (end == std::string::npos) break;
    pieces.push_back(page.substr(at + 1, end - at - 1));
    at = end;
  }
  return pieces;
}

// "TEST(Suite, Name)" of every test source, as "Suite.Name".
std::string names_of_tests() {
  std::string names;
  for (const auto& file : std::filesystem::recursive_directory_iterator(kRoot + "/tests")) {
    if (file.path().extension() != ".cpp") continue;
    const std::string text = read_file(file.path().string());
    for (std::size_t at = text.find("\nTEST"); at != std::string::npos; at = text.find("\nTEST", at + 1)) {
      const std::size_t open = text.find('(', at), comma = text.find(',', open),
                        close = text.find(')', comma);
      names +=
          text.substr(open + 1, comma - open - 1) + "." + text.substr(comma + 2, close - comma - 2) + "\n";
    }
  }
  return names;
}

TEST(CourseDocs, FilesAndTestsExistAndCommandsRun) {
  const std::string tests = names_of_tests();
  const std::string folder =
      (std::filesystem::temp_directory_path() / ("pushforward-course-" + std::to_string(getpid()))).string();
  std::filesystem::create_directories(folder + "/pictures");
  for (const char* picture : {"samples.png", "manifold.png"})
    std::filesystem::copy(kRoot + "/docs/images/" + picture, folder + "/pictures/" + picture);
  int commands = 0, files = 0, named = 0;
  for (const std::string& piece : quoted(read_file(kRoot + "/docs/course.md"))) {
    if (piece.starts_with("pushforward ")) {
      expect_runs(piece, folder), ++commands;
    } else if (piece.find('/') != std::string::npos) {
      ++files;
      EXPECT_TRUE(std::filesystem::exists(kRoot + "/" + piece)) << piece;
    } else if (std::isupper(static_cast<unsigned char>(piece[0])) && piece.find('.') != std::string::npos) {
      ++named;
      EXPECT_NE(tests.find(piece + "\n"), std::string::npos) << piece << " is no test";
    }
  }
  std::filesystem::remove_all(folder);
  EXPECT_GT(commands, 30);
  EXPECT_GT(files, 30);
  EXPECT_GT(named, 30);
}

}  // namespace
}  // namespace pushforward
