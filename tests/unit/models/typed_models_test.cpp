// SPDX-License-Identifier: Apache-2.0
// Models as structs: a table behind every row, the same run as by text, and nothing read twice.
#include <map>
#include <vector>

#include <gtest/gtest.h>

#include "unit/models/support.hpp"

namespace pushforward {
namespace {

using namespace testing;
using Recipe = GeneratorOptions::Recipe;

TEST(TypedModels, AStructStandsBehindEveryRow) {
  std::map<std::string, std::vector<OptionRow>> tables;
  const auto add = [&](const auto& table) { tables.emplace(table.name(), table.settings()); };
  add(option_table(VaeOptions{})), add(option_table(IwaeOptions{})), add(option_table(AeOptions{}));
  add(option_table(SaeOptions{})), add(option_table(DaeOptions{})), add(option_table(WaeOptions{}));
  add(option_table(FlowOptions{})), add(option_table(PcaOptions{})), add(option_table(PpcaOptions{}));
  add(option_table(FaOptions{}));
  for (const Recipe recipe : {Recipe::generator, Recipe::gan, Recipe::gmmn, Recipe::wgan})
    add(option_table(GeneratorOptions{.recipe = recipe}));
  EXPECT_EQ(tables.size(), models().size());
  for (const ModelEntry& model : models()) {
    ASSERT_TRUE(tables.contains(model.name)) << model.name;
    const std::vector<OptionRow>& rows = tables[model.name];
    ASSERT_EQ(rows.size(), model.options.size()) << model.name;
    for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i].name, model.options[i].name);
  }
}

// Options and parameters after three steps, of the struct and of the text.
template <class T>
void expect_same(const T& options, const Settings& settings,
                 const Dataset& data = low_rank_data(40, 6, 2, 0.1)) {
  const std::string& model = option_table(options).name();
  pushforward::Run typed = create_run("", options, data), told = make_run(model, settings, data);
  for (const OptionRow& row : told.options.rows())
    EXPECT_EQ(typed.options.text(row.name), told.options.text(row.name)) << model << " --" << row.name;
  train(typed, data, nullptr), train(told, data, nullptr);
  const View<float> own = typed.arena.values(), other = told.arena.values();
  ASSERT_EQ(own.size(), other.size()) << model;
  EXPECT_TRUE(std::equal(own.data, own.data + own.size(), other.data)) << model;
}

TrainOptions three_steps() { return {.steps = 3, .batch = 25, .rate = 1.0 / 300, .threads = 1}; }
Settings with_three_steps(Settings more) {
  return with({{"steps", "3"}, {"batch", "25"}, {"rate", "0.0033333333333333335"}, {"threads", "1"}}, more);
}

TEST(TypedModels, TrainAsThoseOfTheCommandLine) {
  const Settings small = {{"latent", "2"}, {"hidden", "7"}};
  const NetworkOptions network{.latent = 2, .hidden = {7}};
  expect_same(VaeOptions{.network = network,
                         .likelihood = {.kind = LikelihoodKind::gaussian_learned, .variance_floor = 0.01},
                         .beta = 0.5,
                         .training = three_steps()},
              with_three_steps(with(
                  small, {{"likelihood", "gaussian:learned"}, {"variance-floor", "0.01"}, {"beta", "0.5"}})));
  expect_same(IwaeOptions{.network = network,
                          .likelihood = {.kind = LikelihoodKind(LikelihoodKind::gaussian, 0.25)},
                          .importance = 3,
                          .training = three_steps()},
              with_three_steps(with(small, {{"likelihood", "gaussian:0.25"}, {"importance", "3"}})));
  expect_same(AeOptions{.network = network, .tied = true, .training = three_steps()},
              with_three_steps(with(small, {{"tied", "yes"}})));
  expect_same(SaeOptions{.network = network,
                         .pretrain_epochs = 1,
                         .corruption = {0.25, 0.125},
                         .pretrain_optimizer = SgdOptions{.momentum = 0.5},
                         .training = three_steps()},
              with_three_steps(with(small, {{"pretrain-epochs", "1"},
                                            {"corruption", "0.25,0.125"},
                                            {"pretrain-optimizer", "sgd:momentum=0.5"}})));
  expect_same(DaeOptions{.network = network,
                         .noise = DaeOptions::Noise{DaeOptions::Noise::Kind::masking, 0.25},
                         .training = three_steps()},
              with_three_steps(with(small, {{"noise", "masking:0.25"}})), grey_data(40, 6));
  expect_same(WaeOptions{.network = network,
                         .plug = {.distance = Spec{"jsd-critic"}, .critic_steps = 2, .critic_hidden = {5}},
                         .prior = {.uniform = 2},
                         .monitor = {.distances = {}},
                         .training = three_steps()},
              with_three_steps(with(small, {{"distance", "jsd-critic"},
                                            {"critic-steps", "2"},
                                            {"critic-hidden", "5"},
                                            {"noise-distribution", "uniform:2"},
                                            {"monitor", "none"}})));
  expect_same(FlowOptions{.network = {.hidden = {9}},
                          .waves = 2,
                          .coupling = {FlowOptions::Coupling::Kind::sinkhorn, 0.25},
                          .solver = {Solver::Kind::rk4, 7},
                          .training = three_steps()},
              with_three_steps({{"hidden", "9"},
                                {"time", "fourier:2"},
                                {"coupling", "sinkhorn:eps=0.25"},
                                {"solver", "rk4:steps=7"}}));
  expect_same(PcaOptions{.latent = 3}, {{"latent", "3"}});
  expect_same(PpcaOptions{.latent = 3}, {{"latent", "3"}});
  expect_same(FaOptions{.latent = 2, .iterations = 5}, {{"latent", "2"}, {"iterations", "5"}});
}

