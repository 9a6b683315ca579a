// SPDX-License-Identifier: Apache-2.0
// The test command as a user types it: ties, the least p, and what is refused before anything is measured.
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/own_folder.hpp"
#include "support/program.hpp"

namespace pushforward {
namespace {

using testing::Ran;
using testing::run_program;
using Json = nlohmann::json;

class TestCommandOnTies : public testing::OwnFolder {
 protected:
  std::string write(const char* name, const std::string& text) {
    std::ofstream(at(name)) << "a,b\n" << text;
    return at(name);
  }
  // 10 rows of 1,2, the row `odd` another.
  std::string rows(const char* name, int odd) {
    std::string text;
    for (int i = 0; i < 10; ++i) text += i == odd ? "7,4\n" : "1,2\n";
    return write(name, text);
  }
  void expect_refused(const std::string& arguments, const std::vector<std::string>& words) {
    const Ran ran = run_program("test " + arguments);
    EXPECT_EQ(ran.status, 2) << arguments;
    EXPECT_EQ(ran.out, "") << arguments;
    for (const std::string& word : words) EXPECT_NE(ran.err.find(word), std::string::npos) << ran.err;
  }
};

TEST_F(TestCommandOnTies, OneOddRowAmongEqualOnesIsNoDifference) {
  const std::string x = rows("x.csv", 4), y = rows("y.csv", -1);
  for (const std::string metric : {"mmd", "mmd:bandwidth=1", "mmd:kernel=laplacian", "mmd:kernel=rq",
                                   "energy", "w2", "sliced", "frechet", "histogram"}) {
    const Json test = Json::parse(run_program("test " + x + " " + y + " -m " + metric + " --json").out)[0];
    EXPECT_EQ(test["p_value"], 1) << metric;
    EXPECT_EQ(test["reject"], false) << metric;
  }
}

TEST_F(TestCommandOnTies, AutoSaysWhatItChoseAndWhy) {
  const std::string toys = "test toy:moons:n=40 toy:8gaussians:n=40 --permutations 99 -m ";
  const Ran ran = run_program(toys + "auto --json");
  EXPECT_EQ(Json::parse(ran.out)[0]["metric"], "mmd-fuse");
  EXPECT_NE(ran.err.find("auto: mmd-fuse, for 2 × 40 rows of 2 features: "), std::string::npos) << ran.err;
  expect_refused("toy:moons:n=40 toy:8gaussians:n=40 -m auto:lambda=2", {"-m auto", "name the test"});
}

TEST_F(TestCommandOnTies, TheLeastPIsABound) {
  const std::string toys = "toy:moons:n=60 toy:8gaussians:n=60 -m energy ";
  const Ran ran = run_program("test " + toys);
  EXPECT_NE(ran.out.find("p ≤ 0.000999, the least that 1000 permutations can give"), std::string::npos)
      << ran.out;
  const Json json = Json::parse(run_program("test " + toys + "--json").out)[0];
  EXPECT_DOUBLE_EQ(json["p_value"], 1.0 / 1001);
  const Ran same = run_program("test " + rows("x.csv", 4) + " " + rows("y.csv", -1) + " -m energy");
  EXPECT_NE(same.out.find("p = 1, 1000 permutations"), std::string::npos) << same.out;
}

TEST_F(TestCommandOnTies, PermutationsThatCannotRejectAreRefusedWithHowManyCan) {
  const std::string pair = rows("x.csv", 4) + " " + rows("y.csv", -1) + " -m energy --permutations ";
  expect_refused(pair + "10", {"10", "at least 19", "0.0909"});
  expect_refused(pair + "50 --level 0.01", {"50", "at least 99"});
  EXPECT_EQ(run_program("test " + pair + "19").status, 0);
}

TEST_F(TestCommandOnTies, AllMetricsAreCheckedBeforeTheFirstIsMeasured) {
  const std::string three = write("x.csv", "1,2\n3,4\n5,6\n");
  std::ofstream(at("wide.csv")) << "a,b,c\n1,2,3\n4,5,6\n7,8,8\n";
  const std::string wide = at("wide.csv") + " " + at("wide.csv");
  expect_refused(wide + " -m energy,histogram", {"histogram", "at most 2"});
  expect_refused(three + " " + three + " -m energy,prdc:k=1", {"prdc", "single value"});
  expect_refused(three + " " + three + " -m energy,kl-knn:k=7", {"kl-knn"});
}

}  // namespace
}  // namespace pushforward
