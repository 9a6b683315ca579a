// SPDX-License-Identifier: Apache-2.0
// divergence, entropy and code as a user types them: the JSON that scripts rely on, units, errors.
#include <cmath>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/program.hpp"

namespace pushforward::testing {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const std::string& arguments) {
  const Ran ran = run_program(arguments + " --json");
  EXPECT_EQ(ran.status, 0) << arguments << ": " << ran.err;
  EXPECT_EQ(ran.err, "");
  EXPECT_EQ(std::count(ran.out.begin(), ran.out.end(), '\n'), 1) << "exactly one line";
  return Json::parse(ran.out);
}

std::vector<std::string> keys(const Json& object) {
  std::vector<std::string> names;
  for (const auto& [key, unused] : object.items()) names.push_back(key);
  return names;
}

TEST(DivergenceCommand, GivesAListOfMetricValueUnit) {
  const Json list = json_of("divergence 0.5,0.3,0.2 0.2,0.3,0.5");
  ASSERT_EQ(list.size(), 15u);
  std::vector<std::string> names;
  for (const Json& item : list) names.push_back(item["metric"]);
  EXPECT_EQ(names,
            (std::vector<std::string>{"tv", "hellinger", "l2", "chi2", "kl", "reverse-kl", "js", "sqrt-js",
                                      "cross-entropy", "renyi", "alpha", "w1", "w2", "energy", "mmd"}));
  EXPECT_NEAR(list[0]["value"].get<double>(), 0.3, 1e-15);
  EXPECT_NEAR(list[3]["value"].get<double>(), 0.63, 1e-15);
  EXPECT_EQ(list[4]["unit"], "nats");
}

TEST(DivergenceCommand, BitsInfinitiesOtherNamesAndPositions) {
  const Json list = json_of("divergence 0.5,0.5 1,0 -m kl,js,emd,reverse-kl --bits --positions 0,10");
  EXPECT_EQ(list[0]["value"], "inf");
  EXPECT_EQ(list[0]["unit"], "bits");
  EXPECT_NEAR(list[1]["value"].get<double>(), 0.31127812445913283, 1e-15);  // 1 − ¾·log₂3 + ½ … = ¾ log₂(4/3)
  EXPECT_EQ(list[2]["metric"], "w1");
  EXPECT_EQ(list[2]["value"], 5);
  EXPECT_EQ(list[3]["value"], 1);
}

TEST(DivergenceCommand, OneMetricIsAListOfOneWithItsOptions) {
  const Json list = json_of("divergence 1/2,1/2 1/4,3/4 -m renyi:alpha=2");
  ASSERT_TRUE(list.is_array());
  EXPECT_NEAR(list[0]["value"].get<double>(), std::log(4.0 / 3), 1e-15);
  EXPECT_EQ(list[0]["options"]["alpha"], 2.0);
}

TEST(DivergenceCommand, NormalizesOnRequest) {
  EXPECT_NEAR(json_of("divergence 3,1 1,3 -m tv --normalize")[0]["value"].get<double>(), 0.5, 1e-15);
  EXPECT_EQ(run_program("divergence 3,1 1,3 -m tv").status, 2);
}

TEST(DivergenceCommand, ListDescribesEveryRow) {
  const Json list = json_of("divergence --list");
  EXPECT_EQ(list.size(), 17u);
  EXPECT_EQ(json_of("divergence --list emd").size(), 1u);
  for (const Json& item : list)
    for (const char* key : {"metric", "title", "formula", "range", "source", "unit"})
      EXPECT_FALSE(item[key].get<std::string>().empty()) << key;
}

TEST(EntropyCommand, OfAVectorAndOfATable) {
  EXPECT_EQ(keys(json_of("entropy 0.5,0.25,0.25")), (std::vector<std::string>{"format", "entropy", "unit"}));
  EXPECT_NEAR(json_of("entropy 0.5,0.25,0.25 --bits")["entropy"].get<double>(), 1.5, 1e-15);
  const Json table = json_of("entropy '0.25,0.25;0,0.5' --bits");
  EXPECT_EQ(keys(table), (std::vector<std::string>{"format", "joint", "x", "y", "y_given_x", "x_given_y",
                                                   "mutual_information", "unit"}));
  EXPECT_NEAR(table["joint"].get<double>(), 1.5, 1e-15);
  EXPECT_NEAR(table["x"].get<double>(), 1, 1e-15);            // rows are X: ½, ½
  EXPECT_NEAR(table["y_given_x"].get<double>(), 0.5, 1e-15);  // one bit in the first row, none in the second
}

