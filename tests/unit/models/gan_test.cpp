// SPDX-License-Identifier: Apache-2.0
// Generators against learned distances: two phases, packing, what is warned of, and resuming to the bit with
// everything that has state: batch norm, dropout, momentum, averages.
#include <cmath>

#include <gtest/gtest.h>

#include "pushforward/critic.hpp"
#include "pushforward/distance.hpp"
#include "unit/models/run_files.hpp"
#include "unit/models/support.hpp"

namespace pushforward {
namespace {

using namespace testing;

Tensor copy_of(View<float> values) {
  Tensor out(1, values.size());
  std::copy_n(values.data, out.size(), out.data());
  return out;
}

double distance_between(const Tensor& a, View<float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    sum += std::abs(static_cast<double>(a.data()[i]) - static_cast<double>(b.data[i]));
  return sum;
}

std::vector<std::string> learned_distances() {
  std::vector<std::string> names;
  for (const DistanceEntry& entry : distances())
    if (entry.facts.learned && make_distance(Spec{entry.name})->critic({.width = 2}, 1))
      names.push_back(entry.name);
  return names;
}

TEST(Gan, EveryLearnedDistanceTrainsBothNetworks) {
  const Dataset data = load_data("toy:moons:n=100");  // 32 + 32 + 32 + 4
  ASSERT_GE(learned_distances().size(), 5u);
  for (const std::string& name : learned_distances()) {
    pushforward::Run run =
        make_run("generator",
                 small_generator({{"distance", name}, {"critic-hidden", "12"}, {"critic-steps", "2"}}), data);
    const Tensor critic = copy_of(value_of(run, "critic.0.weight")),
                 generator = copy_of(value_of(run, "generator.0.weight"));
    train(run, data, nullptr);
    EXPECT_GT(distance_between(critic, value_of(run, "critic.0.weight")), 1e-4) << name;
    EXPECT_GT(distance_between(generator, value_of(run, "generator.0.weight")), 1e-4) << name;
  }
}

// With the critic's rate 0 only the generator moves, and the other way round.
TEST(Gan, EachPhaseMovesItsOwnNetwork) {
  const Dataset data = load_data("toy:moons:n=100");
  for (const char* frozen : {"critic", "generator"}) {
    const bool critic = std::string(frozen) == "critic";
    pushforward::Run run = make_run("gan",
                                    small_generator({{"critic-hidden", "12"},
                                                     {"rate", critic ? "0.001" : "0"},
                                                     {"critic-rate", critic ? "0" : "0.001"}}),
                                    data);
    const Tensor before_critic = copy_of(value_of(run, "critic.0.weight")),
                 before_generator = copy_of(value_of(run, "generator.0.weight"));
    train(run, data, nullptr);
    EXPECT_EQ(distance_between(before_critic, value_of(run, "critic.0.weight")) == 0, critic);
    EXPECT_EQ(distance_between(before_generator, value_of(run, "generator.0.weight")) == 0, !critic);
  }
}

TEST(Gan, ResumedEndsInTheSameBytesWithEverythingThatHasState) {
  const Dataset data = load_data("toy:8gaussians:n=97");
  const Settings rows[] = {
      {{"norm", "batch"},
       {"distance", "jsd-critic:dropout=0.5,input-dropout=0.2,pieces=3"},
       {"optimizer", "sgd:momentum=0.5,later=0.7,from=0,over=100"},
       {"rate", "0.05"},
       {"pack", "2"},
       {"instance-noise", "0.1"},
       {"label-smoothing", "0.1"}},
      {{"distance", "w1-critic:lipschitz=penalty+10"},
       {"critic-steps", "3"},
       {"critic-optimizer", "rmsprop"}},
      {{"distance", "w1-critic:lipschitz=spectral"}, {"norm", "layer"}, {"critic-steps", "2"}}};
  for (const Settings& row : rows) {
    Settings settings = small_generator(row);
    settings.insert(settings.end(), {{"critic-hidden", "12"},
                                     {"ema", "0.9"},
                                     {"checkpoint-every", "2"},
                                     {"monitor", "energy"},
                                     {"monitor-every", "3"}});
    expect_resumes_alike("gan", settings, data, {3, 8});
  }
}

// The gradient of a phase at the beginning, alone.
Tensor gradient_of(pushforward::Run& run, std::size_t phase, const Tensor& x, Precision precision) {
  for (float& g : run.arena.gradients().span()) g = 0;
  Step step{0, 100, 0, Pass{true, Draw{3, 0, 7}, precision}};
  for (std::size_t p = 0; p <= phase; ++p) {  // a generator learns from its critic's points
    if (p == phase)
      for (float& g : run.arena.gradients().span()) g = 0;
    learner(*run.model).accumulate(p, x.view(), step);
  }
  return copy_of(run.arena.gradients());
}

// Factors that are rounded to 8 bits are off by 2⁻⁹ at most and by 2⁻⁹/√3 or less on average, each on its
// own: a product's relative error is √2 of it, and errors of some fifteen products in a chain add up in
// squares to 0.6 %. A critic's gradient is the difference of two sides, real and generated, that cancel all
// but a part of each other where it has learnt nothing yet, which makes that several times larger. A product
// that were left out, or had factors exchanged, would be off by the whole; and were nothing rounded, by
// nothing.
TEST(Gan, GradientsInBfloat16AreThoseOfFloat32) {
  const Dataset data = grey_data(64, 50);
  const char* critics[] = {"jsd-critic:pieces=3,hidden=24+20,dropout=0.3,input-dropout=0.2",
                           "w1-critic:hidden=24+20,lipschitz=penalty+10,activation=leaky-relu",
                           "w1-critic:hidden=24+20,lipschitz=spectral"};
  for (const char* critic : critics) {
    pushforward::Run run = make_run(
        "generator", small_generator({{"distance", critic}, {"hidden", "33,20"}, {"latent", "5"}}), data);
    const Tensor x = data.floats(0, 32);
    for (const std::size_t phase : {0, 1}) {
      const Tensor exact = gradient_of(run, phase, x, Precision::f32);
      const Tensor rounded = gradient_of(run, phase, x, Precision::bf16);
      double square = 0, off = 0;
      for (std::size_t i = 0; i < exact.size(); ++i) {
        const auto g = static_cast<double>(exact.data()[i]);
        square += g * g, off += std::pow(static_cast<double>(rounded.data()[i]) - g, 2);
      }
      ASSERT_GT(square, 0) << critic;
      EXPECT_LT(off, 0.1 * 0.1 * square) << critic << ", phase " << phase;
      EXPECT_GT(off, 1e-4 * 1e-4 * square) << critic << ", phase " << phase << " was not rounded";
    }
  }
}

TEST(Gan, PackMustDivideTheBatchAndWhatIsLeftOfTheLastOneIsLeftOut) {
  const Dataset data = load_data("toy:moons:n=65");  // 32 + 32 + 1
  EXPECT_THROW(make_run("gan", small_generator({{"pack", "3"}}), data), RequestError);
  EXPECT_THROW(make_run("gan", small_generator({{"samples", "16"}}), data), RequestError);
  pushforward::Run run = make_run("gan", small_generator({{"pack", "4"}, {"critic-hidden", "12"}}), data);
  EXPECT_EQ(value_of(run, "critic.0.weight").cols, 8u);
  EXPECT_EQ(train(run, data, nullptr).stopped, Stopped::finished);
}

// Weights are clipped after every step, of a generator's critic and of an autoencoder's.
TEST(Gan, ClippedCriticsStayClipped) {
  const Dataset data = load_data("toy:moons:n=100");
  for (const char* model : {"wgan", "wae"}) {
    pushforward::Run run = make_run(
        model,
        small_generator({{"distance", "w1-critic:lipschitz=clip+0.01,hidden=8"}, {"critic-rate", "0.1"}}),
        data);
    train(run, data, nullptr);
    const View<float> weight = value_of(run, "critic.0.weight");
    for (const float w : weight.span()) EXPECT_LE(std::abs(w), 0.01f) << model;
  }
}

TEST(Gan, PenaltyRefusesBatchNormByName) {
  const Dataset data = load_data("toy:moons:n=65");
  try {
    make_run("wgan", small_generator({{"distance", "w1-critic:norm=batch"}}),
             data);  // before anything is made
    FAIL() << "batch norm went into a penalised critic";
  } catch (const RequestError& error) {
    EXPECT_NE(std::string(error.what()).find("batch"), std::string::npos) << error.what();
  }
}

// A generator that stands still far from the data: its critic is soon right about every point.
TEST(Gan, APerfectDiscriminatorIsWarnedOfOnce) {
  const Dataset data = load_data("toy:gaussian:d=2,mean=10,n=3200");
  pushforward::Run run = make_run(
      "gan",
      small_generator({{"critic-hidden", "12"}, {"rate", "0"}, {"critic-rate", "0.01"}, {"steps", "400"}}),
      data);
  const std::vector<std::string> warnings = warnings_of(run, data);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].find("critic: "), std::string::npos);
}

