// SPDX-License-Identifier: Apache-2.0
// The walk-through: its numbers are the theory's and this run's, its pages say the same in both languages.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "io/bytes.hpp"
#include "io/deflate.hpp"
#include "support/own_folder.hpp"
#include "support/places.hpp"
#include "support/program.hpp"

namespace pushforward::testing {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

class Walkthrough : public OwnFolder {
 protected:
  /// Runs the command into the folder "site"; `words` are more options.
  Ran walk(const std::string& words) const {
    return run_program("walkthrough --quick --quiet -o " + at("site") + " " + words);
  }
  Json numbers_of(const std::string& chapter) const {
    return Json::parse(read("site/data/" + chapter + ".json"));
  }
  Json computed(const std::string& chapter) const {
    const Ran ran = walk("--only " + chapter);
    EXPECT_EQ(ran.status, 0) << ran.err;
    return numbers_of(chapter);
  }
};

/// The pages as they are embedded, numbers missing: by path.
std::map<std::string, std::string> embedded_pages() {
  const std::string path = std::string(source_folder()) + "/web/dist/pages.json.gz";
  const io::Bytes packed = io::read_file(path);
  const Json json = Json::parse(io::text_of(io::gunzip(packed, io::most_inflated(packed.size()), path)));
  std::map<std::string, std::string> pages;
  for (const auto& [name, page] : json.at("pages").items()) pages[name] = page.at("html");
  return pages;
}

double number(const Json& json, const std::string& pointer) {
  const Json& value = json.at(Json::json_pointer(pointer));
  return value.is_number() ? value.get<double>() : value == "inf" ? INFINITY : -INFINITY;
}

std::vector<std::string> matches(const std::string& text, const std::string& pattern) {
  const std::regex expression(pattern);
  std::vector<std::string> found;
  for (std::sregex_iterator match(text.begin(), text.end(), expression), end; match != end; ++match)
    found.push_back((*match)[1].matched ? (*match)[1] : (*match)[0]);
  return found;
}

std::vector<std::string> sorted(std::vector<std::string> texts) {
  std::sort(texts.begin(), texts.end());
  return texts;
}

// What the frame says of the run differs with the language.
std::string without_site(const std::string& html) {
  return std::regex_replace(html, std::regex("\\{\\{site[^}]*\\}\\}"), "");
}

std::string main_of(const std::string& html) {
  const std::size_t begin = html.find("<main "), end = html.find("</main>");
  return html.substr(begin, end - begin);
}

TEST_F(Walkthrough, TheCodingTableIsTheCourses) {
  const Json coding = computed("coding");
  // By hand: 0.9·1 + 0.09·2 + 0.01·5; Huffman's gives two of the six rare symbols four bits: 0.05 − 2·0.01/6.
  EXPECT_NEAR(number(coding, "/by_hand/mean_length"), 1.13, 1e-12);
  EXPECT_NEAR(number(coding, "/huffman/mean_length"), 1.13 - 0.02 / 6, 1e-12);
  EXPECT_NEAR(number(coding, "/entropy"),
              -(0.9 * std::log2(0.9) + 0.09 * std::log2(0.09) + 0.01 * std::log2(0.01 / 6)), 1e-12);
  EXPECT_EQ(number(coding, "/fixed_length"), 3);
}

TEST_F(Walkthrough, KlIsTheExtraBits) {
  const Json kl = computed("kl-bits");
  EXPECT_NEAR(number(kl, "/p_on_q/cross_entropy"), 0.5 * 3 + 0.25 * 3 + 0.125 * 2 + 0.125 * 1, 1e-12);
  EXPECT_NEAR(number(kl, "/p_on_q/kl"), number(kl, "/p_on_q/cross_entropy") - 1.75, 1e-12);
  EXPECT_EQ(number(kl, "/p_on_half/kl"), INFINITY);
  EXPECT_NEAR(number(kl, "/half_on_p/kl"), 0.5 * 0 + 0.5 * 1, 1e-12);
}

TEST_F(Walkthrough, DivergencesOfGaussiansAreTheClosedForms) {
  const Json both = computed("divergences").at("settings").at("both").at("values");
  // N(−1, ½²) and N(1.5, 1.5²).
  EXPECT_NEAR(number(both, "/kl"), std::log(3.0) + (0.25 + 6.25) / (2 * 2.25) - 0.5, 1e-9);
  EXPECT_NEAR(number(both, "/w2"), std::sqrt(6.25 + 1), 1e-9);
  const Json apart = numbers_of("divergences").at("settings").at("apart").at("values");
  EXPECT_NEAR(number(apart, "/js"), std::log(2.0), 1e-12);
  EXPECT_NEAR(number(apart, "/w1"), 3, 1e-9);
}

TEST_F(Walkthrough, OnlyTransportOrdersTheThreeHistograms) {
  const Json three = computed("three-histograms");
  for (const std::string same : {"tv", "kl", "js"})
    EXPECT_EQ(number(three, "/a_b/" + same), number(three, "/a_c/" + same));
  EXPECT_NEAR(number(three, "/a_b/emd"), 3, 1e-12);
  EXPECT_NEAR(number(three, "/a_c/emd"), 7, 1e-12);
}

TEST_F(Walkthrough, OnParallelLinesW1IsTheAbsoluteThetaAndOnlySlopesArrive) {
  const Json lines = computed("parallel-lines"), &curves = lines.at("curves");
  for (std::size_t i = 0; i < curves.at("theta").size(); ++i) {
    const double theta = curves.at("theta")[i];
    EXPECT_NEAR(curves.at("w1")[i].get<double>(), std::abs(theta), 1e-6) << theta;  // rows are float32
    EXPECT_NEAR(curves.at("js")[i].get<double>(), theta == 0 ? 0 : std::log(2.0), 1e-12);
    EXPECT_EQ(curves.at("kl")[i] == "inf", theta != 0);
  }
  for (const std::string stays : {"discriminator", "narrow"})
    EXPECT_GT(number(lines, "/learners/" + stays + "/last"), 1.4);
  for (const std::string arrives : {"wide", "critic", "transport"})
    EXPECT_LT(std::abs(number(lines, "/learners/" + arrives + "/last")), 0.05) << arrives;
}

TEST_F(Walkthrough, ForwardKlTakesTheMomentsAndReverseKlOneHump) {
  const Json fits = computed("two-ways");
  EXPECT_NEAR(number(fits, "/forward/optima/0/mean"), 0, 1e-5);
  EXPECT_NEAR(number(fits, "/forward/optima/0/sd"), std::sqrt(6.5), 1e-5);
  EXPECT_NEAR(std::abs(number(fits, "/reverse/optima/0/mean")), 2.5, 1e-3);  // the other hump is 10 sd away
  EXPECT_NEAR(number(fits, "/reverse/optima/0/divergence"), std::log(2.0), 1e-4);
}

TEST_F(Walkthrough, TheGameAtItsOptimumIsTwiceJsdLessLnFour) {
  const Json game = computed("game");
  for (std::size_t i = 0; i < game.at("networks").size(); ++i) {
    // A network reads at most the optimum, but for chance: 10⁴ draws of terms that vary by less than 1 (5
    // sd).
    const double mean = game.at("networks")[i].at("mean"), value = game.at("networks")[i].at("value");
    const double best =
        2 * game.at("js")[static_cast<std::size_t>(std::lround(10 * mean))].get<double>() - std::log(4.0);
    EXPECT_LT(value, best + 5 * 2 / std::sqrt(1e4)) << mean;
    EXPECT_GT(value, -std::log(4.0) - 0.05) << mean;
  }
  EXPECT_NEAR(number(game, "/js/0"), 0, 1e-12);
  EXPECT_NEAR(number(game, "/at_two/value"), 2 * number(game, "/js/20") - std::log(4.0), 1e-12);
}

TEST_F(Walkthrough, FlowAndDualAgree) {
  const Json pair = computed("transport");
  for (const std::string cost : {"linear", "squared"}) {
    EXPECT_NEAR(number(pair, "/" + cost + "/cost"), number(pair, "/" + cost + "/dual"), 1e-9);
    EXPECT_LT(number(pair, "/" + cost + "/violation"), 1e-9);
    std::vector<double> rows(10), columns(10);
    for (const Json& arc : pair.at(cost).at("flow")) {
      rows[arc.at("from").get<std::size_t>()] += arc.at("mass").get<double>();
      columns[arc.at("to").get<std::size_t>()] += arc.at("mass").get<double>();
    }
    for (std::size_t i = 0; i < 10; ++i) {
      EXPECT_NEAR(rows[i], pair.at("p")[i].get<double>(), 1e-12);
      EXPECT_NEAR(columns[i], pair.at("q")[i].get<double>(), 1e-12);
    }
  }
}

TEST_F(Walkthrough, SinkhornSharpensToTheExactPlan) {
  const Json sinkhorn = computed("sinkhorn"), &steps = sinkhorn.at("steps");
  const double exact = number(sinkhorn, "/exact");
  for (std::size_t i = 1; i < steps.size(); ++i)
    EXPECT_LT(steps[i].at("transport_cost").get<double>(), steps[i - 1].at("transport_cost").get<double>());
  EXPECT_GE(steps.back().at("transport_cost").get<double>(), exact - 1e-9);
  // The entropy of a plan of n points is at most 2 ln n: the cost exceeds the exact one by at most ε·2 ln n.
  EXPECT_LE(steps.back().at("transport_cost").get<double>(),
            exact + steps.back().at("epsilon").get<double>() * 2 * std::log(24.0));
}

TEST_F(Walkthrough, MmdOfUnitMassesIsByHand) {
  const Json witness = computed("witness");
  EXPECT_NEAR(number(witness, "/masses/one"), 2 - 2 * std::exp(-0.5), 1e-12);
  EXPECT_NEAR(number(witness, "/masses/five"), 2 - 2 * std::exp(-12.5), 1e-12);
}

TEST_F(Walkthrough, BothLanguagesHaveTheSameStructureFormulasAndNumbers) {
  const auto pages = embedded_pages();
  std::size_t compared = 0;
  for (const auto& [path, english] : pages) {
    if (!path.starts_with("en/")) continue;
    const std::string& chinese = pages.at("zh/" + path.substr(3));
    for (const std::string pattern :
         {"<annotation encoding=\"application/x-tex\">([^<]*)<", "\\{\\{[^}]*\\}\\}",
          "data-figure=\"([^\"]*)\"", "<code>pushforward ([^<]*)<"})
      EXPECT_EQ(sorted(matches(without_site(english), pattern)),
                sorted(matches(without_site(chinese), pattern)))
          << path;
    const std::string blocks = "<(h2|h3|ul|ol|table|tr|th|td|figure|aside|details|button|p)[ >]";
    EXPECT_EQ(matches(main_of(english), blocks), matches(main_of(chinese), blocks)) << path;
    EXPECT_NE(english.find("<html lang=\"en\">"), std::string::npos);
    EXPECT_NE(chinese.find("<html lang=\"zh-CN\">"), std::string::npos);
    ++compared;
  }
  EXPECT_GT(compared, 4u);
}

TEST_F(Walkthrough, PagesAskNoOtherMachine) {
  for (const auto& [path, html] : embedded_pages())
    EXPECT_EQ(matches(html, "(?:src|href)=\"(?:[a-z]+:)?//[^\"]*").size(), 0u) << path;
}

TEST_F(Walkthrough, AChapterThatIsNotComputedSaysSo) {
  ASSERT_EQ(walk("--only coding").status, 0);
  EXPECT_NE(read("site/en/coding.html").find("data-path=\"entropy\">0.541745<"), std::string::npos);
  const std::string other = read("site/zh/parallel-lines.html");
  EXPECT_NE(other.find("class=\"missing\""), std::string::npos);
  EXPECT_EQ(other.find("{{"), std::string::npos);
  EXPECT_EQ(walk("--only codign").status, 2);
}

std::string unescaped(std::string text) {
  const std::pair<const char*, const char*> escapes[] = {
      {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&amp;", "&"}};
  for (const auto& [escape, character] : escapes)
    for (std::size_t at = 0; (at = text.find(escape, at)) != std::string::npos; ++at)
      text.replace(at, std::string(escape).size(), character);
  return text;
}

// All numbers anywhere in a JSON value.
void collect(const Json& json, std::vector<double>& into) {
  if (json.is_number()) into.push_back(json.get<double>());
  if (json == "inf") into.push_back(INFINITY);
  if (json.is_structured())
    for (const Json& part : json) collect(part, into);
}

// "inf" is equal to itself; others agree to rounding of the two ways to the same number.
bool holds(const std::vector<double>& printed, double value) {
  return std::any_of(printed.begin(), printed.end(), [&](double other) {
    return other == value || std::abs(other - value) <= 1e-9 * std::max(1.0, std::abs(value));
  });
}

// Chapters that take seconds; what trained ones show, their own tests compute.
const std::vector<std::string>& quick_chapters() {
  static const std::vector<std::string> list = {"coding", "kl-bits", "divergences", "three-histograms",
                                                "parallel-lines"};
  return list;
}

void expect_gives(const std::string& line, const std::string& paths, const Json& numbers) {
  const Ran ran = run_program(line + " --quiet --json");
  ASSERT_EQ(ran.status, 0) << line << "\n" << ran.err;
  std::vector<double> printed;
  collect(Json::parse(ran.out), printed);
  std::istringstream words(paths);
  for (std::string path; words >> path;) {
    std::replace(path.begin(), path.end(), '.', '/');
    EXPECT_TRUE(holds(printed, number(numbers, "/" + path))) << path << " is not among what is printed by\n"
                                                             << line;
  }
}

TEST_F(Walkthrough, CommandsGiveTheNumbersOfTheirChapters) {
  const std::regex command("<div class=\"command\" data-gives=\"([^\"]*)\"><code>pushforward ([^<]*)</code>");
  for (const std::string& chapter : quick_chapters()) {
    const Json numbers = computed(chapter);
    const std::string html = read("site/en/" + chapter + ".html");
    std::size_t commands = 0;
    for (std::sregex_iterator match(html.begin(), html.end(), command), end; match != end;
         ++match, ++commands) {
      const std::string line =
          std::regex_replace(unescaped((*match)[2]), std::regex(" -o ([^ ]+)"), " -o " + at("$1"));
      expect_gives(line, (*match)[1], numbers);
    }
    EXPECT_GT(commands, 0u) << chapter;
  }
}

TEST_F(Walkthrough, AnotherSeedGivesOtherNumbersWhereChanceHasAPart) {
  const Json first = computed("parallel-lines");
  ASSERT_EQ(walk("--force --seed 5 --only parallel-lines").status, 0);
  EXPECT_NE(numbers_of("parallel-lines"), first);
}

TEST_F(Walkthrough, GoesOnWhereItStopped) {
  const Json coding = computed("coding");
  const Ran ran = walk("--json --only coding,kl-bits");
  ASSERT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(Json::parse(ran.out).at("computed_now"), 1);
  EXPECT_EQ(Json::parse(ran.out).at("chapters"), 2);
  EXPECT_EQ(numbers_of("coding"), coding);
}

TEST_F(Walkthrough, TouchesNoFolderThatIsNotItsOwn) {
  fs::create_directory(at("site"));
  std::ofstream(at("site/mine.txt")) << "mine";
  const Ran ran = walk("--force --only coding");
  EXPECT_EQ(ran.status, 2);
  EXPECT_NE(ran.err.find("wanted a new or an empty folder"), std::string::npos) << ran.err;
  EXPECT_EQ(std::distance(fs::directory_iterator(at("site")), {}), 1);
}

TEST_F(Walkthrough, MixesNoSeeds) {
  ASSERT_EQ(walk("--only coding").status, 0);
  EXPECT_EQ(walk("--only coding --seed 9").status, 2);
  EXPECT_EQ(walk("--only coding --seed 9 --force").status, 0);
}

}  // namespace
}  // namespace pushforward::testing
