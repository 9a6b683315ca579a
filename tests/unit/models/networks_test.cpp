// SPDX-License-Identifier: Apache-2.0
// Autoencoders and variational ones: hand-computed losses, gradients against differences, and the identities
// that tie bounds, posteriors and exact likelihoods together on linear models.
#include <numbers>

#include <gtest/gtest.h>

#include "models/low_rank_gaussian.hpp"
#include "unit/models/gradient.hpp"

namespace pushforward {
namespace {

using namespace testing;

Step step_at(std::uint64_t seed) { return {0, 100, 0, Pass{true, Draw{seed, 0, 7}}}; }

void expect_gradient(const std::string& model, const Settings& settings, const Dataset& data) {
  SCOPED_TRACE(model);
  pushforward::Run run = make_run(model, with(settings, {{"activation", "tanh"}, {"latent", "3"}}), data);
  for (Parameter* p : run.model->parameters())  // away from zeros and symmetric starts
    if (p->trained)
      for (std::size_t i = 0; i < p->size(); ++i)
        p->value.data[i] += 0.1f * std::sin(static_cast<float>(3 * i + p->size()));
  const Tensor x = data.floats(0, 5);
  testing::expect_gradient(
      run, [&] { return learner(*run.model).accumulate(0, x.view(), step_at(1)).loss; }, 0.01, 2e-3);
}

TEST(Autoencoder, GradientsAreThoseOfTheLoss) {
  const Dataset data = grey_data(40, 9);
  expect_gradient("ae", {{"hidden", "6"}}, data);
  expect_gradient("ae", {{"hidden", "6"}, {"loss", "bce"}, {"center", "yes"}}, data);
  expect_gradient("ae", {{"hidden", "6"}, {"tied", "yes"}, {"center", "yes"}}, data);
  expect_gradient("ae", {{"hidden", "none"}, {"tied", "yes"}, {"output-activation", "sigmoid"}}, data);
}

TEST(Vae, GradientsAreThoseOfTheLoss) {
  const Dataset data = grey_data(40, 9);
  expect_gradient("vae", {{"hidden", "6"}}, data);
  expect_gradient("vae", {{"hidden", "6"}, {"draws", "3"}, {"beta", "2.5"}, {"binarize", "yes"}}, data);
  expect_gradient("vae", {{"hidden", "6"}, {"likelihood", "gaussian:0.3"}}, data);
  expect_gradient("vae", {{"hidden", "6"}, {"likelihood", "gaussian:learned"}, {"draws", "2"}}, data);
  expect_gradient("vae", {{"hidden", "6"}, {"likelihood", "gaussian:optimal"}}, data);
  expect_gradient("vae", {{"hidden", "6"}, {"likelihood", "gaussian:head"}}, data);
  for (const char* kind : {"gaussian:0.3", "gaussian:learned", "gaussian:head"})  // else a sigmoid, in 0…1
    expect_gradient("vae", {{"hidden", "6"}, {"likelihood", kind}, {"output-activation", "linear"}}, data);
}

TEST(Iwae, GradientsAreThoseOfTheBound) {
  const Dataset data = grey_data(40, 9);
  expect_gradient("iwae", {{"hidden", "6"}, {"importance", "4"}}, data);
  expect_gradient("iwae", {{"hidden", "6"}, {"importance", "3"}, {"likelihood", "gaussian:learned"}}, data);
  expect_gradient("iwae", {{"hidden", "6"}, {"importance", "3"}, {"likelihood", "gaussian:head"}}, data);
}

TEST(Vae, LossByHand) {
  // All weights 0: logits 0 cost ln 2 a feature; mean 1 and ln σ² = 0 on one latent cost KL ½.
  const Dataset data = grey_data(4, 5);
  pushforward::Run run = make_run("vae", {{"hidden", "none"}, {"latent", "1"}, {"beta", "3"}}, data);
  for (float& v : run.arena.values().span()) v = 0;
  value_of(run, "encoder.0.bias")(0, 0) = 1;
  const Losses losses = learner(*run.model).accumulate(0, data.floats(0, 4).view(), step_at(1));
  EXPECT_NEAR(losses.parts[0].value, 5 * std::numbers::ln2, 1e-6);
  EXPECT_NEAR(losses.parts[1].value, 0.5, 1e-7);
  EXPECT_NEAR(losses.loss, 5 * std::numbers::ln2 + 1.5, 1e-6);
  EvaluateOptions options;
  EXPECT_NEAR(field(evaluate(*run.model, data, options), "elbo"), -5 * std::numbers::ln2 - 0.5, 1e-6);
}

TEST(Vae, WarmupRaisesTheWeightOfTheDivergence) {
  const Dataset data = grey_data(4, 5);
  pushforward::Run run = make_run("vae", {{"hidden", "none"}, {"latent", "1"}, {"warmup", "10"}}, data);
  for (float& v : run.arena.values().span()) v = 0;
  value_of(run, "encoder.0.bias")(0, 0) = 1;
  const auto at = [&](std::uint64_t s) {
    Step step = step_at(1);
    step.step = s;
    const Losses l = learner(*run.model).accumulate(0, data.floats(0, 4).view(), step);
    return l.loss - l.parts[0].value;
  };
  EXPECT_NEAR(at(0), 0.05, 1e-7);
  EXPECT_NEAR(at(4), 0.25, 1e-7);
  EXPECT_NEAR(at(50), 0.5, 1e-7);
}

TEST(Vae, RefusesDataThatItCannotMean) {
  EXPECT_THROW(make_run("vae", {{"likelihood", "bernoulli"}}, low_rank_data(20, 4, 2, 1)), RequestError);
  EXPECT_THROW(make_run("ae", {{"loss", "bce"}}, low_rank_data(20, 4, 2, 1)), RequestError);
  EXPECT_THROW(make_run("vae", {{"likelihood", "gaussian:0"}}, grey_data(9, 4)), RequestError);
  EXPECT_THROW(make_run("vae", {{"likelihood", "poisson"}}, grey_data(9, 4)), RequestError);
}

// A linear VAE with orthogonal decoder columns: its exact posterior is in the encoder's family. `stretch`
// multiplies the encoder's deviations, `shift` moves its means: 1 and 0 make it exact.
struct LinearVae {
  Dataset data = low_rank_data(60, 4, 2, 0.3);
  pushforward::Run run;
  std::unique_ptr<LowRankGaussian> density;
  EigenMatrix rows;

