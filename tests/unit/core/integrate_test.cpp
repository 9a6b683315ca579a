// SPDX-License-Identifier: Apache-2.0
// Solvers of differential equations: orders by halving steps, error control, both directions, refusals.
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "pushforward/error.hpp"
#include "pushforward/integrate.hpp"

namespace pushforward {
namespace {

// y′ = −2ty, y(0) = 1: y(1) = e^−1. The rows begin at 1, 2, …
void decay(double t, View<const double> y, View<double> dy) {
  for (std::size_t e = 0; e < y.size(); ++e) dy.data[e] = -2 * t * y.data[e];
}

double error_at_one(const Solver& solver) {
  Matrix<double> y(1, 1);
  y(0, 0) = 1;
  integrate(decay, 0, 1, y, solver);
  return std::abs(y(0, 0) - std::exp(-1.0));
}

// Twice the steps divide the error by 2^order; the next term of the error is a 64th of it and less, 15 % in
// the ratio of the first order's, so that no order is taken for its neighbor.
TEST(Integrate, HalvingStepsShowsTheOrder) {
  const std::pair<Solver::Kind, double> orders[] = {
      {Solver::Kind::euler, 1}, {Solver::Kind::heun, 2}, {Solver::Kind::rk4, 4}};
  for (const auto& [kind, order] : orders) {
    const double ratio =
        error_at_one({.kind = kind, .steps = 16}) / error_at_one({.kind = kind, .steps = 32});
    EXPECT_NEAR(std::log2(ratio), order, 0.2) << Solver{.kind = kind}.text();
  }
}

TEST(Integrate, DormandPrinceMeetsEveryToleranceItIsGiven) {
  for (const double tolerance : {1e-3, 1e-6, 1e-9, 1e-12})
    EXPECT_LT(error_at_one({.tolerance = tolerance}), 10 * tolerance) << tolerance;
}

TEST(Integrate, DormandPrinceTakesMoreStepsForLessError) {
  Matrix<double> y(1, 1);
  y(0, 0) = 1;
  const Integrated rough = integrate(decay, 0, 1, y, {.tolerance = 1e-3});
  y(0, 0) = 1;
  const Integrated fine = integrate(decay, 0, 1, y, {.tolerance = 1e-10});
  EXPECT_LT(2 * rough.steps, fine.steps);
  EXPECT_EQ(fine.evaluations, 1 + 6 * (fine.steps + fine.rejected));
}

TEST(Integrate, BackwardsUndoesForwards) {
  for (const char* spec : {"rk4:steps=200", "dopri5:tolerance=1e-10"}) {
    const Solver solver = parse_solver(parse_spec(spec));
    Matrix<double> y(3, 2);
    for (std::size_t e = 0; e < y.size(); ++e) y.data()[e] = static_cast<double>(e) - 2;
    const Matrix<double> before = y;
    integrate(decay, 0.2, 1, y, solver);
    EXPECT_GT(std::abs(y(0, 0) - before(0, 0)), 0.1) << spec;
    integrate(decay, 1, 0.2, y, solver);
    for (std::size_t e = 0; e < y.size(); ++e) EXPECT_NEAR(y.data()[e], before.data()[e], 1e-8) << spec;
  }
}

// One row of a thousand that turns fast decides the step for all: no mean hides it.
TEST(Integrate, TheWorstRowSteers) {
  Matrix<double> y(1000, 1);
  const Slope slope = [](double t, View<const double>, View<double> dy) {
    for (std::size_t i = 0; i < dy.rows; ++i) dy(i, 0) = i == 999 ? std::cos(200 * t) : 0;
  };
  integrate(slope, 0, 1, y, {.tolerance = 1e-6});
  EXPECT_NEAR(y(999, 0), std::sin(200.0) / 200, 2e-5);
}

// What is summed along the way may jump without a step more.
TEST(Integrate, WhatIsSummedDoesNotSteer) {
  const Slope slope = [](double t, View<const double> y, View<double> dy) {
    dy(0, 0) = y(0, 0), dy(0, 1) = t < 0.37 ? 0 : 1;
  };
  Matrix<double> y(1, 2);
  y(0, 0) = 1;
  const Integrated with = integrate(slope, 0, 1, y, {.tolerance = 1e-8}, 1);
  Matrix<double> z(1, 2);
  z(0, 0) = 1;
  EXPECT_LT(2 * with.steps, integrate(slope, 0, 1, z, {.tolerance = 1e-8}).evaluations / 6);
  EXPECT_NEAR(y(0, 0), std::exp(1.0), 1e-6);
}

std::string refusal(const Slope& slope, const Solver& solver) {
  Matrix<double> y(1, 1);
  y(0, 0) = 1;
  try {
    integrate(slope, 0, 1, y, solver);
  } catch (const WorkError& error) {
    return error.what();
  }
  return "";
}

// y′ = y² from 1 is at infinity at t = 1: no step is short enough.
TEST(Integrate, ToleranceOutOfReachIsRefusedWithWhatWasReached) {
  const Slope slope = [](double, View<const double> y, View<double> dy) { dy(0, 0) = 4 * y(0, 0) * y(0, 0); };
  const std::string told = refusal(slope, {.tolerance = 1e-6});
  EXPECT_NE(told.find("--solver dopri5:tolerance=1e-06: got"), std::string::npos) << told;
  const Slope noisy = [call = 0](double, View<const double>, View<double> dy) mutable {
    dy(0, 0) = ++call % 2 == 0 ? 1e9 : -1e9;
  };
  const std::string of_noise = refusal(noisy, {.tolerance = 1e-9});
  EXPECT_NE(of_noise.find("an error of"), std::string::npos) << of_noise;
  EXPECT_NE(of_noise.find("is within reach"), std::string::npos) << of_noise;
}

TEST(Integrate, VelocitiesThatAreNoNumbersAreRefused) {
  const Slope slope = [](double t, View<const double>, View<double> dy) {
    dy(0, 0) = t > 0.5 ? std::numeric_limits<double>::quiet_NaN() : 1;
  };
  EXPECT_NE(refusal(slope, {.kind = Solver::Kind::heun}).find("a velocity of nan"), std::string::npos);
}

TEST(Integrate, SolversAreReadFromSpecs) {
  EXPECT_EQ(parse_solver(parse_spec("heun:steps=7")).text(), "heun:steps=7");
  EXPECT_EQ(parse_solver(parse_spec("dopri5")).text(), "dopri5:tolerance=1e-05");
  for (const char* wrong :
       {"euler:steps=0", "ruler", "dopri5:steps=3", "rk4:tolerance=1", "dopri5:tolerance=-1"})
    EXPECT_THROW(parse_solver(parse_spec(wrong)), RequestError) << wrong;
}

}  // namespace
}  // namespace pushforward
