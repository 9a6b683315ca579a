// SPDX-License-Identifier: Apache-2.0
// What a generator asks of its distance, step by step: a critic and a distance that write down what they are
// given stand in for real ones.
#include <algorithm>
#include <cmath>
#include <set>

#include <gtest/gtest.h>

#include "models/distance_plug.hpp"
#include "pushforward/critic.hpp"
#include "pushforward/distance.hpp"
#include "pushforward/generator.hpp"
#include "unit/models/run_files.hpp"
#include "unit/models/support.hpp"

namespace pushforward {
namespace {

using namespace testing;
using Rows = std::vector<float>;

Rows rows_of(View<const float> v) { return {v.data, v.data + v.size()}; }

// All that was asked, in order.
struct Call {
  std::string what;
  Rows real, generated;
  Draw draw{};
};
using Calls = std::vector<Call>;

class SpyCritic final : public Critic {
 public:
  explicit SpyCritic(Calls& calls) : calls_(calls) {}
  std::vector<Parameter*> parameters() override { return {&weight_}; }
  Losses accumulate(View<const float> real, View<const float> generated, const Pass& pass) override {
    calls_.push_back({"accumulate", rows_of(real), rows_of(generated), pass.draw});
    return {};
  }
  void after_step() override { calls_.push_back({"after step", {}, {}}); }
  double generator_loss(View<const float> generated, View<float> gradient, const Pass& pass) override {
    calls_.push_back({"generator", {}, rows_of(generated), pass.draw});
    if (gradient.wanted()) std::ranges::fill(gradient.span(), 1.0f);
    return 0;
  }
  Reading read(View<const float> real, View<const float> generated) override {
    calls_.push_back({"read", rows_of(real), rows_of(generated)});
    Reading reading;
    reading.value = 3, reading.standard_error = 0.5;
    return reading;
  }
  std::vector<std::string> score_names() const override { return {"f"}; }
  void score(View<const float>, View<float>) override {}
  std::vector<Fields> summary() override { return {}; }
  std::string diagnose() const override { return {}; }

 private:
  Calls& calls_;
  Parameter weight_{.name = "critic.w", .rows = 1, .cols = 1};
};

class SpyDistance final : public Distance {
 public:
  SpyDistance(Calls& calls, bool learned, std::size_t numbers = 1)
      : calls_(calls), learned_(learned), numbers_(numbers) {}
  Reading measure(const Sample&, const Sample&, const Gradient&) const override {
    throw RequestError("spy: a training asks for gradients in the second sample");
  }
  Reading measure_in_y(const Sample& x, const Sample& y, const Gradient& grad) const override {
    calls_.push_back({"measure", rows_of_points(x), rows_of_points(y)});
    std::ranges::fill(grad.points.span(), 1.0);
    Reading reading;
    reading.value = 2;
    return reading;
  }
  void freeze(const Sample& x, const Sample& y) override {
    calls_.push_back({"freeze", rows_of_points(x), rows_of_points(y)});
  }
  std::vector<double> frozen() const override { return std::vector<double>(numbers_, 1.25); }
  void thaw(std::span<const double> numbers) override {
    calls_.push_back({"thaw", Rows(numbers.begin(), numbers.end()), {}});
  }
  void redraw(std::uint64_t seed) override { calls_.push_back({"redraw", {}, {}, Draw{seed}}); }
  std::unique_ptr<Critic> critic(RowShape, std::size_t) const override {
    return learned_ ? std::make_unique<SpyCritic>(calls_) : nullptr;
  }

 private:
  static Rows rows_of_points(const Sample& sample) {
    Rows out;
    for (std::size_t i = 0; i < sample.n(); ++i)
      for (std::size_t k = 0; k < sample.d(); ++k) out.push_back(static_cast<float>(sample.points.at(i, k)));
    return out;
  }
  Calls& calls_;
  bool learned_;
  std::size_t numbers_;
};

// Rows 1, 2, 3, … of one number: told from generated ones, and from each other.
Dataset counted(std::size_t n) {
  Matrix<float> rows(n, 1);
  for (std::size_t i = 0; i < n; ++i) rows(i, 0) = static_cast<float>(1000 + i);
  Dataset data;
  data.name = "counted", data.shape = {.width = 1}, data.rows_data = std::move(rows);
  return data;
}

struct Spied {
  Calls calls;
  pushforward::Run run;

