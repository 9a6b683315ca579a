// SPDX-License-Identifier: Apache-2.0
// The stacked autoencoder: what each stage learns and leaves alone, what is kept between stages, and that a
// run killed at a border between two of them ends in the same bytes.
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "unit/models/run_files.hpp"
#include "unit/models/support.hpp"

namespace pushforward {
namespace {

using namespace testing;
namespace fs = std::filesystem;

// 70 rows of 12 in batches of 20: 4 steps an epoch. Three layers, 2 epochs each, then 3 of the whole.
const Settings kStack = {{"hidden", "9,7"},        {"latent", "3"},  {"batch", "20"},  {"epochs", "3"},
                         {"pretrain-epochs", "2"}, {"rate", "0.01"}, {"threads", "1"}, {"seed", "4"},
                         {"loss", "mse"}};
constexpr std::uint64_t kStageSteps = 8;

Dataset stack_data() { return grey_data(70, 12); }

using Values = std::map<std::string, std::vector<float>>;

Values values_of(const pushforward::Run& run) {
  Values out;
  for (const Parameter* p : run.arena.parameters())
    out[p->name] = {p->value.span().begin(), p->value.span().end()};
  return out;
}

// The parameters before and after certain steps of a training.
struct Snapshots {
  std::map<std::uint64_t, Values> after;
  Summary summary;

