// SPDX-License-Identifier: Apache-2.0
// gaussian:optimal, a variance that is the mean squared error.
#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include "models/likelihood.hpp"
#include "pushforward/error.hpp"
#include "pushforward/train.hpp"
#include "unit/models/run_files.hpp"

namespace pushforward {
namespace {

class OptimalLikelihood : public ::testing::Test {
 protected:
  OptimalLikelihood() : likelihood_({.kind = LikelihoodKind::gaussian_optimal}, {}, {}, kFeatures) {
    arena_.bind(likelihood_.parameters(), Draw{});
    fill_normal(x_.span(), Draw{1}), fill_normal(y_.span(), Draw{2});
  }
  double nll(View<float> gradient) { return likelihood_.nll(y_.view(), x_.view(), gradient, 1); }
  double mean_square() const {
    double sum = 0;
    for (std::size_t i = 0; i < x_.size(); ++i)
      sum += std::pow(static_cast<double>(x_.span()[i]) - static_cast<double>(y_.span()[i]), 2);
    return sum / static_cast<double>(x_.size());
  }

  static constexpr std::size_t kRows = 3, kFeatures = 5;
  Likelihood likelihood_;
  Arena arena_;
  Tensor x_ = Tensor(kRows, kFeatures), y_ = Tensor(kRows, kFeatures), gradient_ = Tensor(kRows, kFeatures);
};

TEST(Likelihood, AGaussianAloneLearnsItsVariance) {
  const auto& table = option_table(LikelihoodOptions{});
  const auto kind = [&](const char* word) {
    Options given(table.settings());
    given.set("likelihood", word);
    return table.read(given).kind->kind;
  };
  EXPECT_EQ(kind("gaussian"), LikelihoodKind::gaussian_learned);
  EXPECT_EQ(kind("Gaussian"), LikelihoodKind::gaussian_learned);
  EXPECT_EQ(kind("gaussian:2"), LikelihoodKind::gaussian);
  EXPECT_EQ(kind("gaussian:head"), LikelihoodKind::gaussian_head);
  EXPECT_THROW(kind("gaussian:0,1"), RequestError);
}

// ½ nD (ln 2πv + 1) at v = the mean squared error.
TEST_F(OptimalLikelihood, LossIsThatOfTheBestVariance) {
  const double half = 0.5 * static_cast<double>(kRows * kFeatures);
  EXPECT_NEAR(nll(gradient_), half * (std::log(2 * std::numbers::pi * mean_square()) + 1), 1e-4);
}

TEST_F(OptimalLikelihood, GradientIsThatOfTheLossWithItsVariance) {
  nll(gradient_);
  Tensor room(kRows, kFeatures);
  constexpr float kStep = 1e-2f;
  for (std::size_t i = 0; i < y_.size(); ++i) {
    const float at = y_.span()[i];
    y_.span()[i] = at + kStep;
    const double above = nll(room);
    y_.span()[i] = at - kStep;
    const double below = nll(room);
    y_.span()[i] = at;
    // Central differences err by h²/6 times a third derivative of some tens at most.
    EXPECT_NEAR(static_cast<double>(gradient_.span()[i]), (above - below) / (2 * static_cast<double>(kStep)),
                5e-3)
        << i;
  }
}

TEST_F(OptimalLikelihood, WhatIsKeptFollowsTheBatches) {
  const double before = likelihood_.variance();
  nll({});
  likelihood_.after_step();
  EXPECT_EQ(likelihood_.variance(), before) << "a loss without a gradient teaches nothing";
  for (int step = 0; step < 1000; ++step) nll(gradient_), likelihood_.after_step();
  EXPECT_NEAR(likelihood_.variance(), mean_square(), 1e-4 * mean_square());
}

TEST_F(OptimalLikelihood, WeightedRowsGiveTheWeightedMeanSquare) {
  std::vector<double> rows(kRows);
  likelihood_.weighted_nll(y_.view(), x_.view(), gradient_, 1, rows);
  const std::vector<double> first = {1, 0, 0};
  likelihood_.weight_rows(gradient_, rows, first, 1);
  for (int step = 0; step < 2000; ++step) {
    likelihood_.weighted_nll(y_.view(), x_.view(), gradient_, 1, rows);
    likelihood_.weight_rows(gradient_, rows, first, 1);
    likelihood_.after_step();
  }
  double square = 0;
  for (std::size_t j = 0; j < kFeatures; ++j)
    square += std::pow(static_cast<double>(x_(0, j)) - static_cast<double>(y_(0, j)), 2) / kFeatures;
  EXPECT_NEAR(likelihood_.variance(), square, 1e-3 * square);
}

TEST(OptimalLikelihoodRun, IsNoMeanOverRows) {
  const Dataset data = testing::grey_data(50, 10);
  pushforward::Run run = testing::make_run(
      "vae", {{"likelihood", "gaussian:optimal"}, {"hidden", "8"}, {"latent", "2"}, {"slices", "2"}}, data);
  EXPECT_NE(testing::message_of([&] { train(run, data, nullptr); }).find("--slices: got gaussian:optimal"),
            std::string::npos);
}

TEST(OptimalLikelihoodRun, GoesOnToTheSameBits) {
  for (const char* model : {"vae", "iwae"})
    testing::expect_resumes_alike(model,
                                  {{"likelihood", "gaussian:optimal"},
                                   {"hidden", "8"},
                                   {"latent", "2"},
                                   {"batch", "16"},
                                   {"epochs", "4"},
                                   {"threads", "1"}},
                                  testing::grey_data(50, 10), {3, 7});
}

}  // namespace
}  // namespace pushforward
