// SPDX-License-Identifier: Apache-2.0
// The functions by which distances tell samples apart: their suprema, their slopes, their gradients.
#include "pushforward/witness.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "pushforward/distance.hpp"
#include "pushforward/random.hpp"

namespace pushforward {
namespace {

Matrix<double> normal(std::size_t n, std::size_t d, const char* stream, double shift = 0) {
  Matrix<double> points(n, d);
  fill_normal(points.span(), Draw{8}.on(stream), shift, 1.0);
  return points;
}

std::unique_ptr<Witness> witness_of(const std::string& spec, const Sample& x, const Sample& y) {
  return make_distance(parse_spec(spec, "test"))->witness(x, y);
}

std::vector<double> values_of(const Witness& witness, const Matrix<double>& at) {
  Matrix<double> out(at.rows(), witness.names().size());
  witness.values(at, out.view());
  return {out.data(), out.data() + out.size()};
}

double mean(const std::vector<double>& values, std::size_t first, std::size_t count,
            const std::vector<double>& weights = {}) {
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i)
    sum += values[first + i] * (weights.empty() ? 1 / static_cast<double>(count) : weights[i]);
  return sum;
}

Matrix<double> above(const Matrix<double>& x, const Matrix<double>& y) {
  Matrix<double> both(x.rows() + y.rows(), x.cols());
  std::copy_n(x.data(), x.size(), both.data());
  std::copy_n(y.data(), y.size(), both.row(x.rows()));
  return both;
}

double largest_slope(const Matrix<double>& at, const std::vector<double>& f) {
  double most = 0;
  for (std::size_t i = 0; i < at.rows(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      double square = 0;
      for (std::size_t k = 0; k < at.cols(); ++k) square += std::pow(at(i, k) - at(j, k), 2);
      if (square > 0) most = std::max(most, std::abs(f[i] - f[j]) / std::sqrt(square));
    }
  return most;
}

TEST(Witnesses, AreWhereTheRowSaysSo) {
  const Matrix<double> x = normal(30, 2, "x"), y = normal(30, 2, "y", 1);
  for (const DistanceEntry& entry : distances()) {
    const std::string quick = entry.facts.learned ? ":hidden=4,steps=100" : "";
    EXPECT_EQ(witness_of(entry.name + quick, {x}, {y}) != nullptr, entry.facts.witness) << entry.name;
  }
}

// k(z, 0) − k(z, 1) over its norm, √(2 − 2e^(−1/2)).
TEST(Witnesses, OfTwoPointsByHand) {
  const Matrix<double> x(1, 1);
  Matrix<double> y(1, 1), at(3, 1);
  y(0, 0) = 1, at(1, 0) = 1, at(2, 0) = 2;
  const double e = std::exp(-0.5), norm = std::sqrt(2 - 2 * e);
  const auto f = values_of(*witness_of("mmd:bandwidth=1", {x}, {y}), at);
  EXPECT_NEAR(f[0], (1 - e) / norm, 1e-15);
  EXPECT_NEAR(f[1], (e - 1) / norm, 1e-15);
  EXPECT_NEAR(f[2], (std::exp(-2.0) - e) / norm, 1e-15);
  const auto line = values_of(*witness_of("w1", {x}, {y}), at);
  EXPECT_NEAR(line[0] - line[1], 1, 5e-15);  // slopes are rounded towards 0
  EXPECT_NEAR(line[2] - line[1], 1, 5e-15);  // the cone around y goes up on its other side
}

// The supremum over the unit ball is attained: means differ by MMD, over all pairs.
TEST(Witnesses, OfKernelsDifferInMeansByTheDistance) {
  const Matrix<double> x = normal(40, 2, "x"), y = normal(25, 2, "y", 0.7), both = above(x, y);
  for (const std::string kernel : {"bandwidth=0.8", "kernel=laplacian,bandwidth=1", "kernel=imq,bandwidth=1",
                                   "kernel=rq,bandwidth=1", "kernel=energy", "kernel=polynomial"}) {
    const auto f = values_of(*witness_of("mmd:" + kernel, {x}, {y}), both);
    const double value = *make_distance(parse_spec("mmd:estimator=biased,root=yes," + kernel, "test"))
                              ->measure({x}, {y})
                              .value;
    EXPECT_NEAR(mean(f, 0, 40) - mean(f, 40, 25), value, 1e-12) << kernel;
  }
  const auto f = values_of(*witness_of("energy", {x}, {y}), both);
  const double square = *make_distance(parse_spec("energy", "test"))->measure({x}, {y}).value;
  EXPECT_NEAR(mean(f, 0, 40) - mean(f, 40, 25), std::sqrt(square), 1e-12);
}

// 1-Lipschitz on samples and elsewhere, close neighbours included, and nothing of W1 is lost.
TEST(Witnesses, KantorovichsPotentialHasSlopeOneAndShowsAllOfW1) {
  for (const std::size_t d : {1u, 2u, 5u}) {
    const Matrix<double> x = normal(300, d, "x"), y = normal(200, d, "y", 0.4), more = normal(300, d, "z");
    const Matrix<double> all = above(above(x, y), more);
    const auto witness = witness_of("w1", {x}, {y});
    const auto f = values_of(*witness, all);
    const double w1 = *make_distance(parse_spec("w1", "test"))->measure({x}, {y}).value;
    EXPECT_NEAR(mean(f, 0, 300) - mean(f, 300, 200), w1, 1e-9 * w1) << d;
    EXPECT_LE(largest_slope(all, f), 1 + 1e-12) << d;
    EXPECT_GT(largest_slope(all, f), 1 - 1e-9) << d;
    EXPECT_LT(number_of(witness->about(), "gap"), 1e-9);
  }
}

TEST(Witnesses, WeightsAndCopiesAreNoObstacle) {
  Matrix<double> x = normal(20, 2, "x");
  const Matrix<double> y = normal(20, 2, "y", 1);
  for (std::size_t k = 0; k < 2; ++k)
    x(1, k) = x(0, k), x(2, k) = x(0, k) * (1 + 1e-16), x(3, k) = x(0, k) + 1e-15;
  std::vector<double> weights(20, 0.5 / 19);
  weights[0] = 0.5;
  const Matrix<double> both = above(x, y);
  const auto f = values_of(*witness_of("w1", {x, weights}, {y}), both);
  const double w1 = *make_distance(parse_spec("w1", "test"))->measure({x, weights}, {y}).value;
  EXPECT_NEAR(mean(f, 0, 20, weights) - mean(f, 20, 20), w1, 1e-9 * w1);
  EXPECT_LE(largest_slope(both, f), 1 + 1e-12);
}

// A point's own derivative of the value is its mass times the slope of the first variation there.
TEST(Witnesses, SinkhornsSlopeIsTheGradientOfAPoint) {
  const Matrix<double> x = normal(12, 2, "x"), y = normal(9, 2, "y", 1);
  for (const std::string options :
       {"eps-absolute=0.5", "eps-absolute=0.5,debias=no", "eps-absolute=0.3,p=1.5"}) {
    const Spec spec = parse_spec("sinkhorn:tolerance=1e-12,iterations=20000," + options, "test");
    Matrix<double> gradient(12, 2);
    make_distance(spec)->measure({x}, {y}, {.points = gradient.view()});
    const auto witness = make_distance(spec)->witness({x}, {y});
    for (std::size_t k = 0; k < 2; ++k) {
      Matrix<double> at(2, 2);
      constexpr double h = 1e-5;
      for (std::size_t s = 0; s < 2; ++s)
        for (std::size_t c = 0; c < 2; ++c) at(s, c) = x(3, c) + (c == k ? (s == 0 ? h : -h) : 0);
      const auto f = values_of(*witness, at);
      EXPECT_NEAR((f[0] - f[1]) / (2 * h), 12 * gradient(3, k), 1e-6) << options;
    }
  }
}

TEST(Witnesses, ADiscriminatorsAreDAndTheLogarithmOfTheRatio) {
  const Matrix<double> x = normal(100, 1, "x", 2), y = normal(100, 1, "y");
  const auto witness = witness_of("jsd-critic:hidden=8,steps=300", {x}, {y});
  ASSERT_EQ(witness->names(), (std::vector<std::string>{"d", "log_ratio"}));
  const auto f = values_of(*witness, x);
  for (std::size_t i = 0; i < 100; ++i) EXPECT_NEAR(f[2 * i], 1 / (1 + std::exp(-f[2 * i + 1])), 1e-6);
  EXPECT_GT(mean(f, 0, 1), 0);
}

}  // namespace
}  // namespace pushforward
