// SPDX-License-Identifier: Apache-2.0
//
// docs/known_distributions.md shows the registry as it is, docs/course.md names files and tests that exist,
// and the commands of both run.
#include <unistd.h>

#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "pushforward/divergence.hpp"
#include "support/pages.hpp"
#include "support/places.hpp"
#include "support/program.hpp"

namespace pushforward {
namespace {

const std::string kRoot = testing::source_folder();
const std::string kPage = "docs/known_distributions.md";

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

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

// `folder` takes the place of "course", where the page's commands keep their runs.
void expect_runs_in(std::string command, const std::string& folder) {
  for (std::size_t at = command.find("course/"); at != std::string::npos;
       at = command.find("course/", at + folder.size()))
    command.replace(at, std::string("course").size(), folder);
  testing::expect_runs(command);
}

TEST(CourseDocs, FilesAndTestsExistAndCommandsRun) {
  const std::string tests = names_of_tests();
  const std::string folder =
      (std::filesystem::temp_directory_path() / ("pushforward-course-" + std::to_string(getpid()))).string();
  std::filesystem::create_directories(folder + "/pictures");
  for (const char* picture : {"samples.png", "manifold.png"})
    std::filesystem::copy(kRoot + "/docs/images/" + picture, folder + "/pictures/" + picture);
  int commands = 0, files = 0, named = 0;
  for (const std::string& piece : quoted(testing::read_page("docs/course.md"))) {
    if (piece.starts_with("pushforward ")) {
      expect_runs_in(piece, folder), ++commands;
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
