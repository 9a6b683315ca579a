// SPDX-License-Identifier: Apache-2.0
//
// Flow matching where the answer is known: a linear field whose map, density and energy are closed forms;
// couplings by hand; what one step makes of a straight flow.
#include <cmath>
#include <numbers>
#include <set>

#include <gtest/gtest.h>

#include "models/flow_coupling.hpp"
#include "models/flow_figures.hpp"
#include "models/flow_pairs.hpp"
#include "pushforward/flow.hpp"
#include "pushforward/transport.hpp"
#include "unit/models/run_files.hpp"
#include "unit/models/support.hpp"

namespace pushforward {
namespace {

using namespace testing;

Dataset normal_rows(std::size_t n, std::size_t d) {
  Matrix<float> rows(n, d);
  fill_normal(rows.span(), Draw{4, stream_id("flow test"), 0});
  Dataset data;
  data.name = "normal", data.shape = {.width = d}, data.rows_data = std::move(rows);
  return data;
}

const Settings kLinear = {{"hidden", "none"}, {"time", "plain"}, {"monitor", "none"},
                          {"batch", "16"},    {"steps", "2"},    {"solver", "dopri5:tolerance=1e-7"}};

// v(x, t) = a ⊙ x + b: x₁ = e^a x₀ + b (e^a − 1)/a, so ln p₁(x₁) = ln N(x₀) − Σ a, of a source N(0, I).
struct LinearFlow {
  explicit LinearFlow(std::size_t d, const Settings& more = {})
      : run(make_run("flow", with(kLinear, more), normal_rows(64, d))) {
    const View<float> weight = value_of(run, "velocity.0.weight"), bias = value_of(run, "velocity.0.bias");
    std::fill_n(weight.data, weight.size(), 0.0f);
    for (std::size_t j = 0; j < d; ++j) {
      a.push_back(0.3 + 0.1 * static_cast<double>(j % 5)), b.push_back(0.5 - 0.2 * static_cast<double>(j));
      weight(j, j) = static_cast<float>(a[j]);
      bias.data[j] = static_cast<float>(b[j]);
    }
  }
  Model& model() { return *run.model; }
  FlowModel& integrated() { return *as<FlowModel>(*run.model); }
  double carried(double z, std::size_t j) const {
    return std::exp(a[j]) * z + b[j] * std::expm1(a[j]) / a[j];
  }

