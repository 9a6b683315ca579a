// SPDX-License-Identifier: Apache-2.0
// pushforward transport, as a user types it.
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "io/npy.hpp"
#include "io/npz.hpp"
#include "support/own_folder.hpp"
#include "support/program.hpp"

namespace pushforward {
namespace {

using testing::run_program;

class TransportCommand : public testing::OwnFolder {
 protected:
  void SetUp() override {
    // Straight up 1 and 3 costs (1 + 9)/2 = 5; crosswise (10 + 2)/2 = 6.
    save("x.npy", {0, 0, 1, 0}, 2), save("y.npy", {0, 1, 1, 3}, 2);
    save("cost.npy", {1, 10, 2, 9}, 2), save("half.npy", {0.25, 0.25}, 1);
    std::ofstream(at("x.csv")) << "1\n";
  }

  void save(const std::string& name, std::vector<double> values, std::size_t cols) {
    io::write_npy(at(name), io::ArrayView(std::span<const double>(values), {values.size() / cols, cols}));
  }
  std::vector<double> plan(const std::string& key) const {
    const io::ArrayFile file = io::read_npz(at("plan.npz"), key);
    return io::to_vector<double>(file.array, key);
  }
};

TEST_F(TransportCommand, PrintsTheCostAndWritesPlanAndPotentials) {
  const auto ran =
      run_program("transport " + at("x.npy") + " " + at("y.npy") + " -o " + at("plan.npz") + " --json");
  ASSERT_EQ(ran.status, 0) << ran.err;
  const auto json = nlohmann::json::parse(ran.out);
  EXPECT_DOUBLE_EQ(json["value"], 5);
  EXPECT_LT(json["gap"], 1e-13);  // rounding alone: never 0 where a value is printed
  EXPECT_EQ(plan("i"), (std::vector<double>{0, 1}));
  EXPECT_EQ(plan("j"), (std::vector<double>{0, 1}));
  EXPECT_EQ(plan("mass"), (std::vector<double>{0.5, 0.5}));
  EXPECT_DOUBLE_EQ(plan("u")[0] / 2 + plan("u")[1] / 2 + plan("v")[0] / 2 + plan("v")[1] / 2, 5);
}

// Of costs 1, 10 / 2, 9 half the mass moves for 1; all of it, for less than it costs to vanish, does not.
TEST_F(TransportCommand, MovesAPart) {
  const auto json = [&](const std::string& options) {
    const auto ran = run_program("transport --cost " + at("cost.npy") + " --json " + options);
    EXPECT_EQ(ran.status, 0) << ran.err;
    return nlohmann::json::parse(ran.out);
  };
  const auto partial = json("--partial 0.5");
  EXPECT_DOUBLE_EQ(partial["value"], 0.5);
  EXPECT_DOUBLE_EQ(partial["moved"], 0.5);
  EXPECT_DOUBLE_EQ(partial["options"]["partial"], 0.5);
  const auto tv = json("--unbalanced tv:2");  // ½ · 1, and 2 · ½ on either side
  EXPECT_DOUBLE_EQ(tv["value"], 2.5);
  EXPECT_DOUBLE_EQ(tv["penalty"], 2);
  EXPECT_DOUBLE_EQ(tv["moved"], 0.5);
  EXPECT_LE(json("--unbalanced kl:1 -o " + at("plan.npz"))["gap"], 1e-9);
  const auto more = json("--partial 0.4 --weights-x 1,2 --weights-y 0.1,3");
  EXPECT_DOUBLE_EQ(more["value"], 0.1 + 0.3 * 9);
}

// 0, 1, 3 on the line, and the same turned into the plane.
TEST_F(TransportCommand, ComparesShapesOfAnyColumns) {
  const auto ran =
      run_program("transport 0,1,3 '0,0;0,1;0,3' --gromov --cost euclidean --json -o " + at("plan.npz"));
  ASSERT_EQ(ran.status, 0) << ran.err;
  const auto json = nlohmann::json::parse(ran.out);
  EXPECT_NEAR(json["value"].get<double>(), 0, 1e-12);
  EXPECT_EQ(json["converged"], true);
  EXPECT_EQ(plan("j"), (std::vector<double>{0, 1, 2}));
  const auto one = nlohmann::json::parse(
      run_program("transport toy:gaussian:d=1,n=1 0,1,3 --gromov --cost euclidean --json").out);
  EXPECT_NEAR(one["value"].get<double>(), 28 / 9.0, 1e-12);
  EXPECT_TRUE(one.contains("note"));
  for (const std::string& options :
       std::vector<std::string>{"--epsilon 1", "--gromov --partial 0.5", "--gromov --cost " + at("cost.npy"),
                                "--gromov -o " + at("plan.csv"), "--gromov --epsilon -1"})
    EXPECT_EQ(run_program("transport 0,1 0,2 " + options).status, 2) << options;
}

TEST_F(TransportCommand, RefusesPartsThatMeanNothing) {
  const auto refused = [&](const std::string& options, const std::string& word) {
    const auto ran = run_program("transport " + at("x.npy") + " " + at("y.npy") + " " + options);
    EXPECT_EQ(ran.status, 2) << options;
    EXPECT_NE(ran.err.find(word), std::string::npos) << ran.err;
  };
  refused("--partial 1.5", "at most 1");
  refused("--partial 0", "above 0");
  refused("--partial -1", "--partial");
  refused("--unbalanced kl:-1", "above 0");
  refused("--unbalanced l2:1", "kl:RHO or tv:RHO");
  refused("--unbalanced kl:1 --partial 0.5", "one of them");
}

TEST_F(TransportCommand, CostsAreWhatWasAskedFor) {
  const std::string pair = "transport " + at("x.npy") + " " + at("y.npy") + " --json ";
  const auto value = [&](const std::string& options) {
    const auto ran = run_program(pair + options);
    EXPECT_EQ(ran.status, 0) << ran.err;
    return nlohmann::json::parse(ran.out)["value"].get<double>();
  };
  EXPECT_DOUBLE_EQ(value("--cost euclidean"), 2);
  EXPECT_DOUBLE_EQ(value("-p 3"), 14);
  EXPECT_DOUBLE_EQ(value("--cost " + at("cost.npy")), 5);
  EXPECT_DOUBLE_EQ(value("--cost euclidean --normalize --weights-x " + at("half.npy")), 2);
}

TEST_F(TransportCommand, AMatrixNeedsNoPoints) {
  const auto ran = run_program("transport --cost " + at("cost.npy") + " --json");
  ASSERT_EQ(ran.status, 0) << ran.err;
  EXPECT_DOUBLE_EQ(nlohmann::json::parse(ran.out)["value"], 5);
}

TEST_F(TransportCommand, RefusesInOneLine) {
  const std::string pair = "transport " + at("x.npy") + " " + at("y.npy") + " ";
  for (const auto& [arguments, wanted] : std::vector<std::pair<std::string, std::string>>{
           {"transport " + at("x.npy"), "X and Y"},
           {pair + "--weights-x " + at("half.npy"), "--normalize"},
           {pair + "--cost euclidean -p 2", "one of them"},
           {pair + "--cost manhattan", "sqeuclidean"},
           {pair + "-p 0.5", "-p"},
           {pair + "-o " + at("x.csv"), "--force"},
           {"transport " + at("x.npy") + " " + at("half.npy") + " --cost " + at("x.npy") + "x", "exists"}}) {
    const auto ran = run_program(arguments);
    EXPECT_EQ(ran.status, 2) << arguments;
    EXPECT_NE(ran.err.find(wanted), std::string::npos) << ran.err;
    EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
    EXPECT_EQ(ran.out, "");
  }
}

}  // namespace
}  // namespace pushforward
