// SPDX-License-Identifier: Apache-2.0
// Rows spread evenly, and the mean of what a distance reads on them.
#include <cmath>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "pushforward/error.hpp"
#include "pushforward/subsample.hpp"

namespace pushforward {
namespace {

Matrix<double> counted(std::size_t n, double from = 0) {
  Matrix<double> points(n, 1);
  std::iota(points.data(), points.data() + n, from);
  return points;
}

std::vector<double> values_of(const RowsOf& rows) {
  std::vector<double> values;
  for (std::size_t i = 0; i < rows.sample().n(); ++i) values.push_back(rows.sample().points.at(i, 0));
  return values;
}

TEST(EvenlySpread, TakesEveryStrideFromTheFirst) {
  const Matrix<double> x = counted(11);
  EXPECT_EQ(values_of(evenly_spread({x}, 3)), (std::vector<double>{0, 3, 6}));
  EXPECT_EQ(values_of(evenly_spread({x}, 3, 2)), (std::vector<double>{2, 5, 8}));
  EXPECT_EQ(values_of(evenly_spread({x}, 20)).size(), 11u);
}

TEST(EvenlySpread, DividesWeightsByTheirSum) {
  const Matrix<double> x = counted(4);
  const std::vector<double> weights = {0.1, 0.5, 0.3, 0.1};
  const RowsOf some = evenly_spread({x, weights}, 2);
  EXPECT_DOUBLE_EQ(some.sample().weights[0], 0.25);
  EXPECT_DOUBLE_EQ(some.sample().weights[1], 0.75);
  const std::vector<double> none = {0, 1, 0, 0};
  EXPECT_THROW(evenly_spread({x, none}, 2), RequestError);
}

// Of 0 … 11 against one point at −1: subsample r of 4 rows with stride 3 is r, 3+r, 6+r, 9+r, whose W₁ is its
// mean + 1 = 5.5 + r; with r = 0, 1, 2 the mean is 6.5 and the standard error √(2/6).
TEST(MeasureSubsamples, IsTheMeanWithItsStandardError) {
  const Matrix<double> x = counted(12), y = counted(1, -1);
  const auto w1 = make_distance(parse_spec("w1"));
  const Reading reading = measure_subsamples(*w1, {x}, {y}, {.rows = 4});
  EXPECT_NEAR(*reading.value, 6.5, 1e-12);
  EXPECT_NEAR(*reading.standard_error, std::sqrt(1.0 / 3), 1e-12);
  EXPECT_EQ(std::get<long long>(find_field(reading.extra, "subsamples")->value), 3);
  const Reading one = measure_subsamples(*w1, {x}, {y}, {.rows = 7});
  EXPECT_FALSE(one.standard_error);
  EXPECT_EQ(std::get<long long>(find_field(one.extra, "subsamples")->value), 1);
  EXPECT_NEAR(*measure_subsamples(*w1, {x}, {y}, {.rows = 12}).value, 6.5, 1e-12);
  EXPECT_THROW(measure_subsamples(*w1, {x}, {y}, {.rows = 0}), RequestError);
}

}  // namespace
}  // namespace pushforward
