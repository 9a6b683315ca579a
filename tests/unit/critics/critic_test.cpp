// SPDX-License-Identifier: Apache-2.0
// Critics: objectives against the divergences they bound, gradients, packing, what a generator may touch.
#include <cmath>
#include <functional>
#include <numeric>

#include <gtest/gtest.h>

#include "critics/critic_objective.hpp"
#include "pushforward/arena.hpp"
#include "pushforward/critic.hpp"
#include "pushforward/distance.hpp"
#include "pushforward/error.hpp"
#include "pushforward/optimizer.hpp"

namespace pushforward {
namespace {

struct Named {
  std::string spec;
  Objective objective;
};

std::vector<Named> objectives() {
  std::vector<Named> all = {{"jsd-critic", jsd_objective(true)},
                            {"jsd-critic:loss=minimax", jsd_objective(false)},
                            {"w1-critic", w1_objective()},
                            {"ls-critic", least_squares_objective()},
                            {"hinge-critic", hinge_objective()}};
  for (const std::string& name : f_divergence_names())
    for (const bool non_saturating : {false, true})
      all.push_back({"f-critic:divergence=" + name + (non_saturating ? ",loss=non-saturating" : ""),
                     f_objective(name, non_saturating)});
  return all;
}

TEST(Objective, SlopesAreThoseOfTheValues) {
  const double h = 1e-5;
  for (const Named& named : objectives())
    for (const auto& f : {named.objective.real, named.objective.generated, named.objective.generator})
      for (const double v : {-3.3, -0.4, 0.3, 0.7, 2.6}) {
        const double slope = (f(v + h).value - f(v - h).value) / (2 * h);
        EXPECT_NEAR(f(v).slope, slope, 1e-8 * (1 + std::abs(slope))) << named.spec << " at " << v;
      }
}

TEST(Objective, FarValuesStayFinite) {
  for (const Named& named : objectives())
    for (const double v : {-1e4, 1e4})
      for (const auto& f : {named.objective.real, named.objective.generated, named.objective.generator}) {
        EXPECT_TRUE(std::isfinite(f(v).value)) << named.spec;
        EXPECT_TRUE(std::isfinite(f(v).slope)) << named.spec;
      }
}

// p and q over three values, in sixteenths.
const std::vector<double> kP = {8, 6, 2}, kQ = {4, 4, 8};

double sum(const std::function<double(double, double)>& term) {
  double total = 0;
  for (std::size_t i = 0; i < kP.size(); ++i) total += term(kP[i] / 16, kQ[i] / 16);
  return total;
}

double jensen_shannon() {
  return sum([](double p, double q) {
    const double m = (p + q) / 2;
    return 0.5 * p * std::log(p / m) + 0.5 * q * std::log(q / m);
  });
}

// What each objective bounds, by its definition.
double divergence(const std::string& spec) {
  const auto is = [&](const char* name) { return spec.find(name) != std::string::npos; };
  if (is("reverse-kl")) return sum([](double p, double q) { return q * std::log(q / p); });
  if (is("=kl")) return sum([](double p, double q) { return p * std::log(p / q); });
  if (is("chi2")) return sum([](double p, double q) { return (p - q) * (p - q) / q; });
  if (is("hellinger"))
    return sum([](double p, double q) { return std::pow(std::sqrt(p) - std::sqrt(q), 2); });
  if (is("tv") || is("hinge")) return sum([](double p, double q) { return std::abs(p - q) / 2; });
  if (is("ls-critic")) return sum([](double p, double q) { return (p - q) * (p - q) / (p + q); });
  return jensen_shannon();
}

TEST(Objective, TheBestLogRatioAttainsTheDivergence) {
  for (const Named& named : objectives()) {
    const Objective& o = named.objective;
    if (!o.log_ratio) continue;
    const auto best = [&](double p, double q) {
      return (std::log(p / q) - o.log_ratio_shift) / *o.log_ratio;
    };
    const double real = sum([&](double p, double q) { return p * o.real(best(p, q)).value; });
    const double generated = sum([&](double p, double q) { return q * o.generated(best(p, q)).value; });
    EXPECT_NEAR(o.distance(real, generated), divergence(named.spec), 1e-14) << named.spec;
  }
}

// Sixteen one-hot rows a sample, as often as p and q say.
Tensor one_hot(const std::vector<double>& counts) {
  Tensor rows(16, counts.size());
  std::size_t row = 0;
  for (std::size_t value = 0; value < counts.size(); ++value)
    for (int i = 0; i < static_cast<int>(counts[value]); ++i) rows(row++, value) = 1;
  return rows;
}

struct Player {
  std::unique_ptr<Critic> critic;
  Arena arena;

