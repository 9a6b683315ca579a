// SPDX-License-Identifier: Apache-2.0
// Learned distances as a user types them: readings, --score, tests, and one line for what is wrong.
#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "io/csv.hpp"
#include "support/own_folder.hpp"
#include "support/program.hpp"

namespace pushforward {
namespace {

using testing::Ran;
using testing::run_program;
using Json = nlohmann::json;

const std::string kPair = " toy:gaussian:d=2,n=300 toy:gaussian:d=2,n=300,scale=3 ";
const std::string kQuick = "hidden=8,steps=200 ";

class CriticCommand : public testing::OwnFolder {
 protected:
  static void expect_refused(const std::string& arguments, const std::vector<std::string>& words) {
    const Ran ran = run_program(arguments);
    EXPECT_EQ(ran.status, 2) << arguments;
    EXPECT_EQ(ran.out, "") << arguments;
    EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
    for (const std::string& word : words) EXPECT_NE(ran.err.find(word), std::string::npos) << ran.err;
  }
};

TEST_F(CriticCommand, AReadingSaysWhatItIs) {
  const Ran ran = run_program("distance" + kPair + "-m w1-critic:" + kQuick + "--json --quiet");
  EXPECT_EQ(ran.err, "");
  const Json reading = Json::parse(ran.out)[0];
  EXPECT_EQ(reading["metric"], "w1-critic");
  EXPECT_TRUE(reading["bound"] == "estimate" || reading["bound"] == "lower bound");
  EXPECT_EQ(reading["steps"], 200);
  EXPECT_EQ(reading["converged"], false);
  EXPECT_EQ(reading["held_out"]["n"], 100);
  EXPECT_GT(reading["standard_error"], 0);
  EXPECT_EQ(reading["options"]["lipschitz"], "penalty+10");
  EXPECT_EQ(reading["options"]["hidden"], "8");
  const Json again =
      Json::parse(run_program("distance" + kPair + "-m w1-critic:" + kQuick + "--json").out)[0];
  EXPECT_EQ(reading["value"], again["value"]);
}

TEST_F(CriticCommand, ScoresPointsIntoATable) {
  const std::string out = at("scores.csv");
  const std::string command =
      "distance" + kPair + "-m jsd-critic:" + kQuick + "--score toy:gaussian:d=2,n=7 -o " + out;
  const Json reading = Json::parse(run_program(command + " --json").out)[0];
  const Json unscored =
      Json::parse(run_program("distance" + kPair + "-m jsd-critic:" + kQuick + "--json").out)[0];
  EXPECT_EQ(reading["value"], unscored["value"]);
  const io::Table table = io::read_csv(out);
  EXPECT_EQ(table.columns, (std::vector<std::string>{"d", "log_ratio"}));
  ASSERT_EQ(table.values.rows(), 7u);
  for (std::size_t i = 0; i < 7; ++i)
    EXPECT_NEAR(table.values(i, 0), 1 / (1 + std::exp(-table.values(i, 1))), 1e-6);
  expect_refused(command, {"scores.csv", "--force"});
  EXPECT_EQ(run_program(command + " --force").status, 0);
  EXPECT_EQ(run_program("distance" + kPair + "-m w1-critic:" + kQuick + "--score toy:gaussian:d=2,n=7 -o " +
                        at("f.npy"))
                .status,
            0);
  // POINTS have a seed of their own, the third: neither X's nor Y's rows.
  const std::string tsv = "distance" + kPair + "-m jsd-critic:" + kQuick + "-o " + at("third.tsv");
  ASSERT_EQ(run_program(tsv + " --score toy:gaussian:d=2,n=7,seed=2").status, 0);
  const io::Table third = io::read_csv(at("third.tsv"));
  EXPECT_EQ(third.columns, table.columns);
  EXPECT_EQ(third.values(3, 1), table.values(3, 1));
}

TEST_F(CriticCommand, RefusesScoresThatCannotBe) {
  const std::string to = " -o " + at("s.csv");
  expect_refused("distance" + kPair + "-m energy --score toy:moons" + to, {"energy", "jsd-critic", "c2st"});
  expect_refused("distance" + kPair + "-m c2st,jsd-critic --score toy:moons" + to, {"2 distances"});
  expect_refused("distance" + kPair + "-m c2st --score toy:moons", {"-o"});
  expect_refused("distance" + kPair + "-m c2st" + to, {"--score"});
  expect_refused("distance" + kPair + "-m c2st --score toy:moons -o " + at("s.png"), {".csv"});
  expect_refused("distance" + kPair + "-m c2st --quiet --score toy:gaussian:d=3,n=5" + to,
                 {"3 columns", "2"});
}

TEST_F(CriticCommand, RefusesOptionsInOneLine) {
  expect_refused("distance" + kPair + "-m w1-critic:lipschitz=penaltie", {"lipschitz", "penalty"});
  expect_refused("distance" + kPair + "-m w1-critic:norm=batch --quiet", {"gradient penalty", "batch"});
  expect_refused("distance" + kPair + "-m jsd-critic:hiden=4", {"hidden"});
  expect_refused("distance" + kPair + "-m f-critic:divergence=js2", {"reverse-kl"});
  expect_refused("distance toy:moons:n=10 toy:moons:n=30 -m c2st --quiet", {"10 points", "at least 20"});
}

TEST_F(CriticCommand, TestsByAClassifier) {
  const Json test = Json::parse(run_program("test" + kPair + "-m c2st:" + kQuick + "--json").out)[0];
  EXPECT_EQ(test["reject"], true);
  EXPECT_EQ(test["held_out"]["n"], 150);
  EXPECT_DOUBLE_EQ(test["p_value"].get<double>(), 1.0 / 1001);  // the relabellings', not Fisher's
  EXPECT_EQ(test["options"]["holdout"], 0.5);
  EXPECT_NEAR(test["null_quantiles"]["0.5"].get<double>(), 0.5, 0.03);
}

}  // namespace
}  // namespace pushforward
