// SPDX-License-Identifier: Apache-2.0
// The distance command as a user types it: JSON as CLI.md says, one line for what is wrong.
#include <algorithm>
#include <cmath>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "pushforward/distance.hpp"
#include "support/own_folder.hpp"
#include "support/program.hpp"

namespace pushforward {
namespace {

using testing::Ran;
using testing::run_program;
using Json = nlohmann::json;

class DistanceCommand : public testing::OwnFolder {
 protected:
  void SetUp() override {
    write("x.csv", "a,b\n0,0\n1,0\n");
    write("y.csv", "a,b\n0,1\n1,3\n");
  }
  std::string write(const char* name, const char* text) {
    std::ofstream(at(name)) << text;
    return at(name);
  }
  Ran distance(const std::string& arguments) { return run_program("distance " + arguments); }
  std::string pair() const { return at("x.csv") + " " + at("y.csv") + " "; }

  void expect_refused(const std::string& arguments, const std::vector<std::string>& words) {
    const Ran ran = distance(arguments);
    EXPECT_EQ(ran.status, 2) << arguments;
    EXPECT_EQ(ran.out, "") << arguments;
    EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
    for (const std::string& word : words) EXPECT_NE(ran.err.find(word), std::string::npos) << ran.err;
  }
};

TEST_F(DistanceCommand, EveryReadingIsInAListWithWhatWasUsed) {
  const Json reading = Json::parse(distance(pair() + "-m w2 --json").out)[0];
  EXPECT_EQ(reading["metric"], "w2");
  EXPECT_NEAR(reading["value"].get<double>(), std::sqrt(5.0), 1e-12);
  EXPECT_NEAR(reading["power"].get<double>(), 5, 1e-12);
  EXPECT_EQ(reading["n"], 2);
  EXPECT_EQ(reading["m"], 2);
  EXPECT_EQ(reading["d"], 2);
  EXPECT_GE(reading["seconds"].get<double>(), 0);
  EXPECT_TRUE(reading["estimator"].is_string());
  EXPECT_TRUE(reading["unit"].is_string());
  EXPECT_TRUE(reading["options"].is_object());
  EXPECT_FALSE(reading.contains("standard_error"));  // what does not exist is left out
}

TEST_F(DistanceCommand, SeveralMetricsAreAListInTheOrderAsked) {
  const Json list = Json::parse(distance(pair() + "-m w1,histogram:bins=2 -m prdc:k=1 --json").out);
  ASSERT_EQ(list.size(), 3u);
  EXPECT_EQ(list[0]["metric"], "w1");
  EXPECT_EQ(list[1]["options"]["bins"], 2);
  EXPECT_FALSE(list[2].contains("value"));
  EXPECT_EQ(list[2]["parts"].size(), 4u);
}

// What one of them cannot measure is said before another is: nothing is printed.
TEST_F(DistanceCommand, AllAreCheckedBeforeTheFirstIsMeasured) {
  const std::string wide = write("wide.csv", "a,b,c\n0,0,0\n1,0,2\n0,3,1\n") + " ";
  expect_refused(wide + wide + "-m w1,histogram", {"histogram", "3 columns", "at most 2"});
  expect_refused(wide + wide + "-m w1,kl-knn:k=5", {"kl-knn", "at least 6"});
  expect_refused(pair() + "-m w1,mmd:estimatr=biased", {"estimator"});
  expect_refused(pair() + "-m w1 -m frechet --weights-x 1/4,3/4", {"frechet", "weights"});
  for (const char* metrics : {"-m w1,jsd-critic", "-m w1,mmd:estimatr=biased"}) {
    const Ran witness = run_program("witness " + pair() + metrics);
    EXPECT_EQ(witness.status, 2) << metrics;
    EXPECT_EQ(witness.out, "") << metrics;
  }
}

TEST_F(DistanceCommand, APersonReadsValueEstimatorAndOptions) {
  const Ran ran = distance(pair() + "-m w2,histogram");
  EXPECT_EQ(ran.status, 0);
  for (const char* word : {"w2", "2.23607", "gap", "histogram", "bins 20", "n 2, m 2, d 2"})
    EXPECT_NE(ran.out.find(word), std::string::npos) << word << " is not in\n" << ran.out;
}

TEST_F(DistanceCommand, InfinityIsAWord) {
  const std::string zero = write("zero.csv", "0\n"), one = write("one.csv", "1\n");
  EXPECT_EQ(Json::parse(distance(zero + " " + one + " -m histogram:divergence=kl --json").out)[0]["value"],
            "inf");
}

TEST_F(DistanceCommand, WeightsCountAndMustSumToOne) {
  const std::string weights = write("w.csv", "3\n1\n"), shares = write("s.csv", "0.75\n0.25\n");
  const double plain = Json::parse(distance(pair() + "-m w2 --json").out)[0]["value"];
  const double weighted =
      Json::parse(distance(pair() + "-m w2 --json --normalize --weights-x " + weights).out)[0]["value"];
  const double spelled = Json::parse(distance(pair() + "-m w2 --json --weights-x " + shares).out)[0]["value"];
  EXPECT_NEAR(weighted, std::sqrt(0.5 * 1 + 0.25 * 9 + 0.25 * 10), 1e-12);
  EXPECT_EQ(weighted, spelled);
  EXPECT_NE(plain, weighted);
  expect_refused(pair() + "-m w2 --weights-x " + weights, {"sum to 4", "--normalize"});
  expect_refused(pair() + "-m w2 --weights-y " + at("x.csv"), {"2x2 numbers"});
}

TEST_F(DistanceCommand, TheSecondToyHasAnotherSeed) {
  const auto value = [&](const std::string& more) {
    return Json::parse(distance("toy:moons:n=40 toy:moons:n=40 -m w1 --json " + more).out)[0]["value"]
        .get<double>();
  };
  EXPECT_GT(value(""), 0);
  EXPECT_EQ(value("--seed 3"), value("--seed 3"));
  EXPECT_NE(value("--seed 3"), value("--seed 4"));
}

TEST_F(DistanceCommand, RefusesInOneLine) {
  write("three.csv", "a,b,c\n1,2,3\n4,5,6\n");
  write("bad.csv", "1,2\n3,nan\n");
  expect_refused(at("x.csv") + " " + at("three.csv") + " -m w1", {"2 columns", "3 columns"});
  expect_refused(at("x.csv") + " " + at("bad.csv") + " -m w1", {"row", "column"});
  expect_refused(pair() + "-m w22", {"'w22'", "did you mean 'w2'"});
  expect_refused(pair() + "-m histogram:bin=3", {"'bin'", "did you mean 'bins'"});
  expect_refused(pair() + "-m kl-knn:k=7", {"at least 8"});
  expect_refused(at("x.csv") + " -m w1", {"one DATA argument"});
  expect_refused(at("x.csv") + " " + at("absent.csv") + " -m w1", {"absent.csv"});
}

TEST_F(DistanceCommand, AReadingIsToldBesideItsFloor) {
  const Json near = Json::parse(distance("toy:moons:n=200 toy:moons:n=200,seed=9 -m energy --json").out)[0];
  const Json far = Json::parse(distance("toy:moons:n=200 toy:8gaussians:n=200 -m energy --json").out)[0];
  EXPECT_EQ(near["floor"]["rows"], 100);
  EXPECT_EQ(near["floor"]["splits"], 3);
  EXPECT_LT(near["times_floor"].get<double>(), 3);
  EXPECT_GT(far["times_floor"].get<double>(), 10);
  EXPECT_DOUBLE_EQ(far["times_floor"].get<double>(),
                   far["value"].get<double>() / far["floor"]["value"].get<double>());
  EXPECT_NE(distance("toy:moons:n=200 toy:8gaussians:n=200 -m energy").out.find(" times the floor\n"),
            std::string::npos);
  EXPECT_EQ(distance("toy:moons:n=200 toy:8gaussians:n=200 -m energy --floor 0").out.find("floor"),
            std::string::npos);
  EXPECT_EQ(distance("toy:moons:n=200 toy:8gaussians:n=200 -m prdc --floor 2").status, 2);
}

TEST_F(DistanceCommand, ListShowsEveryRow) {
  const Json list = Json::parse(distance("--list --json").out);
  ASSERT_EQ(list.size(), distances().size());
  for (std::size_t i = 0; i < list.size(); ++i) {
    EXPECT_EQ(list[i]["name"], distances()[i].name);
    for (const char* key : {"title", "formula", "source", "facts", "options", "examples"})
      EXPECT_TRUE(list[i].contains(key)) << list[i]["name"] << " lacks " << key;
  }
  EXPECT_EQ(Json::parse(distance("--list prdc --json").out)[0]["name"], "prdc");
  EXPECT_EQ(Json::parse(distance("--list -m prdc --json").out)[0]["name"], "prdc");
  EXPECT_NE(distance("--list kl-knn").out.find("Wang, Kulkarni"), std::string::npos);
}

TEST_F(DistanceCommand, RepeatReportsProcessorTime) {
  EXPECT_TRUE(Json::parse(distance(pair() + "-m w1 --repeat 3 --json").out)[0].contains("cpu_seconds"));
}

}  // namespace
}  // namespace pushforward
