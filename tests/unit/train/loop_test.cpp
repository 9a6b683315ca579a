// SPDX-License-Identifier: Apache-2.0
// What the loop asks of a model and when: phases with their own optimisers and repeats, stages, validation,
// monitoring. A model of one number, whose gradient is what a test says, stands in for a network.
#include <algorithm>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "unit/models/run_files.hpp"
#include "unit/models/support.hpp"

namespace pushforward {
namespace {

using namespace testing;
using Rows = std::vector<float>;

Rows rows_of(View<const float> v) { return {v.data, v.data + v.size()}; }

// Row i holds i; told from others by its number.
Dataset numbered(std::size_t n) {
  Matrix<float> rows(n, 1);
  for (std::size_t i = 0; i < n; ++i) rows(i, 0) = static_cast<float>(i);
  Dataset data;
  data.name = "numbered", data.shape = {.width = 1}, data.rows_data = std::move(rows);
  return data;
}

struct Seen {
  std::string what;
  Rows rows{}, inputs{};
  Pass pass{};
  std::size_t stage = 0, repeat = 0;
  std::uint64_t step = 0;
  float weight = 0;
};

// Two numbers, a phase each; their gradients are (3, 4)-like constants unless told otherwise.
class Spy final : public Model, public Learner, public Staged, public Monitored {
 public:
  std::vector<Parameter*> parameters() override { return {&first, &second}; }
  std::vector<Phase> phases() override {
    std::vector<Phase> all;
    if (two_phases) all.push_back({"first", repeats, {&first}, optimizer, rate});
    all.push_back({.name = "second", .parameters = {&second}});
    return all;
  }
  std::vector<Stage> pretraining() override {
    std::vector<Stage> all;
    for (std::size_t k = 0; k < stages; ++k)
      all.push_back({"stage " + std::to_string(k), 2, {{.name = "first", .parameters = {&first}}}});
    return all;
  }
  void begin_stage(std::size_t stage, const Draw& draw) override {
    seen.push_back({.what = "begin", .pass = {.draw = draw}, .stage = stage});
  }
  void end_stage(std::size_t stage, const Dataset& rows) override {
    seen.push_back({.what = "end",
                    .rows = rows_of(rows.floats(0, rows.rows()).view()),
                    .stage = stage,
                    .weight = first.value(0, 0)});
  }
  std::vector<double> stage_errors() const override { return {}; }
  Losses accumulate(std::size_t phase, View<const float> x, const Step& step) override {
    note("train", x, step);
    const bool to_first = step.stage < stages || (two_phases && phase == 0);
    (to_first ? first : second).gradient(0, 0) += gradient;
    return {.loss = 1};
  }
  Losses validate(View<const float> x, const Step& step) override {
    note("validate", x, step);
    return {.loss = validation ? validation(step) : 1};
  }
  Losses monitor(View<const float> x, const Step& step) override {
    note("monitor", x, step);
    Losses out;
    out.add("w1", monitored ? monitored(step) : 1);
    return out;
  }

  std::string warning(const Losses&) const override { return warns ? "look" : ""; }

  std::vector<const Seen*> all(const std::string& what) const {
    std::vector<const Seen*> out;
    for (const Seen& one : seen)
      if (one.what == what) out.push_back(&one);
    return out;
  }

  std::size_t stages = 0, repeats = 1;
  bool two_phases = false, warns = false;
  std::optional<OptimizerOptions> optimizer{};
  std::optional<double> rate{};
  float gradient = 1;
  std::function<double(const Step&)> validation{}, monitored{};
  std::vector<Seen> seen;
  Parameter first{.name = "first", .rows = 1, .cols = 1};
  Parameter second{.name = "second", .rows = 1, .cols = 1};

 private:
  void note(const char* what, View<const float> x, const Step& step) {
    seen.push_back({what, rows_of(x), rows_of(step.inputs), step.pass, step.stage, step.repeat, step.step,
                    second.value(0, 0)});
  }
};

struct Watched {
  pushforward::Run run;
  Spy* spy;

