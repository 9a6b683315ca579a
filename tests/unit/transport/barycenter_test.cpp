// SPDX-License-Identifier: Apache-2.0
// Barycentres of points: by hand, by theory (translates, Gaussians, McCann), by definition, and what is
// refused.
#include "pushforward/barycenter.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "pushforward/error.hpp"
#include "pushforward/one_dimensional.hpp"
#include "pushforward/random.hpp"
#include "pushforward/transport.hpp"

namespace pushforward {
namespace {

using Numbers = std::vector<double>;

Sample on_the_line(const Numbers& points, const Numbers& weights = {}) {
  return {View<const double>{points.data(), points.size(), 1}, weights};
}

Numbers numbers(const Matrix<double>& points) { return {points.span().begin(), points.span().end()}; }

Matrix<double> cloud(std::size_t n, std::size_t d, std::uint64_t seed, double sd = 1) {
  Matrix<double> points(n, d);
  fill_normal(points.span(), Draw{seed, stream_id("barycenter")}, 0.0, sd);
  return points;
}

Numbers some_weights(std::size_t n, std::uint64_t seed) {
  Numbers weights(n);
  fill_uniform(std::span<double>(weights), Draw{seed, stream_id("barycenter weights")}, 0.1, 2.0);
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (double& weight : weights) weight /= sum;
  return weights;
}

// F by the definition, each distance by the solver of two measures.
double value_at(const Barycenter& found, const std::vector<Sample>& measures, const Numbers& shares,
                double p = 2) {
  const Sample self{Points(found.points), found.weights};
  double value = 0;
  for (std::size_t k = 0; k < measures.size(); ++k)
    value += shares[k] * solve_transport(self, measures[k], {.p = p, .normalize = true}).value;
  return value;
}

// Quantiles step at 1/3, 1/2, 2/3: (0+10)/2 up to 1/3, (1+10)/2, (1+20)/2, (2+20)/2.
TEST(Barycenter, OnTheLineByHand) {
  const Numbers x = {2, 0, 1}, y = {20, 10};
  const std::vector<Sample> measures = {on_the_line(x), on_the_line(y)};
  const Barycenter mean = line_barycenter(measures);
  EXPECT_EQ(numbers(mean.points), (Numbers{5, 5.5, 10.5, 11}));
  const Numbers wanted = {1 / 3.0, 1 / 6.0, 1 / 6.0, 1 / 3.0};
  ASSERT_EQ(mean.weights.size(), 4);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(mean.weights[i], wanted[i], 1e-15);
  EXPECT_NEAR(mean.value, (100 / 3.0 + 81 / 6.0 + 361 / 6.0 + 324 / 3.0) / 4, 1e-12);
  EXPECT_EQ(mean.gap, 0);
  // The first weighs more than half: a median is its quantile function, whose places come once each.
  const Barycenter median = line_barycenter(measures, Numbers{3, 2}, 1);
  EXPECT_EQ(numbers(median.points), (Numbers{0, 1, 2}));
  EXPECT_NEAR(median.value, 0.4 * (10 / 3.0 + 9 / 6.0 + 19 / 6.0 + 18 / 3.0), 1e-12);
  // The middle of all medians.
  EXPECT_EQ(numbers(line_barycenter(measures, {}, 1).points), (Numbers{5, 5.5, 10.5, 11}));
}

// Weights whose sums are equal in exact arithmetic alone step at one place.
TEST(Barycenter, StepsThatAreOneButForRoundingAreOne) {
  const Numbers x = {0, 1, 2, 3}, a = {0.1, 0.2, 0.3, 0.4}, y = {0, 1, 2}, b = {0.3, 0.3, 0.4};
  const Barycenter found = line_barycenter(std::vector<Sample>{on_the_line(x, a), on_the_line(y, b)});
  EXPECT_EQ(numbers(found.points), (Numbers{0, 0.5, 1.5, 2.5}));
}

TEST(Barycenter, OnTheLineNothingNearIsBetterAndItsValueIsAsDefined) {
  const Matrix<double> x = cloud(7, 1, 1), y = cloud(12, 1, 2), z = cloud(5, 1, 3);
  const Numbers weights = some_weights(12, 4), shares = {0.5, 0.2, 0.3};
  const std::vector<Sample> measures = {{Points(x)}, {Points(y), weights}, {Points(z)}};
  for (const double p : {1.0, 2.0}) {
    Barycenter found = line_barycenter(measures, Numbers{5, 2, 3}, p);
    EXPECT_NEAR(std::accumulate(found.weights.begin(), found.weights.end(), 0.0), 1, 1e-14);
    EXPECT_NEAR(found.value, value_at(found, measures, shares, p), 1e-12 * found.value);
    EXPECT_TRUE(std::is_sorted(found.points.span().begin(), found.points.span().end()));
    for (std::size_t i = 0; i < found.weights.size(); ++i)
      for (const double change : {-0.01, 0.01}) {
        found.points.data()[i] += change;
        EXPECT_GE(value_at(found, measures, shares, p), found.value * (1 - 1e-12)) << p << " " << i;
        found.points.data()[i] -= change;
      }
  }
}

// The free support of two measures on the line is the line's answer.
TEST(Barycenter, OfTwoMeasuresIsMcCannsInterpolation) {
  const Matrix<double> x = cloud(30, 1, 5), y = cloud(20, 1, 6);
  const Numbers a = some_weights(30, 7), t = {0.3, 0.7};
  const std::vector<Sample> line = {{Points(x), a}, {Points(y)}};
  const Barycenter sorted = line_barycenter(line, t), free = free_barycenter(line, {.shares = t});
  EXPECT_NEAR(sorted.value, free.value, 1e-12 * free.value);
  EXPECT_NEAR(solve_transport({Points(sorted.points), sorted.weights}, {Points(free.points), free.weights},
                              {.normalize = true})
                  .value,
              0, 1e-12);

  const Matrix<double> u = cloud(40, 3, 8), v = cloud(25, 3, 9);
  const Numbers b = some_weights(25, 10);
  const std::vector<Sample> space = {{Points(u)}, {Points(v), b}};
  const double between = solve_transport(space[0], space[1], {.normalize = true}).value;
  const Barycenter found = free_barycenter(space, {.shares = t});
  EXPECT_NEAR(found.value, 0.3 * 0.7 * between, 1e-12 * between);
  EXPECT_LE(found.gap, 1e-12);
  const Sample self{Points(found.points), found.weights};
  EXPECT_NEAR(solve_transport(self, space[0], {.normalize = true}).value, 0.49 * between, 1e-10 * between);
  EXPECT_NEAR(solve_transport(self, space[1], {.normalize = true}).value, 0.09 * between, 1e-10 * between);
}

TEST(Barycenter, OfTranslatesIsTheTranslateByTheirMean) {
  const std::size_t n = 60;
  const Matrix<double> x = cloud(n, 2, 11);
  const Numbers weights = some_weights(n, 11), turned(weights.rbegin(), weights.rend());
  const double shifts[3][2] = {{0, 0}, {5, -2}, {-1, 7}};
  std::vector<Matrix<double>> moved(3, x);
  std::vector<Sample> measures;
  for (std::size_t k = 0; k < 3; ++k) {
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t c = 0; c < 2; ++c) moved[k](n - 1 - i, c) = x(i, c) + shifts[k][c];
    measures.push_back({Points(moved[k]), turned});
  }
  const Barycenter found = free_barycenter(measures, {.shares = {0.2, 0.5, 0.3}});
  EXPECT_TRUE(found.converged);
  EXPECT_GT(found.iterations, 0u);
  EXPECT_LE(found.gap, 1e-12);
  Matrix<double> wanted(x);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t c = 0; c < 2; ++c)
      wanted(i, c) += 0.2 * shifts[0][c] + 0.5 * shifts[1][c] + 0.3 * shifts[2][c];
  const Sample made{Points(found.points), found.weights}, theirs{Points(wanted), weights};
  EXPECT_NEAR(solve_transport(made, theirs, {.p = 2, .normalize = true}).value, 0, 1e-20);
}

