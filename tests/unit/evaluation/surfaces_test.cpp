// SPDX-License-Identifier: Apache-2.0
// What flows down a distance, and what a distance wants of the plane.
#include "evaluation/surfaces.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "pushforward/critic.hpp"
#include "pushforward/particles.hpp"
#include "unit/models/support.hpp"

namespace pushforward {
namespace {

using namespace pushforward::testing;

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
    const report::Surface surface = critic_surface(*critic_of_rows(*run.model), &run, square(10));
    const bool standard = std::string(standardize) == "yes";
    const double mean = standard ? static_cast<double>(run.standardization.mean[0]) : 0;
    const double sd = standard ? static_cast<double>(run.standardization.deviation[0]) : 1;
    EXPECT_EQ(standard, sd != 1);
    for (const double at : {-10.0, 0.0, 4.0})
      EXPECT_NEAR(surface(at, 3), (at - mean) / sd, 1e-4) << standardize;
  }
}

}  // namespace
}  // namespace pushforward