  Spied(const Dataset& data, bool learned, const Settings& more, const std::string& distance = "")
      : run(make_run("generator",
                     with({{"distance", distance.empty() ? learned ? "w1-critic" : "energy" : distance},
                           {"hidden", "4"},
                           {"latent", "2"},
                           {"batch", "8"},
                           {"threads", "1"},
                           {"monitor", "none"},
                           {"standardize", "no"}},
                          more),
                     data)) {
    const Facts facts = learned ? Facts{.learned = true} : Facts{.gradient_points = true};
    run.model = make_generator(generator_options(run), data.shape,
                               std::make_unique<SpyDistance>(calls, learned), facts);
    run.arena.bind(run.model->parameters(), Draw{3, stream_id("initial"), 0});
    run.model->prepare(data);
  }
  std::vector<const Call*> all(const std::string& what) const {
    std::vector<const Call*> out;
    for (const Call& call : calls)
      if (call.what == what) out.push_back(&call);
    return out;
  }
  std::string order() const {
    std::string text;
    for (const Call& call : calls) text += call.what.substr(0, 1);
    return text;
  }
};

bool is_data(const Rows& rows) {
  return std::ranges::all_of(rows, [](float v) { return v >= 1000; });
}

// Every update of the critic has rows and noise of its own, and so has the generator's.
TEST(GeneratorStep, SeveralCriticUpdatesAreAllFresh) {
  Spied spied(counted(64), true, {{"critic-steps", "3"}, {"steps", "2"}});
  train(spied.run, counted(64), nullptr);
  std::string order;
  for (const Call& call : spied.calls) order += call.what == "after step" ? 's' : call.what[0];
  // Accumulate, after step, three times; then the generator. The last one looks at what the last step left.
  EXPECT_EQ(order, "asasasgasasasgg");
  spied.calls.pop_back();
  std::set<Rows> generated;
  std::set<std::uint64_t> draws;
  std::vector<float> real;
  for (const Call& call : spied.calls) {
    if (call.what == "after step") continue;
    EXPECT_TRUE(generated.insert(call.generated).second) << "the same noise again";
    EXPECT_FALSE(is_data(call.generated));
    draws.insert(call.draw.step);
    if (call.what == "generator") continue;
    EXPECT_TRUE(is_data(call.real));
    real.insert(real.end(), call.real.begin(), call.real.end());
  }
  EXPECT_EQ(draws.size(), 8u);
  // 64 rows are eight batches; a step's three are different ones.
  for (std::size_t s = 0; s < 2; ++s)
    EXPECT_EQ(std::set(real.begin() + static_cast<std::ptrdiff_t>(24 * s),
                       real.begin() + static_cast<std::ptrdiff_t>(24 * (s + 1)))
                  .size(),
              24u);
}

// One update of each: the generator answers for the points that the critic saw, as in the 2014 program.
TEST(GeneratorStep, OneCriticUpdateSharesItsPoints) {
  Spied spied(counted(16), true, {{"steps", "3"}});
  train(spied.run, counted(16), nullptr);
  const auto critic = spied.all("accumulate"), generator = spied.all("generator");
  ASSERT_EQ(critic.size(), 3u);
  ASSERT_EQ(generator.size(), 4u) << "three steps, and a look at what the last one left";
  for (std::size_t s = 0; s < 3; ++s) EXPECT_EQ(critic[s]->generated, generator[s]->generated) << s;
  EXPECT_NE(generator[0]->generated, generator[1]->generated);
}

TEST(GeneratorStep, IsReadOnDataAndGeneratedPointsInThatOrder) {
  Spied spied(counted(30), true, {});
  const Fields fields = evaluate(*spied.run.model, counted(30), {});
  ASSERT_EQ(spied.all("read").size(), 1u);
  EXPECT_TRUE(is_data(spied.all("read")[0]->real));
  EXPECT_FALSE(is_data(spied.all("read")[0]->generated));
  EXPECT_EQ(spied.all("read")[0]->generated.size(), 30u);
  EXPECT_EQ(field(fields, "training_estimate"), 3);
  // With the statistics of training, whatever the other points are.
  Spied normed(counted(30), true, {{"norm", "batch"}});
  EvaluateOptions options;
  options.seed = 5;
  evaluate(*normed.run.model, counted(30), options);
  Tensor z(30, 2), x(30, 1);
  sample_latent(*normed.run.model, z, Draw{5, stream_id("evaluate"), 0}.on("latent"));
  decode(*normed.run.model, z, x, nullptr);
  EXPECT_EQ(normed.all("read")[0]->generated, rows_of(x));
  EXPECT_EQ(field(fields, "training_estimate_standard_error"), 0.5);
}

// What a measured distance is asked: frozen once, on generated points and data; thawed at the first step; new
// choices in every step.
TEST(GeneratorStep, AMeasuredDistanceIsFrozenOnceAndRedrawnEveryStep) {
  Spied spied(counted(16), false, {{"steps", "4"}});
  train(spied.run, counted(16), nullptr);
  EXPECT_EQ(spied.order(), "ftrmrmrmrmrm");  // the last looks at what the last step left
  const Call& freeze = *spied.all("freeze")[0];
  EXPECT_TRUE(is_data(freeze.real));
  EXPECT_FALSE(is_data(freeze.generated));
  EXPECT_EQ(spied.all("thaw")[0]->real, Rows{1.25f});
  std::set<std::uint64_t> seeds;
  for (const Call* call : spied.all("redraw")) seeds.insert(call->draw.seed);
  EXPECT_EQ(seeds.size(), 4u);
  for (const Call* call : spied.all("measure")) {
    EXPECT_TRUE(is_data(call->real));
    EXPECT_FALSE(is_data(call->generated));
  }
}

// A batch that is left over of an epoch: cut to whole packs, or repeated until the distance is defined.
TEST(GeneratorStep, LeftoverRowsAreCutOrRepeated) {
  Spied packed(counted(14), true, {{"pack", "4"}, {"steps", "2"}});  // 8 and 6
  train(packed.run, counted(14), nullptr);
  EXPECT_EQ(packed.all("accumulate")[1]->real.size(), 4u);
  EXPECT_EQ(packed.all("accumulate")[1]->generated.size(), 4u);
  Spied few(counted(10), true, {{"pack", "4"}, {"steps", "2"}});  // 8 and 2
  train(few.run, counted(10), nullptr);
  const Rows& real = few.all("accumulate")[1]->real;
  ASSERT_EQ(real.size(), 4u);
  EXPECT_EQ(real[0], real[2]);
  EXPECT_EQ(real[1], real[3]);
  Spied more(counted(16), false, {{"samples", "20"}, {"steps", "1"}});
  train(more.run, counted(16), nullptr);
  EXPECT_EQ(more.all("measure")[0]->generated.size(), 20u);
  EXPECT_EQ(more.all("measure")[0]->real.size(), 8u);
}

TEST(GeneratorStep, MoreNumbersThanACheckpointHoldsAreRefused) {
  Calls calls;
  pushforward::Run run = make_run("generator", {{"distance", "energy"}, {"monitor", "none"}}, counted(9));
  const auto prepared = [&](std::size_t numbers) {
    run.model =
        make_generator(generator_options(run), {.width = 1},
                       std::make_unique<SpyDistance>(calls, false, numbers), {.gradient_points = true});
    run.arena.bind(run.model->parameters(), Draw{});
    return message_of([&] { run.model->prepare(counted(9)); });
  };
  EXPECT_EQ(prepared(15), "");
  EXPECT_NE(prepared(16).find("16 numbers"), std::string::npos);
}

// A plug's own refusals and numbers: too many features, points that are not finite, rows for whole packs.
TEST(DistancePlugs, KnowWhatTheyCanMeasure) {
  Calls calls;
  const auto spy = [&](bool learned) { return std::make_unique<SpyDistance>(calls, learned); };
  const Facts line{.gradient_points = true, .largest_d = 1};
  EXPECT_EQ(message_of([&] { DistancePlug(spy(false), line, "own", {.width = 1}, 1); }), "");
  EXPECT_NE(message_of([&] { DistancePlug(spy(false), line, "own", {.width = 2}, 1); }).find("at most 1"),
            std::string::npos);
  DistancePlug plug(make_distance(Spec{"energy"}), {.gradient_points = true}, "energy", {.width = 1}, 1);
  Arena arena;
  arena.bind(plug.parameters(), Draw{});
  Tensor points(3, 1);
  points(1, 0) = 1, points(2, 0) = 2;
  EXPECT_TRUE(std::isfinite(plug.loss(points, points, {}, {})));
  points(1, 0) = INFINITY;
  EXPECT_TRUE(std::isnan(plug.loss(points, points, {}, {})));  // the loop says where it diverged
  const Facts twenty{.learned = true, .smallest_n = 20};
  EXPECT_EQ(DistancePlug(spy(true), twenty, "own", {.width = 1}, 3).least_rows(), 21u);
  EXPECT_EQ(DistancePlug(spy(true), twenty, "own", {.width = 1}, 1).least_rows(), 20u);
}

// The second phase's own rate, optimiser and repeats.
TEST(GeneratorStep, TheCriticTrainsByItsOwnOptions) {
  Spied spied(counted(16), true,
              {{"critic-steps", "2"}, {"critic-rate", "0.5"}, {"critic-optimizer", "sgd:momentum=0.3"}});
  const std::vector<Phase> phases = learner(*spied.run.model).phases();
  ASSERT_EQ(phases.size(), 2u);
  EXPECT_EQ(phases[0].repeats, 2u);
  EXPECT_EQ(phases[0].rate, 0.5);
  EXPECT_EQ(std::get<SgdOptions>(*phases[0].optimizer).momentum, 0.3);
  EXPECT_EQ(phases[1].repeats, 1u);
  EXPECT_FALSE(phases[1].rate.has_value() || phases[1].optimizer.has_value());
  Spied plain(counted(16), true, {});
  EXPECT_FALSE(learner(*plain.run.model).phases()[0].rate.has_value());
}

}  // namespace
}  // namespace pushforward