TEST(Gan, DivergingNamesTheNetwork) {
  const Dataset data = load_data("toy:moons:n=100");
  for (const char* which : {"rate", "critic-rate"}) {
    pushforward::Run run =
        make_run("gan", small_generator({{which, "1e20"}, {"optimizer", "sgd"}, {"steps", "50"}}), data);
    try {
      train(run, data, nullptr);
      FAIL() << "a rate of 1e20 went well";
    } catch (const WorkError& error) {
      const std::string text = error.what();
      EXPECT_TRUE(text.find("critic.") != std::string::npos || text.find("generator.") != std::string::npos)
          << text;
    }
  }
}

TEST(Gan, DefaultsAreRecorded) {
  const Dataset data = load_data("toy:moons:n=100");
  EXPECT_EQ(make_run("wgan", {}, data).options.text("critic-steps"), "5");
  EXPECT_EQ(make_run("wgan", {}, data).options.text("optimizer"), "adam:beta1=0.5,beta2=0.9");
  EXPECT_EQ(make_run("wgan", {{"distance", "energy"}}, data).options.text("critic-steps"), "");
  EXPECT_EQ(make_run("gan", {}, data).options.text("rate"), "0.0002");
  EXPECT_EQ(make_run("gan", {}, data).options.text("critic-hidden"), "512,512");
  EXPECT_EQ(make_run("generator", {{"distance", "w1-critic"}}, data).options.text("rate"), "0.0001");
  EXPECT_EQ(make_run("generator", {{"distance", "energy"}}, data).options.text("rate"), "0.001");
}

