// SPDX-License-Identifier: Apache-2.0
//
// A divergence's name has one direction: p is the data and q what is generated, whoever asks.
//
// A walk over the registry: the loss of a training's first step, the monitor, evaluate, a permutation test
// and a measurement read the same number off the same points, to rounding.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "models/monitor.hpp"
#include "pushforward/arena.hpp"
#include "pushforward/critic.hpp"
#include "pushforward/optimizer.hpp"
#include "pushforward/two_sample.hpp"
#include "unit/models/support.hpp"

namespace pushforward {
namespace {

using namespace testing;

// Two humps: no symmetry that would hide an exchange.
Dataset humps(std::size_t n) {
  Matrix<float> rows(n, 1), noise(n, 1);
  fill_normal(noise.span(), Draw{3}.on("humps"));
  for (std::size_t i = 0; i < n; ++i) rows(i, 0) = (i % 3 == 0 ? 2.5f : -1.0f) + 0.4f * noise(i, 0);
  Dataset data;
  data.name = "humps", data.shape = {.width = 1}, data.rows_data = std::move(rows);
  return data;
}

// Every SPEC that is measured without training; divergences of histograms that are not symmetric among them.
std::vector<std::string> specs_where(bool (*wanted)(const Facts&)) {
  std::vector<std::string> specs;
  for (const DistanceEntry& entry : distances())
    if (wanted(entry.facts)) specs.push_back(entry.name);
  return specs;
}

Sample sample_of(const Tensor& points) { return {points.view()}; }

double close_to(double value) { return 1e-9 * std::max(1.0, std::abs(value)); }

struct FirstStep {
  Dataset data = humps(32);
  Tensor real = data.floats(0, 32), generated{32, 1};
  pushforward::Run run;
  double loss = 0;

