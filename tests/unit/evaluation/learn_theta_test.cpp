// SPDX-License-Identifier: Apache-2.0
// One number of a family, learnt: derivatives by hand, and who arrives on the parallel lines.
#include "pushforward/learn_theta.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "unit/models/support.hpp"

namespace pushforward::cli {
namespace {

using testing::message_of;

Dataset family_at(const ThetaFamily& family, double theta, std::size_t n) {
  Dataset data;
  data.name = "family";
  data.rows_data = family.rows(theta, n, 99);
  data.shape = {.width = data.cols()};
  return data;
}

TEST(ThetaFamily, NamesTheOptionThatIsFree) {
  EXPECT_EQ(ThetaFamily("toy:lines:theta").option(), "theta");
  EXPECT_EQ(ThetaFamily("toy:gaussian:d=1,mean=theta").option(), "mean");
  EXPECT_EQ(ThetaFamily("toy:8gaussians:scale=theta").option(), "scale");
  for (const char* text : {"toy:lines", "lines:theta", "toy:moons:noise=0.1", "toy:lines:theta,scale=theta"})
    EXPECT_NE(message_of([&] { ThetaFamily family(text); }), "") << text;
  EXPECT_NE(message_of([&] { ThetaFamily family("toy:moons:n=theta"); }), "");
}

TEST(LearnTheta, ADistanceThatCannotLearnIsKnownBeforehand) {
  const Dataset three = load_data("toy:gaussian:d=3,n=50");
  EXPECT_NE(message_of([&] { check_learnable(parse_spec("prdc"), three, {}); }).find("gradient"),
            std::string::npos);
  EXPECT_NE(message_of([&] { check_learnable(parse_spec("histogram"), three, {}); }), "");
  EXPECT_NE(message_of([&] { check_learnable(parse_spec("kl-knn:k=60"), three, {}); }).find("at least"),
            std::string::npos);
  for (const char* spec : {"w1", "mmd", "jsd-critic"}) check_learnable(parse_spec(spec), three, {});
}

// Σ_j ⟨1, ∂y_j/∂θ⟩: a line moves by (1, 0) a row; a ring scaled by θ moves along its points.
TEST(ThetaFamily, DerivativesAreThoseOfTheRows) {
  Matrix<double> slopes(10, 2);
  for (double& s : slopes.span()) s = 1;
  EXPECT_NEAR(ThetaFamily("toy:lines:theta").derivative(0.7, 3, std::as_const(slopes).view()), 10, 1e-3);
  const ThetaFamily ring("toy:8gaussians:scale=theta");
  const Tensor at_one = ring.rows(1, 10, 3);
  double sum = 0;
  for (const float v : at_one.span()) sum += static_cast<double>(v);
  EXPECT_NEAR(ring.derivative(2, 3, std::as_const(slopes).view()), sum, 1e-2);
}

// W1 of parallel lines has slope 1: θ falls by the rate a step. A discriminator that wins says nothing in its
// minimax form, a narrow kernel sees nothing; a wide one and a critic lead.
TEST(LearnTheta, OnParallelLines) {
  const ThetaFamily family("toy:lines:theta");
  const Dataset data = family_at(family, 0, 2000);
  ThetaOptions options;
  options.steps = 60;
  const auto path = [&](const std::string& by) {
    return learn_theta(family, data, parse_spec(by, "by"), options);
  };
  const auto w1 = path("w1");
  ASSERT_EQ(w1.size(), 61u);
  EXPECT_EQ(w1[0].theta, 1.5);
  EXPECT_NEAR(w1[60].theta, 1.5 - 60 * 0.02,
              0.02);  // the lines' second coordinate costs a little of the slope
  EXPECT_NEAR(w1[10].loss, w1[10].theta, 0.05);
  EXPECT_GT(path("mmd:estimator=biased,bandwidth=0.1").back().theta, 1.49);
  EXPECT_LT(path("mmd:estimator=biased,bandwidth=1").back().theta, 1.1);
  EXPECT_GT(path("jsd-critic:loss=minimax,hidden=32").back().theta, 1.2);
  EXPECT_LT(path("w1-critic:hidden=32").back().theta, 1);
}

TEST(LearnTheta, RefusesWhatHasNoGradient) {
  const ThetaFamily family("toy:gaussian:d=1,mean=theta");
  const Dataset data = family_at(family, 0, 100);
  EXPECT_NE(message_of([&] { learn_theta(family, data, parse_spec("prdc", "by"), {}); }).find("no gradient"),
            std::string::npos);
}

}  // namespace
}  // namespace pushforward::cli