TEST(Gan, AWassersteinCriticLeadsTheGeneratorToTheData) {
  const Dataset data = load_data("toy:gaussian:d=2,mean=1,noise=0.2,n=2000");
  pushforward::Run run = make_run("wgan",
                                  {{"hidden", "32"},
                                   {"latent", "2"},
                                   {"critic-hidden", "32,32"},
                                   {"batch", "64"},
                                   {"steps", "600"},
                                   {"rate", "0.0005"},
                                   {"critic-steps", "5"},
                                   {"ema", "0.97"},
                                   {"threads", "1"},
                                   {"monitor", "none"}},
                                  data);
  train(run, data, nullptr);
  Tensor points(2000, 2);
  generate(*run.model, points, Draw{1, 2, 3}, false);
  for (std::size_t k = 0; k < 2; ++k) {
    double mean = 0;
    for (std::size_t i = 0; i < points.rows(); ++i) mean += static_cast<double>(points(i, k)) / 2000;
    EXPECT_NEAR(mean, 1, 0.4);  // it began near 0 and circles around the data's mean
  }
}

// One Gaussian on two humps, by defaults: forward KL covers both (mean 0, deviation √(2.5² + 0.5²) = 2.55),
// reverse KL picks one (±2.5, 0.5).
TEST(Gan, BothDirectionsOfKlArriveWithDefaults) {
  Matrix<float> rows(4000, 1), noise(4000, 1);
  fill_normal(noise.span(), Draw{1}.on("humps"));
  for (std::size_t i = 0; i < rows.rows(); ++i) rows(i, 0) = (i % 2 ? 2.5f : -2.5f) + 0.5f * noise(i, 0);
  Dataset data;
  data.name = "humps", data.shape = {.width = 1}, data.rows_data = std::move(rows);
  const auto learnt = [&](const std::string& divergence) {
    pushforward::Run run = make_run("generator",
                                    {{"distance", "f-critic:divergence=" + divergence},
                                     {"hidden", "none"},
                                     {"latent", "1"},
                                     {"standardize", "yes"},
                                     {"monitor", "none"}},
                                    data);
    train(run, prepare_data(run, data), nullptr);
    Tensor x(4000, 1);
    generate(*run.model, x, Draw{2}, false);
    restore_units(run, x);
    double mean = 0, square = 0;
    for (const float v : x.span()) mean += static_cast<double>(v) / 4000;
    for (const float v : x.span()) square += std::pow(static_cast<double>(v) - mean, 2) / 4000;
    return std::pair(mean, std::sqrt(square));
  };
  const auto [covers, wide] = learnt("kl");
  EXPECT_NEAR(covers, 0, 0.25);
  EXPECT_NEAR(wide, 2.55, 0.25);
  const auto [picks, narrow] = learnt("reverse-kl");
  EXPECT_NEAR(std::abs(picks), 2.5, 0.25);
  EXPECT_NEAR(narrow, 0.5, 0.1);
}

}  // namespace
}  // namespace pushforward
