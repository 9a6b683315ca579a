// SPDX-License-Identifier: Apache-2.0
// Toys: rows that depend on nothing but seed and place, and the shapes that their definitions promise.
#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include "pushforward/data.hpp"
#include "unit/io/io_support.hpp"

namespace pushforward {
namespace {

using std::numbers::pi;

Matrix<double> rows(const std::string& toy, std::uint64_t seed = 0) {
  LoadOptions options;
  options.seed = seed;
  return load_data("toy:" + toy, options).doubles();
}

constexpr const char* kPlanar[] = {"8gaussians", "25gaussians",  "moons", "swissroll",
                                   "spiral",     "checkerboard", "rings", "lines"};

TEST(Toys, ALongerOneBeginsWithAShorterOne) {
  for (std::string name : {"8gaussians", "25gaussians", "moons", "swissroll", "spiral", "checkerboard",
                           "rings", "lines", "gaussian"}) {
    const Matrix<double> few = rows(name + ":n=10"), many = rows(name + ":n=1000");
    for (std::size_t i = 0; i < few.size(); ++i) EXPECT_EQ(few.data()[i], many.data()[i]) << name;
  }
}

TEST(Toys, TheSeedDecidesAndTheSpecBeatsTheOption) {
  EXPECT_EQ(rows("moons:n=4", 3)(2, 0), rows("moons:n=4,seed=3", 9)(2, 0));
  EXPECT_NE(rows("moons:n=4", 3)(2, 0), rows("moons:n=4", 4)(2, 0));
}

TEST(Toys, ScaleMultipliesEverythingAndNoiseMovesNoCentre) {
  for (std::string name : kPlanar) {
    const Matrix<double> one = rows(name + ":n=50"), three = rows(name + ":n=50,scale=3");
    for (std::size_t i = 0; i < one.size(); ++i) EXPECT_DOUBLE_EQ(3 * one.data()[i], three.data()[i]) << name;
    const Matrix<double> bare = rows(name + ":n=50,noise=0"), little = rows(name + ":n=50,noise=1e-9");
    for (std::size_t i = 0; i < one.size(); ++i) EXPECT_NEAR(bare.data()[i], little.data()[i], 1e-8) << name;
  }
}

TEST(Toys, EightGaussiansLieOnTheUnitCircle) {
  const Dataset data = load_data("toy:8gaussians:n=4000,scale=2");
  ASSERT_EQ(data.modes.centres.size(), 16u);
  EXPECT_DOUBLE_EQ(data.modes.sd, 0.02);
  const Matrix<double> points = data.doubles();
  double squares = 0;
  for (std::size_t i = 0; i < points.rows(); ++i) {
    const auto k = static_cast<std::size_t>(data.labels[i]);
    EXPECT_NEAR(data.modes.centres[2 * k], 2 * std::cos(2 * pi * double(k) / 8), 1e-12);
    EXPECT_NEAR(data.modes.centres[2 * k + 1], 2 * std::sin(2 * pi * double(k) / 8), 1e-12);
    for (std::size_t c = 0; c < 2; ++c) squares += std::pow(points(i, c) - data.modes.centres[2 * k + c], 2);
  }
  // The mean of 8000 squares of N(0, 0.02²) has relative standard error sqrt(2/8000) = 1.6 %; four of them.
  EXPECT_NEAR(squares / 8000, 0.02 * 0.02, 0.064 * 0.02 * 0.02);
}

TEST(Toys, TwentyFiveGaussiansFillTheirGridEvenly) {
  const Dataset data = load_data("toy:25gaussians:n=25000");
  ASSERT_EQ(data.modes.centres.size(), 50u);
  EXPECT_DOUBLE_EQ(data.modes.sd, 0.05);
  std::vector<int> counts(25);
  const Matrix<double> points = data.doubles();
  for (std::size_t i = 0; i < points.rows(); ++i) {
    const auto k = static_cast<std::size_t>(data.labels[i]);
    ++counts[k];
    for (std::size_t c = 0; c < 2; ++c) {
      EXPECT_EQ(std::fmod(data.modes.centres[2 * k + c], 2), 0);
      EXPECT_NEAR(points(i, c), data.modes.centres[2 * k + c], 0.3);  // six standard deviations
    }
  }
  // Binomial(25000, 1/25): mean 1000, sd 31; five of them.
  for (int count : counts) EXPECT_NEAR(count, 1000, 155);
}

TEST(Toys, CurvesLieWhereTheirFormulasSay) {
  const Dataset moons = load_data("toy:moons:n=500,noise=0");
  const Matrix<double> m = moons.doubles();
  for (std::size_t i = 0; i < m.rows(); ++i) {
    const bool outer = moons.labels[i] == 0;
    const double x = outer ? m(i, 0) : 1 - m(i, 0), y = outer ? m(i, 1) : 0.5 - m(i, 1);
    EXPECT_NEAR(std::hypot(x, y), 1, 1e-12);
    EXPECT_GE(y, -1e-12);
  }
  const Matrix<double> roll = rows("swissroll:n=500,noise=0");
  for (std::size_t i = 0; i < roll.rows(); ++i) {
    const double t = 7.5 * std::hypot(roll(i, 0), roll(i, 1));
    EXPECT_TRUE(t >= 1.5 * pi - 1e-9 && t <= 4.5 * pi + 1e-9);
    EXPECT_NEAR(roll(i, 0), t * std::cos(t) / 7.5, 1e-9);
  }
  const Dataset rings = load_data("toy:rings:n=500,noise=0");
  const Matrix<double> r = rings.doubles();
  for (std::size_t i = 0; i < r.rows(); ++i)
    EXPECT_NEAR(std::hypot(r(i, 0), r(i, 1)), 0.75 * (rings.labels[i] + 1), 1e-12);
  const Dataset spiral = load_data("toy:spiral:n=500,noise=0");
  const Matrix<double> s = spiral.doubles();
  for (std::size_t i = 0; i < s.rows(); ++i) {
    const double t = 3 * std::hypot(s(i, 0), s(i, 1)), sign = spiral.labels[i] == 0 ? 1 : -1;
    EXPECT_NEAR(s(i, 0), -sign * std::cos(t) * t / 3, 1e-9);
    EXPECT_LE(t, 3 * pi);
  }
}

TEST(Toys, CheckerboardUsesEveryOtherCell) {
  const Matrix<double> points = rows("checkerboard:n=8000");
  std::vector<int> counts(16);
  for (std::size_t i = 0; i < points.rows(); ++i) {
    const int x = static_cast<int>(std::floor((points(i, 0) + 4) / 2)),
              y = static_cast<int>(std::floor((points(i, 1) + 4) / 2));
    ASSERT_EQ((x + y) % 2, 0);
    ++counts[static_cast<std::size_t>(4 * x + y)];
  }
  for (int x = 0; x < 4; ++x)
    for (int y = 0; y < 4; ++y)  // Binomial(8000, 1/8): mean 1000, sd 29.6; five of them
      EXPECT_NEAR(counts[static_cast<std::size_t>(4 * x + y)], (x + y) % 2 == 0 ? 1000 : 0, 148);
}

TEST(Toys, LinesAreAtTheta) {
  const Matrix<double> points = rows("lines:theta=0.3,n=1000");
  double sum = 0;
  for (std::size_t i = 0; i < points.rows(); ++i) {
    EXPECT_EQ(points(i, 0), 0.3);
    EXPECT_TRUE(points(i, 1) >= 0 && points(i, 1) < 1);
    sum += points(i, 1);
  }
  EXPECT_NEAR(sum / 1000, 0.5, 4 * std::sqrt(1.0 / 12 / 1000));
}

TEST(Toys, GaussianHasItsMeanAndDeviation) {
  const Matrix<double> points = rows("gaussian:d=5,n=4000,mean=2,noise=0.5,scale=-1");
  EXPECT_EQ(points.cols(), 5u);
  double sum = 0, squares = 0;
  for (double value : points.span()) sum += value, squares += (value + 2) * (value + 2);
  const double n = 20000;
  EXPECT_NEAR(sum / n, -2, 4 * 0.5 / std::sqrt(n));
  EXPECT_NEAR(squares / n, 0.25, 4 * 0.25 * std::sqrt(2 / n));
}

}  // namespace
}  // namespace pushforward
