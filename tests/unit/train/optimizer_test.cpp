// SPDX-License-Identifier: Apache-2.0
// Optimisers against plain double-precision recursions over several steps; schedules' values; norm, average.
#include "pushforward/optimizer.hpp"
#include "pushforward/option_table.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "pushforward/error.hpp"
#include "pushforward/random.hpp"

namespace pushforward {
namespace {

constexpr double kRate = 0.05, kDecay = 0.1;

// The rules by the book, one parameter.
struct Book {
  std::string name;
  double m = 0, v = 0;
  double step(double x, double g, int t, bool decays) {
    if (name == "adamw" && decays) x -= kRate * kDecay * x;
    if (name != "adamw" && decays) g += kDecay * x;
    if (name == "sgd") return x - kRate * g;
    if (name == "momentum") return x - kRate * (m = 0.9 * m + g);
    if (name == "nesterov") return m = 0.9 * m + g, x - kRate * (g + 0.9 * m);
    if (name == "rmsprop") return v = 0.9 * v + 0.1 * g * g, x - kRate * g / (std::sqrt(v) + 1e-8);
    if (name == "adagrad") return v += g * g, x - kRate * g / (std::sqrt(v) + 1e-10);
    m = 0.8 * m + 0.2 * g, v = 0.95 * v + 0.05 * g * g;
    const double mh = m / (1 - std::pow(0.8, t)), vh = v / (1 - std::pow(0.95, t));
    return x - kRate * mh / (std::sqrt(vh) + 1e-8);
  }
};

const std::pair<const char*, const char*> kRules[] = {{"sgd", "sgd"},
                                                      {"momentum", "sgd:momentum=0.9"},
                                                      {"nesterov", "sgd:momentum=0.9,nesterov=yes"},
                                                      {"rmsprop", "rmsprop:decay=0.9"},
                                                      {"adagrad", "adagrad"},
                                                      {"adam", "adam:beta1=0.8,beta2=0.95"},
                                                      {"adamw", "adamw:beta1=0.8,beta2=0.95"}};

// One parameter, gradient 1 at every step: v_t = μ_t v_{t−1} + 1, so differences of values are −rate·v_t.
TEST(Optimizer, MomentumRisesAlongALineOrJumps) {
  const auto velocities = [](const std::string& spec) {
    auto optimizer = make_optimizer(parse_spec(spec), 1, 0, {});
    Tensor value(1, 1), gradient(1, 1);
    std::vector<double> out;
    for (std::uint64_t t = 1; t <= 5; ++t) {
      const float before = value(0, 0);
      gradient(0, 0) = 1;
      optimizer->step(value, gradient, 0.5, 1, t);
      out.push_back(static_cast<double>(before - value(0, 0)) / 0.5);
    }
    return out;
  };
  // μ = 0, 0, ¼, ½, ½: v = 1, 1, 1¼, 1 + 1¼/2 = 1.625, 1.8125
  const std::vector<double> line = velocities("sgd:momentum=0,later=0.5,from=1,over=2");
  const std::vector<double> line_wanted = {1, 1, 1.25, 1.625, 1.8125};
  // μ = ½, ½, ¼, ¼, ¼: v = 1, 1.5, 1.375, 1.34375, 1.3359375
  const std::vector<double> jump = velocities("sgd:momentum=0.5,later=0.25,from=2");
  const std::vector<double> jump_wanted = {1, 1.5, 1.375, 1.34375, 1.3359375};
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_NEAR(line[i], line_wanted[i], 1e-6) << i;
    EXPECT_NEAR(jump[i], jump_wanted[i], 1e-6) << i;
  }
}

TEST(Schedule, FallsOnceOrStopsAtAFloor) {
  const Schedule once(parse_spec("step:10,factor=0.5,times=1"), 100, 0);
  EXPECT_EQ(once(9), 1);
  EXPECT_EQ(once(10), 0.5);
  EXPECT_EQ(once(95), 0.5);
  const Schedule floor(parse_spec("exponential:0.5,floor=0.1"), 100, 0);
  EXPECT_EQ(floor(3), 0.125);
  EXPECT_EQ(floor(50), 0.1);
}

TEST(Optimizer, FollowsTheBookForSevenSteps) {
  const std::size_t n = 20011;  // several pieces and a rest
  for (const auto& [name, spec] : kRules) {
    Tensor values(1, n), gradients(1, n), decays(1, n);
    fill_normal(values.span(), Draw{}.on("values"));
    for (std::size_t i = 0; i < n; ++i) decays.data()[i] = i % 3 == 0 ? 1.0f : 0.0f;
    std::vector<Book> book(n, Book{name});
    std::vector<double> wanted(values.span().begin(), values.span().end());
    auto optimizer = make_optimizer(parse_spec(spec), n, kDecay, decays.span());
    for (int t = 1; t <= 7; ++t) {
      fill_normal(gradients.span(), Draw{}.on("gradients").at(static_cast<std::uint64_t>(t)));
      double squares = 0;
      for (std::size_t i = 0; i < n; ++i) {
        const auto g = static_cast<double>(gradients.data()[i]);
        squares += g * g;
        wanted[i] = book[i].step(wanted[i], 0.5 * g, t, i % 3 == 0);
      }
      const double got = optimizer->step(values, gradients, kRate, 0.5, static_cast<std::uint64_t>(t));
      EXPECT_NEAR(got, std::sqrt(squares), 1e-5 * std::sqrt(squares)) << spec;
    }
    double worst = 0, left = 0;
    for (std::size_t i = 0; i < n; ++i) {
      worst = std::max(worst, std::abs(static_cast<double>(values.data()[i]) - wanted[i]));
      left = std::max(left, std::abs(static_cast<double>(gradients.data()[i])));
    }
    EXPECT_LT(worst, 1e-5) << spec;  // seven steps of 0.05 and roundings of numbers up to 4
    EXPECT_EQ(left, 0) << spec;
  }
}

TEST(Optimizer, StateResumesToTheSameBits) {
  for (const auto& [name, spec] : kRules) {
    const std::size_t n = 100;
    Tensor one(1, n), two(1, n), g(1, n);
    fill_normal(one.span(), Draw{}.on("values"));
    const auto gradients = [&](std::uint64_t t) { fill_normal(g.span(), Draw{}.on("g").at(t)); };
    auto first = make_optimizer(parse_spec(spec), n, 0, {});
    for (std::uint64_t t = 1; t <= 3; ++t) gradients(t), first->step(one, g, kRate, 1, t);
    two = one;
    auto second = make_optimizer(parse_spec(spec), n, 0, {});
    for (std::size_t s = 0; s < first->state().size(); ++s)
      std::copy_n(first->state()[s].second.data, n, second->state()[s].second.data);
    gradients(4), first->step(one, g, kRate, 1, 4);
    gradients(4), second->step(two, g, kRate, 1, 4);
    EXPECT_TRUE(std::equal(one.span().begin(), one.span().end(), two.span().begin())) << spec;
  }
}

TEST(Optimizer, ZeroGradientAtZeroStaysZero) {
  for (const auto& [name, spec] : kRules) {  // the padding of an arena relies on it
    Tensor values(1, 16), gradients(1, 16);
    auto optimizer = make_optimizer(parse_spec(spec), 16, 0, {});
    for (std::uint64_t t = 1; t <= 3; ++t) optimizer->step(values, gradients, kRate, 1, t);
    for (const float v : values.span()) EXPECT_EQ(v, 0) << spec;
  }
}

TEST(Optimizer, NamesTheNearestAndRefusesStrangeOptions) {
  EXPECT_THROW(make_optimizer(parse_spec("adm"), 4, 0, {}), RequestError);
  EXPECT_THROW(make_optimizer(parse_spec("adam:momentum=0.9"), 4, 0, {}), RequestError);
  EXPECT_THROW(make_optimizer(parse_spec("sgd:nesterov=yes"), 4, 0, {}), RequestError);
  for (const std::string& name : optimizers().names()) EXPECT_NO_THROW(make_optimizer({name}, 4, 0, {}));
}

TEST(Schedule, HasItsValues) {
  const auto at = [](const char* spec, std::uint64_t step, std::uint64_t total = 100,
                     std::uint64_t warmup = 0) { return Schedule(parse_spec(spec), total, warmup)(step); };
  EXPECT_EQ(at("constant", 99), 1);
  EXPECT_DOUBLE_EQ(at("step:10", 9), 1);
  EXPECT_DOUBLE_EQ(at("step:10", 10), 0.1);
  EXPECT_DOUBLE_EQ(at("step:10,factor=0.5", 35), 0.125);
  EXPECT_DOUBLE_EQ(at("exponential:0.9", 2), 0.81);
  EXPECT_DOUBLE_EQ(at("cosine", 0), 1);
  EXPECT_DOUBLE_EQ(at("cosine", 50), 0.5);
  EXPECT_NEAR(at("cosine", 100), 0, 1e-15);
  EXPECT_DOUBLE_EQ(at("constant", 0, 100, 4), 0.25);
  EXPECT_DOUBLE_EQ(at("constant", 3, 100, 4), 1);
  EXPECT_DOUBLE_EQ(at("cosine", 20 + 40, 100, 20), 0.5);  // half of what is left
  // Stages of 2, 6, 18 … steps.
  EXPECT_DOUBLE_EQ(at("stages:2,factor=0.5", 1), 1);
  EXPECT_DOUBLE_EQ(at("stages:2,factor=0.5", 2), 0.5);
  EXPECT_DOUBLE_EQ(at("stages:2,factor=0.5", 7), 0.5);
  EXPECT_DOUBLE_EQ(at("stages:2,factor=0.5", 8), 0.25);
  EXPECT_NEAR(at("stages:1", 1), std::pow(10, -1.0 / 7), 1e-12);
  EXPECT_THROW(at("cosin", 0), RequestError);
  EXPECT_THROW(at("step:0", 0), RequestError);
}

TEST(Norm, IsEuclidean) {
  Tensor t(3, 30011);
  fill_normal(t.span(), Draw{});
  double sum = 0;
  for (const float v : t.span()) sum += static_cast<double>(v) * static_cast<double>(v);
  EXPECT_NEAR(norm(t), std::sqrt(sum), 1e-6 * std::sqrt(sum));
  t.data()[77] = std::nanf("");
  EXPECT_TRUE(std::isnan(norm(t)));
}

TEST(ExponentialAverage, MovesByItsShare) {
  Tensor average(1, 37), values(1, 37);
  for (float& v : values.span()) v = 8;
  exponential_average(average, values, 0.75);
  for (const float v : average.span()) EXPECT_EQ(v, 2);
  exponential_average(average, values, 0.75);
  for (const float v : average.span()) EXPECT_EQ(v, 3.5);
}

}  // namespace
}  // namespace pushforward
