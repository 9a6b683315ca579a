// SPDX-License-Identifier: Apache-2.0
//
// Walks models(): whatever a row of the registry makes is held to what model.hpp promises. A new model is
// tried here by being in the table.
//
//   gradients   each phase's, parameter by parameter, against central differences of the loss that accumulate
//   returns:
//               θ moves along its own gradient g by ±h g/‖g‖, and the loss must change by 2h‖g‖
//   loss        validate() returns what accumulate() returns for the same rows, step and draw
//   resume      stopped twice, a training ends in the same bytes
//   claims      what it says that it can do works, and what it cannot is refused in words
//   NaN         a weight that is not a number stops the training and is named
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "pushforward/distance.hpp"
#include "unit/models/run_files.hpp"
#include "unit/models/support.hpp"

namespace pushforward {
namespace {

using namespace testing;

constexpr std::size_t kRows = 48, kColumns = 9;

Dataset rows() { return grey_data(kRows, kColumns); }

// Small, smooth (differences do not cross kinks) and without what is drawn anew each step; those that a model
// does not have are left out.
Settings small(const ModelEntry& entry) {
  const Settings wanted = {
      {"hidden", "7"},        {"latent", "3"},       {"network", "mlp"},        {"batch", "16"},
      {"steps", "6"},         {"threads", "1"},      {"monitor", "none"},       {"activation", "tanh"},
      {"critic-hidden", "6"}, {"critic-steps", "2"}, {"checkpoint-every", "2"}, {"pretrain-epochs", "1"}};
  const Options options = options_of(entry);
  const bool learned = options.known("distance") && facts_of(options.spec("distance")).learned;
  Settings settings;
  for (const auto& [name, value] : wanted)
    if (options.known(name) && (learned || !name.starts_with("critic-"))) settings.emplace_back(name, value);
  if (learned) {
    const std::string& distance = options.text("distance");
    settings.emplace_back(
        "distance", distance + (distance.find(':') == std::string::npos ? ":" : ",") + "activation=tanh");
  }
  return settings;
}

std::vector<const ModelEntry*> trained_models() {
  std::vector<const ModelEntry*> trained;
  for (const ModelEntry& entry : models())
    if (!entry.solved) trained.push_back(&entry);
  return trained;
}

Step some_step() { return {.step = 3, .total_steps = 100, .pass = {.training = true, .draw = {3, 0, 7}}}; }

// The loss of a phase; the phases before it run first, for a generator learns from the points that its critic
// saw.
double loss_of(pushforward::Run& run, std::size_t phase, View<const float> batch) {
  double loss = 0;
  for (std::size_t p = 0; p <= phase; ++p) {
    for (float& g : run.arena.gradients().span()) g = 0;
    loss = run.model->accumulate(p, batch, some_step()).loss;
  }
  return loss;
}

double norm_of(std::span<const float> g) {
  double sum = 0;
  for (const float v : g) sum += static_cast<double>(v) * static_cast<double>(v);
  return std::sqrt(sum);
}

// Losses are float32 arithmetic: off by some 1e-6 of their size. Steps are of length 0.02 at most, so that
// the third derivative adds little, and change the loss by 1e-4 of its size at least, so that rounding is 1 %
// of the difference; a gradient that is too short for both is left out. 3 % covers them and misses no wrong
// factor.
constexpr double kStep = 0.02, kShortest = 2.5e-3;

void check_gradient(pushforward::Run& run, std::size_t phase, Parameter& parameter, View<const float> batch,
                    const std::string& name) {
  const double loss = loss_of(run, phase, batch);
  const std::vector<float> gradient(parameter.gradient.span().begin(), parameter.gradient.span().end());
  const double norm = norm_of(gradient), scale = std::max(1.0, std::abs(loss));
  if (norm < kShortest * scale) return;
  const double h = std::min(kStep, 1e-3 * scale / norm);
  const std::vector<float> at(parameter.value.span().begin(), parameter.value.span().end());
  const auto loss_at = [&](double step) {
    for (std::size_t i = 0; i < at.size(); ++i)
      parameter.value.data[i] = static_cast<float>(at[i] + step * static_cast<double>(gradient[i]) / norm);
    return loss_of(run, phase, batch);
  };
  const double difference = (loss_at(h) - loss_at(-h)) / (2 * h);
  std::copy(at.begin(), at.end(), parameter.value.data);
  EXPECT_NEAR(difference, norm, 0.03 * norm) << name << ", " << parameter.name << ", loss " << loss;
}

TEST(ModelConformance, GradientsOfEveryPhaseAreTheirLossesSlopes) {
  const Dataset data = rows();
  const Tensor batch = data.floats(0, 16);
  for (const ModelEntry* entry : trained_models()) {
    pushforward::Run run = make_run(entry->name, small(*entry), data);
    const std::vector<Phase> phases = run.model->phases();
    ASSERT_FALSE(phases.empty()) << entry->name;
    std::size_t checked = 0;
    for (std::size_t p = 0; p < phases.size(); ++p)
      for (Parameter* parameter : phases[p].parameters)
        if (parameter->trained)
          check_gradient(run, p, *parameter, batch, entry->name + ", phase " + phases[p].name), ++checked;
    EXPECT_GT(checked, 1u) << entry->name;
  }
}

TEST(ModelConformance, ValidationIsTheTrainingLoss) {
  const Dataset data = rows();
  const Tensor batch = data.floats(0, 16);
  for (const ModelEntry* entry : trained_models()) {
    pushforward::Run run = make_run(entry->name, small(*entry), data);
    if (run.model->phases().size() != 1) continue;  // which phase's loss would it be?
    const double trained = run.model->accumulate(0, batch, some_step()).loss;
    EXPECT_NEAR(run.model->validate(batch, some_step()).loss, trained,
                1e-6 * std::max(1.0, std::abs(trained)))
        << entry->name;
  }
}

TEST(ModelConformance, ResumedTrainingsEndInTheSameBytes) {
  for (const ModelEntry* entry : trained_models()) {
    SCOPED_TRACE(entry->name);
    expect_resumes_alike(entry->name, small(*entry), rows(), {2, 5});
  }
}

bool finite(View<const float> values) {
  for (const float v : values.span())
    if (!std::isfinite(v)) return false;
  return true;
}

// Runs `use`, which must leave finite numbers where the model claims that it can, and a sentence where not.
void check_claim(bool claimed, const std::string& what, const std::function<View<const float>()>& use) {
  if (claimed) {
    EXPECT_TRUE(finite(use())) << what;
    return;
  }
  const std::string message = message_of([&] { use(); });
  EXPECT_NE(message, "") << what << " is not claimed, and neither done nor refused";
}

TEST(ModelConformance, WhatIsClaimedWorks) {
  const Dataset data = rows();
  for (const ModelEntry& entry : models()) {
    pushforward::Run run = make_run(entry.name, small(entry), data);
    Model& model = *run.model;
    const Tensor x = data.floats(0, 5);
    Tensor z(5, std::max<std::size_t>(1, model.latent())), y(5, kColumns);
    check_claim(model.encodes(), entry.name + " encode",
                [&] { return model.encode(x, z, nullptr), z.view(); });
    check_claim(model.encodes(), entry.name + " reconstruct",
                [&] { return model.reconstruct(x, y, nullptr), y.view(); });
    if (model.latent() > 0)
      check_claim(true, entry.name + " decode", [&] { return model.decode(z, y, nullptr), y.view(); });
    check_claim(model.generates(), entry.name + " generate",
                [&] { return model.generate(y, Draw{1}.on("sample"), false), y.view(); });
  }
}

TEST(ModelConformance, AWeightThatIsNotANumberStopsTheTrainingAndIsNamed) {
  for (const ModelEntry* entry : trained_models()) {
    const Dataset data = rows();
    pushforward::Run run = make_run(entry->name, small(*entry), data);
    Parameter& broken = *run.model->phases().back().parameters.front();
    broken.value.data[0] = std::numeric_limits<float>::quiet_NaN();
    const std::string message = message_of([&] { train(run, data, nullptr); });
    const std::string network = broken.name.substr(0, broken.name.find('.'));
    EXPECT_NE(message.find(network), std::string::npos) << entry->name << ": " << message;
  }
}

}  // namespace
}  // namespace pushforward
