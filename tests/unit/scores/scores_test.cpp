// SPDX-License-Identifier: Apache-2.0
// Scores of generated points: by hand where the numbers are small, against plain double arithmetic elsewhere.
#include "pushforward/scores.hpp"

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include "pushforward/error.hpp"
#include "pushforward/random.hpp"
#include "pushforward/threads.hpp"
#include "unit/ops/every_target.hpp"

namespace pushforward {
namespace {

View<const double> line(const std::vector<double>& values) { return {values.data(), values.size(), 1}; }

// ln p_σ(x) as the formula says it, in double.
double plain_log_density(const float* x, View<const float> samples, double sigma) {
  std::vector<double> exponents;
  for (std::size_t i = 0; i < samples.rows; ++i) {
    double squared = 0;
    for (std::size_t j = 0; j < samples.cols; ++j) {
      const double away = static_cast<double>(x[j]) - static_cast<double>(samples(i, j));
      squared += away * away;
    }
    exponents.push_back(-squared / (2 * sigma * sigma));
  }
  const double top = *std::max_element(exponents.begin(), exponents.end());
  double sum = 0;
  for (double e : exponents) sum += std::exp(e - top);
  const auto n = static_cast<double>(samples.rows), d = static_cast<double>(samples.cols);
  return top + std::log(sum / n) - d / 2 * std::log(2 * std::numbers::pi * sigma * sigma);
}

Tensor grey_rows(std::size_t n, std::size_t d, std::uint64_t seed) {
  Tensor rows(n, d);
  fill_uniform(rows.span(), Draw{seed, stream_id("grey rows"), 0}, 0.3f, 1.0f);  // far from the origin
  return rows;
}

TEST(Modes, ByHand) {
  // Centres 0 and 10, sd 1: 0.5 and 2.9 are good, 3 is not (not below 3), 9 is, 6 belongs to 10 and is not.
  const std::vector<double> points = {0.5, 2.9, 3.0, 9.0, 6.0};
  const ModeScores scores = score_modes(line(points), {.centres = {0, 10}, .sd = 1});
  EXPECT_EQ(scores.covered, 2u);
  EXPECT_DOUBLE_EQ(scores.high_quality, 3.0 / 5);
  EXPECT_EQ(scores.histogram, (std::vector<std::size_t>{3, 2}));
  EXPECT_DOUBLE_EQ(scores.reverse_kl, 0.6 * std::log(1.2) + 0.4 * std::log(0.8));
}

TEST(Modes, AModeWithBadPointsOnlyIsNotCovered) {
  const std::vector<double> points = {0, 0.1, 6};
  const ModeScores scores = score_modes(line(points), {.centres = {0, 10, 20}, .sd = 1});
  EXPECT_EQ(scores.covered, 1u);
  EXPECT_NEAR(scores.reverse_kl, 2. / 3 * std::log(2.) + 1. / 3 * std::log(1.), 1e-15);
}

TEST(Modes, ScaleOfTheToyScalesThem) {
  for (const char* scale : {"1", "0.3536", "-2"}) {
    const Dataset data = load_data("toy:25gaussians:n=2500,seed=3,scale=" + std::string(scale));
    Matrix<double> storage;
    const ModeScores scores = score_modes(data.points(storage), data.modes);
    EXPECT_EQ(scores.covered, 25u) << scale;
    // 1 − e^(−9/2) = 0.9889 of a round Gaussian, sd of the share √(0.9889·0.0111/2500) = 0.0021.
    EXPECT_NEAR(scores.high_quality, 1 - std::exp(-4.5), 4 * 0.0021) << scale;
    // 2n·KL is about χ² of 24 degrees of freedom: mean 24, sd 6.9.
    EXPECT_NEAR(2 * 2500 * scores.reverse_kl, 24, 4 * 6.9) << scale;
  }
}

TEST(Modes, OneModeOfEightHasLogEight) {
  const Dataset data = load_data("toy:8gaussians:n=500[2]");
  Matrix<double> storage;
  const ModeScores scores = score_modes(data.points(storage), data.modes);
  EXPECT_EQ(scores.covered, 1u);
  EXPECT_DOUBLE_EQ(scores.reverse_kl, std::log(8.0));
}

TEST(Modes, RefusesWhatHasNone) {
  const std::vector<double> points = {1, NAN};
  EXPECT_THROW(score_modes(line({1.0}), {}), RequestError);
  EXPECT_THROW(score_modes(line({1.0}), {.centres = {0}, .sd = 0}), RequestError);
  EXPECT_THROW(score_modes(line(points), {.centres = {0}, .sd = 1}), RequestError);
  const std::vector<double> plane = {1, 2};
  EXPECT_THROW(score_modes(View<const double>{plane.data(), 1, 2}, {.centres = {0, 1, 2}, .sd = 1}),
               RequestError);
}

TEST(Parzen, ByHand) {
  // One window of sd 1 at 0, seen from 1; and two at 0 and 2, of which each gives half of that.
  const float one[] = {0}, two[] = {0, 2}, x[] = {1};
  const std::vector<double> widths = {1};
  const double expected = -0.5 - 0.5 * std::log(2 * std::numbers::pi);
  EXPECT_NEAR(parzen_log_densities({x, 1, 1}, {one, 1, 1}, widths)(0, 0), expected, 1e-6);
  EXPECT_NEAR(parzen_log_densities({x, 1, 1}, {two, 2, 1}, widths)(0, 0), expected, 1e-6);
}

TEST(Parzen, MatchesDoubleArithmeticAcrossTiles) {
  // More samples than a tile holds, more queries than a tile holds, a length that no vector divides.
  const Tensor samples = grey_rows(4500, 37, 1), queries = grey_rows(150, 37, 2);
  const std::vector<double> widths = {0.05, 0.1, 0.3, 2};
  for_every_target([&] {
    const Matrix<double> got = parzen_log_densities(queries, samples, widths);
    for (std::size_t i = 0; i < queries.rows(); i += 7)
      for (std::size_t s = 0; s < widths.size(); ++s)
        // A product of 37 centred terms below ½ is off by some 1e-7, and is divided by σ².
        EXPECT_NEAR(got(i, s), plain_log_density(queries.row(i), samples, widths[s]),
                    1e-6 / (widths[s] * widths[s]) + 1e-5)
            << i << " " << widths[s];
  });
}

TEST(Parzen, SurvivesWidthsAtWhichEveryTermUnderflows) {
  const float samples[] = {0, 100}, x[] = {40};
  const std::vector<double> widths = {0.1};
  const double got = parzen_log_densities({x, 1, 1}, {samples, 2, 1}, widths)(0, 0);
  EXPECT_NEAR(got, -160000.0 / 2 - std::log(2.0) / 2 * 2 - 0.5 * std::log(2 * std::numbers::pi * 0.01),
              80000 * 1e-6);
}

TEST(Parzen, DoesNotDependOnThreads) {
  const Tensor samples = grey_rows(300, 20, 3), queries = grey_rows(400, 20, 4);
  const std::vector<double> widths = {0.2, 0.4};
  const int before = threads();
  set_threads(1);
  const Matrix<double> one = parzen_log_densities(queries, samples, widths);
  set_threads(3);
  const Matrix<double> three = parzen_log_densities(queries, samples, widths);
  set_threads(before);
  for (std::size_t i = 0; i < one.size(); ++i) ASSERT_EQ(one.data()[i], three.data()[i]);
}

TEST(Parzen, ChoosesTheWidthOnTheValidationRows) {
  // Windows at 0; validation rows of sd 0.5 want σ = 0.5, whatever the test rows want.
  Tensor samples(1, 1), validation(4000, 1), test(1000, 1);
  fill_normal(validation.span(), Draw{1, stream_id("v"), 0}, 0, 0.5f);
  fill_normal(test.span(), Draw{1, stream_id("t"), 0}, 0, 3.0f);
  const std::vector<double> widths = {0.1, 0.5, 3};
  const ParzenScore score = parzen(samples, validation, test, widths);
  EXPECT_EQ(score.width, 0.5);
  double mean = 0, squares = 0;
  for (float v : test.span()) {
    const auto x = static_cast<double>(v);
    const double ln = -x * x / 0.5 - 0.5 * std::log(2 * std::numbers::pi * 0.25);
    mean += ln / 1000, squares += ln * ln / 1000;
  }
  EXPECT_NEAR(score.log_likelihood, mean, 1e-5 * std::abs(mean));
  EXPECT_NEAR(score.standard_error, std::sqrt((squares - mean * mean) / 999), 1e-4 * score.standard_error);
}

TEST(Parzen, ProtocolsAreThePublishedOnes) {
  const std::vector<double> gan = parzen_widths("gan"), gmmn = parzen_widths("gmmn");
  ASSERT_EQ(gan.size(), 10u);
  EXPECT_DOUBLE_EQ(gan[0], 0.1);
  EXPECT_DOUBLE_EQ(gan[9], 1);
  EXPECT_DOUBLE_EQ(gan[3], std::pow(10.0, -2.0 / 3));
  ASSERT_EQ(gmmn.size(), 20u);
  EXPECT_DOUBLE_EQ(gmmn[0], 0.10);
  EXPECT_DOUBLE_EQ(gmmn[19], 0.29);
  EXPECT_THROW(parzen_widths("gna"), RequestError);
}

TEST(Parzen, RefusesWhatDoesNotFit) {
  const Tensor two(3, 2), three(3, 3), none(0, 2);
  const std::vector<double> good = {0.1}, bad = {0.0};
  EXPECT_THROW(parzen_log_densities(two, three, good), RequestError);
  EXPECT_THROW(parzen_log_densities(two, none, good), RequestError);
  EXPECT_THROW(parzen_log_densities(two, two, bad), RequestError);
  Tensor broken(3, 2);
  broken(1, 1) = NAN;
  EXPECT_THROW(parzen_log_densities(two, broken, good), RequestError);
  EXPECT_THROW(parzen(two, two, two, {}), RequestError);
}

TEST(Memorisation, ByHand) {
  // Training rows 0, 10, 20. Held out are 1 and 13 away: distances 1, 3. Generated: 0.5, 10 (a copy), 12.
  const std::vector<double> training = {0, 10, 20}, held_out = {1, 13}, generated = {0.5, 10, 12};
  const Memorisation found = memorisation(line(generated), line(held_out), line(training));
  EXPECT_DOUBLE_EQ(found.distance, 0.5);
  EXPECT_DOUBLE_EQ(found.held_out_distance, 2);
  EXPECT_DOUBLE_EQ(found.ratio.value(), 0.25);
  EXPECT_DOUBLE_EQ(found.closer, 2.0 / 3);  // below 1, the nearest held-out row's
}

TEST(Memorisation, FreshRowsAreNotCopiesAndCopiesAre) {
  const Tensor training = grey_rows(2000, 6, 5), held_out = grey_rows(2000, 6, 6),
               fresh = grey_rows(2000, 6, 7);
  const Memorisation honest = memorisation(fresh.view(), held_out.view(), training.view());
  // The median's standard error is about 1 % of it here; the share is near 0.01 ± 0.003.
  EXPECT_NEAR(honest.ratio.value(), 1, 0.05);
  EXPECT_NEAR(honest.closer, 0.01, 0.01);
  Tensor copies = training;
  for (float& value : copies.span()) value += 1e-3f;
  const Memorisation copied = memorisation(std::as_const(copies).view(), held_out.view(), training.view());
  EXPECT_LT(copied.ratio.value(), 0.05);
  EXPECT_GT(copied.closer, 0.99);
}

TEST(Memorisation, HeldOutRowsThatAreTrainingRowsGiveNoRatio) {
  const Tensor training = grey_rows(50, 3, 8), none(0, 3);
  EXPECT_FALSE(memorisation(training.view(), training.view(), training.view()).ratio.has_value());
  EXPECT_THROW(memorisation(training.view(), none.view(), training.view()), RequestError);
}

}  // namespace
}  // namespace pushforward
