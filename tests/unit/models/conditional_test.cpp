// SPDX-License-Identifier: Apache-2.0
// Conditional models: what they make follows what they are told; conditions stand where a network reads them;
// gradients; runs that go on.
#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "models/condition_input.hpp"
#include "pushforward/condition.hpp"
#include "unit/models/gradient.hpp"
#include "unit/models/run_files.hpp"
#include "unit/models/support.hpp"

namespace pushforward {
namespace {

using namespace testing;

// Points about (k − 1, 1 − k), deviation 0.2, of label k = 0, 1, 2: half of them are 1, a third 0, a sixth 2.
Dataset labelled(std::size_t n) {
  Matrix<float> rows(n, 2);
  fill_normal(rows.span(), Draw{3, stream_id("labelled"), 0}, 0, 0.2f);
  Dataset data;
  for (std::size_t i = 0; i < n; ++i) {
    const std::int32_t label = std::array{1, 0, 1, 2, 1, 0}[i % 6];
    data.labels.push_back(label);
    rows(i, 0) += static_cast<float>(label - 1), rows(i, 1) += static_cast<float>(1 - label);
  }
  data.name = "labelled", data.shape = {.width = 2}, data.rows_data = std::move(rows);
  return data;
}

Tensor tensor(const std::vector<std::vector<float>>& rows) {
  Tensor out(rows.size(), rows.front().size());
  for (std::size_t i = 0; i < rows.size(); ++i) std::ranges::copy(rows[i], out.row(i));
  return out;
}

Settings small(const Settings& more = {}) {
  return with({{"condition", "label"}, {"hidden", "24"}, {"latent", "2"}, {"batch", "60"}, {"threads", "1"}},
              more);
}

// A flow's code is as wide as a row.
Settings small_of(const std::string& model, const Settings& more) {
  Settings all = small(more);
  if (model == "flow") std::erase_if(all, [](const auto& setting) { return setting.first == "latent"; });
  return all;
}

// The mean of what the model makes of one label.
std::array<double, 2> mean_of_label(const pushforward::Run& run, const std::string& label) {
  constexpr std::size_t kRows = 500;
  tell(run, run.conditions->draw(1, {"label=" + label}, Draw{}), 0, 1);
  Tensor rows(kRows, 2);
  generate(*run.model, rows, Draw{7}, can_draw(*run.model));
  std::array<double, 2> mean{};
  for (std::size_t i = 0; i < kRows; ++i)
    for (std::size_t j = 0; j < 2; ++j) mean[j] += static_cast<double>(rows(i, j)) / kRows;
  return mean;
}

// Labels lie 1 apart in each coordinate, and a model that hears nothing makes the same mean of all: a quarter
// of that apart is what was told, and 500 rows say a mean of deviation 0.2 to 0.01.
void expect_follows(const std::string& model, const Settings& settings) {
  const Dataset data = labelled(600);
  pushforward::Run run = make_run(model, small_of(model, settings), data);
  train(run, data, nullptr);
  for (int label = 0; label < 3; ++label) {
    const auto mean = mean_of_label(run, fmt::format("{}", label));
    EXPECT_NEAR(mean[0], label - 1, 0.25) << model << " of label " << label;
    EXPECT_NEAR(mean[1], 1 - label, 0.25) << model << " of label " << label;
  }
}

TEST(Conditional, AVariationalAutoencoderMakesWhatItIsTold) {
  expect_follows("vae", {{"likelihood", "gaussian:learned"}, {"steps", "800"}});
  expect_follows("iwae", {{"likelihood", "gaussian:learned"}, {"steps", "800"}, {"importance", "2"}});
}

TEST(Conditional, AWassersteinAutoencoderMakesWhatItIsTold) {
  // Codes that say the label, too, are given up slowly: after 1500 steps a rare label is made half way.
  expect_follows("wae", {{"steps", "6000"}, {"monitor", "none"}});
}

TEST(Conditional, AFlowMakesWhatItIsTold) {
  expect_follows("flow", {{"hidden", "32,32"}, {"steps", "1500"}, {"rate", "0.003"}, {"monitor", "none"}});
}

TEST(Conditional, GeneratorsMakeWhatTheyAreTold) {
  expect_follows("generator", {{"distance", "energy"}, {"steps", "1500"}, {"monitor", "none"}});
  expect_follows("gan", {{"critic-hidden", "24"}, {"steps", "4000"}, {"rate", "0.001"}, {"monitor", "none"}});
  expect_follows("wgan",
                 {{"critic-hidden", "24"}, {"steps", "1500"}, {"rate", "0.001"}, {"monitor", "none"}});
}

// One-hot labels are √2 apart: beside rows that are 20 times as far a distance would not see them.
TEST(Conditional, LabelsAreHeardBesideLargeNumbers) {
  Dataset data = labelled(600);
  for (float& v : std::get<Matrix<float>>(data.rows_data).span()) v *= 20;
  pushforward::Run run = make_run("generator",
                                  small({{"distance", "energy"},
                                         {"standardize", "no"},
                                         {"steps", "1500"},
                                         {"rate", "0.005"},
                                         {"monitor", "none"}}),
                                  data);
  train(run, data, nullptr);
  for (int label = 0; label < 3; ++label)
    EXPECT_NEAR(mean_of_label(run, fmt::format("{}", label))[0], 20 * (label - 1), 5) << label;
}

// Where a batch is not a multiple of pack, rows and their conditions are left out together.
TEST(Conditional, PackedPointsKeepTheirConditions) {
  expect_follows(
      "gan",
      {{"critic-hidden", "24"}, {"pack", "4"}, {"steps", "4000"}, {"rate", "0.001"}, {"monitor", "none"}});
}

TEST(Conditional, GradientsAreThoseOfTheLoss) {
  const Dataset data = labelled(24);
  for (const auto& [model, settings] :
       std::vector<std::pair<std::string, Settings>>{{"vae", {{"likelihood", "gaussian:learned"}}},
                                                     {"iwae", {{"likelihood", "gaussian:learned"}}},
                                                     {"wae", {}},
                                                     {"flow", {}},
                                                     {"generator", {{"distance", "energy"}}}}) {
    pushforward::Run run =
        make_run(model, small_of(model, with(settings, {{"activation", "tanh"}, {"hidden", "6"}})), data);
    const Tensor batch = data.floats(0, 24), conditions = conditions_of(run, data).floats(0, 24);
    Step step{.pass = {true, Draw{1, 2, 3}}};
    step.inputs = conditions.view();
    SCOPED_TRACE(model);
    expect_gradient(
        run, [&] { return learner(*run.model).accumulate(0, batch, step).loss; }, 2e-2, 1e-3);
  }
}

TEST(Conditional, StandBesideVectorsAndAsChannelsOfImages) {
  ToldConditions told({.size = 2});
  const Tensor conditions = tensor({{1, 0}, {0, 1}});
  told.tell(conditions);
  ConditionInput vectors(told, {.width = 3}, true);
  const Tensor rows = tensor({{5, 6, 7}, {8, 9, 10}, {1, 2, 3}});
  const View<const float> joined = vectors.join(rows);
  EXPECT_EQ(std::vector<float>(joined.data, joined.data + 15),
            (std::vector<float>{5, 6, 7, 1, 0, 8, 9, 10, 0, 1, 1, 2, 3, 1, 0}));
  const RowShape image{.height = 1, .width = 2, .channels = 1, .image = true};
  ConditionInput channels(told, image, true);
  EXPECT_EQ(channels.shape().channels, 3u);
  const Tensor picture = tensor({{5, 6}});
  const View<const float> wide = channels.join(picture);
  EXPECT_EQ(std::vector<float>(wide.data, wide.data + 6), (std::vector<float>{5, 1, 0, 6, 1, 0}));
  Tensor gradient = tensor({{1, 2, 3, 4, 5, 6}});
  const View<float> part = channels.part(gradient);
  EXPECT_EQ(std::vector<float>(part.data, part.data + 2), (std::vector<float>{1, 4}));
}

TEST(Conditional, ConvolutionsAreToldToo) {
  Matrix<float> rows(12, 64);
  fill_uniform(rows.span(), Draw{8, stream_id("pictures"), 0});
  Dataset data;
  data.name = "pictures", data.shape = {.height = 8, .width = 8, .channels = 1, .image = true};
  data.rows_data = std::move(rows);
  for (int i = 0; i < 12; ++i) data.labels.push_back(i % 3);
  for (const std::string model : {"vae", "gan"}) {
    pushforward::Run run = make_run(model,
                                    {{"condition", "label"},
                                     {"network", "conv 2 3x3/2, relu"},
                                     {"latent", "2"},
                                     {"steps", "2"},
                                     {"batch", "6"},
                                     {"threads", "1"}},
                                    data);
    train(run, data, nullptr);
    Tensor told(2, 64), other(2, 64);
    tell(run, run.conditions->draw(1, {"label=0"}, Draw{}), 0, 1);
    generate(*run.model, told, Draw{1}, false);
    tell(run, run.conditions->draw(1, {"label=2"}, Draw{}), 0, 1);
    generate(*run.model, other, Draw{1}, false);
    EXPECT_NE(std::vector<float>(told.span().begin(), told.span().end()),
              std::vector<float>(other.span().begin(), other.span().end()))
        << model;
  }
}

TEST(Conditional, LabelsAreDrawnAsOftenAsInTrainingAndUnseenOnesAreNamed) {
  const Dataset data = labelled(600);
  const Conditions conditions("label", data);
  const Tensor drawn = conditions.draw(6000, {}, Draw{5}).floats(0, 6000);
  double share[3] = {0, 0, 0};
  for (std::size_t i = 0; i < drawn.rows(); ++i)
    for (std::size_t k = 0; k < 3; ++k) share[k] += static_cast<double>(drawn(i, k)) / 6000;
  EXPECT_NEAR(share[0], 1.0 / 3, 0.031);  // 5 standard deviations, √(p(1−p)/6000) ≤ 0.0062
  EXPECT_NEAR(share[1], 1.0 / 2, 0.033);
  EXPECT_NEAR(share[2], 1.0 / 6, 0.025);
  Dataset other = labelled(6);
  other.labels[4] = 9;
  EXPECT_NE(message_of([&] { conditions.of(other); }).find("label: got '9', wanted one of 0, 1, 2"),
            std::string::npos)
      << message_of([&] { conditions.of(other); });
  EXPECT_NE(message_of([&] { conditions.draw(1, {"label=7"}, Draw{}); }).find("--label: got '7'"),
            std::string::npos);
  other.labels.clear();
  EXPECT_NE(message_of([&] { Conditions("label", other); }).find("without labels"), std::string::npos);
}

TEST(Conditional, RunsGoOnToTheSameBits) {
  const Dataset data = labelled(120);
  const Settings share = {{"epochs", "3"}, {"validation", "0.2"}, {"monitor-every", "1"}};
  expect_resumes_alike("vae",
                       small({{"likelihood", "gaussian:learned"}, {"epochs", "3"}, {"validation", "0.2"}}),
                       data, {1, 4});
  expect_resumes_alike("gan", small(with(share, {{"critic-hidden", "8"}})), data, {1, 4});
}

TEST(Conditional, HeldOutRowsHaveConditionsOfTheirOwn) {
  const Dataset data = labelled(120), held_out = labelled(30);
  pushforward::Run run = make_run(
      "vae", small({{"likelihood", "gaussian:learned"}, {"epochs", "2"}, {"validation", "held out"}}), data);
  const Summary summary = train(run, data, &held_out);
  ASSERT_TRUE(summary.best_validation);
  EXPECT_TRUE(std::isfinite(summary.best_validation->loss));
}

}  // namespace
}  // namespace pushforward
