// SPDX-License-Identifier: Apache-2.0
//
// --standardize of two samples: what a wide column hides is seen, and units do not matter.
#include <cmath>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/own_folder.hpp"
#include "support/program.hpp"

namespace pushforward::testing {
namespace {

using Json = nlohmann::ordered_json;

class Standardize : public OwnFolder {
 protected:
  // Age shifts by `shift` of its deviations (10), income is three thousand times wider, at `unit` a dollar.
  // Quasirandom: the fractional parts of multiples of the golden ratio and of √2.
  void write(const std::string& name, double shift, double unit) const {
    std::ofstream file(at(name));
    file << "age,income\n";
    for (int i = 1; i <= 150; ++i)
      file << 40 + 10 * shift + 34.6 * (std::fmod(i * 0.6180339887, 1) - 0.5) << ','
           << unit * (50000 + 100000 * (std::fmod(i * 1.4142135624 + shift, 1) - 0.5)) << '\n';
  }
  Json json(const std::string& words) const {
    const Ran ran = run_program(words + " --json --quiet");
    EXPECT_EQ(ran.status, 0) << ran.err;
    return Json::parse(ran.out)[0];
  }
  void SetUp() override { write("a.csv", 0, 1), write("b.csv", 0.5, 1); }
  std::string pair(const char* command) const {
    return std::string(command) + " " + at("a.csv") + " " + at("b.csv") + " -m energy";
  }
};

// Half a deviation between 150 rows a side is more than four standard errors; among incomes it is nothing.
TEST_F(Standardize, SeesWhatAWideColumnHides) {
  EXPECT_FALSE(json(pair("test") + " --permutations 400")["reject"].get<bool>());
  const Json seen = json(pair("test") + " --permutations 400 --standardize");
  EXPECT_TRUE(seen["reject"].get<bool>()) << seen.dump();
  EXPECT_EQ(seen["standardized"], true);
  EXPECT_EQ(seen["unit"], "standard deviations");
}

TEST_F(Standardize, MakesUnitsNoMatter) {
  write("a-cents.csv", 0, 100), write("b-cents.csv", 0.5, 100);
  const double dollars = json(pair("distance") + " --standardize")["value"];
  const double cents =
      json("distance " + at("a-cents.csv") + " " + at("b-cents.csv") + " -m energy --standardize")["value"];
  EXPECT_NEAR(cents, dollars, 1e-6 * dollars);  // six digits are written
  EXPECT_GT(json(pair("distance"))["value"].get<double>(), 100 * dollars);
  // W₂² between {0, 2} and {4, 6}: mean 3, variance 5 of all four; the same points at (x − 3)/√5 are 4/√5
  // apart.
  EXPECT_NEAR(json("distance 0,2 4,6 -m w2 --standardize")["value"].get<double>(), 4 / std::sqrt(5.0), 1e-12);
}

// Tables of more than numbers. By hand: of A A B B against A B B B, P(A) = ½ and ¼; the indicators' variances
// over all eight are 15/64 each, so a differing pair is √(2·64/30) apart, and the energy distance is that
// times 2·P(differ across) − P(differ in X) − P(differ in Y) = 2·½ − ½ − 3/8 = 1/8.
TEST_F(Standardize, TakesCategoriesDatesAndGaps) {
  const auto file = [&](const std::string& name, const std::vector<std::string>& rows) {
    std::ofstream out(at(name));
    for (const std::string& row : rows) out << row << '\n';
  };
  const auto energy = [&](const std::string& x, const std::string& y) {
    return json("distance " + at(x) + " " + at(y) + " -m energy --standardize")["value"].get<double>();
  };
  file("x.csv", {"kind", "A", "A", "B", "B"}), file("y.csv", {"kind", "A", "B", "B", "B"});
  EXPECT_NEAR(energy("x.csv", "y.csv"), std::sqrt(128.0 / 30) / 8, 1e-12);
  EXPECT_NEAR(energy("y.csv", "x.csv"), energy("x.csv", "y.csv"), 1e-12);  // which comes first is no matter
  // Categories that one of them has: pairs that differ are 14/16, 8/16 and 6/16, at √2 over √(21/32).
  file("b.csv", {"kind", "B", "C", "C", "C"});
  EXPECT_NEAR(energy("x.csv", "b.csv"), 0.875 * std::sqrt(64.0 / 21), 1e-12);
  // Likewise beside others; dates; a gap. A table has no distance from itself.
  file("p.csv", {"kind,since,n", "A,2020-01-02,1", "B,2021-03-04,", "A,2022-05-06,3", "B,2020-07-08,4"});
  file("q.csv", {"kind,since,n", "C,2020-01-02,1", "B,2021-03-04,2", "C,2022-05-06,3", "A,2020-07-08,4"});
  EXPECT_NEAR(energy("p.csv", "p.csv"), 0, 1e-12);
  EXPECT_GT(energy("p.csv", "q.csv"), 0.05);
  file("other.csv", {"kind,since,n", "1,2020-01-02,1", "2,2021-03-04,2", "3,2022-05-06,3"});
  const Ran refused = run_program("distance " + at("p.csv") + " " + at("other.csv") + " --standardize");
  EXPECT_EQ(refused.status, 2);
  EXPECT_NE(refused.err.find("'kind' of kind"), std::string::npos) << refused.err;
  // What a category's place in a list is said to be beside an array's numbers would be nothing.
  file("two.csv", {"kind,n", "A,1", "B,5", "A,4"});
  for (const std::string& two : {at("two.csv") + " toy:moons:n=9", "toy:moons:n=9 " + at("two.csv")}) {
    const Ran alone = run_program("distance " + two + " --standardize");
    EXPECT_EQ(alone.status, 2);
    EXPECT_NE(alone.err.find("no table"), std::string::npos) << alone.err;
  }
}

TEST_F(Standardize, IsAdvisedWhereScalesAreApart) {
  for (const char* command : {"distance", "test", "transport"}) {
    const std::string words = std::string(command) + " " + at("a.csv") + " " + at("b.csv");
    const Ran told = run_program(words), asked = run_program(words + " --standardize");
    EXPECT_NE(told.err.find("'income' varies by"), std::string::npos) << told.err;
    EXPECT_NE(told.err.find("--standardize"), std::string::npos) << told.err;
    EXPECT_EQ(asked.err.find("--standardize"), std::string::npos) << asked.err;
  }
  const Ran alike = run_program("distance toy:moons:n=50 toy:moons:n=50 -m energy");
  EXPECT_EQ(alike.err.find("--standardize"), std::string::npos) << alike.err;
  EXPECT_EQ(run_program(pair("distance") + " --standardize --gradient " + at("g.npy")).status, 2);
}

// A page shows data as they are. In standard units its witness knows that only X has ages below 28; in
// dollars ages would not count, and the rows' mean age would be everybody's, 40.
TEST_F(Standardize, PagesShowTheRowsThatDifferMost) {
  ASSERT_EQ(run_program(pair("distance") + " --standardize -o " + at("page.html")).status, 0);
  const std::string page = read("page.html");
  EXPECT_NE(page.find(", standard deviations\""), std::string::npos);
  EXPECT_NE(page.find("by a permutation test of the energy distance"), std::string::npos);
  const std::size_t begin = page.find("\"rows\":[[", page.find("\"header\":[\"row\"")) + 7;
  const Json rows = Json::parse(page.substr(begin, page.find("]]", begin) + 2 - begin));
  ASSERT_EQ(rows.size(), 10u);
  double age = 0;
  for (const Json& row : rows) age += std::stod(row[1].get<std::string>()) / 10;
  EXPECT_LT(age, 32) << rows.dump();
}

// A column of words is refused with what leaves it out.
TEST_F(Standardize, WordsAreLeftOutByDrop) {
  std::ofstream(at("w.csv")) << "age,city\n1,Bern\n2,Zug\n";
  const Ran ran = run_program("test " + at("w.csv") + " " + at("w.csv"));
  EXPECT_EQ(ran.status, 2);
  EXPECT_NE(ran.err.find("--drop city"), std::string::npos) << ran.err;
}

// One refusal names all columns that are no numbers, each with its kind, and both ways out.
TEST_F(Standardize, EveryColumnOfMoreThanNumbersIsNamed) {
  std::ofstream(at("w.csv")) << "age,city,since,paid\n1,Bern,2020-01-02,3\n2,Zug,2021-03-04,\n";
  const std::string words = at("w.csv") + " " + at("w.csv");
  for (const char* command : {"distance ", "test ", "transport "}) {
    const Ran ran = run_program(command + words);
    EXPECT_EQ(ran.status, 2);
    for (const char* told :
         {"--drop city,since,paid", "text in city", "dates in since", "gaps in paid", "--standardize takes"})
      EXPECT_NE(ran.err.find(told), std::string::npos) << told << "\n" << ran.err;
    EXPECT_EQ(run_program(command + words + " --drop city,since,paid --quiet").status, 0);
    EXPECT_EQ(run_program(command + words + " --standardize --quiet").status, 0);
  }
}

}  // namespace
}  // namespace pushforward::testing
