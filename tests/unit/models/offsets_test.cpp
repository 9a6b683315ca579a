// SPDX-License-Identifier: Apache-2.0
//
// Solved models far from 0 and far from 1: the same answers as on the same data near 0 at scale 1.
//
// Offsets are such that adding them is exact in float64 to 2^-20 of a deviation; errors are then the same to
// 1e-5.
#include <cmath>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "io/npy.hpp"
#include "models/moments.hpp"
#include "support/own_folder.hpp"
#include "support/program.hpp"
#include "unit/models/support.hpp"

namespace pushforward {
namespace {

using namespace testing;
using Json = nlohmann::json;

// Rows in three directions of four columns, deviations near 4, with noise of 0.1.
Matrix<double> rows_near_zero(std::size_t n) {
  Matrix<double> rows(n, 4), codes(n, 2), noise(n, 4);
  fill_normal(codes.span(), Draw{11, 1, 0});
  fill_normal(noise.span(), Draw{11, 2, 0});
  const double directions[2][4] = {{3, 2, -1, 2}, {-2, 3, 3, 1}};
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < 4; ++j)
      rows(i, j) = codes(i, 0) * directions[0][j] + codes(i, 1) * directions[1][j] + 0.1 * noise(i, j);
  return rows;
}

class Offsets : public ::testing::Test {
 protected:
  // "evaluate" of a model trained on rows·scale + offset.
  Json figures(const std::string& model, double offset, double scale, const std::string& options = "") {
    const std::string name = "d" + std::to_string(count_++);
    Matrix<double> rows = rows_near_zero(200);
    for (double& v : rows.span()) v = v * scale + offset;
    io::write_npy(folder_ / (name + ".npy"), io::ArrayView(std::span<const double>(rows.span()), {200, 4}));
    const std::string run = folder_ / name;
    const auto trained =
        run_program("train " + model + " " + run + ".npy -o " + run + " " + options + " --quiet");
    EXPECT_EQ(trained.status, 0) << trained.err;
    const auto evaluated = run_program("evaluate " + run + " --json --quiet");
    EXPECT_EQ(evaluated.status, 0) << evaluated.err;
    return Json::parse(evaluated.out);
  }