TEST(EntropyCommand, OfASampleByNearestNeighbours) {
  const Json found = json_of("entropy --samples toy:gaussian:d=1,n=4000 -k 5 --seed 3");
  EXPECT_EQ(keys(found),
            (std::vector<std::string>{"format", "entropy", "unit", "estimator", "k", "n", "d", "seconds"}));
  // ½ ln(2πe) = 1.4189; the estimator's variance is (Var ln p + ψ'(5))/n = (½ + 0.22)/4000: five deviations
  // are 0.07.
  EXPECT_NEAR(found["entropy"].get<double>(), 1.4189385332046727, 0.07);
  EXPECT_EQ(found["n"], 4000);
}

TEST(CodeCommand, PricesBooks) {
  const std::string p = "0.5,0.25,0.125,0.125";
  const Json huffman = json_of("code " + p);
  EXPECT_EQ(huffman["words"], (Json{"0", "10", "110", "111"}));
  EXPECT_EQ(huffman["mean_length"], 1.75);
  EXPECT_EQ(huffman["fixed_length"], 2);
  EXPECT_EQ(huffman["entropy"], 1.75);
  EXPECT_FALSE(huffman.contains("extra"));
  EXPECT_EQ(json_of("code " + p + " --words 00,01,10,11")["mean_length"], 2);
  const Json wrong = json_of("code 0.5,0.25,0.25 --for 0.25,0.25,0.5");
  EXPECT_NEAR(wrong["ideal_length"].get<double>(), 1.75, 1e-15);
  EXPECT_NEAR(wrong["extra"].get<double>(), 0.25, 1e-15);
  EXPECT_EQ(json_of("code 0.5,0.5 --for 1,0")["extra"], "inf");
}

void expect_refused(const std::string& arguments, const std::string& words) {
  const Ran ran = run_program(arguments);
  EXPECT_EQ(ran.status, 2) << arguments;
  EXPECT_EQ(ran.out, "") << arguments;
  EXPECT_NE(ran.err.find(words), std::string::npos) << arguments << ": " << ran.err;
  EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
}

TEST(KnownCommands, RefuseInOneLineThatNamesTheEntry) {
  expect_refused("divergence 0.5,-0.5,1 1,0,0", "P: got -0.5 at entry 1");
  expect_refused("divergence 1,0 nan,1", "Q: got NaN at entry 0");
  expect_refused("divergence 0.5,0.4 1,0", "sum to 0.9");
  expect_refused("divergence 0.5,0.5 1,0,0", "3 masses");
  expect_refused("divergence 0.5,zwei 1,0", "entry 1");
  expect_refused("divergence 0.5,0.5 1,0 -m helinger", "did you mean 'hellinger'?");
  expect_refused("divergence 0.5,0.5 1,0 -m renyi:alfa=2", "did you mean 'alpha'?");
  expect_refused("divergence 0.5,0.5 1,0 -m renyi:alpha=-1", "-1");
  expect_refused("divergence 0.5,0.5 1,0 -m w1 --positions 1,2,3", "3 numbers");
  expect_refused("divergence 0.5,0.5", "P and Q");
  expect_refused("entropy '0.5,0.1;0.5,-0.1'", "row 1, column 1");
  expect_refused("entropy '0.5,0.1;0.4'", "1 numbers in row 1");
  expect_refused("entropy 1 --samples toy:moons", "one of them");
  // Options that would change nothing.
  expect_refused("entropy 0.5,0.5 -k 3", "--samples");
  expect_refused("entropy --samples toy:moons:n=50 --normalize", "masses");
  expect_refused("divergence 0.5,0.5 1,0 -m kl --positions 0,1", "w1, w2, w, energy or mmd");
  expect_refused("density 'normal(0,1)' 'normal(1,1)' -m w1 --points 5", "--coupling");
  expect_refused("density 'normal(0,1)' 'normal(1,1)' --split 1", "two densities");
  expect_refused("divergence --list klx", "klx");
  expect_refused("code 0.5,0.5 --words 0,01", "'0' (symbol 0), which begins '01' (symbol 1)");
  expect_refused("divergence no-such-file.npy 1,0", "no-such-file.npy");
}

}  // namespace
}  // namespace pushforward::testing
