// SPDX-License-Identifier: Apache-2.0
// pushforward barycenter, as a user types it.
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "io/npy.hpp"
#include "io/npz.hpp"
#include "support/own_folder.hpp"
#include "support/program.hpp"

namespace pushforward {
namespace {

using testing::run_program;
using Json = nlohmann::json;
using Numbers = std::vector<double>;

class BarycenterCommand : public testing::OwnFolder {
 protected:
  Json json(const std::string& arguments) const {
    const auto ran = run_program("barycenter " + arguments + " --json");
    EXPECT_EQ(ran.status, 0) << arguments << ": " << ran.err;
    return Json::parse(ran.out, nullptr, false);
  }
  Numbers array(const std::string& file, const std::string& key) const {
    const io::ArrayFile read = io::read_npz(at(file), key);
    return io::to_vector<double>(read.array, key);
  }
};

// Means of quantiles, in thirds: (0+0)/2, (1+10)/2, (3+20)/2; medians of three.
TEST_F(BarycenterCommand, OfPointsOnTheLine) {
  const Json found = json("0,1,3 0,10,20 -o " + at("b.npz"));
  EXPECT_EQ(array("b.npz", "points"), (Numbers{0, 5.5, 11.5}));
  for (const double weight : array("b.npz", "weights")) EXPECT_NEAR(weight, 1 / 3.0, 1e-15);
  EXPECT_NEAR(found["value"].get<double>(), (81 + 289) / 12.0, 1e-12);
  EXPECT_EQ(found["gap"], 0);
  EXPECT_EQ(found["measures"], 2);
  EXPECT_EQ(found["n"], 3);
  json("0,1,3 0,10,20 5,6,7 -p 1 -o " + at("m.npz"));
  EXPECT_EQ(array("m.npz", "points"), (Numbers{0, 6, 7}));
  json("0,1 10,10 --weights 1,3 --weights equal --normalize --shares 1,0 -o " + at("w.npz"));
  EXPECT_EQ(array("w.npz", "points"), (Numbers{0, 1}));
  EXPECT_EQ(array("w.npz", "weights"), (Numbers{0.25, 0.75}));
  json("0,1 10,10 --weights 1,3 --weights equal --normalize --shares 1,0 -o " + at("w.csv"));
  std::ifstream file(at("w.csv"));
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "x0,weight\n0,0.25\n1,0.75\n");
}

TEST_F(BarycenterCommand, OfPointsInThePlane) {
  // Straight up 1 and 3, a quarter of the way.
  const Json two = json("'0,0;1,0' '0,1;1,3' --shares 3,1 -o " + at("two.npz"));
  EXPECT_EQ(array("two.npz", "points"), (Numbers{0, 0.25, 1, 0.75}));
  EXPECT_NEAR(two["value"].get<double>(), 0.75 * 0.25 * 5, 1e-12);
  EXPECT_LE(two["gap"].get<double>(), 1e-12);
  const Json three =
      json("toy:moons:n=40 toy:8gaussians:n=50 toy:spiral:n=30 --size 20 -o " + at("three.csv"));
  EXPECT_EQ(three["converged"], true);
  EXPECT_GT(three["iterations"], 1);
  EXPECT_EQ(three["n"], 20);
  EXPECT_GT(three["value"].get<double>(), three["bound"].get<double>());
  EXPECT_FALSE(json("0,0 1,1 2,2 --no-bound --size 2").contains("bound"));
  const Json started = json("toy:moons:n=40 toy:8gaussians:n=50 --start '0,0;1,1' -o " + at("p.svg"));
  EXPECT_EQ(started["n"], 2);
  EXPECT_TRUE(std::filesystem::exists(at("p.svg")));
  const Json cut = json("toy:moons:n=40 toy:8gaussians:n=50 --size 9 --iterations 1");
  EXPECT_EQ(cut["converged"], false);
  EXPECT_TRUE(cut.contains("warning"));
}

TEST_F(BarycenterCommand, OfHistograms) {
  const Json found = json("8,4,2,1,0,0 '0,0,1,2,4,8' --grid --epsilon 0.5 -o " + at("g.npz"));
  EXPECT_EQ(found["converged"], true);
  EXPECT_LE(found["marginal_error"].get<double>(), 1e-6);
  EXPECT_EQ(found["epsilon"], 0.5);
  EXPECT_EQ(found["measures"], 2);
  const Numbers masses = array("g.npz", "masses");
  ASSERT_EQ(masses.size(), 6);
  for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(masses[c], masses[5 - c], 1e-6);  // mirror images
  EXPECT_GT(masses[2], 2 * masses[0]);
  // The same as rows of one table; bars.
  json("'8,4,2,1,0,0;0,0,1,2,4,8' --grid --epsilon 0.5 -o " + at("again.npz"));
  EXPECT_EQ(array("again.npz", "masses"), masses);
  json("'8,4,2,1,0,0;0,0,1,2,4,8' --grid --debias -o " + at("bars.svg"));
  EXPECT_TRUE(std::filesystem::exists(at("bars.svg")));
  // Two images of one pixel each, in opposite corners: the middle.
  std::vector<double> images(2 * 25);
  images[0] = 1, images[49] = 1;
  io::write_npy(at("images.npy"), io::ArrayView(std::span<const double>(images), {2, 5, 5}));
  const Json image = json(at("images.npy") + " --grid --epsilon 0.3 -o " + at("i.npz"));
  EXPECT_EQ(image["grid"], "5x5");
  const Numbers cells = array("i.npz", "masses");
  EXPECT_GT(cells[12], 0.8);
  json(at("images.npy") + " --grid -o " + at("i.png"));
  EXPECT_TRUE(std::filesystem::exists(at("i.png")));
}

TEST_F(BarycenterCommand, RefusesInOneLine) {
  for (const auto& [arguments, wanted] : std::vector<std::pair<std::string, std::string>>{
           {"0,1", "two or more"},
           {"", "DATA"},
           {"1,2,3 --grid", "two or more"},
           {"0,1 '0,0;1,1'", "the same shape"},
           {"1,2 1,2,3 --grid", "the same grid"},
           {"1,-2 1,2 --grid", "-2 in cell 1"},
           {"0,0 1,2 --grid", "histogram 1"},
           {"0,1 0,2 --shares 1,-1", "-1 of measure 2"},
           {"0,1 0,2 --shares 0,0", "above 0"},
           {"0,1 0,2 --shares 1", "one a measure"},
           {"0,1 0,2 --weights 1,1", "one a DATA"},
           {"0,1 0,2 --weights 1,1 --weights equal", "--normalize"},
           {"0,1 0,2 --epsilon 1", "--grid"},
           {"0,1 0,2 --debias", "--grid"},
           {"1,2 2,1 --grid --size 3", "one of them"},
           {"1,2 2,1 --grid --epsilon 0", "above 0"},
           {"'0,0;1,1' '0,0;1,1' -p 1", "one column"},
           {"0,1 0,2 -p 1.5", "1 or 2"},
           {"0,1 0,2 -o " + at("x.png"), "points of the plane"},
           {"0,1 0,2 -o " + at("x.txt"), ".npz"}}) {
    const auto ran = run_program("barycenter " + arguments);
    EXPECT_EQ(ran.status, 2) << arguments;
    EXPECT_NE(ran.err.find(wanted), std::string::npos) << arguments << ": " << ran.err;
    EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
    EXPECT_EQ(ran.out, "");
  }
}

}  // namespace
}  // namespace pushforward
