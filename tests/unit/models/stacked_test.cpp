// SPDX-License-Identifier: Apache-2.0
// The training of a stacked autoencoder: optimizers, errors and lines of its stages, that a run killed at a
// border between two of them ends in the same bytes, and what is refused.
#include <cmath>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "unit/models/small_stack.hpp"

namespace pushforward {
namespace {

using namespace testing;
namespace fs = std::filesystem;

TEST(Stacked, PretrainingMayHaveAnOptimizerOfItsOwn) {
  const auto after = [](const Settings& more, std::uint64_t step) {
    pushforward::Run run = make_run("sae", with(kStack, more), stack_data());
    return Snapshots(run, stack_data(), {step}).after.at(step);
  };
  EXPECT_EQ(after({{"pretrain-optimizer", "adam"}}, 36), after({}, 36));
  EXPECT_EQ(after({{"pretrain-optimizer", "sgd"}}, 24), after({{"optimizer", "sgd"}}, 24));
  EXPECT_NE(after({{"pretrain-optimizer", "sgd"}}, 25), after({{"optimizer", "sgd"}}, 25));
}

TEST(Stacked, WithoutPretrainingItIsThePlainAutoencoderOfTheSameBudget) {
  pushforward::Run stack = make_run("sae", with(kStack, {{"no-pretrain", "yes"}}), stack_data());
  EXPECT_EQ(stack.options.text("epochs"), "9");  // 3 layers × 2, and 3
  Settings plain = {{"hidden", "9,7"}, {"latent", "3"},           {"batch", "20"},
                    {"epochs", "9"},   {"rate", "0.01"},          {"threads", "1"},
                    {"seed", "4"},     {"activation", "sigmoid"}, {"schedule", "cosine"}};
  pushforward::Run ae = make_run("ae", plain, stack_data());
  train(stack, stack_data(), nullptr), train(ae, stack_data(), nullptr);
  const Values of_ae = values_of(ae);
  for (const auto& [name, values] : values_of(stack)) {
    if (name == "stage_errors") continue;
    EXPECT_EQ(values, of_ae.at(name)) << name;
  }
  EXPECT_EQ(find_field(evaluate(*stack.model, stack_data(), {}), "stage_squared_errors"), nullptr);
}

// After the last stage the virtual output layers are the whole decoder, so that stage's error is the model's.
TEST(Stacked, ErrorsOfStagesAreThoseOfTheStackSoFar) {
  const Folder folder;
  const Dataset data = stack_data();
  pushforward::Run run = make_run("sae", kStack, data, folder / "run");
  train(run, data, nullptr, stop_after(24));
  const Fields fields = evaluate(*run.model, data, {});
  const auto errors = std::get<std::vector<double>>(find_field(fields, "stage_squared_errors")->value);
  ASSERT_EQ(errors.size(), 3u);
  EXPECT_NEAR(errors[2], field(fields, "squared_error"), 1e-5 * errors[2]);
  // Layer 1 alone, by hand: x through encoder.0 and decoder.2.
  const auto w = value_of(run, "encoder.0.weight"), b = value_of(run, "encoder.0.bias");
  const auto v = value_of(run, "decoder.2.weight"), c = value_of(run, "decoder.2.bias");
  const Matrix<double> x = data.doubles();
  double sum = 0;
  for (std::size_t i = 0; i < x.rows(); ++i)
    for (std::size_t j = 0; j < 12; ++j) {
      double y = static_cast<double>(c(0, j));
      for (std::size_t h = 0; h < 9; ++h) {
        double a = static_cast<double>(b(0, h));
        for (std::size_t l = 0; l < 12; ++l) a += static_cast<double>(w(h, l)) * x(i, l);
        y += static_cast<double>(v(j, h)) / (1 + std::exp(-a));
      }
      sum += (x(i, j) - y) * (x(i, j) - y);
    }
  EXPECT_NEAR(errors[0], sum / 70, 1e-4 * errors[0]);
}

// --epochs 0: the stack as pre-training leaves it, the same bits as a longer run at that step, with all its
// stages' errors; and none of it without pre-training.
TEST(Stacked, NoEpochsOfFineTuningKeepTheStackAsPretrainingLeftIt) {
  const Folder folder;
  pushforward::Run kept = make_run("sae", with(kStack, {{"epochs", "0"}}), stack_data(), folder / "kept");
  const Summary summary = train(kept, stack_data(), nullptr);
  EXPECT_EQ(summary.stopped, Stopped::finished);
  EXPECT_EQ(summary.steps, 24u);
  pushforward::Run whole = make_run("sae", kStack, stack_data(), folder / "whole");
  train(whole, stack_data(), nullptr, stop_after(24));
  for (const auto& [name, values] : values_of(kept)) EXPECT_EQ(values, values_of(whole).at(name)) << name;
  EXPECT_EQ(std::get<std::vector<double>>(
                find_field(evaluate(*kept.model, stack_data(), {}), "stage_squared_errors")->value)
                .size(),
            3u);
  pushforward::Run none = make_run("sae", with(kStack, {{"pretrain-epochs", "0"}}), stack_data());
  none.options.set("epochs", "0");
  EXPECT_NE(message_of([&] { train(none, stack_data(), nullptr); }).find("epochs"), std::string::npos);
}

TEST(Stacked, LinesNameTheirStageAndTheScheduleBeginsAnew) {
  const Folder folder;
  pushforward::Run run = make_run("sae", with(kStack, {{"log-every", "1"}}), stack_data(), folder / "run");
  const Summary summary = train(run, stack_data(), nullptr);
  EXPECT_EQ(summary.epochs, 9u);
  EXPECT_EQ(summary.steps, 36u);
  std::ifstream file(folder / "run/metrics.jsonl");
  std::map<std::string, std::vector<double>> rates;
  for (std::string line; std::getline(file, line);) {
    const auto json = nlohmann::json::parse(line);
    if (!json.contains("epoch")) rates[json["stage"]].push_back(json["rate"]);
  }
  ASSERT_EQ(rates.size(), 4u);
  EXPECT_EQ(rates.at("layer 2").size(), 8u);
  EXPECT_EQ(rates.at("fine-tuning").size(), 12u);
  for (const auto& [stage, of_stage] : rates) {
    EXPECT_DOUBLE_EQ(of_stage[0], 0.01) << stage;
    EXPECT_DOUBLE_EQ(of_stage[of_stage.size() / 2], 0.005) << stage;  // cosine, halfway
  }
}

TEST(Stacked, StoppedAnywhereAndResumedEndsInTheSameBytes) {
  const Folder folder;
  const Settings settings = with(kStack, {{"ema", "0.9"},
                                          {"validation", "0.2"},
                                          {"checkpoint-every", "3"},
                                          {"fresh-decoder", "yes"},
                                          {"corruption", "0.1,0.2,0.3"},
                                          {"dropout", "0.2,0,0.3"},
                                          {"stage-loss", "bce"},
                                          {"pretrain-optimizer", "sgd:momentum=0.5,later=0.9,from=3"},
                                          {"warmup", "2"},
                                          {"patience", "90"},
                                          {"log-every", "5"}});
  const auto finish = [&](const std::string& name) {
    pushforward::Run run = resume_run(folder / name);
    EXPECT_EQ(train(run, stack_data(), nullptr).stopped, Stopped::finished);
  };
  make_run("sae", settings, stack_data(), folder / "whole");
  finish("whole");
  // 56 rows: 3 steps an epoch, borders at 6, 12 and 18.
  for (const std::uint64_t stop : {5u, 6u, 7u, 12u, 18u}) {
    const std::string name = "stop" + std::to_string(stop);
    pushforward::Run run = make_run("sae", settings, stack_data(), folder / name);
    train(run, stack_data(), nullptr, stop_after(stop));
    finish(name);
    expect_same_files(folder / "whole", folder / name);
  }
}

// A kill leaves the last checkpoint and lines after it: as a copy of the folder taken at any moment does.
TEST(Stacked, KilledBetweenCheckpointsEndsInTheSameBytes) {
  const Folder folder;
  const Settings settings = with(kStack, {{"checkpoint-every", "4"}, {"log-every", "1"}});
  pushforward::Run run = make_run("sae", settings, stack_data(), folder / "whole");
  train(run, stack_data(), nullptr, [&](const Progress& p) {
    if (!p.epoch_end && p.step % 5 == 3) fs::copy(folder / "whole", folder / ("at" + std::to_string(p.step)));
    return Continue::yes;
  });
  for (const std::uint64_t step : {8u, 13u, 23u}) {
    const std::string name = "at" + std::to_string(step);
    pushforward::Run again = resume_run(folder / name);
    train(again, stack_data(), nullptr);
    expect_same_files(folder / "whole", folder / name);
  }
}

TEST(Stacked, MoreEpochsAreMoreFineTuning) {
  const Folder folder;
  const Settings settings = with(kStack, {{"schedule", "constant"}});
  pushforward::Run whole = make_run("sae", with(settings, {{"epochs", "5"}}), stack_data(), folder / "whole");
  train(whole, stack_data(), nullptr);
  pushforward::Run part = make_run("sae", settings, stack_data(), folder / "part");
  train(part, stack_data(), nullptr);
  pushforward::Run more = resume_run(folder / "part");
  more.options.set("epochs", "5");
  train(more, stack_data(), nullptr);
  expect_same_files(folder / "whole", folder / "part");
}

TEST(Stacked, LossDependsOnTheData) {
  const auto loss = [](const Settings& settings, const Dataset& data) {
    return make_run("sae", settings, data).options.text("loss");
  };
  const Settings small = {{"hidden", "5"}, {"latent", "2"}};
  EXPECT_EQ(loss(small, stack_data()), "bce");
  EXPECT_EQ(loss(small, low_rank_data(20, 6, 2, 1)), "mse");
  EXPECT_EQ(loss(with(small, {{"standardize", "yes"}}), stack_data()), "mse");
  EXPECT_EQ(loss(with(small, {{"output-activation", "tanh"}}), stack_data()), "mse");
  EXPECT_EQ(loss(with(small, {{"loss", "mse"}}), stack_data()), "mse");
}

TEST(Stacked, RefusesWhatDoesNotFit) {
  const auto refused = [](const Settings& settings, const std::string& word) {
    const std::string text = message_of([&] { make_run("sae", with(kStack, settings), stack_data()); });
    EXPECT_NE(text.find(word), std::string::npos) << text;
  };
  refused({{"corruption", "0.1,0.2"}}, "2 shares");
  refused({{"corruption", "0.1"}}, "1 shares");
  refused({{"corruption", "0.1,0.2,1"}}, "below 1");
  refused({{"corruption", "0.1,-0.2,0"}}, "--corruption");
  refused({{"corruption", "0.1,x,0"}}, "--corruption");
  refused({{"dropout", "0.1,0.2"}}, "--dropout");
  refused({{"dropout", "0.1,0.2,1"}}, "below 1");
  refused({{"stage-loss", "bce"}, {"activation", "tanh"}}, "--stage-loss bce");
  refused({{"stage-loss", "l1"}}, "stage-loss");
  refused({{"pretrain-optimizer", "sdg"}}, "sgd");
  refused({{"pretrain-optimizer", "sgd:momentun=1"}}, "momentum");
  refused({{"loss", "bce"}, {"output-activation", "tanh"}}, "--output-activation");
  refused({{"pretrain-epochs", "-1"}}, "pretrain-epochs");
  refused({{"network", "conv"}}, "--network");
  EXPECT_THROW(make_run("sae", {{"loss", "bce"}}, low_rank_data(20, 4, 2, 1)), RequestError);
}

}  // namespace
}  // namespace pushforward