// Recipes have presets of their own, which hold where a part of theirs is given.
TEST(TypedModels, AGivenPartLeavesTheRecipesOtherPresets) {
  TrainOptions steps{.steps = 2, .threads = 1};
  for (const auto& [recipe, name] : {std::pair{Recipe::generator, "generator"},
                                     {Recipe::gan, "gan"},
                                     {Recipe::gmmn, "gmmn"},
                                     {Recipe::wgan, "wgan"}})
    expect_same(GeneratorOptions{.recipe = recipe, .network = {.latent = 2}, .training = steps},
                {{"latent", "2"}, {"steps", "2"}, {"threads", "1"}});
  const Options wae = option_table(WaeOptions{}).options({.network = {.latent = 4}});
  EXPECT_EQ(wae.text("hidden"), "512,512");
  EXPECT_FALSE(wae.given("hidden"));
}

// What is given is not preset anew, also where it is the preset.
TEST(TypedModels, WhatIsGivenStays) {
  const Dataset data = low_rank_data(40, 6, 2, 0.1);
  const TrainOptions one{.steps = 1};
  const LikelihoodOptions gaussian{.kind = LikelihoodKind::gaussian_learned};
  LikelihoodOptions initial = gaussian;
  initial.output_bias = OutputBias::initial;
  EXPECT_EQ(
      create_run("", VaeOptions{.likelihood = gaussian, .training = one}, data).options.text("output-bias"),
      "data");
  EXPECT_EQ(
      create_run("", VaeOptions{.likelihood = initial, .training = one}, data).options.text("output-bias"),
      "initial");
  EXPECT_EQ(create_run("",
                       VaeOptions{.network = {.hidden = std::vector<std::size_t>{}},
                                  .likelihood = gaussian,
                                  .training = one},
                       data)
                .options.text("rate"),
            "0.01");  // a linear model's
}

TEST(TypedModels, ANumberIsNotReadFromItsText) {
  Options options = option_table(VaeOptions{}).options({.beta = 0.1, .training = {.rate = 0.3}});
  ASSERT_NE(std::any_cast<double>(&options.value("beta")), nullptr);
  options.set("beta", "no number", options.value("beta"));
  EXPECT_EQ(option_table(VaeOptions{}).read(options).beta, 0.1);
  EXPECT_EQ(options.number("rate", 0, 1), 0.3);
  options.set("rate", "0.5");  // a text takes its place
  EXPECT_EQ(*option_table(VaeOptions{}).read(options).training.rate, 0.5);
}

TEST(TypedModels, AreRefusedByField) {
  const auto told = [](const auto& options) {
    return message_of([&] { create_run("", options, low_rank_data(40, 6, 2, 0.1)); });
  };
  EXPECT_EQ(told(VaeOptions{.beta = -1}), "vae:beta: got -1, wanted a number from 0 to 1000000000");
  EXPECT_EQ(told(AeOptions{.training = {.batch = 0}}),
            "ae:batch: got 0, wanted a whole number from 1 to 2147483647");
  EXPECT_NE(told(SaeOptions{.dropout = {0.5, 1}}).find("sae:dropout: got 0.5,1"), std::string::npos);
  EXPECT_NE(told(AeOptions{.training = {.optimizer = AdamOptions{.beta1 = 2}}}).find("adam:beta1"),
            std::string::npos);
}

// A batch that a learned distance cannot compare would be trained on without it.
TEST(Wae, RefusesBatchesThatItsDistanceDoesNotTake) {
  const auto told = [](const Settings& more, std::size_t rows) {
    return message_of([&] {
      make_run("wae", with({{"distance", "jsd-critic"}}, more), low_rank_data(rows, 6, 2, 0.1));
    });
  };
  EXPECT_EQ(told({{"batch", "20"}}, 100), "");
  EXPECT_NE(told({{"batch", "19"}}, 100).find("--batch: got 19 rows, wanted 20 or more"), std::string::npos);
  EXPECT_NE(told({}, 12).find("training data: got 12 rows, wanted 20 or more"), std::string::npos);
  EXPECT_EQ(told({{"distance", "energy"}, {"batch", "19"}}, 100), "");
}

}  // namespace
}  // namespace pushforward
