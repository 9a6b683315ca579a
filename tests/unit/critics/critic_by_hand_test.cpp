// SPDX-License-Identifier: Apache-2.0
// Critics small enough to be worked out by hand: what a generator descends, readings with their errors, the
// parts of a step's loss, where a penalty stands, noise, smoothing, exact p-values, and bounds of slopes.
#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numbers>

#include <gtest/gtest.h>

#include "critics/critic_lipschitz.hpp"
#include "critics/critic_network.hpp"
#include "ops/activation.hpp"
#include "pushforward/arena.hpp"
#include "pushforward/critic.hpp"
#include "pushforward/distance.hpp"
#include "pushforward/error.hpp"
#include "pushforward/network.hpp"
#include "support/threads.hpp"

namespace pushforward {
namespace {

constexpr double kLn2 = std::numbers::ln2;

double softplus(double v) { return std::log1p(std::exp(v)); }

struct GeneratorLoss {
  std::string name;
  Objective objective;
  std::function<double(double)> wanted;
};

// −E ln(1 − D) and the like, written out: a generator that climbs what it should descend trains, too.
TEST(Objective, GeneratorsLossesAreThePublishedOnes) {
  const std::vector<GeneratorLoss> rows = {
      {"jsd", jsd_objective(true), [](double v) { return softplus(-v); }},
      {"jsd minimax", jsd_objective(false), [](double v) { return -softplus(v); }},
      {"w1", w1_objective(), [](double v) { return -v; }},
      {"hinge", hinge_objective(), [](double v) { return -v; }},
      {"ls", least_squares_objective(), [](double v) { return (v - 1) * (v - 1) / 2; }},
      {"kl", f_objective("kl", false), [](double v) { return -std::exp(v - 1); }},
      {"kl T", f_objective("kl", true), [](double v) { return -v; }},
      {"reverse-kl", f_objective("reverse-kl", false), [](double v) { return 1 - v; }},
      {"reverse-kl T", f_objective("reverse-kl", true), [](double v) { return std::exp(-v); }},
      {"chi2", f_objective("chi2", false), [](double v) { return -v * v / 4 - v; }},
      {"chi2 T", f_objective("chi2", true), [](double v) { return -v; }},
      {"hellinger", f_objective("hellinger", false), [](double v) { return 1 - std::exp(v); }},
      {"hellinger T", f_objective("hellinger", true), [](double v) { return std::exp(-v) - 1; }},
      {"tv", f_objective("tv", false), [](double v) { return -std::tanh(v) / 2; }},
      {"tv T", f_objective("tv", true), [](double v) { return -std::tanh(v) / 2; }},
      {"js", f_objective("js", false), [](double v) { return kLn2 - softplus(v); }},
      {"js T", f_objective("js", true), [](double v) { return softplus(-v) - kLn2; }}};
  for (const GeneratorLoss& row : rows)
    for (const double v : {-1.5, 0.0, 0.4, 2.0})
      EXPECT_NEAR(row.objective.generator(v).value, row.wanted(v), 1e-14) << row.name << " at " << v;
}

// The threshold is the best v where p = q: f′(1), the logit 0, D = ½.
TEST(Objective, ThresholdsAreTheBestValueAtEquality) {
  const std::map<std::string, Objective> rows = {{"jsd", jsd_objective(true)},
                                                 {"hinge", hinge_objective()},
                                                 {"reverse-kl", f_objective("reverse-kl", false)},
                                                 {"chi2", f_objective("chi2", false)},
                                                 {"hellinger", f_objective("hellinger", false)},
                                                 {"tv", f_objective("tv", false)},
                                                 {"js", f_objective("js", false)}};
  for (const auto& [name, objective] : rows) EXPECT_EQ(objective.threshold, 0) << name;
  EXPECT_EQ(least_squares_objective().threshold, 0.5);
  EXPECT_EQ(f_objective("kl", false).threshold, 1);
  EXPECT_FALSE(w1_objective().threshold.has_value());
}

// f(x) = weight·x + bias on the line.
struct Line {
  std::unique_ptr<Critic> critic;
  Arena arena;

