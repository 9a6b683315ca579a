// SPDX-License-Identifier: Apache-2.0
// Parts of the program that compute: ranks of scores, particles, surfaces, figures as cells, a run's history.
#include <cmath>
#include <fstream>

#include <gtest/gtest.h>

#include "../apps/cli/history.hpp"
#include "../apps/cli/pages/figure_rows.hpp"
#include "../apps/cli/particles.hpp"
#include "../apps/cli/roc.hpp"
#include "../apps/cli/surfaces.hpp"
#include "pushforward/critic.hpp"
#include "unit/models/run_files.hpp"
#include "unit/models/support.hpp"

namespace pushforward::cli {
namespace {

using namespace pushforward::testing;

// Pairs of a strange and a plain row in which the strange one scores higher; equals count half.
TEST(RocAuc, ByHand) {
  const std::vector<double> scores = {1, 2, 2, 3};
  EXPECT_DOUBLE_EQ(roc_auc(scores, {false, true, false, true}), 3.5 / 4);
  EXPECT_DOUBLE_EQ(roc_auc(scores, {true, false, true, false}), 0.5 / 4);
  EXPECT_DOUBLE_EQ(roc_auc(scores, {false, true, true, true}), 1);
  const std::vector<double> same = {7, 7, 7};
  EXPECT_DOUBLE_EQ(roc_auc(same, {true, false, false}), 0.5);
  EXPECT_THROW(roc_auc(same, {false, false, false}), RequestError);
  EXPECT_THROW(roc_auc(same, {true, true, true}), RequestError);
}

double energy(View<const float> points, const Dataset& data) {
  Matrix<double> room;
  return *make_distance(Spec{"energy"})->measure({Points(points)}, {data.points(room)}).value;
}

// Whatever they flow down, particles end nearer to the data, and the first step is 2 % of its spread.
TEST(Particles, FlowToTheData) {
  const Dataset data = load_data("toy:8gaussians:n=400,seed=3");  // on the unit circle: spread 1
  for (const char* distance : {"energy", "sinkhorn:p=1", "jsd-critic:hidden=32"}) {
    ParticleFlow flow(parse_spec(distance), data, {.particles = 100, .steps = 60});
    const std::vector<float> begin(flow.points().data, flow.points().data + flow.points().size());
    const double before = energy(flow.points(), data);
    flow.step();
    double squares = 0;
    for (std::size_t i = 0; i < begin.size(); ++i)
      squares += std::pow(static_cast<double>(flow.points().data[i] - begin[i]), 2) / 100;
    EXPECT_NEAR(std::sqrt(squares), 0.02, 0.004) << distance;  // those over 5 % are held back
    for (int s = 1; s < 60; ++s) flow.step();
    EXPECT_LT(energy(flow.points(), data), 0.3 * before) << distance;
  }
}

report::Box square(double half) { return {{-half, -half}, {half, half}}; }

// All mass is at −1 and should be at 1.
TEST(Surfaces, AWitnessIsHighWhereMassIsWanted) {
  Tensor generated(5, 2), data(5, 2);
  for (std::size_t i = 0; i < 5; ++i) generated(i, 0) = -1, data(i, 0) = 1;
  for (const char* spec : {"energy", "mmd:bandwidth=1,estimator=biased"}) {
    const report::Surface surface =
        witness_surface(*make_distance(parse_spec(spec)), generated, data, nullptr, square(2));
    EXPECT_GT(surface(1, 0), surface(0, 0)) << spec;
    EXPECT_GT(surface(0, 0), surface(-1, 0)) << spec;
  }
}

// f(x) = x₁, so the log ratio is the first coordinate; where a run standardises, of standardised points.
TEST(Surfaces, ACriticsIsItsLogRatioInTheRunsUnits) {
  for (const char* standardize : {"no", "yes"}) {
    pushforward::Run run = make_run("gan",
                                    {{"distance", "jsd-critic:hidden=none"},
                                     {"hidden", "4"},
                                     {"standardize", standardize},
                                     {"monitor", "none"}},
                                    load_data("toy:moons:n=200,scale=5"));
    View<float> weight = value_of(run, "critic.0.weight");
    weight(0, 0) = 1, weight(0, 1) = 0, value_of(run, "critic.0.bias")(0, 0) = 0;
    const report::Surface surface = critic_surface(*run.model->critic(), &run, square(10));
    const bool standard = std::string(standardize) == "yes";
    const double mean = standard ? static_cast<double>(run.standardization.mean[0]) : 0;
    const double sd = standard ? static_cast<double>(run.standardization.deviation[0]) : 1;
    EXPECT_EQ(standard, sd != 1);
    for (const double at : {-10.0, 0.0, 4.0})
      EXPECT_NEAR(surface(at, 3), (at - mean) / sd, 1e-4) << standardize;
  }
}

using Texts = std::vector<std::pair<std::string, std::string>>;
Texts texts_of(const Json& rows) {
  Texts texts;
  for (const Json& row : rows) texts.emplace_back(row["name"], cell_text(row["cells"][0]));
  return texts;
}

TEST(Figures, AsRows) {
  const Fields figures = {{"plain", 1.5},
                          {"value", 2.0},
                          {"value_standard_error", 0.25},
                          {"list", std::vector<double>{3, 4}},
                          {"parts", Fields{{"ratio", 0.5}, {"ratio_standard_error", 0.125}}},
                          {"alone_standard_error", 7.0}};
  EXPECT_EQ(texts_of(figure_rows(figures)), (Texts{{"plain", "1.5"},
                                                   {"value", "2 ± 0.25"},
                                                   {"list 1", "3"},
                                                   {"list 2", "4"},
                                                   {"parts ratio", "0.5 ± 0.12"},
                                                   {"alone_standard_error", "7"}}));
  const std::vector<Fields> readings = {{{"value", 1.0}, {"standard_error", 0.5}},
                                        {{"parts", Fields{{"recall", 0.75}}}}};
  EXPECT_EQ(texts_of(figure_rows(readings, {parse_spec("mmd:bandwidth=1"), Spec{"prdc"}})),
            (Texts{{"mmd:bandwidth=1", "1 ± 0.5"}, {"prdc recall", "0.75"}}));
}

// Each run has its own column; a figure that only one of them has leaves gaps, behind the one before it.
TEST(Figures, MergedWithGaps) {
  Json table;
  merge_rows(table, figure_rows(Fields{{"a", 1.0}, {"c", 3.0}}), 0);
  merge_rows(table, figure_rows(Fields{{"a", 2.0}, {"b", 5.0}}), 1);
  std::vector<std::string> lines;
  for (const Json& row : table)
    lines.push_back(row["name"].get<std::string>() + " " + cell_text(row["cells"][0]) + "|" +
                    cell_text(row["cells"][1]));
  EXPECT_EQ(lines, (std::vector<std::string>{"a 1|2", "b |5", "c 3|"}));
}

// What evaluate says has half a sentence on a page.
TEST(Figures, AreExplained) {
  for (const char* name : {"elbo", "squared_error", "memorisation ratio", "stage_squared_errors 2"}) {
    const Json rows = figure_rows(Fields{{name, 1.0}});
    EXPECT_NE(rows[0]["about"], "") << name;
  }
}

TEST(Histories, StandByEpochAndStep) {
  const Folder folder;
  std::ofstream(folder / "metrics.jsonl")
      << R"({"step": 2, "stage": "layer 1", "loss": 9, "monitor_w1": 5, "rate": 1})"
      << "\n"
      << R"({"epoch": 1, "step": 2, "stage": "layer 1", "loss": 8, "monitor_w1": 5})"
      << "\n"
      << R"({"epoch": 2, "step": 4, "stage": "fine-tuning", "loss": 6, "kl": 2, "monitor_w1": 3})"
      << "\n"
      << R"({"epoch": 3, "step": 6, "stage": "fine-tuning", "loss": 5, "kl": 1, "seconds": 3})"
      << "\n"
      << R"({"epoch": 4, "st)"
      << "\n";
  const History history = read_history(folder.path);
  const auto curve = [](const std::vector<Curve>& curves, const std::string& name) {
    const Curve* found = find_curve(curves, name);
    return found ? std::pair(found->x, found->y) : std::pair(std::vector<double>{}, std::vector<double>{});
  };
  using Points = std::vector<double>;
  ASSERT_EQ(history.epochs.size(), 3u);  // no rate, no seconds
  EXPECT_EQ(curve(history.epochs, "loss, layer 1"), std::pair(Points{1}, Points{8}));
  EXPECT_EQ(curve(history.epochs, "loss"), std::pair(Points{2, 3}, Points{6, 5}));
  EXPECT_EQ(curve(history.epochs, "kl"), std::pair(Points{2, 3}, Points{2, 1}));
  ASSERT_EQ(history.monitored.size(), 1u);
  EXPECT_EQ(curve(history.monitored, "w1"), std::pair(Points{2, 4}, Points{5, 3}));
}

}  // namespace
}  // namespace pushforward::cli
