// SPDX-License-Identifier: Apache-2.0
//
// docs/course.md: every line of the course prints the independent values that stand beside it, the rest names
// files and tests that exist, and its commands run.
#include <algorithm>
#include <cctype>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>

#include <gtest/gtest.h>

#include "support/own_folder.hpp"
#include "support/pages.hpp"
#include "support/places.hpp"
#include "support/program.hpp"

namespace pushforward {
namespace {

const std::string kRoot = testing::source_folder();
const std::string kPage = "docs/course.md";
const std::string kLines = "## The course, line by line",
                  kTopics = "## Every topic, its source and its tests";

std::string between(const std::string& page, const std::string& from, const std::string& to) {
  const std::size_t begin = page.find(from), end = to.empty() ? page.size() : page.find(to);
  EXPECT_LT(begin, end) << from;
  return begin < end ? page.substr(begin, end - begin) : "";
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
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

// `folder` takes the place of "course", where the page's commands keep their runs.
std::string moved(std::string command, const std::string& folder) {
  const auto replace = [&](const std::string& word, const std::string& by) {
    for (std::size_t at = command.find(word); at != std::string::npos;
         at = command.find(word, at + by.size()))
      command.replace(at, word.size(), by);
  };
  replace("course/", folder + "/");
  return command;
}

// ---- what a line must print ----

std::optional<double> number_of(const std::string& word) {
  char* end = nullptr;
  const double value = std::strtod(word.c_str(), &end);
  if (word.empty() || *end != '\0') return std::nullopt;
  return value;
}

// A word that must come next in what is printed: as it is, or a number within `slack`.
struct Word {
  std::string text;
  std::optional<double> value;
  double slack = 0, least = -HUGE_VAL, most = HUGE_VAL;
  bool after_others = false;  // "…" stands before it: other words may come between, on any line

  bool is(const std::string& printed) const {
    if (!value) return printed == text;
    const std::optional<double> found = number_of(printed);
    return found && (*found == *value || std::abs(*found - *value) <= slack) && *found >= least &&
           *found <= most;
  }
};

// The program prints six digits. A figure of the page is meant to its last digit; one with fewer than three
// decimals is exact, and then what is printed may differ by its own rounding.
double rounding(const std::string& figure, double value) {
  const std::size_t point = figure.find('.'), exponent = figure.find('e');
  const std::size_t decimals = point == std::string::npos ? 0 : std::min(exponent, figure.size()) - point - 1;
  if (decimals < 3 || exponent != std::string::npos) return 5e-6 * std::max(1.0, std::abs(value));
  return 1.01 * std::pow(10, -static_cast<double>(decimals));
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream stream(text);
  for (std::string word; stream >> word;) {
    while (word.size() > 1 && (word.back() == ',' || word.back() == ':')) word.pop_back();
    words.push_back(word);
  }
  return words;
}

// "label 0.5 ± 0.1", "label ≥ 40", "label … 0.5".
std::vector<Word> expected(const std::string& text) {
  std::vector<Word> words;
  bool after_others = false;
  const std::vector<std::string> all = words_of(text);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i] == "…") {
      after_others = true;
    } else if (all[i] == "±") {
      words.back().slack = number_of(all[++i]).value();
    } else if (all[i] == "≤" || all[i] == "≥") {
      const double bound = number_of(all[i + 1]).value();
      words.push_back({all[++i], bound, HUGE_VAL});
      (all[i - 1] == "≤" ? words.back().most : words.back().least) = bound;
    } else {
      const std::optional<double> value = number_of(all[i]);
      words.push_back({all[i], value, value ? rounding(all[i], *value) : 0});
      words.back().after_others = after_others, after_others = false;
    }
  }
  return words;
}

bool stands_at(const std::vector<Word>& wanted, std::size_t w, const std::vector<std::string>& printed,
               std::size_t at) {
  if (w == wanted.size()) return true;
  for (; at < printed.size(); ++at) {
    if (wanted[w].is(printed[at]) && stands_at(wanted, w + 1, printed, at + 1)) return true;
    if (!wanted[w].after_others) return false;
  }
  return false;
}

bool is_printed(const std::string& text, const std::string& printed) {
  const std::vector<Word> wanted = expected(text);
  const std::vector<std::string> words = words_of(printed);
  for (std::size_t at = 0; at < words.size(); ++at)
    if (stands_at(wanted, 0, words, at)) return true;
  return false;
}

TEST(CourseLines, AreReadAsThePageSays) {
  EXPECT_TRUE(is_printed("kl 0.498224", "tv  0.4\nkl  0.498224  nats"));
  EXPECT_FALSE(is_printed("kl 0.498224", "reverse-kl  0.498224"));
  EXPECT_FALSE(is_printed("kl 0.498224", "kl  0.498226"));
  EXPECT_FALSE(is_printed("tv 1", "tv  1.0001"));
  EXPECT_TRUE(is_printed("w1 1.5 … 0 ± 0.01", "w1  1.5  0.7  -1e-9"));
  EXPECT_FALSE(is_printed("w1 1.5 … 0 ± 0.01", "w1  1.5  0.7  0.02"));
  EXPECT_TRUE(is_printed("psnr ≥ 40", "psnr 162.5"));
  EXPECT_FALSE(is_printed("psnr ≥ 40", "psnr 39"));
  EXPECT_FALSE(is_printed("gap ≤ 1e-9", "gap 2e-9"));
}