  explicit Line(const std::string& spec, float weight = 1, float bias = 0, std::size_t pack = 1)
      : critic(make_distance(
                   parse_spec(spec + (spec.find(':') == std::string::npos ? ":" : ",") + "hidden=none"))
                   ->critic({.width = 1}, pack)) {
    arena.bind(critic->parameters(), Draw{});
    for (Parameter* p : critic->parameters())
      std::ranges::fill(p->value.span(), p->name.ends_with("weight") ? weight : bias);
  }
};

Tensor column(const std::vector<float>& values) {
  Tensor out(values.size(), 1);
  std::ranges::copy(values, out.data());
  return out;
}
Tensor constant(std::size_t rows, float value) { return column(std::vector<float>(rows, value)); }

const Pass kPass{.training = true, .draw = Draw{4}.on("by hand")};

double part(const Losses& losses, std::string_view name) {
  for (std::size_t i = 0; i < losses.count; ++i)
    if (losses.parts[i].name == name) return losses.parts[i].value;
  ADD_FAILURE() << "no part " << name;
  return NAN;
}

// f = 2x − 1 on x = 0, 1, 2 and y = 0, ½: values −1, 1, 3 and −1, 0.
TEST(CriticReading, ByHand) {
  const Tensor x = column({0, 1, 2}), y = column({0, 0.5f});
  const Reading ls = Line("ls-critic", 2, -1).critic->read(x, y);
  // r = ½(v−1)²: 2, 0, 2 (mean 4/3, variance 4/3); g = ½v²: ½, 0 (mean ¼, variance ⅛).
  EXPECT_NEAR(*ls.value, 2 - 8 * (4.0 / 3 + 0.25), 1e-12);
  EXPECT_NEAR(*ls.standard_error, 8 * std::sqrt(4.0 / 9 + 1.0 / 16), 1e-12);
  EXPECT_NEAR(number_of(ls.extra, "accuracy"), 0.5 * (2.0 / 3 + 1), 1e-12);  // above ½: 1 and 3; no y
  const Reading hinge = Line("hinge-critic", 2, -1).critic->read(x, y);
  // r = max(0, 1−v): 2, 0, 0; g = max(0, 1+v): 0, 1.
  EXPECT_NEAR(*hinge.value, 1 - 0.5 * (2.0 / 3 + 0.5), 1e-12);
  EXPECT_NEAR(*hinge.standard_error, 0.5 * std::sqrt(4.0 / 9 + 0.25), 1e-12);
  const Reading w1 = Line("w1-critic", 2, -1).critic->read(x, y);
  // Means 1 and −½, steepest between them 2: ¾. Variances 4 and ½ of v.
  EXPECT_NEAR(*w1.value, 0.75, 1e-6);
  EXPECT_NEAR(*w1.standard_error, std::sqrt(4.0 / 3 + 0.25) / 2, 1e-6);
  EXPECT_NEAR(number_of(w1.extra, "divided_by"), 2, 1e-6);
}

// The chance that relabelled rows do as well: 1 of C(6,3); and 1 − C(3,2)/C(5,2).
TEST(CriticReading, ExactPValuesByHand) {
  const auto p_value = [](const std::vector<float>& x, const std::vector<float>& y) {
    return number_of(Line("c2st").critic->read(column(x), column(y)).extra, "p_value");
  };
  EXPECT_NEAR(p_value({1, 1, 1}, {-1, -1, -1}), 0.05, 1e-12);
  EXPECT_NEAR(p_value({1, -1}, {-1, 1, -1}), 0.7, 1e-12);
  EXPECT_NEAR(p_value({1, 1, -1}, {-1, -1}), 0.3, 1e-12);  // C(3,2)/C(5,2)
  EXPECT_EQ(p_value({-1, -1}, {1, 1}), 1);
}

// At 0 a classifier takes a point for generated.
TEST(CriticReading, AccuracyByHand) {
  EXPECT_NEAR(*Line("c2st").critic->read(column({0, 1}), column({0, -1})).value, 0.5 * (0.5 + 1), 1e-12);
}

TEST(CriticReading, ScoresAreLogRatios) {
  const Tensor x = column({-1, 0, 2});
  const auto second = [&](const std::string& spec) {
    Tensor scores(3, 2);
    Line line(spec);
    line.critic->score(x, scores);
    return std::vector<float>{scores(0, 1), scores(1, 1), scores(2, 1)};
  };
  EXPECT_EQ(second("f-critic:divergence=kl"), (std::vector<float>{-2, -1, 1}));         // v = 1 + ln p/q
  EXPECT_EQ(second("f-critic:divergence=hellinger"), (std::vector<float>{-2, 0, 4}));   // v = ½ ln p/q
  EXPECT_EQ(second("f-critic:divergence=reverse-kl"), (std::vector<float>{-1, 0, 2}));  // v = ln p/q
  EXPECT_EQ(second("jsd-critic"), (std::vector<float>{-1, 0, 2}));
}

// f = 3x, real 1 and −1, generated 0 and −2: every part of a step.
TEST(CriticStep, PartsByHand) {
  const Tensor real = column({1, -1}), generated = column({0, -2});
  const Losses ls = Line("ls-critic", 3).critic->accumulate(real, generated, kPass);
  // r: ½·4, ½·16; g: 0, ½·36.
  EXPECT_NEAR(ls.loss, 5 + 9, 1e-6);
  EXPECT_NEAR(part(ls, "critic"), 14, 1e-6);
  EXPECT_NEAR(part(ls, "estimate"), 2 - 8 * 14, 1e-5);
  EXPECT_NEAR(part(ls, "accuracy"), 0.75, 1e-12);  // −1 is missed
  const Losses smooth = Line("ls-critic:label-smoothing=0.25", 3).critic->accumulate(real, generated, kPass);
  EXPECT_NEAR(smooth.loss, 0.75 * 5 + 0.25 * 4.5 + 9, 1e-6);  // g of the real ones: ½·9 each
  EXPECT_NEAR(part(smooth, "estimate"), 2 - 8 * 14, 1e-5);    // of the distance, without smoothing
  for (const double weight : {10.0, 0.5}) {
    const std::string spec = "w1-critic:lipschitz=penalty+" + std::string(weight == 10 ? "10" : "0.5");
    const Losses w1 = Line(spec, 3).critic->accumulate(real, generated, kPass);
    EXPECT_NEAR(part(w1, "critic"), -0 + -3, 1e-6);
    EXPECT_NEAR(part(w1, "estimate"), 3, 1e-6);
    EXPECT_NEAR(part(w1, "penalty"), weight * 4, 1e-5);  // (3 − 1)²
    EXPECT_NEAR(w1.loss, -3 + weight * 4, 1e-5);
  }
  const auto gentle = [&](const char* kind) {
    return part(
        Line(std::string("w1-critic:lipschitz=") + kind, 0.5f).critic->accumulate(real, generated, kPass),
        "penalty");
  };
  EXPECT_NEAR(gentle("penalty+8"), 2, 1e-6);
  EXPECT_NEAR(gentle("one-sided-penalty+8"), 0, 1e-12);
}

// f(x) = 3 max(0, x), real points at 1 and generated ones at −1: between them the slope is 3 half of the time
// and 0 the other, so the penalty is λ(½·4 + ½·1), 4λ at the real points alone, λ at the generated ones.
TEST(CriticStep, ThePenaltyStandsBetweenTheSamples) {
  auto critic = make_distance(parse_spec("w1-critic:hidden=1,activation=relu"))->critic({.width = 1}, 1);
  Arena arena;
  arena.bind(critic->parameters(), Draw{});
  for (Parameter* p : critic->parameters())
    std::ranges::fill(p->value.span(), p->name == "critic.0.weight"   ? 3.0f
                                       : p->name == "critic.1.weight" ? 1.0f
                                                                      : 0.0f);
  const Losses losses = critic->accumulate(constant(10000, 1), constant(10000, -1), kPass);
  EXPECT_NEAR(part(losses, "penalty"), 10 * 2.5, 10 * 4 * 1.5 / 100);  // a row's is 4 or 1: sd 1.5
}

// Noise of sd 2 on both samples: ½E(v−1)² and ½E v² at v = 0 grow from ½ and 0 to ½·5 and ½·4.
TEST(CriticStep, InstanceNoiseIsOnBothSamplesAndIndependent) {
  constexpr std::size_t kRows = 40000;
  const Tensor zero = constant(kRows, 0);
  const std::string noise = ":instance-noise=2";
  // A square of N(0, 4) has sd 4·√2; halves of 40000 of them, twice, five standard errors: 0.1.
  const Losses ls = Line("ls-critic" + noise).critic->accumulate(zero, zero, kPass);
  EXPECT_NEAR(ls.loss, 2.5 + 2, 0.1);
  EXPECT_NEAR(Line("ls-critic" + noise).critic->generator_loss(zero, {}, kPass), 2.5, 0.1);
  // The same noise on both would cancel.
  const double difference =
      Line("w1-critic:lipschitz=none,instance-noise=2").critic->accumulate(zero, zero, kPass).loss;
  EXPECT_GT(std::abs(difference), 1e-6);
  EXPECT_LT(std::abs(difference), 5 * 2 * std::sqrt(2.0 / kRows));
}

// Pictures that are seen together stand on top of each other.
TEST(CriticStep, PackedPicturesAreTaller) {
  const auto loss = [](RowShape shape, std::size_t pack) {
    auto critic =
        make_distance(parse_spec("jsd-critic:network=conv 3 3x2/2+relu,hidden=none"))->critic(shape, pack);
    Arena arena;
    arena.bind(critic->parameters(), Draw{2});
    Tensor real(24 / shape.height, shape.size()), generated(24 / shape.height, shape.size());
    fill_normal(real.span(), Draw{1}.on("real")), fill_normal(generated.span(), Draw{1}.on("generated"));
    return critic->accumulate(real, generated, kPass).loss;
  };
  const RowShape one{.height = 6, .width = 5, .channels = 1, .image = true};
  const RowShape two{.height = 12, .width = 5, .channels = 1, .image = true};
  EXPECT_EQ(loss(one, 2), loss(two, 1));
}

// Where rows look at each other, either sample is a batch of its own: all real points alike and all generated
// ones alike are the same to batch norm.
TEST(CriticStep, BatchNormSeesOneSampleAtATime) {
  auto critic = make_distance(parse_spec("jsd-critic:hidden=4,norm=batch"))->critic({.width = 1}, 1);
  Arena arena;
  arena.bind(critic->parameters(), Draw{3});
  const Losses losses = critic->accumulate(constant(8, 5), constant(8, -5), kPass);
  EXPECT_EQ(part(losses, "accuracy"), 0.5);
  EXPECT_GE(losses.loss, 2 * kLn2 - 1e-6);  // softplus(−v) + softplus(v)
}

TEST(CriticStep, InputDropoutStandsBeforeTheBody) {
  auto critic = make_distance(parse_spec("jsd-critic:network=conv 2 3x3+relu,hidden=3,input-dropout=0.25"))
                    ->critic({.height = 4, .width = 4, .channels = 1, .image = true}, 1);
  std::vector<std::string> layers;
  for (const Fields& line : critic->summary())
    layers.push_back(std::get<std::string>(find_field(line, "layer")->value));
  EXPECT_EQ(layers.front(), "dropout 0.25");
  EXPECT_EQ(std::ranges::count(layers, "dropout 0.25"), 1);
  EXPECT_EQ(layers[1], "convolution 2 3×3, relu");
}

// The steepest place of each activation, searched on a grid, is the bound that the product takes.
TEST(CriticSlopes, ActivationsRiseNoFasterThanTheirBoundAndAsFast) {
  for (const std::string& name : activation_names()) {
    CriticSettings options;
    options.network.hidden = {1}, options.network.activation = name, options.network.outputs = 1;
    Network network = dense_chain({.width = 1}, options.network);
    Arena arena;
    arena.bind(network.parameters(), Draw{});
    for (Parameter* p : network.parameters()) std::ranges::fill(p->value.span(), 1.0f);
    const Activation f = parse_activation(name);
    double steepest = 0;
    for (double v = -30; v < 30; v += 1e-3)
      steepest = std::max(steepest, (activation_value(f, v + 1e-5) - activation_value(f, v - 1e-5)) / 2e-5);
    const double bound = *operator_norm_product(network, options);
    EXPECT_LE(steepest, bound + 1e-7) << name;
    // selu's bound is that of the left of 0, which the grid comes to within e^−0.001.
    EXPECT_GE(steepest, bound - (name == "selu" ? 2e-3 : 1e-6)) << name;
  }
}

TEST(CriticSlopes, TheLargestIsOfPairsAcrossTheSamplesByHand) {
  std::size_t pairs = 0;
  const auto slope = [&](const std::vector<float>& x, const std::vector<float>& f_x,
                         const std::vector<float>& y, const std::vector<float>& f_y) {
    const Tensor a = column(x), b = column(y);
    return largest_slope({a, f_x}, {b, f_y}, 1000, pairs);
  };
  EXPECT_NEAR(slope({0, 4}, {1, 5}, {1, 2}, {0.5f, -2}), 3.5, 1e-5);  // from y = 2 up to x = 4
  EXPECT_EQ(pairs, 4u);
  EXPECT_EQ(slope({0}, {0}, {1}, {7}), 0);  // the dual asks f(x) − f(y) only
  EXPECT_EQ(slope({1}, {5}, {1}, {2}), 0);  // one place: no slope
  // Two ulps of f at a distance of one ulp are rounding, not a slope.
  const float near = std::nextafter(1.0f, 2.0f);
  EXPECT_EQ(slope({near}, {near}, {1}, {1}), 0);
}

// f rises by 5 over a distance of 5 between one row of either sample, by less everywhere else; on any number
// of threads. Fewer operations look at evenly spaced rows only.
TEST(CriticSlopes, TheLargestIsOverAllPairsOnAnyNumberOfThreads) {
  for (const std::size_t steep : {std::size_t{0}, std::size_t{350}, std::size_t{699}})
    for (const int count : {1, 3}) {
      Tensor x(700, 2), y(600, 2);
      for (std::size_t i = 0; i < 700; ++i) x(i, 0) = 100 + static_cast<float>(i);
      std::vector<float> f(700, 0.5f), g(600, 0);
      x(steep, 0) = 3, x(steep, 1) = 4, f[steep] = 5;
      y(599, 0) = 50, y(599, 1) = 50;
      const testing::Threads set(count);
      std::size_t pairs = 0;
      EXPECT_NEAR(largest_slope({x, f}, {y, g}, 1'000'000'000, pairs), 1, 1e-5) << steep;
      EXPECT_EQ(pairs, 420000u);
      const double of_fewer =
          largest_slope({x, f}, {y, g}, 20000, pairs);  // rows 0, 6, 13, …, 346, 353, …, 693 of x
      EXPECT_EQ(pairs, 10201u);
      EXPECT_EQ(of_fewer > 0.1, steep == 0);
    }
}

// What is descended is what is read wherever the ratio of densities is below e^5, smooth and convex beyond,
// and finite in float32.
TEST(Objective, TheSteadyFormIsTheSameUntilRatiosAreHuge) {
  for (const std::string& name : f_divergence_names()) {
    const Objective exact = f_objective(name, false), steady = f_objective(name, false, true);
    for (double v = -4.9; v <= 5.9; v += 0.1) {
      if (v > 4.9 && name == "hellinger") break;
      EXPECT_EQ(steady.generated(v).value, exact.generated(v).value) << name << v;
      EXPECT_EQ(steady.generator(v).slope, exact.generator(v).slope) << name << v;
      EXPECT_EQ(steady.real(v).value, exact.real(v).value) << name << v;
    }
    for (const auto term : {steady.generated, steady.real, steady.generator})
      for (const double v : {-300.0, -7.0, 7.0, 300.0}) {
        constexpr double h = 1e-3;
        EXPECT_NEAR((term(v + h).value - term(v - h).value) / (2 * h), term(v).slope,
                    1e-6 * std::max(1.0, std::abs(term(v).slope)))
            << name << v;
        EXPECT_LT(std::abs(term(v).slope), 1e6) << name << v;
      }
  }
}

}  // namespace
}  // namespace pushforward