// Of images of one cloud under commuting linear maps with positive eigenvalues (as of centred Gaussians whose
// covariances commute): the image under the mean of the maps.
TEST(Barycenter, OfCommutingScalesIsTheirMean) {
  const std::size_t n = 80;
  const Matrix<double> x = cloud(n, 3, 12);
  const double scales[3][3] = {{1, 2, 0.5}, {3, 1, 1}, {0.2, 4, 2}};
  std::vector<Matrix<double>> scaled(3, x);
  std::vector<Sample> measures;
  for (std::size_t k = 0; k < 3; ++k) {
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t c = 0; c < 3; ++c) scaled[k](i, c) *= scales[k][c];
    measures.push_back({Points(scaled[k])});
  }
  const Barycenter found = free_barycenter(measures);
  Matrix<double> wanted(x);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t c = 0; c < 3; ++c) wanted(i, c) *= (scales[0][c] + scales[1][c] + scales[2][c]) / 3;
  EXPECT_LE(found.gap, 1e-12);
  EXPECT_NEAR(solve_transport({Points(found.points), found.weights}, {Points(wanted)}).value, 0, 1e-20);
}

// F falls at each step by at least what the points move, and stands still where it says that it does.
TEST(Barycenter, FallsToAFixedPointAboveItsBound) {
  const Matrix<double> x = cloud(50, 2, 13), y = cloud(70, 2, 14, 2), z = cloud(30, 2, 15, 0.5);
  const Numbers weights = some_weights(70, 16);
  const std::vector<Sample> measures = {{Points(x)}, {Points(y), weights}, {Points(z)}};
  Numbers told;
  const Barycenter found = free_barycenter(
      measures, {.shares = {1, 2, 1}, .size = 40, .tolerance = 0, .told = [&](std::size_t, double value) {
                   told.push_back(value);
                 }});
  EXPECT_TRUE(found.converged);
  ASSERT_GT(told.size(), 2);
  EXPECT_EQ(told.size(), found.iterations + 1);
  for (std::size_t s = 1; s < told.size(); ++s) EXPECT_LE(told[s], told[s - 1] * (1 + 1e-14)) << s;
  EXPECT_EQ(found.points.rows(), 40);
  EXPECT_LE(found.stationarity, 1e-25);
  EXPECT_LE(found.plan_gap, 1e-9);
  EXPECT_NEAR(found.value, value_at(found, measures, {0.25, 0.5, 0.25}), 1e-12 * found.value);
  EXPECT_GT(found.value, found.bound);
  EXPECT_LT(found.gap, 0.5);
  const double pairs = solve_transport(measures[0], measures[1], {.normalize = true}).value / 8 +
                       solve_transport(measures[0], measures[2]).value / 16 +
                       solve_transport(measures[1], measures[2], {.normalize = true}).value / 8;
  EXPECT_NEAR(found.bound, pairs, 1e-9 * pairs);
  const Barycenter short_of = free_barycenter(measures, {.size = 40, .iterations = 1});
  EXPECT_FALSE(short_of.converged);
  EXPECT_GT(short_of.stationarity, 0);
}