  Folder folder_;
  int count_ = 0;
};

double of(const Json& figures, const char* key) { return figures.at(key).get<double>(); }

TEST_F(Offsets, SolvedModelsCentreInFloat64) {
  for (const char* model : {"pca", "ppca", "fa"}) {
    const Json near = figures(model, 0, 1, "--latent 2");
    for (const double offset : {1e6, 5.3e6, 1e8, -1e9}) {
      const Json far = figures(model, offset, 1, "--latent 2");
      // 1e9 is rounded at 1.2e-7: squared errors near 0.02 change by 2·0.1·1e-7 relative to that.
      EXPECT_NEAR(of(far, "squared_error") / of(near, "squared_error"), 1, 1e-5) << model << offset;
      if (far.contains("log_likelihood")) {
        EXPECT_NEAR(of(far, "log_likelihood"), of(near, "log_likelihood"), 1e-5) << model << offset;
      }
    }
  }
}

TEST_F(Offsets, SolvedModelsTakeAnyScale) {
  for (const std::string model : {"pca", "ppca", "fa"}) {
    // EM stops at a gain relative to the likelihood, whose size depends on the unit.
    const std::string options =
        model == "fa" ? "--latent 2 --tolerance 1e-12 --iterations 100000" : "--latent 2";
    const Json near = figures(model, 0, 1, options);
    for (const double scale : {1e-30, 1e-12, 1e20, 1e30}) {
      const Json far = figures(model, 0, scale, options);
      EXPECT_NEAR(of(far, "squared_error") / scale / scale / of(near, "squared_error"), 1, 1e-5)
          << model << scale;
      if (far.contains("log_likelihood")) {
        EXPECT_NEAR(of(far, "log_likelihood"), of(near, "log_likelihood") - 4 * std::log(scale), 1e-4)
            << model << scale;
        EXPECT_NEAR(of(far, "noise_variance") / scale / scale / of(near, "noise_variance"), 1, 1e-5);
      }
    }
  }
}

TEST_F(Offsets, WhatFloat32CannotHoldIsNamed) {
  const auto train = [&](const std::string& model, double scale, const std::string& options) {
    Matrix<double> rows = rows_near_zero(50);
    for (double& v : rows.span()) v *= scale;
    const std::string file = folder_ / ("s" + std::to_string(count_++) + ".npy");
    io::write_npy(file, io::ArrayView(std::span<const double>(rows.span()), {50, 4}));
    return run_program("train " + model + " " + file + " -o " + file + ".run --latent 2 " + options);
  };
  for (const double scale : {1e300, 1e-200}) {
    const auto refused = train("pca", scale, "");
    EXPECT_EQ(refused.status, 2);
    EXPECT_NE(refused.err.find("float32 holds"), std::string::npos) << refused.err;
  }
  for (const double scale : {1e25, 1e-25}) {
    const auto refused = train("ae", scale, "--epochs 1");
    EXPECT_EQ(refused.status, 2);
    EXPECT_NE(refused.err.find("--standardize"), std::string::npos) << refused.err;
    const auto followed = train("ae", scale, "--epochs 1 --standardize");
    EXPECT_EQ(followed.status, 0) << followed.err;
  }
}

TEST_F(Offsets, LearningModelsAreToldOnce) {
  Matrix<double> rows = rows_near_zero(50);
  for (double& v : rows.span()) v += 1e6;
  const std::string file = folder_ / "far.npy";
  io::write_npy(file, io::ArrayView(std::span<const double>(rows.span()), {50, 4}));
  const auto told = [&](const std::string& words) {
    const auto ran = run_program("train " + words + " --epochs 1");
    EXPECT_EQ(ran.status, 0) << ran.err;
    std::size_t times = 0;
    for (std::size_t at = 0; (at = ran.err.find("has a mean of 1e+06", at)) != std::string::npos; ++at)
      ++times;
    return times;
  };
  EXPECT_EQ(told("ae " + file + " -o " + file + ".1 --latent 2"), 1u);
  EXPECT_EQ(told("gan " + file + " -o " + file + ".2"), 1u);
  EXPECT_EQ(told("ae " + file + " -o " + file + ".3 --latent 2 --standardize"), 0u);
}

TEST(MomentsFarFromZero, AreThoseNearIt) {
  Dataset near;
  near.shape = {.width = 4};
  near.rows_data = rows_near_zero(300);
  for (double& v : std::get<Matrix<double>>(near.rows_data).span()) v = std::round(v * 1024) / 1024;
  Dataset far = near;
  for (double& v : std::get<Matrix<double>>(far.rows_data).span()) v += 0x1p30;  // exact
  const Moments a = moments(near), b = moments(far);
  EXPECT_LT((a.covariance - b.covariance).cwiseAbs().maxCoeff(), 1e-12 * a.covariance.cwiseAbs().maxCoeff());
  // The mean itself is rounded at 2^-22.
  EXPECT_LT(((b.mean.array() - 0x1p30) - a.mean.array()).abs().maxCoeff(), 0x1p-22);
}

// Columns 0 and 1 are the same: with less noise allowed the likelihood is higher.
TEST_F(Offsets, FactorAnalysisReachesWhatASmallerFloorAllows) {
  Matrix<double> rows = rows_near_zero(200);
  for (std::size_t i = 0; i < 200; ++i) rows(i, 1) = rows(i, 0);
  const std::string file = folder_ / "twice.npy";
  io::write_npy(file, io::ArrayView(std::span<const double>(rows.span()), {200, 4}));
  double before = -HUGE_VAL;
  for (const char* floor : {"1e-4", "1e-6", "1e-8", "1e-10", "1e-12"}) {
    const std::string run = file + floor;
    ASSERT_EQ(
        run_program("train fa " + file + " -o " + run + " --latent 2 --quiet --noise-floor " + floor).status,
        0);
    const Json found = Json::parse(run_program("evaluate " + run + " --json --quiet").out);
    EXPECT_TRUE(found["converged"].get<bool>()) << floor;
    // One direction of two equal columns has the floor's variance and no data in it: ½ ln 100 a hundredth, at
    // least.
    EXPECT_GT(of(found, "log_likelihood"), before + 2) << floor;
    before = of(found, "log_likelihood");
  }
}

}  // namespace
}  // namespace pushforward
