// SPDX-License-Identifier: Apache-2.0
// Distances on codes: the Wasserstein autoencoder, and a generator that works in another run's code space.
#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

#include "pushforward/distance.hpp"
#include "unit/models/run_files.hpp"
#include "unit/models/support.hpp"

namespace pushforward {
namespace {

using namespace testing;
namespace fs = std::filesystem;

const Settings kSmall = {{"hidden", "16"}, {"batch", "32"}, {"threads", "1"}, {"monitor", "none"}};

Settings small_with(const Settings& more) { return with(kSmall, more); }

// The larger of two errors of the codes' first two moments: |mean|, |deviation − 1|.
double misfit(const Tensor& codes) {
  double worst = 0;
  for (std::size_t k = 0; k < codes.cols(); ++k) {
    double sum = 0, squares = 0;
    const auto n = static_cast<double>(codes.rows());
    for (std::size_t i = 0; i < codes.rows(); ++i)
      sum += static_cast<double>(codes(i, k)) / n,
          squares += std::pow(static_cast<double>(codes(i, k)), 2) / n;
    worst = std::max({worst, std::abs(sum), std::abs(std::sqrt(squares - sum * sum) - 1)});
  }
  return worst;
}

TEST(Wae, CodesFollowThePriorAndDataComeBack) {
  const Dataset data = low_rank_data(1000, 6, 2, 0.05);
  for (const char* distance : {"mmd:kernel=imq", "sliced", "energy"}) {
    pushforward::Run run = make_run("wae",
                                    {{"hidden", "32"},
                                     {"latent", "2"},
                                     {"batch", "100"},
                                     {"epochs", "60"},
                                     {"rate", "0.005"},
                                     {"distance", distance},
                                     {"distance-weight", "5"},
                                     {"threads", "1"},
                                     {"monitor", "none"}},
                                    data);
    train(run, data, nullptr);
    Tensor codes(1000, 2);
    encode(*run.model, data.floats(0, 1000), codes, nullptr);
    EXPECT_LT(misfit(codes), 0.25)
        << distance;  // 1000 points know a moment to 0.03; 60 epochs leave the rest
    const double error = field(evaluate(*run.model, data, {}), "squared_error");
    EXPECT_LT(error, 0.5) << distance;  // of a variance of about 7
  }
}

// An adversarial autoencoder [Makhzani et al., 2015]: the critic learns, and codes go where it says.
TEST(Wae, ACriticBringsCodesToThePrior) {
  const Dataset data = low_rank_data(1000, 6, 2, 0.05);
  pushforward::Run run = make_run("wae",
                                  {{"hidden", "32"},
                                   {"latent", "2"},
                                   {"batch", "100"},
                                   {"epochs", "60"},
                                   {"rate", "0.002"},
                                   {"distance", "jsd-critic:hidden=32"},
                                   {"distance-weight", "2"},
                                   {"threads", "1"},
                                   {"monitor", "none"}},
                                  data);
  const float critic = value_of(run, "critic.0.weight")(0, 0);
  train(run, data, nullptr);
  EXPECT_NE(value_of(run, "critic.0.weight")(0, 0), critic);
  Tensor codes(1000, 2);
  encode(*run.model, data.floats(0, 1000), codes, nullptr);
  EXPECT_LT(misfit(codes), 0.3);
  EXPECT_LT(field(evaluate(*run.model, data, {}), "squared_error"), 0.7);
}

// The prior is drawn anew in every step and every repeat.
TEST(Wae, ThePriorIsDrawnAnewEveryStep) {
  const Dataset data = grey_data(40, 8);
  const Tensor batch = data.floats(0, 32);
  for (const char* distance : {"energy", "w1-critic:lipschitz=none,hidden=4"}) {
    pushforward::Run run = make_run("wae", small_with({{"latent", "2"}, {"distance", distance}}), data);
    const auto loss = [&](std::uint64_t at, std::size_t repeat) {
      const Step step{at, 20, repeat, Pass{true, Draw{0, stream_id("train"), at}}};
      return learner(*run.model).accumulate(0, batch, step).loss;
    };
    EXPECT_EQ(loss(3, 0), loss(3, 0)) << distance;
    EXPECT_NE(loss(3, 0), loss(4, 0)) << distance;
    if (distance[0] == 'w') {
      EXPECT_NE(loss(3, 0), loss(3, 1));
    }
  }
}

// What validation and evaluation say, put together by hand.
TEST(Wae, FiguresAreItsPartsByHand) {
  const Dataset data = grey_data(60, 8);
  pushforward::Run run =
      make_run("wae", small_with({{"latent", "2"}, {"distance", "energy"}, {"distance-weight", "3"}}), data);
  const Tensor x = data.floats(0, 60);
  Tensor codes(60, 2), prior(60, 2), back(60, 8);
  encode(*run.model, x, codes, nullptr), reconstruct(*run.model, x, back, nullptr);
  double error = 0;
  for (std::size_t i = 0; i < x.size(); ++i)
    error += std::pow(static_cast<double>(x.data()[i]) - static_cast<double>(back.data()[i]), 2) / 60;
  const auto distance = [&](const Draw& draw) {
    sample_latent(*run.model, prior, draw.on("prior"));
    return *make_distance(Spec{"energy"})
                ->measure({Points(std::as_const(codes).view())}, {Points(std::as_const(prior).view())})
                .value;
  };
  const Step step{0, 1, 0, Pass{false, Draw{4, 5, 6}}};
  const Losses seen = learner(*run.model).validate(x, step);
  EXPECT_NEAR(seen.parts[0].value, error, 1e-5);
  EXPECT_NEAR(seen.parts[1].value, distance(step.pass.draw), 1e-6);
  EXPECT_NEAR(seen.loss, error + 3 * distance(step.pass.draw), 1e-5);
  EvaluateOptions options;
  options.seed = 9;
  const Fields fields = evaluate(*run.model, data, options);
  EXPECT_NEAR(field(fields, "squared_error"), error, 1e-5);
  EXPECT_NEAR(field(fields, "training_distance"), distance(Draw{9, stream_id("evaluate"), 0}), 1e-6);
}

TEST(Wae, EveryDistanceWithAGradientIsAPlug) {
  const Dataset data = grey_data(70, 8);  // 32 + 32 + 6
  std::size_t tried = 0;
  for (const DistanceEntry& entry : distances()) {
    if (!entry.facts.gradient_points || entry.facts.largest_d == 1) continue;
    pushforward::Run run =
        make_run("wae", small_with({{"latent", "2"}, {"distance", entry.name}, {"steps", "6"}}), data);
    EXPECT_EQ(train(run, data, nullptr).stopped, Stopped::finished) << entry.name;
    ++tried;
  }
  EXPECT_GE(tried, 8u);
}

TEST(Wae, GradientIsThatOfItsLoss) {
  const Dataset data = grey_data(64, 8);
  pushforward::Run run = make_run("wae",
                                  small_with({{"latent", "2"},
                                              {"activation", "tanh"},
                                              {"distance", "mmd:estimator=biased,bandwidth=1"},
                                              {"distance-weight", "3"},
                                              {"batch", "64"}}),
                                  data);
  const Tensor batch = data.floats(0, 64);
  const Step step{5, 20, 0, Pass{true, Draw{0, stream_id("train"), 5}, Precision::f32}};
  std::fill_n(run.arena.gradients().data, run.arena.gradients().size(), 0.0f);
  learner(*run.model).accumulate(0, batch, step);
  const View<float> weight = value_of(run, "encoder.0.weight");
  const float* slopes = run.arena.gradients().data + (weight.data - run.arena.values().data);
  const std::vector<float> wanted(slopes, slopes + 5);
  for (std::size_t i = 0; i < 5; ++i) {
    const float before = weight.data[i];
    weight.data[i] = before + 0.01f;
    const double above = learner(*run.model).accumulate(0, batch, step).loss;
    weight.data[i] = before - 0.01f;
    const double below = learner(*run.model).accumulate(0, batch, step).loss;
    weight.data[i] = before;
    EXPECT_NEAR(static_cast<double>(wanted[i]), (above - below) / 0.02, 1e-4) << i;
  }
}

TEST(Wae, ResumedEndsInTheSameBytes) {
  const Dataset data = grey_data(70, 8);
  expect_resumes_alike(
      "wae", small_with({{"latent", "2"}, {"steps", "20"}, {"checkpoint-every", "3"}, {"ema", "0.9"}}), data,
      {7});
}

TEST(CodeSpace, AGeneratorOnCodesNeedsTheOtherRunNoMore) {
  const Folder folder;
  const Dataset data = grey_data(200, 12);
  pushforward::Run ae = make_run("ae",
                                 {{"hidden", "16"},
                                  {"latent", "3"},
                                  {"code-activation", "sigmoid"},
                                  {"output-activation", "sigmoid"},
                                  {"epochs", "5"},
                                  {"threads", "1"}},
                                 data, folder / "ae");
  train(ae, data, nullptr);
  const Settings settings = small_with({{"code", folder / "ae"}, {"steps", "12"}, {"checkpoint-every", "5"}});
  pushforward::Run whole = make_run("generator", settings, data, folder / "whole");
  EXPECT_EQ(whole.options.text("output-activation"), "sigmoid");  // as the codes
  const Dataset more = grey_data(1100, 12);                       // several blocks
  Tensor codes(1100, 3);
  encode(*ae.model, more.floats(0, 1100), codes, nullptr);
  const Tensor learnt = learner(*whole.model).learnt_from(more).value().floats(0, 1100);
  for (std::size_t e = 0; e < codes.size(); ++e) ASSERT_NEAR(learnt.data()[e], codes.data()[e], 1e-5f);
  train(whole, data, nullptr);
  pushforward::Run part = make_run("generator", settings, data, folder / "part");
  train(part, data, nullptr, stop_after(7));
  fs::remove_all(folder / "ae");
  pushforward::Run again = resume_run(folder / "part");
  train(again, data, nullptr);
  expect_same_files(folder / "whole", folder / "part");
  // what is generated is a decoded code
  pushforward::Run opened = open_run(folder / "part");
  for (const Parameter* p : opened.model->parameters())
    EXPECT_FALSE(p->trained && p->name.starts_with("code."));
  Tensor z(4, code_size(*opened.model)), x(4, 12), decoded(4, 12), code(4, 3);
  sample_latent(*opened.model, z, Draw{1, 2, 3});
  decode(*opened.model, z, x, nullptr);
  for (const float v : x.span()) EXPECT_TRUE(v > 0 && v < 1);
  EXPECT_EQ(value_of(opened, "code.encoder.0.weight")(0, 0), value_of(ae, "encoder.0.weight")(0, 0));
}

TEST(CodeSpace, RefusesARunThatDoesNotFit) {
  const Folder folder;
  const Dataset data = grey_data(100, 12);
  make_run("ae", {{"hidden", "8"}, {"latent", "3"}}, grey_data(100, 10), folder / "ten");
  make_run("generator", small_with({{"steps", "3"}}), data, folder / "generator");
  make_run("ae", {{"hidden", "8"}, {"latent", "3"}, {"standardize", "yes"}}, data, folder / "standard");
  const auto complaint = [&](const std::string& run) {
    return message_of([&] { make_run("generator", small_with({{"code", run}}), data); });
  };
  EXPECT_NE(complaint(folder / "ten").find("rows of 10"), std::string::npos);
  EXPECT_NE(complaint(folder / "nothing").find("no config.toml"), std::string::npos);
  EXPECT_NE(complaint(folder / "generator").find("encoder"), std::string::npos);
  EXPECT_NE(complaint(folder / "standard").find("standardises"), std::string::npos);
}

}  // namespace
}  // namespace pushforward
