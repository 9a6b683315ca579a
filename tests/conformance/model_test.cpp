// SPDX-License-Identifier: Apache-2.0
//
// Walks models(): whatever a row of the registry makes is held to what model.hpp promises. A new model is
// tried here by being in the table.
//
//   gradients   each phase's and each stage's, parameter by parameter, against central differences of the
//   loss that
//               accumulate returns: θ moves along its own gradient g by ±h g/‖g‖, and the loss must change by
//               2h‖g‖
//   loss        validate() returns the last phase's loss of accumulate() for the same rows, step and draw
//   resume      stopped twice, a training ends in the same bytes
//   claims      every function of every interface that a model has is called and gives finite numbers of the
//               right size; what it has not is refused in words
//   NaN         a weight that is not a number stops the training and is named
//
// Beside each row's defaults stand a few settings with which a model has other interfaces, or other facts.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

#include <gtest/gtest.h>

#include "pushforward/critic.hpp"
#include "pushforward/distance.hpp"
#include "unit/models/run_files.hpp"
#include "unit/models/support.hpp"

namespace pushforward {
namespace {

using namespace testing;

constexpr std::size_t kRows = 48, kColumns = 9;
constexpr std::size_t kBatch = 32;  // enough for every distance

Dataset rows() { return grey_data(kRows, kColumns); }

// Small, smooth (differences do not cross kinks) and without what is drawn anew each step; those that a model
// does not have are left out.
Settings small(const ModelEntry& entry) {
  const Settings wanted = {
      {"hidden", "7"},        {"latent", "3"},       {"network", "mlp"},        {"batch", "32"},
      {"steps", "6"},         {"threads", "1"},      {"monitor", "none"},       {"activation", "tanh"},
      {"critic-hidden", "6"}, {"critic-steps", "2"}, {"checkpoint-every", "2"}, {"pretrain-epochs", "1"}};
  const Options options = options_of(entry);
  const bool learned = options.known("distance") && facts_of(parse_spec(options.text("distance"))).learned;
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

// Beside a test's own folder.
struct CodeFolder {
  CodeFolder() { std::filesystem::create_directories(path); }
  CodeFolder(const CodeFolder&) = delete;
  CodeFolder& operator=(const CodeFolder&) = delete;
  ~CodeFolder() { std::filesystem::remove_all(path); }

  std::string path = Folder().path + "-code";
};

// A model and its settings.
struct Case {
  const ModelEntry* entry;
  Settings settings;
  std::string name;

  pushforward::Run run(const Dataset& data) const { return make_run(entry->name, settings, data); }
};

// `folder` gets the run of an autoencoder, in whose codes one of them works; a test's own folder is another.
std::vector<Case> cases(const CodeFolder& folder) {
  const std::string code = folder.path + "/code";
  make_run("ae", small(find_model("ae")), rows(), code);
  std::vector<Case> all;
  for (const ModelEntry& entry : models()) all.push_back({&entry, small(entry), entry.name});
  const std::vector<std::pair<std::string, Settings>> others = {
      {"dae", {{"residual", "yes"}}},
      {"vae", {{"likelihood", "gaussian:head"}}},
      {"wae", {{"distance", "jsd-critic:activation=tanh"}, {"critic-hidden", "6"}}},
      {"gan", {{"pack", "2"}}},
      {"generator", {{"noise-distribution", "uniform:1"}}},
      {"generator", {{"code", code}}},
      {"flow", {{"source", "uniform:9"}}}};
  for (const auto& [name, settings] : others) {
    const ModelEntry& entry = find_model(name);
    all.push_back({&entry, with(small(entry), settings), name + " " + settings[0].first});
  }
  return all;
}

std::vector<Case> learners(const CodeFolder& folder) {
  std::vector<Case> all = cases(folder);
  std::erase_if(all, [](const Case& one) { return one.entry->solved; });
  return all;
}

std::vector<Stage> stages_of(Model& model) {
  auto* staged = as<Staged>(model);
  return staged != nullptr ? staged->pretraining() : std::vector<Stage>{};
}

// In stage `stage`; those that a model has come before the training proper.
Step some_step(std::size_t stage) {
  return {.step = 3, .total_steps = 100, .pass = {.training = true, .draw = {3, 0, 7}}, .stage = stage};
}

// The first rows, in the space that the model learns in.
Tensor batch_for(Model& model, const Dataset& data, std::size_t n) {
  const std::optional<Dataset> learnt = learner(model).learnt_from(data);
  return (learnt ? *learnt : data).floats(0, n);
}

// The loss of a phase; the phases before it run first, for a generator learns from the points that its critic
// saw.
double loss_of(pushforward::Run& run, std::size_t stage, std::size_t phase, View<const float> batch) {
  double loss = 0;
  for (std::size_t p = 0; p <= phase; ++p) {
    for (float& g : run.arena.gradients().span()) g = 0;
    loss = learner(*run.model).accumulate(p, batch, some_step(stage)).loss;
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

// Whether it was long enough to be checked.
bool check_gradient(pushforward::Run& run, std::size_t stage, std::size_t phase, Parameter& parameter,
                    View<const float> batch, const std::string& name) {
  const double loss = loss_of(run, stage, phase, batch);
  const std::vector<float> gradient(parameter.gradient.span().begin(), parameter.gradient.span().end());
  const double norm = norm_of(gradient), scale = std::max(1.0, std::abs(loss));
  if (norm < kShortest * scale) return false;
  const double h = std::min(kStep, 1e-3 * scale / norm);
  const std::vector<float> at(parameter.value.span().begin(), parameter.value.span().end());
  const auto loss_at = [&](double step) {
    for (std::size_t i = 0; i < at.size(); ++i)
      parameter.value.data[i] = static_cast<float>(at[i] + step * static_cast<double>(gradient[i]) / norm);
    return loss_of(run, stage, phase, batch);
  };
  const double difference = (loss_at(h) - loss_at(-h)) / (2 * h);
  std::copy(at.begin(), at.end(), parameter.value.data);
  EXPECT_NEAR(difference, norm, 0.03 * norm) << name << ", " << parameter.name << ", loss " << loss;
  return true;
}

TEST(ModelConformance, GradientsOfEveryPhaseAreTheirLossesSlopes) {
  const CodeFolder folder;
  const Dataset data = rows();
  for (const Case& one : learners(folder)) {
    pushforward::Run run = one.run(data);
    std::vector<Stage> stages = stages_of(*run.model);
    stages.push_back({"proper", 0, learner(*run.model).phases()});
    const Tensor batch = batch_for(*run.model, data, kBatch);
    for (std::size_t s = 0; s < stages.size(); ++s) {
      ASSERT_FALSE(stages[s].phases.empty()) << one.name;
      for (std::size_t p = 0; p < stages[s].phases.size(); ++p) {
        const Phase& phase = stages[s].phases[p];
        const std::string name = one.name + ", " + stages[s].name + ", phase " + phase.name;
        std::size_t checked = 0;
        for (Parameter* parameter : phase.parameters)
          if (parameter->trained && check_gradient(run, s, p, *parameter, batch, name)) ++checked;
        EXPECT_GT(checked, 1u) << name;
      }
    }
  }
}

TEST(ModelConformance, ValidationIsTheTrainingLoss) {
  const CodeFolder folder;
  const Dataset data = rows();
  for (Case one : learners(folder)) {
    if (std::ranges::count(one.settings, "critic-steps", &Settings::value_type::first) > 0)
      one.settings.emplace_back("critic-steps", "1");  // no draws of its own for each update of a step
    pushforward::Run run = one.run(data);
    const Tensor batch = batch_for(*run.model, data, kBatch);
    const std::size_t stages = stages_of(*run.model).size();
    for (std::size_t s = 0; s <= stages; ++s) {
      const std::size_t last = s < stages ? 0 : learner(*run.model).phases().size() - 1;
      const double trained = loss_of(run, s, last, batch);
      EXPECT_NEAR(learner(*run.model).validate(batch, some_step(s)).loss, trained,
                  1e-6 * std::max(1.0, std::abs(trained)))
          << one.name << ", stage " << s;
    }
  }
}

TEST(ModelConformance, ResumedTrainingsEndInTheSameBytes) {
  const CodeFolder folder;
  for (const Case& one : learners(folder)) {
    SCOPED_TRACE(one.name);
    expect_resumes_alike(one.entry->name, one.settings, rows(), {2, 5});
  }
}

void expect_finite(std::span<const double> values, const std::string& what) {
  EXPECT_FALSE(values.empty()) << what;
  for (const double v : values) EXPECT_TRUE(std::isfinite(v)) << what;
}

void expect_finite(View<const float> values, const std::string& what) {
  const std::vector<double> all(values.span().begin(), values.span().end());
  expect_finite(all, what);
}

Tensor filled(std::size_t rows, std::size_t cols) {
  Tensor out(rows, cols);
  for (float& v : out.span()) v = std::numeric_limits<float>::quiet_NaN();  // that nobody wrote is seen
  return out;
}

// Runs `use` on numbers that are not finite: where the model claims that it can, finite ones must be there
// afterwards, and elsewhere a sentence.
void check_claim(bool claimed, const std::string& what, std::size_t cols,
                 const std::function<void(View<float>)>& use) {
  Tensor out = filled(5, cols);
  const std::string message = message_of([&] { use(out); });
  EXPECT_EQ(message == "", claimed) << what << ": " << message;
  if (claimed) expect_finite(out.view(), what);
}

void check_codes(Model& model, const Dataset& data, const std::string& name) {
  const bool decodes = can<Decodes>(model), varied = can<Varied>(model);
  const std::size_t size = std::max<std::size_t>(1, code_size(model));
  EXPECT_EQ(code_size(model) > 0, decodes) << name;
  const Tensor x = data.floats(0, 5);
  Tensor z(5, size);
  fill_normal(z.span(), Draw{1}, 0, 0.3f);
  const Draw draw{2};
  check_claim(can<Encodes>(model), name + " encode", size, [&](View<float> code) { encode(model, x, code); });
  check_claim(decodes, name + " decode", kColumns, [&](View<float> y) { decode(model, z, y); });
  check_claim(can_draw(model), name + " decode a draw", kColumns,
              [&](View<float> y) { decode(model, z, y, &draw); });
  check_claim(can<Reconstructs>(model), name + " reconstruct", kColumns,
              [&](View<float> y) { reconstruct(model, x, y); });
  check_claim(varied, name + " code_variance", size, [&](View<float> v) { code_variance(model, x, v); });
  check_claim(varied, name + " decoded_variance", kColumns,
              [&](View<float> v) { decoded_variance(model, z, v); });
}

// Mean 0 and variance 1 of 4000 draws: off by 4 standard errors, 4/√4000 = 0.063 and 4·√(2/4000) = 0.09, at
// most; the uniform priors here have variances 1/3 and 27.
void check_prior(Model& model, const std::string& name) {
  const bool generates = can<Generative>(model);
  const std::size_t size = std::max<std::size_t>(1, code_size(model));
  check_claim(generates, name + " sample_latent", size,
              [&](View<float> z) { sample_latent(model, z, Draw{3}); });
  check_claim(generates, name + " generate", kColumns, [&](View<float> x) { generate(model, x, Draw{4}); });
  if (!generates) return;
  Tensor z(4000, size);
  sample_latent(model, z, Draw{5});
  for (std::size_t j = 0; j < size; ++j) {
    double sum = 0, squares = 0;
    for (std::size_t i = 0; i < z.rows(); ++i)
      sum += static_cast<double>(z(i, j)), squares += std::pow(static_cast<double>(z(i, j)), 2);
    const double mean = sum / 4000, variance = squares / 4000 - mean * mean;
    EXPECT_EQ(std::abs(mean) < 0.063 && std::abs(variance - 1) < 0.09, as<Generative>(model)->normal_prior())
        << name << ": mean " << mean << ", variance " << variance;
  }
}

void check_evaluation(Model& model, const Dataset& data, const std::string& name) {
  const EvaluateOptions options{.seed = 1, .training = &data};
  EXPECT_EQ(can<Evaluates>(model), !evaluate(model, data, options).empty()) << name;
  for (const Field& one : evaluate(model, data, options))
    if (const auto* number = std::get_if<double>(&one.value)) {
      EXPECT_TRUE(std::isfinite(*number)) << name << ", " << one.key;
    }
  std::vector<double> all;
  const std::string message = message_of([&] { all = scores(model, data, options); });
  EXPECT_EQ(message == "", can<Scores>(model)) << name << ": " << message;
  if (!can<Scores>(model)) return;
  EXPECT_EQ(all.size(), data.rows()) << name;
  expect_finite(all, name + " scores");
}

TEST(ModelConformance, WhatIsClaimedWorksAndTheRestIsRefused) {
  const CodeFolder folder;
  const Dataset data = rows();
  for (const Case& one : cases(folder)) {
    pushforward::Run run = one.run(data);
    Model& model = *run.model;
    EXPECT_EQ(can<Learner>(model), !one.entry->solved) << one.name;
    EXPECT_EQ(message_of([&] { learner(model); }) != "", one.entry->solved) << one.name;
    EXPECT_FALSE(model.summary().empty()) << one.name;
    check_codes(model, data, one.name);
    check_prior(model, one.name);
    check_evaluation(model, data, one.name);
  }
}

// What the loop asks for beside steps.
TEST(ModelConformance, TrainingsAreWatched) {
  const CodeFolder folder;
  const Dataset data = rows();
  std::size_t monitored = 0, staged = 0, learned = 0;
  for (Case one : learners(folder)) {
    const bool watches = std::ranges::count(one.settings, "monitor", &Settings::value_type::first) > 0;
    if (watches) one.settings.emplace_back("monitor", "w1");
    pushforward::Run run = one.run(data);
    Model& model = *run.model;
    EXPECT_EQ(can<Monitored>(model), watches) << one.name;
    if (auto* watched = as<Monitored>(model)) {
      const Losses seen = watched->monitor(data.floats(0, kBatch), some_step(0));
      ASSERT_GE(seen.count, 1u) << one.name;
      EXPECT_STREQ(std::string(seen.parts[0].name).c_str(), "w1") << one.name;
      EXPECT_TRUE(std::isfinite(seen.parts[0].value)) << one.name;
      EXPECT_EQ(watched->warning(seen), "") << one.name;
      ++monitored;
    }
    if (auto* stack = as<Staged>(model)) {
      EXPECT_TRUE(stack->stage_errors().empty());
      train(run, data, nullptr);
      EXPECT_EQ(stack->stage_errors().size(), stack->pretraining().size());
      expect_finite(stack->stage_errors(), one.name + " stage_errors");
      ++staged;
    }
    if (auto* adversarial = as<Adversarial>(model)) {
      const bool is_learned = facts_of(adversarial->distance()).learned;
      EXPECT_EQ(adversarial->critic() != nullptr, is_learned) << one.name;
      Critic* critic = critic_of_rows(model);
      if (critic != nullptr) {
        Tensor scores = filled(5, critic->score_names().size());
        critic->score(data.floats(0, 5), scores);
        expect_finite(scores.view(), one.name + " scores");
        ++learned;
      }
    }
  }
  EXPECT_GT(monitored, 4u);
  EXPECT_GT(staged, 0u);
  EXPECT_GT(learned, 1u);
}

TEST(ModelConformance, AWeightThatIsNotANumberStopsTheTrainingAndIsNamed) {
  const CodeFolder folder;
  const Dataset data = rows();
  for (const Case& one : learners(folder)) {
    pushforward::Run run = one.run(data);
    Parameter& broken = *learner(*run.model).phases().back().parameters.front();
    broken.value.data[0] = std::numeric_limits<float>::quiet_NaN();
    const std::string message = message_of([&] { train(run, data, nullptr); });
    const std::string network = broken.name.substr(0, broken.name.find('.'));
    EXPECT_NE(message.find(network), std::string::npos) << one.name << ": " << message;
  }
}

}  // namespace
}  // namespace pushforward
