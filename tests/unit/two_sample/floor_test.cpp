// SPDX-License-Identifier: Apache-2.0
// The floor of a distance: by theory where halves have a known distance, frozen to the pair, by seed.
#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <vector>

#include <gtest/gtest.h>

#include "pushforward/error.hpp"
#include "pushforward/floor.hpp"
#include "pushforward/random.hpp"

namespace pushforward {
namespace {

Matrix<double> line(std::initializer_list<double> values) {
  Matrix<double> points(values.size(), 1);
  std::copy(values.begin(), values.end(), points.data());
  return points;
}

Floor floor_of(const std::string& text, const Sample& x, const Sample& y, const FloorOptions& options = {}) {
  const Spec spec = parse_spec(text);
  return measure_floor(*make_distance(spec), facts_of(spec), x, y, options);
}

// Four rows 0, 1, 3, 7 have three splits into pairs; W₁ of pairs on the line is ½(|a₁−b₁| + |a₂−b₂|), sorted:
// {0,1}|{3,7}: 4.5, {0,3}|{1,7}: 2.5, {0,7}|{1,3}: 2.5.
TEST(Floor, OfFourRowsIsOneOfThreeSplits) {
  const Matrix<double> x = line({0, 1, 3, 7}), y = line({5});
  bool seen[2] = {false, false};
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const Floor floor = floor_of("w1", {x}, {y}, {.splits = 1, .seed = seed});
    EXPECT_EQ(floor.rows, 2u);
    EXPECT_EQ(floor.splits, 1u);
    const bool far = std::abs(floor.value - 4.5) < 1e-12;
    EXPECT_TRUE(far || std::abs(floor.value - 2.5) < 1e-12) << floor.value;
    seen[far] = true;
  }
  EXPECT_TRUE(seen[0] && seen[1]);
}

TEST(Floor, IsTheRootMeanSquareOfItsSplits) {
  const Matrix<double> x = line({0, 1, 3, 7});
  const double value = floor_of("w1", {x}, {x}, {.splits = 3000}).value;
  // A third of the splits give 4.5: the mean square is (20.25 + 2·6.25)/3, within three standard errors.
  const double mean = (4.5 * 4.5 + 2 * 2.5 * 2.5) / 3, sd = (4.5 * 4.5 - 2.5 * 2.5) * std::sqrt(2.0) / 3;
  EXPECT_NEAR(value * value, mean, 3 * sd / std::sqrt(3000.0));
}

// An odd row is left out, and the bandwidth is the pair's, not the halves'.
TEST(Floor, KeepsTheBandwidthOfThePair) {
  Matrix<double> x(21, 2), y(30, 2);
  fill_normal(x.span(), Draw{1}, 0.0, 1.0), fill_normal(y.span(), Draw{2}, 50.0, 1.0);
  const Reading reading = make_distance(parse_spec("mmd"))->measure({x}, {y});
  const double bandwidth = std::get<double>(find_field(reading.options, "bandwidth")->value);
  const Floor floor = floor_of("mmd", {x}, {y});
  EXPECT_EQ(floor.rows, 10u);
  EXPECT_EQ(floor, floor_of("mmd", {x}, {y}));
  EXPECT_NEAR(floor.value, floor_of("mmd:bandwidth=" + std::to_string(bandwidth), {x}, {y}).value,
              1e-5 * floor.value);
  EXPECT_NE(floor.value, floor_of("mmd", {x}, {y}, {.seed = 1}).value);
}

// A row of weight ½ and two of ¼: whichever rows meet, weights are divided by their sum.
TEST(Floor, OfWeightedRowsDividesByTheSumOfEachHalf) {
  const Matrix<double> x = line({0, 3});
  const std::vector<double> weights = {0.25, 0.75};
  EXPECT_NEAR(floor_of("w1", {x, weights}, {x}).value, 3, 1e-12);
  const std::vector<double> empty = {0, 1};
  EXPECT_THROW(floor_of("w1", {x, empty}, {x}), RequestError);
}

TEST(Floor, RefusesWhatHasNone) {
  const Matrix<double> x = line({0, 1, 2, 3, 4, 5}), one = line({0});
  EXPECT_THROW(floor_of("prdc:k=1", {x}, {x}), RequestError);
  EXPECT_THROW(floor_of("w1", {one}, {x}), RequestError);
  EXPECT_THROW(floor_of("kl-knn:k=3", {x}, {x}), RequestError);
  EXPECT_THROW(floor_of("w1", {x}, {x}, {.splits = 0}), RequestError);
}

}  // namespace
}  // namespace pushforward