// ---- the page ----

class CourseDocs : public testing::OwnFolder {
 protected:
  // The block that makes the data: a line of the shell's, or of the program's.
  void make_data(const std::string& page) const {
    bool inside = false;
    for (const std::string& line : lines_of(page)) {
      if (line.starts_with("```")) {
        inside = line == "```sh";
      } else if (inside && line.starts_with("pushforward ")) {
        testing::expect_runs(moved(line, folder_.path));
      } else if (inside) {
        EXPECT_EQ(std::system(moved(line, folder_.path).c_str()), 0) << line;
      }
    }
  }
  // What "A && B" prints in all.
  std::string printed_by(const std::string& command) const {
    std::string printed, rest = moved(command, folder_.path) + " && ";
    for (std::size_t end = rest.find(" && "); end != std::string::npos; end = rest.find(" && ")) {
      const std::string line = rest.substr(0, end);
      EXPECT_TRUE(line.starts_with("pushforward ")) << line;
      const testing::Ran ran = testing::run_program(line.substr(std::string("pushforward ").size()));
      EXPECT_EQ(ran.status, 0) << line << "\n" << ran.err;
      printed += ran.out + "\n", rest = rest.substr(end + 4);
    }
    return printed;
  }
  void expect_as_printed(const std::vector<std::string>& pieces) const {
    const std::string printed = printed_by(pieces[0]);
    for (std::size_t i = 1; i < pieces.size(); ++i) {
      if (pieces[i].starts_with("course/"))
        EXPECT_FALSE(testing::file_bytes(moved(pieces[i], folder_.path)).empty()) << pieces[0];
      else
        EXPECT_TRUE(is_printed(pieces[i], printed)) << pieces[0] << "\nwants " << pieces[i] << " in\n"
                                                    << printed;
    }
  }
};

// The cells of "| 7 | topic | command | it prints | because |" but the last, which is for people.
std::string checked_cells(const std::string& row) { return row.substr(0, row.rfind(" | ", row.size() - 4)); }

TEST_F(CourseDocs, EveryLineOfTheCoursePrintsItsIndependentValue) {
  const std::string page = between(testing::read_page(kPage), kLines, kTopics);
  make_data(page);
  std::size_t rows = 0;
  for (const std::string& line : lines_of(page)) {
    if (!line.starts_with("| ") || line.starts_with("| |")) continue;
    const std::vector<std::string> pieces = quoted(checked_cells(line));
    ASSERT_GE(pieces.size(), 2u) << line;  // a command, and something that it prints
    expect_as_printed(pieces), ++rows;
  }
  EXPECT_GE(rows, 56u);
}

// "TEST(Suite, Name)" of every test source, as "Suite.Name".
std::string names_of_tests() {
  std::string names;
  for (const auto& file : std::filesystem::recursive_directory_iterator(kRoot + "/tests")) {
    if (file.path().extension() != ".cpp") continue;
    const std::string text = testing::file_bytes(file.path().string());
    for (std::size_t at = text.find("\nTEST"); at != std::string::npos; at = text.find("\nTEST", at + 1)) {
      const std::size_t open = text.find('(', at), comma = text.find(',', open),
                        close = text.find(')', comma);
      names +=
          text.substr(open + 1, comma - open - 1) + "." + text.substr(comma + 2, close - comma - 2) + "\n";
    }
  }
  return names;
}

TEST_F(CourseDocs, FilesAndTestsExistAndCommandsRun) {
  const std::string tests = names_of_tests();
  std::filesystem::create_directories(at("pictures"));
  for (const char* picture : {"samples.png", "manifold.png"})
    std::filesystem::copy(kRoot + "/docs/images/" + picture, at("pictures/") + picture);
  int commands = 0, files = 0, named = 0;
  for (const std::string& piece : quoted(between(testing::read_page(kPage), kTopics, ""))) {
    if (piece.starts_with("pushforward ")) {
      testing::expect_runs(moved(piece, folder_.path)), ++commands;
    } else if (piece.find('/') != std::string::npos) {
      ++files;
      EXPECT_TRUE(std::filesystem::exists(kRoot + "/" + piece)) << piece;
    } else if (std::isupper(static_cast<unsigned char>(piece[0])) && piece.find('.') != std::string::npos) {
      ++named;
      EXPECT_NE(tests.find(piece + "\n"), std::string::npos) << piece << " is no test";
    }
  }
  EXPECT_GT(commands, 30);
  EXPECT_GT(files, 30);
  EXPECT_GT(named, 30);
}

}  // namespace
}  // namespace pushforward