  explicit FirstStep(const std::string& spec)
      : run(make_run("generator",
                     {{"distance", spec},
                      {"hidden", "4"},
                      {"latent", "1"},
                      {"batch", "32"},
                      {"monitor", "none"},
                      {"standardize", "no"}},
                     data)) {
    const Step step{.pass = {true, Draw{5, 0, 0}}};
    loss = learner(*run.model).accumulate(0, std::as_const(real).view(), step).loss;
    decoded(step.pass.draw);
  }
  // What it generates from this draw's noise.
  void decoded(const Draw& draw) {
    Tensor z(32, 1);
    sample_latent(*run.model, z, draw.on("latent"));
    decode(*run.model, std::as_const(z).view(), generated, nullptr);
  }
  // A fresh distance with the numbers that the run fixed.
  std::unique_ptr<Distance> distance(const std::string& spec) {
    auto made = make_distance(parse_spec(spec, "test"));
    const View<float> kept = value_of(run, "distance." + spec);
    if (kept(0, 0) > 0)
      made->thaw(std::vector<double>(kept.data + 1, kept.data + 1 + static_cast<std::size_t>(kept(0, 0))));
    return made;
  }
};

TEST(OneDirection, ALossIsTheDistanceOfDataFromWhatIsGenerated) {
  const auto specs = specs_where([](const Facts& f) { return f.gradient_points; });
  EXPECT_NE(std::find(specs.begin(), specs.end(), "kl-knn"), specs.end());
  for (const std::string& spec : specs) {
    FirstStep first(spec);
    const auto distance = first.distance(spec);
    const auto measured = [&](const Tensor& x, const Tensor& y) {
      return *distance->measure(sample_of(x), sample_of(y)).value;
    };
    const double wanted = measured(first.real, first.generated);
    EXPECT_NEAR(first.loss, wanted, close_to(wanted)) << spec;
    if (!find_distance(spec).facts.symmetric) {
      EXPECT_GT(std::abs(first.loss - measured(first.generated, first.real)), 0.01)
          << spec << ": the points tell no direction";
    }
  }
}

TEST(OneDirection, EvaluateReadsItTheSameWay) {
  for (const std::string& spec : specs_where([](const Facts& f) { return f.gradient_points; })) {
    FirstStep first(spec);
    const Fields fields = evaluate(*first.run.model, first.data, {.seed = 9});
    first.decoded(Draw{9, stream_id("evaluate"), 0});
    const double wanted =
        *first.distance(spec)->measure(sample_of(first.real), sample_of(first.generated)).value;
    EXPECT_NEAR(field(fields, "training_distance"), wanted, close_to(wanted)) << spec;
  }
}

TEST(OneDirection, TheMonitorAndATestReadTheSame) {
  auto specs = specs_where([](const Facts& f) { return !f.learned; });
  for (const char* divergence : {"kl", "reverse-kl", "chi2"})
    specs.push_back(std::string("histogram:bins=2,divergence=") + divergence);
  const Dataset data = humps(40);
  const Tensor real = data.floats(0, 40);
  Tensor generated(40, 1);
  fill_normal(generated.span(), Draw{4}.on("generated"));
  for (const std::string& spec : specs) {
    const auto distance = make_distance(parse_spec(spec, "test"));
    distance->freeze(sample_of(real), sample_of(real));
    const std::optional<double> wanted = distance->measure(sample_of(real), sample_of(generated)).value;
    if (!wanted) continue;  // prdc has parts only
    Monitor monitor({.distances = {parse_spec(spec)}});
    const Losses read = monitor.measure(generated.view(), real.view());
    ASSERT_GT(read.count, 0u);
    EXPECT_NEAR(read.parts[0].value, *wanted, close_to(*wanted)) << spec;
    const auto tested = make_distance(parse_spec(spec, "test"));
    const auto found = permutation_test(*tested, facts_of(parse_spec(spec, "test")), sample_of(real),
                                        sample_of(generated), {.permutations = 19});
    const double direct = *tested->measure(sample_of(real), sample_of(generated)).value;
    EXPECT_NEAR(*found.reading.value, direct, close_to(direct)) << spec;
  }
}

double part(const Losses& losses, std::string_view name) {
  for (std::size_t i = 0; i < losses.count; ++i)
    if (losses.parts[i].name == name) return losses.parts[i].value;
  return std::nan("");
}

// A learned distance: what it descends, what it reads and what it says of points agree on who is p.
TEST(OneDirection, ACriticIsHighWhereTheDataAre) {
  std::vector<std::string> specs = specs_where([](const Facts& f) { return f.learned; });
  for (const char* divergence : {"reverse-kl", "chi2", "hellinger", "tv", "js"})
    specs.push_back(std::string("f-critic:divergence=") + divergence);
  Tensor real(64, 1), generated(64, 1), ends(2, 1);
  fill_normal(real.span(), Draw{1}.on("real"), 1, 1);
  fill_normal(generated.span(), Draw{1}.on("generated"), -1, 0.5f);
  ends(0, 0) = 2, ends(1, 0) = -1.5f;
  for (const std::string& spec : specs) {
    const auto distance = make_distance(parse_spec(
        spec + (spec.find(':') == spec.npos ? ":" : ",") + "hidden=32,steps=600,patience=600,rate=0.01",
        "test"));
    const auto critic = distance->critic({.width = 1}, 1);
    Arena arena;
    arena.bind(critic->parameters(), Draw{2});
    const auto optimizer = make_optimizer(parse_spec("adam"), arena.trained_size(), 0, {});
    Losses losses;
    for (std::uint64_t step = 1; step <= 300; ++step) {
      losses = critic->accumulate(real.view(), generated.view(), Pass{true, Draw{7}.at(step)});
      if (step == 300) break;
      optimizer->step({arena.values().data, 1, arena.trained_size()}, arena.gradients(), 1e-2, 1, step);
      critic->after_step();
    }
    Tensor scores(2, critic->score_names().size());
    critic->score(ends.view(), scores);
    EXPECT_GT(scores(0, 0), scores(1, 0)) << spec << " as trained";
    const Reading reading = critic->read(real.view(), generated.view());
    const Field* means = find_field(reading.extra, "difference_of_means");
    const double read = means ? std::get<double>(means->value) : *reading.value;
    if (!spec.starts_with("c2st")) {  // whose readings are no estimates of what the critic is trained by
      EXPECT_NEAR(read, part(losses, "estimate"), 1e-4) << spec;
    }
    const auto fitted = distance->fit(sample_of(real), sample_of(generated));
    Tensor fitted_scores(2, fitted->score_names().size());
    fitted->score(ends, fitted_scores);
    EXPECT_GT(fitted_scores(0, 0), fitted_scores(1, 0)) << spec << " as fitted";
  }
}

// p = N(0, 1) and q = N(0, ½²): KL(p‖q) = ln ½ + 2 − ½ = 0.807, KL(q‖p) = ln 2 + ⅛ − ½ = 0.318.
TEST(OneDirection, NamesOfDivergencesArePAgainstQ) {
  Tensor wide(2000, 1), narrow(2000, 1);
  fill_normal(wide.span(), Draw{1}.on("wide"));
  fill_normal(narrow.span(), Draw{1}.on("narrow"), 0, 0.5f);
  const auto read = [&](const std::string& spec) {
    return *make_distance(parse_spec(spec, "test"))->measure(sample_of(wide), sample_of(narrow)).value;
  };
  EXPECT_NEAR(read("kl-knn"), 0.807, 0.3);  // in the tails a neighbour is far, and the estimate falls short
  EXPECT_GT(read("f-critic:divergence=kl,hidden=32,steps=1500"), 0.45);  // a bound from below
  EXPECT_LT(read("f-critic:divergence=reverse-kl,hidden=32,steps=1500"), 0.4);
  EXPECT_GT(read("f-critic:divergence=reverse-kl,hidden=32,steps=1500"), 0.2);
}

}  // namespace
}  // namespace pushforward
