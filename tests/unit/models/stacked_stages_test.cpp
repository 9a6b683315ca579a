// SPDX-License-Identifier: Apache-2.0
// The stages of a stacked autoencoder: which parameters each moves, its gradient, its corruption and dropout,
// and what it is asked for.
#include <cmath>

#include <gtest/gtest.h>

#include "unit/models/small_stack.hpp"

namespace pushforward {
namespace {

using namespace testing;

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
  const auto loss = [&] { return learner(*run.model).accumulate(0, x.view(), step).loss; };
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
    EXPECT_NE(learner(*run.model).accumulate(0, x.view(), step).loss,
              learner(*plain.model).accumulate(0, x.view(), step).loss);
    step.pass.training = false;
    EXPECT_EQ(learner(*run.model).validate(x.view(), step).loss,
              learner(*plain.model).validate(x.view(), step).loss);
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
      EXPECT_EQ(learner(*run.model).accumulate(0, x.view(), step).loss !=
                    learner(*plain.model).accumulate(0, x.view(), step).loss,
                stage == hidden)
          << stage << " " << hidden;
    }
    // Another step hides others.
    const Step one{.pass = {true, Draw{2, 0, 3}}, .stage = hidden},
        two{.pass = {true, Draw{2, 0, 4}}, .stage = hidden};
    EXPECT_NE(learner(*run.model).accumulate(0, x.view(), one).loss,
              learner(*run.model).accumulate(0, x.view(), two).loss);
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
      EXPECT_NEAR(learner(*run.model).accumulate(0, x.view(), step).loss, wanted / 20, 1e-4)
          << loss << " " << stage;
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
      const double with_it = learner(*run.model).accumulate(0, x.view(), step).loss;
      const double without = learner(*plain.model).accumulate(0, x.view(), step).loss;
      EXPECT_EQ(with_it != without, stage == layer || stage == 3);  // of its own layer, or of the whole
      step.pass.training = false;
      EXPECT_EQ(learner(*run.model).validate(x.view(), step).loss,
                learner(*plain.model).validate(x.view(), step).loss);
    }
    Tensor code(20, 3), plain_code(20, 3);
    encode(*run.model, x.view(), code, nullptr), encode(*plain.model, x.view(), plain_code, nullptr);
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
  EXPECT_NEAR(learner(*run.model).accumulate(0, x.view(), step).loss, sum / 70, 1e-5 * sum / 70);
}

}  // namespace
}  // namespace pushforward