  Watched(const Settings& settings, const Dataset& data, const std::function<void(Spy&)>& set = {},
          const std::string& path = "")
      : run(make_run("generator",
                     with({{"batch", "5"},
                           {"rate", "0.125"},
                           {"optimizer", "sgd"},
                           {"monitor", "none"},
                           {"hidden", "2"},
                           {"latent", "1"},
                           {"standardize", "no"},
                           {"threads", "1"}},
                          settings),
                     data, path)) {
    auto made = std::make_unique<Spy>();
    spy = made.get();
    if (set) set(*spy);
    run.model = std::move(made);
    run.arena.bind(run.model->parameters(), {});
  }
};

// Under a constant gradient every update of Adam is as long as the rate, if its counter is right: in the
// second repeat, in the second stage, where moments begin anew, too.
TEST(Loop, UpdatesAreCountedByPhaseAndStage) {
  const Dataset data = numbered(10);
  Watched repeated({{"optimizer", "adam"}, {"steps", "3"}}, data,
                   [](Spy& s) { s.two_phases = true, s.repeats = 4; });
  train(repeated.run, data, nullptr);
  EXPECT_NEAR(repeated.spy->first.value(0, 0), -12 * 0.125, 1e-5);
  EXPECT_NEAR(repeated.spy->second.value(0, 0), -3 * 0.125, 1e-5);
  Watched staged({{"optimizer", "adam"}, {"epochs", "3"}}, data, [](Spy& s) { s.stages = 2; });
  train(staged.run, data, nullptr);
  EXPECT_NEAR(staged.spy->first.value(0, 0), -2 * 4 * 0.125, 1e-5);
  EXPECT_NEAR(staged.spy->second.value(0, 0), -6 * 0.125, 1e-5);
}

TEST(Loop, APhaseMayHaveItsOwnOptimizerAndRate) {
  const Dataset data = numbered(10);
  Watched own({{"optimizer", "adam"}, {"steps", "1"}}, data,
              [](Spy& s) { s.two_phases = true, s.optimizer = SgdOptions{}, s.rate = 0.5, s.gradient = 3; });
  train(own.run, data, nullptr);
  EXPECT_FLOAT_EQ(own.spy->first.value(0, 0), -1.5f);
  EXPECT_NEAR(own.spy->second.value(0, 0), -0.125, 1e-6);  // Adam's step does not know 3
}

// A gradient of length 3 under --clip-norm 2 is 2 long; one of length 1 stays.
TEST(Loop, ClipsToTheNorm) {
  const Dataset data = numbered(10);
  for (const float gradient : {3.0f, 1.0f}) {
    Watched clipped({{"clip-norm", "2"}, {"steps", "1"}}, data, [&](Spy& s) { s.gradient = gradient; });
    train(clipped.run, data, nullptr);
    EXPECT_FLOAT_EQ(clipped.spy->second.value(0, 0), -0.125f * std::min(2.0f, gradient));
  }
}

// Repeats of a phase within a step see other rows of the same epoch.
TEST(Loop, RepeatsSeeOtherRows) {
  const Dataset data = numbered(40);
  Watched repeated({{"steps", "8"}}, data, [](Spy& s) { s.two_phases = true, s.repeats = 3; });
  train(repeated.run, data, nullptr);
  const auto steps = repeated.spy->all("train");
  ASSERT_EQ(steps.size(), 32u);
  for (std::size_t s = 0; s < 8; ++s) {
    Rows of_step;
    for (std::size_t r = 0; r < 3; ++r) {
      EXPECT_EQ(steps[4 * s + r]->repeat, r);
      of_step.insert(of_step.end(), steps[4 * s + r]->rows.begin(), steps[4 * s + r]->rows.end());
    }
    std::ranges::sort(of_step);
    EXPECT_EQ(std::unique(of_step.begin(), of_step.end()), of_step.end()) << "rows twice in step " << s;
    EXPECT_EQ(steps[4 * s + 3]->rows, steps[4 * s]->rows);  // the last phase sees the step's own batch
  }
}

TEST(Loop, EveryEpochHasAnOrderOfItsOwn) {
  const Dataset data = numbered(20);
  Watched run({{"epochs", "2"}}, data);
  train(run.run, data, nullptr);
  Rows first, second;
  for (const Seen* one : run.spy->all("train"))
    (one->step < 4 ? first : second)
        .insert((one->step < 4 ? first : second).end(), one->rows.begin(), one->rows.end());
  EXPECT_NE(first, second);
  std::ranges::sort(first), std::ranges::sort(second);
  EXPECT_EQ(first, second);
}

// Held-out rows in their order, not in training mode, with the same draws every epoch, by averaged weights.
TEST(Loop, ValidationIsTheSameEveryEpoch) {
  const Dataset data = numbered(25), other = numbered(7);
  for (const bool own : {false, true}) {
    Watched run(with({{"epochs", "3"}, {"ema", "0.5"}}, {{"validation", own ? "other" : "0.2"}}), data);
    train(run.run, data, own ? &other : nullptr);
    auto seen = run.spy->all("validate");
    ASSERT_EQ(seen.size(), 4u) << "three epochs, and the last batch once more when all is done";
    seen.pop_back();
    const Rows wanted = own ? Rows{0, 1, 2, 3, 4, 5, 6} : Rows{20, 21, 22, 23, 24};
    float last = 0;
    for (const Seen* one : seen) {
      EXPECT_EQ(one->rows, wanted);
      EXPECT_FALSE(one->pass.training);
      EXPECT_EQ(std::tuple(one->pass.draw.seed, one->pass.draw.stream, one->pass.draw.step),
                std::tuple(seen[0]->pass.draw.seed, seen[0]->pass.draw.stream, seen[0]->pass.draw.step));
      EXPECT_GT(one->weight, -0.125f * static_cast<float>(one->step) + 1e-3f);  // behind the last weights
      EXPECT_LT(one->weight, last);
      last = one->weight;
    }
  }
}

// Every third step on the same rows and noise, on averaged weights: 500 of the held-out rows, evenly spaced.
TEST(Loop, MonitorsTheSameRowsAtItsInterval) {
  const Dataset data = numbered(1600);
  Watched run(
      {{"monitor", "w1"}, {"monitor-every", "3"}, {"steps", "10"}, {"validation", "0.625"}, {"ema", "0.5"}},
      data);
  train(run.run, data, nullptr);
  const auto seen = run.spy->all("monitor");
  ASSERT_EQ(seen.size(), 3u);
  Rows wanted;
  for (int i = 0; i < 500; ++i) wanted.push_back(static_cast<float>(600 + 2 * i));
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(seen[i]->step, 3 * (i + 1));
    EXPECT_EQ(seen[i]->rows, wanted);
    EXPECT_FALSE(seen[i]->pass.training);
    EXPECT_EQ(seen[i]->pass.draw.step, seen[0]->pass.draw.step);
    EXPECT_GT(seen[i]->weight, -0.125f * static_cast<float>(seen[i]->step) + 1e-3f);
  }
  Watched plain({{"monitor", "w1"}, {"monitor-every", "5"}, {"steps", "5"}}, numbered(3));
  train(plain.run, numbered(3), nullptr);  // nothing is held out: the training rows
  EXPECT_EQ(plain.spy->all("monitor")[0]->rows, (Rows{0, 1, 2}));
}

// Patience counts whole epochs of the training proper; the best weights come back.
TEST(Loop, JudgesWholeEpochsOfTheTrainingProper) {
  const Dataset data = numbered(25);
  // 4 steps an epoch; it is best at step 8 of the training proper, and never as good in stages.
  const auto parabola = [](std::size_t best) {
    return [best](const Step& step) {
      return std::abs(static_cast<double>(step.step) - static_cast<double>(best));
    };
  };
  Watched run({{"epochs", "9"}, {"validation", "0.2"}, {"patience", "2"}}, data,
              [&](Spy& s) { s.stages = 1, s.validation = parabola(16); });  // after 8 steps of the stage
  const Summary summary = train(run.run, data, nullptr);
  EXPECT_EQ(summary.stopped, Stopped::patience);
  EXPECT_EQ(summary.best_epoch, 4u);
  EXPECT_EQ(summary.epochs, 6u);
  EXPECT_FLOAT_EQ(run.spy->second.value(0, 0), -0.125f * 8);
  // Best in the stage: not looked at.
  Watched early({{"epochs", "2"}, {"validation", "0.2"}, {"patience", "5"}}, data,
                [&](Spy& s) { s.stages = 1, s.validation = parabola(4); });
  EXPECT_EQ(train(early.run, data, nullptr).best_epoch, 3u);
  // --steps ends within an epoch: that one is not judged.
  Watched cut({{"steps", "7"}, {"validation", "0.2"}, {"patience", "5"}}, data,
              [&](Spy& s) { s.validation = parabola(7); });
  EXPECT_EQ(train(cut.run, data, nullptr).best_epoch, 1u);
}

TEST(Loop, WatchJudgesByTheMonitoredDistance) {
  const Dataset data = numbered(20);
  Watched run(
      {{"epochs", "9"}, {"monitor", "w1"}, {"watch", "w1"}, {"patience", "2"}, {"monitor-every", "3"}}, data,
      [](Spy& s) {
        s.monitored = [](const Step& step) { return std::abs(static_cast<double>(step.step) - 12); };
      });
  const Summary summary = train(run.run, data, nullptr);
  EXPECT_EQ(summary.stopped, Stopped::patience);
  EXPECT_EQ(summary.best_epoch, 3u);
  EXPECT_EQ(summary.best_validation->loss, 0);
  EXPECT_FLOAT_EQ(run.spy->second.value(0, 0), -0.125f * 12);
  EXPECT_EQ(run.spy->all("monitor").size(),
            10u);  // every third of 20 steps and every fourth, the twelfth once
}

// What a stage came to is asked after its last step, on what is held out, by averaged weights; draws for what
// begins anew are the stage's.
TEST(Loop, StagesBeginAndEndOnce) {
  const Dataset data = numbered(25), other = numbered(4);
  for (const char* held : {"", "0.2", "other"}) {
    Watched run({{"epochs", "1"}, {"validation", held}, {"ema", "0.5"}}, data, [](Spy& s) { s.stages = 2; });
    train(run.run, data, held == std::string("other") ? &other : nullptr);
    const auto ends = run.spy->all("end"), begins = run.spy->all("begin");
    ASSERT_EQ(ends.size(), 2u);
    ASSERT_EQ(begins.size(), 3u);
    Rows wanted = {0, 1, 2, 3};
    if (held == std::string("0.2")) wanted = {20, 21, 22, 23, 24};
    for (std::size_t i = 4; i < 25 && held == std::string(""); ++i) wanted.push_back(static_cast<float>(i));
    const std::size_t steps = held == std::string("0.2") ? 8 : 10;
    for (std::size_t k = 0; k < 2; ++k) {
      EXPECT_EQ(ends[k]->stage, k);
      EXPECT_EQ(ends[k]->rows, wanted) << held;
      EXPECT_GT(ends[k]->weight, -0.125f * static_cast<float>(steps * (k + 1)) + 1e-3f);
    }
    for (std::size_t k = 0; k < 3; ++k) {
      EXPECT_EQ(begins[k]->stage, k);
      EXPECT_EQ(begins[k]->pass.draw.step, k);
      EXPECT_EQ(begins[k]->pass.draw.stream, stream_id("stage"));
    }
  }
}

// Two steps of warm-up, then two at the rate and two at half of it.
TEST(Loop, LogsTheRateOfItsStep) {
  const Folder folder;
  const Dataset data = grey_data(20, 6);
  std::vector<double> rates;
  pushforward::Run made = make_run("ae",
                                   {{"hidden", "2"},
                                    {"latent", "1"},
                                    {"steps", "6"},
                                    {"batch", "5"},
                                    {"optimizer", "sgd"},
                                    {"rate", "0.02"},
                                    {"log-every", "1"},
                                    {"warmup", "2"},
                                    {"schedule", "step:2,factor=0.5"},
                                    {"threads", "1"}},
                                   data, folder / "run");
  train(made, data, nullptr);
  std::istringstream lines(file_bytes(folder / "run/metrics.jsonl"));
  for (std::string line; std::getline(lines, line);) {
    const auto json = nlohmann::json::parse(line);
    if (!json.contains("epoch")) rates.push_back(json["rate"]);
  }
  EXPECT_EQ(rates, (std::vector<double>{0.01, 0.02, 0.02, 0.02, 0.01, 0.01}));
}

TEST(Loop, StagesWarmUpAndFollowTheSchedule) {
  const Dataset data = numbered(10);  // stages of 4 steps: rates 1/2, 1 and then a half of it
  Watched run({{"epochs", "2"}, {"warmup", "2"}, {"schedule", "step:1,factor=0.5"}}, data,
              [](Spy& s) { s.stages = 2; });
  train(run.run, data, nullptr);
  EXPECT_FLOAT_EQ(run.spy->first.value(0, 0), -2 * 0.125f * (0.5f + 1 + 1 + 0.5f));
  EXPECT_FLOAT_EQ(run.spy->second.value(0, 0), -0.125f * (0.5f + 1 + 1 + 0.5f));
}

// An epoch's mean is warned of where the epoch has a hundred steps, and a sentence is said once.
TEST(Loop, WarnsOnceOfLongEpochs) {
  for (const std::size_t rows : {99u, 100u}) {
    const Dataset data = numbered(rows);
    Watched run({{"batch", "1"}, {"epochs", "3"}}, data, [](Spy& s) { s.warns = true; });
    std::vector<std::string> said;
    train(run.run, data, nullptr, [&](const Progress& p) {
      if (!p.warning.empty()) said.push_back(p.warning);
      return Continue::yes;
    });
    EXPECT_EQ(said, rows == 100 ? std::vector<std::string>{"step 100: look"} : std::vector<std::string>{});
  }
}

// The other half of a pair comes with its row, in training and in validation.
TEST(Loop, PairsStayTogether) {
  const Dataset data = numbered(25);
  Matrix<float> halves(25, 1);
  for (std::size_t i = 0; i < 25; ++i) halves(i, 0) = static_cast<float>(1000 + i);
  Watched run({{"epochs", "1"}, {"validation", "0.2"}}, data,
              [](Spy& s) { s.two_phases = true, s.repeats = 2; });
  run.run.inputs.name = "halves", run.run.inputs.shape = {.width = 1};
  run.run.inputs.rows_data = std::move(halves);
  train(run.run, data, nullptr);
  EXPECT_EQ(run.spy->all("validate").size(), 2u) << "an epoch's, and the last batch once more";
  for (const Seen& one : run.spy->seen) {
    if (one.what == "begin") continue;
    ASSERT_EQ(one.inputs.size(), one.rows.size()) << one.what;
    for (std::size_t i = 0; i < one.rows.size(); ++i)
      EXPECT_EQ(one.inputs[i], one.rows[i] + 1000) << one.what;
  }
}

TEST(Loop, TrainsOnItsOwnWeightsNotTheAverage) {
  const Dataset data = numbered(10);
  std::vector<float> weights;
  Watched run({{"steps", "4"}, {"ema", "0.9"}}, data);
  train(run.run, data, nullptr, [&](const Progress& p) {
    if (!p.epoch_end) weights.push_back(run.spy->second.value(0, 0));
    return Continue::yes;
  });
  EXPECT_EQ(weights, (std::vector<float>{-0.125f, -0.25f, -0.375f, -0.5f}));
}

}  // namespace
}  // namespace pushforward