  LinearVae(const std::string& model, double stretch, double shift, Settings more = {}) {
    more.insert(more.end(), {{"hidden", "none"}, {"latent", "2"}, {"likelihood", "gaussian:0.25"}});
    run = make_run(model, more, data);
    EigenMatrix w(4, 2);
    w << 1, 1, 1, -1, 0.5, 0.5, 0.5, -0.5;  // columns at right angles, each of squared length 2.5
    const double variance = 0.25, m = 1 + 2.5 / variance;
    for (float& v : run.arena.values().span()) v = 0;
    for (std::size_t j = 0; j < 2; ++j) {
      for (std::size_t i = 0; i < 4; ++i) {
        const auto at = w(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j));
        value_of(run, "decoder.0.weight")(i, j) = static_cast<float>(at);
        value_of(run, "encoder.0.weight")(j, i) = static_cast<float>(at / variance / m);
      }
      value_of(run, "encoder.0.bias")(0, j) = static_cast<float>(shift);
      value_of(run, "encoder.0.bias")(0, 2 + j) = static_cast<float>(std::log(stretch * stretch / m));
    }
    density = std::make_unique<LowRankGaussian>(Eigen::VectorXd::Zero(4), w,
                                                Eigen::VectorXd::Constant(4, variance));
    const Matrix<double> doubles = data.doubles();
    rows = Eigen::Map<const EigenMatrix>(doubles.data(), 60, 4);
  }
  double log_likelihood() const { return density->log_density(rows).mean(); }
  // KL[q ‖ p(z|x)], the same for every x: q differs by the factor `stretch` and the offset `shift` alone.
  static double gap(double stretch, double shift) {
    const double posterior = 1 / 11.0;
    return 2 * 0.5 * (stretch * stretch + shift * shift / posterior - 1 - 2 * std::log(stretch));
  }
};

TEST(LinearVae, ImportanceWeightsAreConstantUnderTheExactPosterior) {
  const LinearVae v("vae", 1, 0);
  EvaluateOptions options;
  options.importance = 1;  // one draw is enough when ln p(x, z)/q(z|x) does not depend on z
  const Fields fields = evaluate(*v.run.model, v.data, options);
  EXPECT_NEAR(-field(fields, "nll"), v.log_likelihood(), 2e-5);  // float32 terms of size 10
}

TEST(LinearVae, BoundFallsShortByTheDivergenceFromThePosterior) {
  for (const auto& [stretch, shift] : {std::pair{1.0, 0.0}, {1.5, 0.0}, {0.7, 0.2}}) {
    const LinearVae v("vae", stretch, shift);
    EvaluateOptions options;
    options.draws = 4000;
    const double elbo = field(evaluate(*v.run.model, v.data, options), "elbo");
    // E ln p(x|z) is quadratic in the draw: its sd over draws is about 5 s² with s the relative deviation; 60
    // rows × 4000 draws leave less than 0.01.
    EXPECT_NEAR(v.log_likelihood() - elbo, LinearVae::gap(stretch, shift), 0.015) << stretch << " " << shift;
  }
}

TEST(LinearVae, ImportanceSamplingFindsTheExactLikelihood) {
  const LinearVae v("vae", 1.3, 0.1);
  EvaluateOptions options;
  options.importance = 3000;
  const Fields fields = evaluate(*v.run.model, v.data, options);
  // The relative variance of a weight is below 3 here, so a row's bias is below 3/(2·3000) and its sd below
  // 0.04.
  EXPECT_NEAR(-field(fields, "nll"), v.log_likelihood(), 0.02);
  EXPECT_EQ(field(fields, "importance"), 3000);
  EXPECT_GT(field(fields, "nll_standard_error"), 0);
}

TEST(Iwae, BoundRisesWithTheNumberOfDrawsTowardsTheLikelihood) {
  double before = -HUGE_VAL;
  for (const char* k : {"1", "2", "5", "20", "200"}) {
    LinearVae v("iwae", 1.6, 0.1, {{"importance", k}});
    const Tensor x = v.data.floats(0, 60);
    double bound = 0;
    for (std::uint64_t s = 0; s < 50; ++s) {
      Step step = step_at(1);
      step.pass.draw.step = s;
      bound -= learner(*v.run.model).validate(x.view(), step).loss / 50;
    }
    EXPECT_GT(bound, before) << k;
    EXPECT_LT(bound, v.log_likelihood() + 0.02) << k;
    before = bound;
    if (std::string(k) == "200") {
      EXPECT_NEAR(bound, v.log_likelihood(), 0.03);
    }
  }
}

TEST(Autoencoder, LinearOneFindsThePrincipalSubspace) {
  const Dataset data = low_rank_data(1000, 10, 3, 0.1);
  const pushforward::Run pca = make_run("pca", {{"latent", "3"}}, data);
  const double best = field(evaluate(*pca.model, data, {}), "squared_error");
  for (const Settings& kind : {Settings{},
                               {{"tied", "yes"}, {"center", "yes"}},
                               {{"tied", "yes"}, {"unit-norm", "yes"}, {"center", "yes"}}}) {
    Settings settings = {{"hidden", "none"}, {"latent", "3"}, {"epochs", "200"},
                         {"threads", "1"},   {"batch", "50"}, {"rate", "0.01"}};
    settings.insert(settings.end(), kind.begin(), kind.end());
    pushforward::Run run = make_run("ae", settings, data);
    train(run, data, nullptr);
    EvaluateOptions options;
    options.training = &data;
    const Fields fields = evaluate(*run.model, data, options);
    EXPECT_LT(field(fields, "squared_error"), 1.01 * best);
    EXPECT_GE(field(fields, "squared_error"), best * (1 - 1e-5));
    EXPECT_LT(std::get<std::vector<double>>(find_field(fields, "principal_angles")->value).back(), 3);
  }
}

TEST(Autoencoder, UnitNormRowsHaveLengthOne) {
  const Dataset data = grey_data(50, 6);
  pushforward::Run run =
      make_run("ae", {{"hidden", "none"}, {"latent", "2"}, {"unit-norm", "yes"}, {"epochs", "2"}}, data);
  train(run, data, nullptr);
  const View<float> w = value_of(run, "encoder.0.weight");
  for (std::size_t i = 0; i < w.rows; ++i) {
    double square = 0;
    for (std::size_t j = 0; j < w.cols; ++j)
      square += static_cast<double>(w(i, j)) * static_cast<double>(w(i, j));
    EXPECT_NEAR(square, 1, 1e-6);
  }
}

TEST(Autoencoder, ReportsCrossEntropyOfItsOutput) {
  const Dataset data = grey_data(30, 6);
  pushforward::Run run = make_run("ae", {{"hidden", "none"}, {"latent", "2"}, {"loss", "bce"}}, data);
  for (float& v : run.arena.values().span()) v = 0;
  EXPECT_NEAR(field(evaluate(*run.model, data, {}), "cross_entropy"), 6 * std::numbers::ln2, 1e-6);
  Tensor x(1, 6), z(1, 2);
  decode(*run.model, std::as_const(z).view(), x, nullptr);
  EXPECT_FLOAT_EQ(x(0, 3), 0.5f);  // sigmoid of 0
}

TEST(Vae, DrawsOfPixelsFollowTheirMeans) {
  const Dataset data = grey_data(30, 6);
  pushforward::Run run = make_run("vae", {{"hidden", "none"}, {"latent", "2"}}, data);
  for (float& v : run.arena.values().span()) v = 0;
  value_of(run, "decoder.0.bias")(0, 1) = 1;  // sigmoid(1) = 0.7311
  Tensor x(20000, 6), z(20000, 2);
  const Draw draw{3, 0, 0};
  decode(*run.model, std::as_const(z).view(), x, &draw);
  double ones = 0;
  for (std::size_t i = 0; i < x.rows(); ++i) {
    ones += static_cast<double>(x(i, 1));
    ASSERT_TRUE(x(i, 1) == 0 || x(i, 1) == 1);
  }
  EXPECT_NEAR(ones / 20000, 0.7311, 4 * std::sqrt(0.7311 * 0.2689 / 20000));
}

// σ²(x) = e^{ln σ²}; σ²(z) of each kind, and that draws have it.
TEST(Vae, VariancesAreThoseOfItsDraws) {
  const Dataset data = grey_data(30, 6);
  for (const std::string kind :
       {"bernoulli", "gaussian:0.3", "gaussian:learned", "gaussian:optimal", "gaussian:head"}) {
    pushforward::Run run = make_run("vae", {{"hidden", "none"}, {"latent", "2"}, {"likelihood", kind}}, data);
    const Tensor x = data.floats(0, 1);
    Tensor rows(20000, 6), codes(20000, 2), z(20000, 2), draws(20000, 6);
    for (std::size_t i = 0; i < rows.rows(); ++i) std::copy_n(x.data(), 6, rows.row(i));
    const Draw draw{3, 0, 0};
    const auto spread = [](const Tensor& t, std::size_t k) {
      double mean = 0, square = 0;
      for (std::size_t i = 0; i < t.rows(); ++i) mean += static_cast<double>(t(i, k)) / 20000;
      for (std::size_t i = 0; i < t.rows(); ++i)
        square += std::pow(static_cast<double>(t(i, k)) - mean, 2) / 20000;
      return square;
    };
    Tensor of_code(20000, 2), of_pixels(20000, 6);
    code_variance(*run.model, rows.view(), of_code);
    encode(*run.model, rows.view(), codes, &draw);
    decoded_variance(*run.model, std::as_const(z).view(), of_pixels);
    decode(*run.model, std::as_const(z).view(), draws, &draw);
    for (std::size_t k = 0; k < 2; ++k)  // 5 standard errors of a variance, σ²√(2/n)
      EXPECT_NEAR(spread(codes, k) / static_cast<double>(of_code(0, k)), 1, 0.05) << kind;
    for (std::size_t k = 0; k < 6; ++k)
      EXPECT_NEAR(spread(draws, k) / static_cast<double>(of_pixels(0, k)), 1, 0.05) << kind;
  }
}

TEST(Vae, MeansOfAGaussianKeepToTheRangeOfTheData) {
  const auto decoded = [](const Dataset& data, const Settings& more) {
    pushforward::Run run = make_run(
        "vae", with({{"hidden", "8"}, {"latent", "2"}, {"likelihood", "gaussian:head"}}, more), data);
    Tensor z(500, 2), x(500, data.cols());
    fill_normal(z.span(), Draw{1}.on("far"), 0, 30);
    decode(*run.model, std::as_const(z).view(), x, nullptr);
    const auto [low, high] = std::minmax_element(x.span().begin(), x.span().end());
    return std::pair(*low, *high);
  };
  const auto kept = decoded(grey_data(30, 6), {}),
             left = decoded(grey_data(30, 6), {{"output-activation", "linear"}}),
             wide = decoded(low_rank_data(30, 6, 2, 0.1), {});
  EXPECT_GE(kept.first, 0);
  EXPECT_LE(kept.second, 1);
  EXPECT_GT(left.second, 1.5);
  EXPECT_LT(wide.first, -0.5);
}

// A Gaussian decoder begins at the data's own means and variances, feature by feature.
TEST(Vae, AGaussianDecoderBeginsAtTheData) {
  const Dataset data = low_rank_data(200, 5, 2, 0.2);
  pushforward::Run run =
      make_run("vae", {{"hidden", "none"}, {"latent", "2"}, {"likelihood", "gaussian:head"}}, data);
  Tensor z(1, 2), mean(1, 5), variance(1, 5);
  decode(*run.model, std::as_const(z).view(), mean, nullptr);
  decoded_variance(*run.model, std::as_const(z).view(), variance);
  const Matrix<double> rows = data.doubles();
  for (std::size_t k = 0; k < 5; ++k) {
    double m = 0, v = 0;
    for (std::size_t i = 0; i < 200; ++i) m += rows(i, k) / 200;
    for (std::size_t i = 0; i < 200; ++i) v += std::pow(rows(i, k) - m, 2) / 200;
    EXPECT_NEAR(static_cast<double>(mean(0, k)), m, 1e-5);
    EXPECT_NEAR(static_cast<double>(variance(0, k)), v, 1e-4 * v);
  }
}

TEST(Vae, ActiveUnitsAreLatentsWhoseMeanMoves) {
  const Dataset data = grey_data(30, 6);
  pushforward::Run run = make_run("vae", {{"hidden", "none"}, {"latent", "3"}}, data);
  for (float& v : run.arena.values().span()) v = 0;
  value_of(run, "encoder.0.weight")(1, 0) = 3;  // only latent 1 looks at x
  EXPECT_EQ(field(evaluate(*run.model, data, {}), "active_units"), 1);
}

}  // namespace
}  // namespace pushforward
