// SPDX-License-Identifier: Apache-2.0
// Level lines of surfaces, by hand and on a circle.
#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include "report/picture.hpp"
#include "report/surface.hpp"

namespace pushforward::report {
namespace {

Surface square(double low_left, double low_right, double high_left, double high_right) {
  Surface surface{{{0, 0}, {1, 1}}, Matrix<double>(2, 2)};
  surface.values(0, 0) = low_left, surface.values(0, 1) = low_right;
  surface.values(1, 0) = high_left, surface.values(1, 1) = high_right;
  return surface;
}

double length(const Segment& s) { return std::hypot(s.to[0] - s.from[0], s.to[1] - s.from[1]); }

TEST(LevelLine, OfASlopeIsStraight) {
  const std::vector<Segment> line = level_line(square(0, 1, 0, 1), 0.25);  // f = x
  ASSERT_EQ(line.size(), 1u);
  EXPECT_DOUBLE_EQ(line[0].from[0], 0.25);
  EXPECT_DOUBLE_EQ(line[0].to[0], 0.25);
  EXPECT_DOUBLE_EQ(std::abs(line[0].to[1] - line[0].from[1]), 1);
  EXPECT_TRUE(level_line(square(0, 1, 0, 1), 2).empty());
}

TEST(LevelLine, OfASaddleCutsOffTheCornersThatItsMiddleIsNotOf) {
  // High at two opposite corners, ½ in the middle: above it the high corners are islands, below it the low.
  for (const double level : {0.4, 0.6}) {
    const std::vector<Segment> lines = level_line(square(1, 0, 0, 1), level);
    ASSERT_EQ(lines.size(), 2u);
    for (const Segment& s : lines) {
      EXPECT_NEAR(length(s), 0.4 * std::sqrt(2.0), 1e-12);
      const double x = (s.from[0] + s.to[0]) / 2, y = (s.from[1] + s.to[1]) / 2;
      EXPECT_EQ(level > 0.5, (x < 0.5) == (y < 0.5)) << x << " " << y;  // near a high corner or a low one
    }
  }
}

TEST(LevelLine, OfACircleIsOneAndHasItsLength) {
  const std::size_t side = 101;
  Surface surface{{{-1, -2}, {1, 2}}, Matrix<double>(side, side)};  // cells of 0.02 × 0.04
  const Tensor nodes = Surface::nodes(surface.box, side, side);
  for (std::size_t i = 0; i < nodes.rows(); ++i) {
    const auto x = static_cast<double>(nodes(i, 0)), y = static_cast<double>(nodes(i, 1));
    surface.values.data()[i] = x * x + y * y;
  }
  double total = 0;
  for (const Segment& s : level_line(surface, 0.64)) {
    EXPECT_NEAR(std::hypot(s.from[0], s.from[1]), 0.8, 1e-3);  // h²/8r of linear interpolation
    total += length(s);
  }
  EXPECT_NEAR(total, 2 * std::numbers::pi * 0.8, 5e-3);
  EXPECT_NEAR(surface(0.3, -0.7), 0.58, 1e-3);
  surface.values(50, 50) = NAN;
  EXPECT_FALSE(level_line(surface, 0.64).empty());
}

TEST(Levels, CutTheRangeAndAConstantHasNone) {
  EXPECT_EQ(levels_of(square(0, 1, 0, 1), 3), (std::vector<double>{0.25, 0.5, 0.75}));
  EXPECT_TRUE(levels_of(square(2, 2, 2, 2), 3).empty());
  EXPECT_TRUE(levels_of(square(NAN, NAN, NAN, NAN), 3).empty());
}

TEST(Scatter, KeepsItsBoxAndDrawsTheSurfaceUnderThePoints) {
  Tensor points(3, 2);
  points(0, 0) = 0.5f, points(0, 1) = 0.5f;
  points(1, 0) = 90, points(2, 1) = NAN;  // outside, and nowhere
  const Box box = {{0, 0}, {1, 1}};
  const Surface surface = square(0, 1, 0, 1);
  ScatterOptions options;
  options.box = &box, options.surface = &surface, options.size = 200;
  const Image picture = scatter(points, options);
  EXPECT_EQ(picture.width, scatter(Tensor(1, 2), options).width);
  // Low is orange (red above blue) on the left, high is blue on the right.
  const std::size_t y = 60, left = 54, right = picture.width - 26;
  EXPECT_GT(picture.at(y, left, 0), picture.at(y, left, 2));
  EXPECT_LT(picture.at(y, right, 0), picture.at(y, right, 2));
}

}  // namespace
}  // namespace pushforward::report