  Snapshots(pushforward::Run& run, const Dataset& data, std::vector<std::uint64_t> steps) {
    after[0] = values_of(run);
    summary = train(run, data, nullptr, [&](const Progress& p) {
      if (!p.epoch_end && std::find(steps.begin(), steps.end(), p.step) != steps.end())
        after[p.step] = values_of(run);
      return Continue::yes;
    });
    after[UINT64_MAX] = values_of(run);
  }
};

bool of_pair(const std::string& name, std::size_t k) {
  return name.starts_with("encoder." + std::to_string(k)) ||
         name.starts_with("decoder." + std::to_string(2 - k));
}

TEST(Stacked, EveryStageMovesItsLayerAndTheVirtualOutputLayerOnly) {
  pushforward::Run run = make_run("sae", kStack, stack_data());
  const Snapshots at(run, stack_data(), {8, 16, 24});
  for (std::size_t k = 0; k < 3; ++k)
    for (const auto& [name, before] : at.after.at(k * kStageSteps)) {
      if (name == "stage_errors") continue;
      const std::vector<float>& after = at.after.at((k + 1) * kStageSteps).at(name);
      EXPECT_EQ(before != after, of_pair(name, k)) << name << " in stage " << k + 1;
    }
}

TEST(Stacked, VirtualOutputLayersAreTheDecodersFirstWeights) {
  // The first step of fine-tuning moves no weight further than Adam's rate; so what differs by less came
  // through from the stages.
  for (const char* fresh : {"no", "yes"}) {
    pushforward::Run run = make_run("sae", with(kStack, {{"fresh-decoder", fresh}}), stack_data());
    const Snapshots at(run, stack_data(), {8, 16, 24, 25});
    for (const auto& [name, after] : at.after.at(25)) {
      if (!name.ends_with("weight")) continue;
      float most = 0;
      for (std::size_t i = 0; i < after.size(); ++i)
        most = std::max(most, std::abs(after[i] - at.after.at(24).at(name)[i]));
      const bool redrawn = std::string(fresh) == "yes" && name.starts_with("decoder");
      EXPECT_EQ(most > 0.011f, redrawn) << name << " moved by " << most;
      const std::uint64_t stage = name.starts_with("encoder") ? name[8] - '0' : 2 - (name[8] - '0');
      EXPECT_EQ(at.after.at((stage + 1) * kStageSteps).at(name), at.after.at(24).at(name)) << name;
    }
  }
}

// dL/dθ of a stage's loss against central differences of the loss that the step itself reports (so the same
// corruption). Values are of order 1, float32 rounds to 6e-8 and the step is 1e-2, so rounding leaves 2e-5
// and curvature about 1e-4.
void expect_stage_gradient(const Settings& settings, std::size_t stage) {
  const Dataset data = stack_data();
  pushforward::Run run = make_run("sae", with(kStack, settings), data);
  fill_normal(run.arena.values().span(), Draw{8, stream_id("random parameters"), 0}, 0, 0.5f);
  const Tensor x = data.floats(0, 6);
  Step step{.step = 3, .total_steps = 40, .pass = {true, Draw{2, stream_id("train"), 3}}, .stage = stage};
  const auto loss = [&] { return run.model->accumulate(0, x.view(), step).loss; };
  run.arena.gradients().span()[0] = 0;
  std::ranges::fill(run.arena.gradients().span(), 0.0f);
  loss();
  const std::vector<float> gradient(run.arena.gradients().span().begin(), run.arena.gradients().span().end());
  for (const Parameter* p : run.arena.parameters()) {
    if (!p->trained) continue;
    const bool learns = stage == 3 || of_pair(p->name, stage);
    for (std::size_t i = 0; i < p->size(); i += 7) {
      const float before = p->value.data[i];
      p->value.data[i] = before + 0.01f;
      const double above = loss();
      p->value.data[i] = before - 0.01f;
      const double below = loss();
      p->value.data[i] = before;
      const double got = static_cast<double>(gradient[run.arena.offset(*p) + i]);
      if (learns) {
        EXPECT_NEAR(got, (above - below) / 0.02, 1e-3 * std::max(1.0, std::abs(got))) << p->name << " " << i;
      } else {
        EXPECT_EQ(got, 0) << p->name;
      }
    }
  }
}

TEST(Stacked, GradientsOfEveryStage) {
  for (std::size_t stage = 0; stage < 4; ++stage) {
    SCOPED_TRACE(stage);
    expect_stage_gradient({}, stage);
    expect_stage_gradient({{"loss", "bce"}, {"corruption", "0.3,0.4,0.2"}}, stage);
    expect_stage_gradient({{"activation", "tanh"}, {"code-activation", "tanh"}}, stage);
    expect_stage_gradient({{"dropout", "0.2,0.5,0.3"}}, stage);
    expect_stage_gradient({{"dropout", "0,0.5,0"}, {"stage-loss", "bce"}, {"code-activation", "sigmoid"}},
                          stage);
  }
}

TEST(Stacked, CorruptionHidesInputsInTrainingOnly) {
  const Dataset data = stack_data();
  const Tensor x = data.floats(0, 20);
  pushforward::Run run = make_run("sae", with(kStack, {{"corruption", "0.5,0.5,0.5"}}), data);
  pushforward::Run plain = make_run("sae", kStack, data);
  for (std::size_t stage = 0; stage < 3; ++stage) {
    Step step{.pass = {true, Draw{2, 0, 3}}, .stage = stage};
    EXPECT_NE(run.model->accumulate(0, x.view(), step).loss, plain.model->accumulate(0, x.view(), step).loss);
    step.pass.training = false;
    EXPECT_EQ(run.model->validate(x.view(), step).loss, plain.model->validate(x.view(), step).loss);
  }
}

// A layer's own share hides its own inputs: with one share above 0 only that stage's loss changes.
TEST(Stacked, EachLayerHasItsOwnShare) {
  const Dataset data = stack_data();
  const Tensor x = data.floats(0, 20);
  pushforward::Run plain = make_run("sae", kStack, data);
  for (std::size_t hidden = 0; hidden < 3; ++hidden) {
    const char* shares[] = {"0.5,0,0", "0,0.5,0", "0,0,0.5"};
    pushforward::Run run = make_run("sae", with(kStack, {{"corruption", shares[hidden]}}), data);
    for (std::size_t stage = 0; stage < 3; ++stage) {
      const Step step{.pass = {true, Draw{2, 0, 3}}, .stage = stage};
      EXPECT_EQ(
          run.model->accumulate(0, x.view(), step).loss != plain.model->accumulate(0, x.view(), step).loss,
          stage == hidden)
          << stage << " " << hidden;
    }
    // Another step hides others.
    const Step one{.pass = {true, Draw{2, 0, 3}}, .stage = hidden},
        two{.pass = {true, Draw{2, 0, 4}}, .stage = hidden};
    EXPECT_NE(run.model->accumulate(0, x.view(), one).loss, run.model->accumulate(0, x.view(), two).loss);
  }
}

// With a decoder of zeros y is known whatever is hidden: the loss is that of the clean input, cross-entropy
// for the data (D ln 2 at the logit 0) and the squared error for what the layers make of them.
TEST(Stacked, StagesAreAskedForTheirCleanInputs) {
  const Dataset data = stack_data();
  const Tensor x = data.floats(0, 20);
  for (const char* loss : {"mse", "bce"}) {
    pushforward::Run run =
        make_run("sae", with(kStack, {{"corruption", "0.5,0.5,0.5"}, {"loss", loss}}), data);
    for (const Parameter* p : run.arena.parameters())
      if (p->name.starts_with("decoder")) std::ranges::fill(p->value.span(), 0.0f);
    std::vector<double> h(x.data(), x.data() + x.size());  // what the stage is asked for
    std::size_t width = 12;
    for (std::size_t stage = 0; stage < 3; ++stage) {
      const bool logits = stage == 0 && std::string(loss) == "bce";
      const double y = stage == 0 ? 0 : 0.5;  // linear above the data, sigmoids above codes
      double wanted = 0;
      for (const double v : h) wanted += logits ? std::log(2.0) : (v - y) * (v - y);
      const Step step{.pass = {true, Draw{2, 0, 3}}, .stage = stage};
      EXPECT_NEAR(run.model->accumulate(0, x.view(), step).loss, wanted / 20, 1e-4) << loss << " " << stage;
      const auto w = value_of(run, "encoder." + std::to_string(stage) + ".weight"),
                 b = value_of(run, "encoder." + std::to_string(stage) + ".bias");
      std::vector<double> next;
      for (std::size_t i = 0; i < 20; ++i)
        for (std::size_t o = 0; o < w.rows; ++o) {
          double a = static_cast<double>(b(0, o));
          for (std::size_t j = 0; j < width; ++j) a += static_cast<double>(w(o, j)) * h[i * width + j];
          next.push_back(1 / (1 + std::exp(-a)));
        }
      h = next, width = w.rows;
    }
  }
}

TEST(Stacked, DropoutActsInEveryTrainingPassAndInNoOther) {
  const Dataset data = stack_data();
  const Tensor x = data.floats(0, 20);
  for (std::size_t layer = 0; layer < 3; ++layer) {
    std::string shares;
    for (std::size_t k = 0; k < 3; ++k) shares += std::string(k > 0 ? "," : "") + (k == layer ? "0.5" : "0");
    pushforward::Run run = make_run("sae", with(kStack, {{"dropout", shares}}), data);
    pushforward::Run plain = make_run("sae", kStack, data);
    for (std::size_t stage = 0; stage < 4; ++stage) {
      SCOPED_TRACE("layer " + std::to_string(layer) + ", stage " + std::to_string(stage));
      Step step{.pass = {true, Draw{2, 0, 3}}, .stage = stage};
      const double with_it = run.model->accumulate(0, x.view(), step).loss;
      const double without = plain.model->accumulate(0, x.view(), step).loss;
      EXPECT_EQ(with_it != without, stage == layer || stage == 3);  // of its own layer, or of the whole
      step.pass.training = false;
      EXPECT_EQ(run.model->validate(x.view(), step).loss, plain.model->validate(x.view(), step).loss);
    }
    Tensor code(20, 3), plain_code(20, 3);
    run.model->encode(x.view(), code, nullptr), plain.model->encode(x.view(), plain_code, nullptr);
    EXPECT_TRUE(std::ranges::equal(code.span(), plain_code.span()));
  }
}

using Doubles = Matrix<double>;

// x·Wᵀ + b, through a logistic function unless these are logits.
Doubles dense_by_hand(pushforward::Run& run, const std::string& name, const Doubles& x, bool logits) {
  const auto w = value_of(run, name + ".weight"), b = value_of(run, name + ".bias");
  Doubles y(x.rows(), w.rows);
  for (std::size_t i = 0; i < x.rows(); ++i)
    for (std::size_t j = 0; j < w.rows; ++j) {
      double sum = static_cast<double>(b(0, j));
      for (std::size_t l = 0; l < w.cols; ++l) sum += static_cast<double>(w(j, l)) * x(i, l);
      y(i, j) = logits ? sum : 1 / (1 + std::exp(-sum));
    }
  return y;
}

// The second stage of GMMN+AE's autoencoder, by hand: h from the whole input, half of it left out and the
// rest doubled (the mask is the layer's own, as its name and the draw say), given back by cross-entropy.
TEST(Stacked, AStageWithDropoutAndCrossEntropyByHand) {
  const Dataset data = stack_data();
  pushforward::Run run =
      make_run("sae", with(kStack, {{"dropout", "0.2,0.5,0"}, {"stage-loss", "bce"}}), data);
  fill_normal(run.arena.values().span(), Draw{8, stream_id("random parameters"), 0}, 0, 0.5f);
  const Pass pass{true, Draw{2, stream_id("train"), 3}};
  const Doubles h = dense_by_hand(run, "encoder.0", data.doubles(), false);
  Tensor ones(70, 9), mask(70, 9);
  std::ranges::fill(ones.span(), 1.0f);
  const auto dropout = make_layer(parse_spec("dropout:0.5"), {.width = 9});
  dropout->named("encoder.1");
  Saved saved;
  dropout->forward(ones.view(), mask, saved, pass);
  Doubles dropped = h;
  for (std::size_t i = 0; i < dropped.size(); ++i) dropped.data()[i] *= static_cast<double>(mask.data()[i]);
  const Doubles code = dense_by_hand(run, "encoder.1", dropped, false);
  const Doubles logits = dense_by_hand(run, "decoder.1", code, true);
  double sum = 0;
  for (std::size_t i = 0; i < h.size(); ++i)
    sum += std::log1p(std::exp(logits.data()[i])) - h.data()[i] * logits.data()[i];
  const Tensor x = data.floats(0, 70);
  const Step step{.pass = pass, .stage = 1};
  EXPECT_NEAR(run.model->accumulate(0, x.view(), step).loss, sum / 70, 1e-5 * sum / 70);
}

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
  EXPECT_EQ(find_field(stack.model->evaluate(stack_data(), {}), "stage_squared_errors"), nullptr);
}

// After the last stage the virtual output layers are the whole decoder, so that stage's error is the model's.
TEST(Stacked, ErrorsOfStagesAreThoseOfTheStackSoFar) {
  const Folder folder;
  const Dataset data = stack_data();
  pushforward::Run run = make_run("sae", kStack, data, folder / "run");
  train(run, data, nullptr, stop_after(24));
  const Fields fields = run.model->evaluate(data, {});
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
    EXPECT_EQ(train(run, stack_data(), nullptr).stopped, "finished");
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