TEST(Barycenter, BeginsWhereItIsToldAndLeavesOutWhatHasNoShare) {
  const Matrix<double> x = cloud(20, 2, 17), y = cloud(20, 2, 18);
  const std::vector<Sample> measures = {{Points(x)}, {Points(y)}};
  const Barycenter all_of_y = free_barycenter(measures, {.shares = {0, 3}});
  EXPECT_EQ(numbers(all_of_y.points), numbers(y));
  EXPECT_EQ(all_of_y.value, 0);
  const Matrix<double> start = cloud(20, 2, 19);
  const Barycenter found = free_barycenter(measures, {.start = start.view(), .iterations = 0});
  EXPECT_EQ(numbers(found.points), numbers(start));
  EXPECT_EQ(found.iterations, 0);
  // Rows that have no weight, and measures without a share, are no place to begin.
  Numbers weights(20, 0.0);
  weights[7] = 1;
  const std::vector<Sample> weighted = {{Points(x)}, {Points(y), weights}};
  const Barycenter begun = free_barycenter(weighted, {.shares = {0, 1}, .size = 5, .iterations = 0});
  for (std::size_t i = 0; i < 5; ++i)
    for (std::size_t c = 0; c < 2; ++c) EXPECT_EQ(begun.points(i, c), y(7, c));
}

TEST(Barycenter, OfPointsRefusesBadInput) {
  const Matrix<double> x = cloud(3, 2, 20), wide = cloud(3, 3, 21), none(0, 2);
  const Numbers line = {1, 2}, heavy = {1, 1, 1};
  const Sample sample{Points(x)}, odd{Points(wide)}, two = on_the_line(line), heavier{Points(x), heavy};
  Matrix<double> broken = x;
  broken(1, 1) = std::nan("");
  const auto refused = [](const std::vector<Sample>& measures, const FreeBarycenterOptions& options,
                          const std::string& word) {
    try {
      free_barycenter(measures, options);
      ADD_FAILURE() << word;
    } catch (const RequestError& error) {
      EXPECT_NE(std::string(error.what()).find(word), std::string::npos) << error.what();
    }
  };
  refused({}, {}, "no measures");
  refused({sample, odd}, {}, "3 in measure 2");
  refused({sample, {Points(none)}}, {}, "measure 2");
  refused({sample, {Points(broken)}}, {}, "measure 2");
  refused({sample, heavier}, {}, "1 within 1e-6");
  refused({sample, sample}, {.shares = {1, -1}}, "-1 of measure 2");
  refused({sample, sample}, {.shares = {0, 0}}, "above 0");
  refused({sample, sample}, {.shares = {1}}, "one a measure");
  refused({sample, sample}, {.start = wide.view()}, "2 columns");
  refused({sample, sample}, {.start = broken.view()}, "finite");
  refused({sample, sample}, {.tolerance = -1}, "tolerance");
  EXPECT_THROW(line_barycenter(std::vector<Sample>{sample, sample}), RequestError);
  EXPECT_THROW(line_barycenter(std::vector<Sample>{two, two}, {}, 3), RequestError);
}

}  // namespace
}  // namespace pushforward
