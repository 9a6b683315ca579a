// SPDX-License-Identifier: Apache-2.0
// PCA, probabilistic PCA, factor analysis and what they stand on, against closed forms and dense algebra.
#include <numbers>
#include <numeric>

#include <gtest/gtest.h>

#include "models/low_rank_gaussian.hpp"
#include "models/principal.hpp"
#include "support.hpp"

namespace pushforward {
namespace {

using namespace testing;

TEST(Moments, OfThreePointsByHand) {
  Dataset data;
  data.shape = {.width = 2};
  Matrix<double> rows(3, 2);
  const double values[] = {0, 1, 3, 1, 3, 4};  // means 2 and 2; variances 2 and 2; covariance 1
  std::copy(std::begin(values), std::end(values), rows.data());
  data.rows_data = rows;
  const Moments m = moments(data);
  EXPECT_DOUBLE_EQ(m.mean[0], 2);
  EXPECT_DOUBLE_EQ(m.mean[1], 2);
  EXPECT_DOUBLE_EQ(m.covariance(0, 0), 2);
  EXPECT_DOUBLE_EQ(m.covariance(1, 1), 2);
  EXPECT_DOUBLE_EQ(m.covariance(0, 1), 1);
  EXPECT_DOUBLE_EQ(m.covariance(1, 0), 1);
}

TEST(Moments, KeepTheirDigitsFarFromZero) {
  Dataset near = low_rank_data(600, 5, 2, 0.3), far = near;
  for (double& v : std::get<Matrix<double>>(far.rows_data).span()) v += 1024;  // exact in float32 to 2^-13
  const Moments a = moments(near), b = moments(far);
  EXPECT_LT((a.covariance - b.covariance).cwiseAbs().maxCoeff(), 1e-3 * a.covariance.cwiseAbs().maxCoeff());
}

TEST(PrincipalAngles, OfLinesAndPlanesByHand) {
  EigenMatrix a(3, 1), b(3, 1);
  a << 1, 0, 0;
  b << 5, 5, 0;
  EXPECT_NEAR(principal_angles(a, b)[0], 45, 1e-12);
  EigenMatrix tilted(3, 1);
  tilted << 1, 1e-9, 0;  // whose cosine is 1 in double precision
  EXPECT_NEAR(principal_angles(a, tilted)[0], 1e-9 * 180 / std::numbers::pi, 1e-16);
  EigenMatrix p(3, 2), q(3, 2);
  p << 1, 0, 0, 1, 0, 0;
  q << 1, 0, 0, 0, 0, 1;  // planes xy and xz: a line in common, then a right angle
  const std::vector<double> angles = principal_angles(p, q);
  EXPECT_NEAR(angles[0], 0, 1e-12);
  EXPECT_NEAR(angles[1], 90, 1e-12);
}

TEST(Pca, ErrorIsTheSumOfDiscardedEigenvalues) {
  const Dataset data = low_rank_data(700, 12, 6, 0.2);
  const Principal all = principal_components(data, 12);
  for (const std::size_t k : {1u, 3u, 7u, 11u}) {
    const pushforward::Run run = make_run("pca", {{"latent", std::to_string(k)}}, data);
    const double error = field(evaluate(*run.model, data, {}), "squared_error");
    const double discarded = all.eigenvalues.tail(12 - static_cast<Eigen::Index>(k)).sum();
    EXPECT_NEAR(error, discarded, 2e-6 * all.eigenvalues.sum()) << k;
  }
}

TEST(Pca, FewRowsOfManyFeaturesGoThroughTheGramMatrix) {
  const Dataset wide = low_rank_data(20, 50, 4, 0.1);
  const Principal p = principal_components(wide, 4);
  const Moments m = moments(wide);
  const EigenMatrix product = m.covariance * p.components;
  for (Eigen::Index j = 0; j < 4; ++j)
    EXPECT_LT((product.col(j) - p.eigenvalues[j] * p.components.col(j)).norm(), 1e-5 * p.eigenvalues[0]) << j;
  EXPECT_LT((p.components.transpose() * p.components - EigenMatrix::Identity(4, 4)).norm(), 1e-12);
}

TEST(Pca, RefusesMoreComponentsThanThereAre) {
  const Dataset data = low_rank_data(10, 4, 2, 0.1);
  EXPECT_THROW(make_run("pca", {{"latent", "5"}}, data), RequestError);
  EXPECT_THROW(make_run("pca", {{"latent", "0"}}, data), RequestError);
}

TEST(Pca, HasNothingToDraw) {
  const Dataset data = low_rank_data(50, 4, 2, 0.1);
  const pushforward::Run run = make_run("pca", {{"latent", "2"}}, data);
  Tensor x = data.floats(0, 3), z(3, 2);
  const Draw draw{};
  EXPECT_THROW(encode(*run.model, x, z, &draw), RequestError);
  EXPECT_THROW(decode(*run.model, z, x, &draw), RequestError);
}

TEST(Pca, CodesAreCentredUncorrelatedAndOfTheEigenvaluesVariance) {
  const Dataset data = low_rank_data(500, 8, 3, 0.2);
  const pushforward::Run run = make_run("pca", {{"latent", "3"}}, data);
  const Tensor x = data.floats(0, 500);
  Tensor z(500, 3);
  encode(*run.model, x.view(), z, nullptr);
  Dataset codes;
  codes.shape = {.width = 3}, codes.rows_data = z;
  const Moments m = moments(codes);
  const Principal p = principal_components(data, 3);
  for (Eigen::Index i = 0; i < 3; ++i) {
    EXPECT_NEAR(m.mean[i], 0, 1e-5);
    for (Eigen::Index j = 0; j < 3; ++j)
      EXPECT_NEAR(m.covariance(i, j), i == j ? p.eigenvalues[i] : 0, 2e-5 * p.eigenvalues[0]);
  }
}

TEST(LowRankGaussian, OneDimensionByHand) {
  // x ~ N(1, 2² + 5) = N(1, 9): at x = 4, ln p = −½ − ½ ln(18π).
  const LowRankGaussian g(Eigen::VectorXd::Constant(1, 1), EigenMatrix::Constant(1, 1, 2),
                          Eigen::VectorXd::Constant(1, 5));
  const EigenMatrix x = EigenMatrix::Constant(1, 1, 4);
  EXPECT_NEAR(g.log_density(x)[0], -0.5 - 0.5 * std::log(18 * std::numbers::pi), 1e-14);
  EXPECT_NEAR(g.posterior_means(x)(0, 0), 3 * 2.0 / 9, 1e-15);          // Cov(z, x)/Var(x) · (x − 1)
  EXPECT_NEAR(g.posterior_covariance()(0, 0), 1 - 2.0 * 2 / 9, 1e-15);  // 1 − Cov²/Var
}

TEST(LowRankGaussian, AgreesWithTheDenseFormula) {
  const Eigen::Index d = 7, z = 3;
  EigenMatrix w(d, z), x(20, d);
  Eigen::VectorXd mean(d), noise(d);
  const Draw draw{3, 0, 0};
  fill_normal(std::span(w.data(), 21), draw.on("w"));
  fill_normal(std::span(x.data(), 140), draw.on("x"), 1, 2);
  fill_normal(std::span(mean.data(), 7), draw.on("mean"));
  fill_uniform(std::span(noise.data(), 7), draw.on("noise"), 0.2, 2);
  const LowRankGaussian g(mean, w, noise);
  EigenMatrix dense = w * w.transpose();
  dense.diagonal() += noise;
  const Eigen::LLT<EigenMatrix> factor(dense);
  const EigenMatrix lower = factor.matrixL();
  const double constant = 2 * lower.diagonal().array().log().sum() + 7 * std::log(2 * std::numbers::pi);
  const Eigen::VectorXd got = g.log_density(x);
  for (Eigen::Index i = 0; i < 20; ++i) {
    const Eigen::VectorXd c = x.row(i).transpose() - mean;
    EXPECT_NEAR(got[i], -0.5 * (c.dot(factor.solve(c)) + constant), 1e-11) << i;
  }
  // The mean over data is a function of their mean and covariance alone.
  const Eigen::VectorXd centre = x.colwise().mean();
  const EigenMatrix centred = x.rowwise() - centre.transpose();
  EXPECT_NEAR(g.mean_log_density(centre, centred.transpose() * centred / 20), got.mean(), 1e-11);
}

double likelihood_of(const LowRankGaussian& g, const Moments& m) {
  return g.mean_log_density(m.mean, m.covariance);
}

TEST(Ppca, NoiseIsTheMeanDiscardedEigenvalueAndNothingNearbyIsBetter) {
  const Dataset data = low_rank_data(900, 6, 2, 0.5);
  pushforward::Run run = make_run("ppca", {{"latent", "2"}}, data);
  const Fields fields = evaluate(*run.model, data, {});
  const Principal p = principal_components(data, 2);
  EXPECT_NEAR(field(fields, "noise_variance"), p.eigenvalues.tail(4).mean(), 1e-6);
  const Moments m = moments(data);
  EigenMatrix w(6, 2);
  for (std::size_t i = 0; i < 12; ++i) w.data()[i] = static_cast<double>(value_of(run, "weight").data[i]);
  const Eigen::VectorXd noise = Eigen::VectorXd::Constant(6, p.eigenvalues.tail(4).mean());
  const double best = likelihood_of({m.mean, w, noise}, m);
  EXPECT_NEAR(field(fields, "log_likelihood"), best, 1e-4);
  for (std::uint64_t step = 0; step < 20; ++step) {
    EigenMatrix nudge(6, 2);
    fill_normal(std::span(nudge.data(), 12), Draw{1, 2, step}, 0, 0.05);
    EXPECT_LT(likelihood_of({m.mean, w + nudge, noise}, m), best + 1e-9);
    EXPECT_LT(likelihood_of({m.mean, w, noise * (step % 2 ? 1.05 : 0.95)}, m), best);
  }
}

TEST(Ppca, DrawsHaveTheModelsCovariance) {
  const Dataset data = low_rank_data(900, 4, 2, 0.5);
  const pushforward::Run run = make_run("ppca", {{"latent", "2"}}, data);
  Tensor x(40000, 4);
  generate(*run.model, x, Draw{9, 0, 0}, true);
  Dataset drawn;
  drawn.shape = {.width = 4}, drawn.rows_data = x;
  const Moments a = moments(data), b = moments(drawn);
  // ppca keeps the trace, and with 40000 draws an entry's standard error is below √2·largest/200.
  const double largest = a.covariance.diagonal().maxCoeff();
  EXPECT_NEAR(a.covariance.trace(), b.covariance.trace(), 4 * std::sqrt(2.0) * largest / 200 * 2);
  EXPECT_LT((a.mean - b.mean).cwiseAbs().maxCoeff(), 5 * std::sqrt(largest) / 200);
}

TEST(Ppca, RefusesDataWithoutNoise) {
  EXPECT_THROW(make_run("ppca", {{"latent", "2"}}, low_rank_data(50, 5, 2, 0)), RequestError);
}

TEST(Fa, FindsEachFeaturesNoiseAndBeatsOneForAll) {
  Dataset data = low_rank_data(4000, 6, 2, 0.1);
  Matrix<double>& rows = std::get<Matrix<double>>(data.rows_data);
  Matrix<double> extra(4000, 1);
  fill_normal(extra.span(), Draw{8, 0, 0});
  for (std::size_t i = 0; i < 4000; ++i)
    rows(i, 4) += extra(i, 0);  // feature 4: variance 1.01, the others 0.01
  pushforward::Run fa = make_run("fa", {{"latent", "2"}}, data);
  const Fields fields = evaluate(*fa.model, data, {});
  EXPECT_TRUE(std::get<bool>(find_field(fields, "converged")->value));
  EXPECT_NEAR(static_cast<double>(value_of(fa, "noise_variance")(0, 4)), 1.01, 0.08);  // 3.5 sd of a variance
  EXPECT_NEAR(static_cast<double>(value_of(fa, "noise_variance")(0, 1)), 0.01, 0.002);
  const pushforward::Run ppca = make_run("ppca", {{"latent", "2"}}, data);
  EXPECT_GT(field(fields, "log_likelihood"), field(evaluate(*ppca.model, data, {}), "log_likelihood") + 1);
}

TEST(Fa, SaysWhenItDidNotConverge) {
  const pushforward::Run run =
      make_run("fa", {{"latent", "2"}, {"iterations", "2"}}, low_rank_data(300, 6, 3, 0.3));
  const Fields fields = evaluate(*run.model, low_rank_data(300, 6, 3, 0.3), {});
  EXPECT_FALSE(std::get<bool>(find_field(fields, "converged")->value));
  EXPECT_EQ(field(fields, "iterations"), 2);
}

TEST(Fa, EveryRoundOfEmRaisesTheLikelihood) {
  const Dataset data = low_rank_data(300, 6, 3, 0.3);
  double before = -HUGE_VAL;
  for (const char* rounds : {"1", "2", "3", "5", "10", "30"}) {
    const pushforward::Run run =
        make_run("fa", {{"latent", "2"}, {"iterations", rounds}, {"tolerance", "0"}}, data);
    const double now = field(evaluate(*run.model, data, {}), "log_likelihood");
    EXPECT_GT(now, before - 1e-6) << rounds;
    before = now;
  }
}

}  // namespace
}  // namespace pushforward