  pushforward::Run run;
  std::vector<double> a{}, b{};
};

TEST(Flow, CarriesByTheLinearFieldsMapAndBack) {
  LinearFlow flow(3);
  const Tensor z = normal_rows(5, 3).floats(0, 5);
  Tensor x(5, 3), back(5, 3);
  decode(flow.model(), z, x, nullptr);
  for (std::size_t i = 0; i < 5; ++i)
    for (std::size_t j = 0; j < 3; ++j) EXPECT_NEAR(x(i, j), flow.carried(z(i, j), j), 1e-5);
  encode(flow.model(), x, back, nullptr);
  for (std::size_t e = 0; e < z.size(); ++e) EXPECT_NEAR(back.data()[e], z.data()[e], 1e-5);
}

double known_log_likelihood(const LinearFlow& flow, std::span<const float> z) {
  double sum = 0;
  for (std::size_t j = 0; j < z.size(); ++j)
    sum -= 0.5 * (static_cast<double>(z[j]) * static_cast<double>(z[j]) + std::log(2 * std::numbers::pi)) +
           flow.a[j];
  return sum;
}

// The bound: 1e-3 nat. float32 velocities leave some 1e-6 of the log-density, which is below 30.
TEST(Flow, LogLikelihoodOfAKnownGaussianInTwoAndTenDimensions) {
  for (const std::size_t d : {2u, 10u, 16u}) {
    LinearFlow flow(d);
    const Tensor z = normal_rows(20, d).floats(0, 20);
    Matrix<float> x(20, d);
    decode(flow.model(), z, x, nullptr);
    Dataset data = normal_rows(20, d);
    data.rows_data = x;
    const std::vector<double> strange = scores(flow.model(), data, {});
    double mean = 0;
    for (std::size_t i = 0; i < 20; ++i) {
      EXPECT_NEAR(-strange[i], known_log_likelihood(flow, {z.row(i), d}), 1e-4) << d;
      mean -= strange[i] / 20;
    }
    const Fields figures = evaluate(flow.model(), data, {});
    EXPECT_NEAR(number_of(figures, "log_likelihood"), mean, 1e-12);
    EXPECT_NEAR(number_of(figures, "bits_per_dimension"), -mean / (static_cast<double>(d) * std::log(2.0)),
                1e-12);
    EXPECT_EQ(find_field(figures, "trace_standard_error"), nullptr);
  }
}

// Of a diagonal Jacobian eᵀJe is the trace for any signs: Hutchinson is exact, and says so.
TEST(Flow, HutchinsonInManyDimensionsIsExactForADiagonalJacobian) {
  LinearFlow flow(40);
  const Tensor z = normal_rows(6, 40).floats(0, 6);
  Matrix<float> x(6, 40);
  decode(flow.model(), z, x, nullptr);
  Dataset data = normal_rows(6, 40);
  data.rows_data = x;
  const std::vector<double> strange = scores(flow.model(), data, {});
  for (std::size_t i = 0; i < 6; ++i)
    EXPECT_NEAR(-strange[i], known_log_likelihood(flow, {z.row(i), 40}), 1e-3);
  EXPECT_NEAR(number_of(evaluate(flow.model(), data, {}), "trace_standard_error"), 0, 1e-6);
}

// With J = [0 1; 1 0] in the first two of 20 dimensions eᵀJe = ±2 and the trace is 0: the standard error of
// the mean of n rows with K probes each is 2/√(nK), here 2/√(400·4) = 0.05; its estimate from 3 degrees of
// freedom a row is right to 1/√(2·3·400) = 2 %, of which four are allowed; and the mean lies within five of
// them.
TEST(Flow, HutchinsonsStandardErrorIsTrue) {
  LinearFlow flow(20);
  const View<float> weight = value_of(flow.run, "velocity.0.weight"),
                    bias = value_of(flow.run, "velocity.0.bias");
  std::fill_n(weight.data, weight.size(), 0.0f), std::fill_n(bias.data, bias.size(), 0.0f);
  weight(0, 1) = weight(1, 0) = 1;
  const Dataset data = normal_rows(400, 20);
  const Fields figures = evaluate(flow.model(), data, {});
  const double error = number_of(figures, "trace_standard_error");
  EXPECT_NEAR(error, 0.05, 4 * 0.02 * 0.05);
  Matrix<float> z(400, 20);
  encode(flow.model(), data.floats(0, 400), z, nullptr);
  double known = 0;
  for (std::size_t i = 0; i < 400; ++i)
    for (std::size_t j = 0; j < 20; ++j)
      known -=
          0.5 *
          (static_cast<double>(z(i, j)) * static_cast<double>(z(i, j)) + std::log(2 * std::numbers::pi)) /
          400;
  EXPECT_NEAR(number_of(figures, "log_likelihood"), known, 5 * error);
}

// A shift by b: every way is straight, one Euler step is exact, and the energy is ‖b‖² = W₂².
TEST(Flow, AShiftIsStraight) {
  LinearFlow flow(2);
  const View<float> weight = value_of(flow.run, "velocity.0.weight");
  std::fill_n(weight.data, weight.size(), 0.0f);
  const double energy = flow.b[0] * flow.b[0] + flow.b[1] * flow.b[1];
  const Fields figures = evaluate(flow.model(), normal_rows(300, 2), {});
  EXPECT_NEAR(number_of(figures, "path_energy"), energy, 1e-6);
  EXPECT_NEAR(number_of(figures, "w2_squared_1_euler"), number_of(figures, "w2_squared"), 1e-6);
  EXPECT_NEAR(number_of(figures, "w2_squared_10_euler"), number_of(figures, "w2_squared"), 1e-6);
  EXPECT_NEAR(number_of(figures, "energy_over_w2_squared"), energy / number_of(figures, "source_w2_squared"),
              1e-6);
}

FlowOptions flow_options_with(const Settings& settings) {
  return option_table(FlowOptions{}).read(options_with("flow", settings));
}

double cost_of(View<const float> x, View<const float> y, const std::vector<std::uint32_t>& to) {
  double sum = 0;
  for (std::size_t i = 0; i < x.rows; ++i)
    for (std::size_t k = 0; k < x.cols; ++k) {
      const double difference = static_cast<double>(x(i, k)) - static_cast<double>(y(to[i], k));
      sum += difference * difference / static_cast<double>(x.rows);
    }
  return sum;
}

TEST(Flow, CouplingsCostWhatTheyShould) {
  const Tensor both = normal_rows(256, 2).floats(0, 256);
  const View<const float> x = both.view().slice(0, 128), y = both.view().slice(128, 256);
  const auto cost = [&](const std::string& coupling) {
    const std::vector<std::uint32_t> to = FlowCoupling(flow_options_with({{"coupling", coupling}}).coupling)
                                              .pairs(x, y, Draw{3}.on("coupling"));
    if (!coupling.starts_with("sinkhorn")) {
      EXPECT_EQ(std::set<std::uint32_t>(to.begin(), to.end()).size(), 128u) << coupling;
    }
    return cost_of(x, y, to);
  };
  const double least = solve_transport({.points = x}, {.points = y}).value;
  EXPECT_NEAR(cost("exact"), least, 1e-6 * least);
  const double independent = cost("independent"), soft = cost("sinkhorn:eps=0.05");
  EXPECT_GT(independent, 5 * least);
  EXPECT_GT(soft, least);
  EXPECT_LT(soft, 0.25 * independent);
  EXPECT_GT(cost("sinkhorn:eps=100"), 0.7 * independent);  // the entropic plan of a large eps is independent
}

// Rows of one label meet source points of their own, none picked for lying near them: the pairs are those of
// each label alone.
TEST(Flow, CouplingsDoNotMixConditions) {
  Dataset rows = normal_rows(128, 2);
  const Tensor both = rows.floats(0, 128);
  const View<const float> x = both.view().slice(0, 64);
  Tensor y(64, 2), told(64, 2);
  for (std::size_t i = 0; i < 64; ++i) {
    const bool right = i % 4 == 0;
    for (std::size_t k = 0; k < 2; ++k)
      y(i, k) = both(64 + i, k) + (right ? 4.0f : 0.0f), told(i, k) = (k == 0) == right ? 1.0f : 0.0f;
  }
  for (const std::string coupling : {"exact", "sinkhorn:eps=0.05"}) {
    const FlowCoupling couple(flow_options_with({{"coupling", coupling}}).coupling);
    const std::vector<std::uint32_t> to = couple.pairs(x, y, told, Draw{3}.on("coupling"));
    for (std::size_t i = 0; i < 64; ++i) ASSERT_EQ(told(i, 0), told(to[i], 0)) << coupling;
    const std::vector<std::uint32_t> blind = couple.pairs(x, y, Draw{3}.on("coupling"));
    std::size_t mixed = 0;
    for (std::size_t i = 0; i < 64; ++i) mixed += told(i, 0) != told(blind[i], 0) ? 1 : 0;
    EXPECT_GT(mixed, 10u);  // else the test could not fail: the plan that does not see labels mixes them
    if (coupling != "exact") continue;
    double least = 0;
    for (const bool right : {true, false}) {
      Matrix<float> from, some;
      std::vector<std::uint32_t> index;
      for (std::uint32_t i = 0; i < 64; ++i)
        if ((i % 4 == 0) == right) index.push_back(i);
      from.resize(index.size(), 2), some.resize(index.size(), 2);
      for (std::size_t i = 0; i < index.size(); ++i)
        for (std::size_t k = 0; k < 2; ++k) from(i, k) = x(index[i], k), some(i, k) = y(index[i], k);
      least +=
          solve_transport({.points = from}, {.points = some}).value * static_cast<double>(index.size()) / 64;
    }
    EXPECT_NEAR(cost_of(x, y, to), least, 1e-5 * least);  // float32's squares behind 1000 mean costs
    EXPECT_NEAR(least_cost(x, y, told), least, 1e-5 * least);
  }
}

// Numbers as conditions: rows meet source points of neighbors alone, so that the source of a row says nothing
// of its condition. √n times a correlation of n independent pairs is N(0, 1).
TEST(Flow, NumbersAsConditionsDoNotSkewTheSource) {
  const Tensor both = normal_rows(800, 1).floats(0, 800);
  const View<const float> x = both.view().slice(0, 400), y = both.view().slice(400, 800);
  const auto correlation = [&](const std::vector<std::uint32_t>& to) {
    double sum = 0, squares[2] = {0, 0};
    for (std::size_t i = 0; i < 400; ++i) {
      const auto a = static_cast<double>(x(i, 0)), c = static_cast<double>(y(to[i], 0));
      sum += a * c, squares[0] += a * a, squares[1] += c * c;
    }
    return sum / std::sqrt(squares[0] * squares[1]);
  };
  const FlowCoupling couple(FlowOptions::Coupling{});
  EXPECT_GT(correlation(couple.pairs(x, y, Draw{})), 0.9);  // the condition is the row itself here
  EXPECT_LT(std::abs(correlation(couple.pairs(x, y, y, Draw{}))), 5 / std::sqrt(400.0));
}

// Of a coupling batch of 64 for steps of 16: four steps use every row of it once, and its pairs are those of
// the whole.
TEST(Flow, ACouplingBatchServesSeveralSteps) {
  const Dataset data = normal_rows(64, 2);
  const auto rows_of = [&](std::uint64_t step) {
    FlowPairs pairs(flow_options_with({{"batch", "16"}, {"coupling-batch", "64"}}), 2);
    pairs.learn_from(data);
    const Tensor batch = data.floats(0, 16);
    const FlowPairs::Rows rows =
        pairs.of(batch, {.step = step, .pass = {.training = true, .draw = {9, 0, step}}});
    std::vector<float> all(rows.to.data, rows.to.data + rows.to.size());
    all.insert(all.end(), rows.from.data, rows.from.data + rows.from.size());
    return all;
  };
  std::multiset<float> seen, wanted;
  double cost = 0;
  Matrix<float> from(64, 2);
  for (std::uint64_t step = 0; step < 4; ++step) {
    const std::vector<float> all = rows_of(step);
    for (std::size_t e = 0; e < 32; ++e) {
      seen.insert(all[e]), from.data()[32 * step + e] = all[32 + e];
      cost += std::pow(static_cast<double>(all[e]) - static_cast<double>(all[32 + e]), 2) / 64;
    }
  }
  const Tensor rows = data.floats(0, 64);
  for (const float v : rows.span()) wanted.insert(v);
  EXPECT_EQ(seen, wanted);
  const double least = solve_transport({.points = from}, {.points = rows}).value;
  EXPECT_NEAR(cost, least, 1e-6);
  EXPECT_NE(rows_of(4), rows_of(0));  // the next coupling batch has other source points
}

TEST(Flow, ACouplingBatchResumesInItsMiddle) {
  expect_resumes_alike("flow",
                       {{"hidden", "7"},
                        {"batch", "16"},
                        {"steps", "7"},
                        {"coupling-batch", "64"},
                        {"threads", "1"},
                        {"monitor", "none"},
                        {"checkpoint-every", "1"}},
                       grey_data(48, 3), {2, 5});
}

TEST(Flow, ExactPairsMakeOneStepNearlyEnough) {
  const auto one_step = [&](const char* coupling) {
    Dataset data = load_data("toy:8gaussians:n=2000,scale=2");
    pushforward::Run run = make_run("flow",
                                    {{"hidden", "64,64"},
                                     {"coupling", coupling},
                                     {"steps", "1500"},
                                     {"rate", "0.003"},
                                     {"monitor", "none"},
                                     {"threads", "1"}},
                                    data);
    train(run, data, nullptr);
    return number_of(evaluate(*run.model, data, {}), "w2_squared_1_euler");
  };
  // Independent pairs' velocity at t = 0 points at the mean: one step leaves a ball in the middle of a ring.
  EXPECT_LT(4 * one_step("exact"), one_step("independent"));
}

TEST(Flow, RefusesWhatCannotBe) {
  const Dataset data = normal_rows(64, 2);
  const auto told = [&](const Settings& settings) {
    return message_of([&] { make_run("flow", settings, data); });
  };
  EXPECT_NE(told({{"coupling-batch", "100"}, {"batch", "256"}}).find("at least --batch, 256"),
            std::string::npos);
  EXPECT_NE(told({{"source", "toy:gaussian:d=3"}}).find("rows of 3"), std::string::npos);
  EXPECT_NE(told({{"source", "toy:moons"}, {"standardize", "yes"}}).find("--standardize"), std::string::npos);
  EXPECT_NE(told({{"coupling", "exactly"}}).find("did you mean"), std::string::npos);
  EXPECT_NE(told({{"solver", "euler:steps=0"}}).find("steps"), std::string::npos);
  EXPECT_NE(message_of([&] { options_with("flow", {{"latent", "3"}}); }), "");
  pushforward::Run from_data = make_run("flow", {{"source", "toy:moons"}, {"monitor", "none"}}, data);
  EXPECT_NE(message_of([&] { scores(*from_data.model, data, {}); }).find("no density"), std::string::npos);
}

}  // namespace
}  // namespace pushforward