  Player(const std::string& spec, std::size_t d, std::size_t pack = 1)
      : critic(make_distance(parse_spec(spec))->critic({.width = d}, pack)) {
    arena.bind(critic->parameters(), Draw{3});
  }
  View<float> trained() { return {arena.values().data, 1, arena.trained_size()}; }
};

Losses play(Player& player, const Tensor& real, const Tensor& generated, int steps, double rate) {
  const auto optimizer = make_optimizer(Spec{"adam"}, player.arena.trained_size(), 0, {});
  Losses losses;
  for (int s = 1; s <= steps; ++s) {
    const Pass pass{.training = true, .draw = Draw{1}.at(static_cast<std::uint64_t>(s))};
    losses = player.critic->accumulate(real, generated, pass);
    optimizer->step(player.trained(), player.arena.gradients(), rate, 1, static_cast<std::uint64_t>(s));
    player.critic->after_step();
  }
  return losses;
}

// A linear critic of one-hot rows is any function: what it is fitted to is the divergence itself.
TEST(Critic, AtItsOptimumReadsTheDivergence) {
  const Tensor real = one_hot(kP), generated = one_hot(kQ);
  for (const Named& named : objectives()) {
    if (named.objective.lipschitz) continue;
    const std::string comma = named.spec.find(':') == std::string::npos ? ":" : ",";
    Player player(named.spec + comma + "hidden=none", kP.size());
    play(player, real, generated, 3000, 0.01);
    const Losses losses = play(player, real, generated, 500, 0.0005);  // the hinge's kink needs small steps
    const Reading reading = player.critic->read(real, generated);
    EXPECT_NEAR(*reading.value, divergence(named.spec), 1e-3) << named.spec;
    EXPECT_NEAR(losses.parts[1].value, *reading.value, 1e-3) << named.spec;
  }
}

TEST(Critic, GanLossAtTheOptimumIsMinusLnFourPlusTwiceJsd) {
  Player player("jsd-critic:hidden=none,loss=minimax", kP.size());
  const Losses losses = play(player, one_hot(kP), one_hot(kQ), 3000, 0.01);
  EXPECT_NEAR(-losses.loss, -std::log(4) + 2 * jensen_shannon(), 1e-3);
}

TEST(Critic, ScoresAtTheOptimumAreTheDensityRatio) {
  Player player("jsd-critic:hidden=none", kP.size());
  play(player, one_hot(kP), one_hot(kQ), 3000, 0.01);
  const Tensor points = one_hot({1, 1, 1});
  Tensor scores(16, 2);
  player.critic->score(points, scores);
  EXPECT_EQ(player.critic->score_names(), (std::vector<std::string>{"d", "log_ratio"}));
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(scores(i, 0), kP[i] / (kP[i] + kQ[i]), 1e-3);
    EXPECT_NEAR(scores(i, 1), std::log(kP[i] / kQ[i]), 1e-2);
  }
}

Tensor normal(std::size_t n, std::size_t d, std::uint64_t seed, float mean = 0) {
  Tensor points(n, d);
  fill_normal(points.span(), Draw{seed}.on("critic test"), mean, 1);
  return points;
}

const Pass kPass{.training = true, .draw = {7, 0, 0}};

// Along the gradient itself the loss rises by its square; float32 leaves a hundredth.
void expect_gradient(const std::string& spec) {
  Player player(spec, 3);
  const Tensor real = normal(32, 3, 1), generated = normal(32, 3, 2, 1);
  player.critic->accumulate(real, generated, kPass);
  const std::vector<float> g(player.arena.gradients().data,
                             player.arena.gradients().data + player.arena.gradients().size());
  const double square = std::inner_product(g.begin(), g.end(), g.begin(), 0.0);
  const double h = 0.01 / std::sqrt(square);
  const auto moved = [&](double by) {
    for (std::size_t i = 0; i < g.size(); ++i) player.trained().data[i] += static_cast<float>(by) * g[i];
    return player.critic->accumulate(real, generated, kPass).loss;
  };
  const double up = moved(h), down = moved(-2 * h);
  EXPECT_NEAR((up - down) / (2 * h * square), 1, 0.02) << spec;
}

TEST(Critic, GradientIsThatOfTheLoss) {
  for (const char* spec :
       {"jsd-critic:hidden=16+8,activation=tanh", "jsd-critic:hidden=16,label-smoothing=0.1,activation=tanh",
        "jsd-critic:hidden=16,instance-noise=0.3,activation=tanh", "w1-critic:hidden=16+8,activation=tanh",
        "w1-critic:hidden=16+8,activation=softplus,lipschitz=one-sided-penalty+3",
        "f-critic:divergence=chi2,hidden=16,activation=tanh", "ls-critic:hidden=16,activation=softplus"})
    expect_gradient(spec);
}

TEST(Critic, GeneratorsGradientIsThatOfItsLossAndTouchesNothingElse) {
  for (const char* spec :
       {"jsd-critic:loss=minimax,hidden=16,activation=tanh",
        "jsd-critic:hidden=16,activation=tanh,instance-noise=0.1", "w1-critic:hidden=16,activation=tanh",
        "ls-critic:hidden=16,activation=tanh", "f-critic:divergence=reverse-kl,hidden=16,activation=tanh"}) {
    Player player(spec, 3);
    Tensor points = normal(20, 3, 4), gradient(20, 3);
    const std::vector<float> before(player.arena.values().span().begin(), player.arena.values().span().end());
    player.critic->generator_loss(points, gradient, kPass);
    for (const float g : player.arena.gradients().span()) ASSERT_EQ(g, 0) << spec;
    EXPECT_TRUE(std::equal(before.begin(), before.end(), player.arena.values().data)) << spec;
    double square = 0;
    for (const float g : gradient.span()) square += static_cast<double>(g) * static_cast<double>(g);
    const double h = 0.01 / std::sqrt(square);
    const auto moved = [&](double by) {
      for (std::size_t i = 0; i < points.size(); ++i)
        points.data()[i] += static_cast<float>(by) * gradient.data()[i];
      return player.critic->generator_loss(points, {}, kPass);
    };
    const double up = moved(h), down = moved(-2 * h);
    EXPECT_NEAR((up - down) / (2 * h * square), 1, 0.02) << spec;
  }
}

TEST(Critic, SeesPackedPointsSideBySide) {
  Player packed("jsd-critic:hidden=8", 3, 2), wide("jsd-critic:hidden=8", 6);
  Tensor real = normal(20, 3, 1), generated = normal(20, 3, 2);
  const View<const float> wide_real{real.data(), 10, 6}, wide_generated{generated.data(), 10, 6};
  const Losses a = packed.critic->accumulate(real, generated, kPass);
  const Losses b = wide.critic->accumulate(wide_real, wide_generated, kPass);
  EXPECT_EQ(a.loss, b.loss);
  Tensor gradient(20, 3), wide_gradient(10, 6);
  packed.critic->generator_loss(generated, gradient, kPass);
  wide.critic->generator_loss(wide_generated, wide_gradient, kPass);
  EXPECT_TRUE(std::equal(gradient.span().begin(), gradient.span().end(), wide_gradient.data()));
  EXPECT_THROW(packed.critic->accumulate(normal(3, 3, 1), normal(3, 3, 2), kPass), RequestError);
  EXPECT_THROW(packed.critic->accumulate(real, normal(18, 3, 2), kPass), RequestError);
  Tensor scores(20, 2);
  EXPECT_THROW(packed.critic->score(real, scores), RequestError);
}

TEST(Critic, ClipKeepsWeightsSmall) {
  Player player("w1-critic:lipschitz=clip+0.01,hidden=8", 2);
  play(player, normal(32, 2, 1), normal(32, 2, 2, 1), 3, 0.1);
  for (const float w : player.arena.values().span()) EXPECT_LE(std::abs(w), 0.01f);
}

TEST(Critic, RefusesBatchNormBehindAPenalty) {
  EXPECT_THROW(Player("w1-critic:norm=batch,hidden=8", 2), RequestError);
}

TEST(Critic, SaysWhereItIsNotFinite) {
  Player player("jsd-critic:hidden=8,activation=tanh", 2);
  Tensor real = normal(8, 2, 1);
  player.critic->accumulate(real, normal(8, 2, 2), kPass);
  EXPECT_EQ(player.critic->diagnose(), "");
  real(0, 0) = NAN;
  player.critic->accumulate(real, normal(8, 2, 2), kPass);
  EXPECT_EQ(player.critic->diagnose(), "critic.0");
}

TEST(Critic, RefusesOptionsThatAreWrong) {
  for (const char* spec :
       {"jsd-critic:los=minimax", "jsd-critic:hidden=0", "jsd-critic:hidden=a", "w1-critic:lipschitz=clap",
        "w1-critic:lipschitz=penalty+x", "w1-critic:lipschitz=clip+0", "w1-critic:label-smoothing=0.1",
        "f-critic:divergence=k", "jsd-critic:holdout=1", "jsd-critic:optimizer=adan", "c2st:rate=0"})
    EXPECT_THROW(make_distance(parse_spec(spec)), RequestError) << spec;
}

}  // namespace
}  // namespace pushforward
