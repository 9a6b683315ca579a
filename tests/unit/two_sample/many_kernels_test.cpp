// SPDX-License-Identifier: Apache-2.0
// Tests by many kernels: levels, ties, algorithm 1 of MMDAgg as published, and what a single bandwidth
// misses.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "distances/pool_bandwidths.hpp"
#include "pushforward/error.hpp"
#include "pushforward/random.hpp"
#include "pushforward/threads.hpp"
#include "pushforward/two_sample.hpp"

namespace pushforward {
namespace {

Matrix<double> normal(std::size_t n, std::size_t d, std::uint64_t seed) {
  Matrix<double> points(n, d);
  fill_normal(points.span(), Draw{seed, stream_id("many kernels")}, 0.0, 1.0);
  return points;
}

PermutationTest run(const std::string& text, const Matrix<double>& x, const Matrix<double>& y,
                    const PermutationOptions& options = {}, std::uint64_t seed = 0) {
  const Spec spec = parse_spec(text);
  return permutation_test(*make_distance(spec, seed), facts_of(spec), {Points(x.view())}, {Points(y.view())},
                          options);
}

double rate_of(const std::string& spec, int repetitions, bool ties) {
  int rejected = 0;
  for (int r = 0; r < repetitions; ++r) {
    const auto seed = static_cast<std::uint64_t>(r);
    Matrix<double> x = normal(8, 2, 2 * seed), y = normal(11, 2, 2 * seed + 1);
    if (ties)
      for (Matrix<double>* points : {&x, &y})
        for (double& value : points->span()) value = std::round(value);
    rejected += run(spec, x, y, {.permutations = 99, .seed = seed}, seed).reject;
  }
  return static_cast<double>(rejected) / repetitions;
}

constexpr int kRepetitions = 1000;
const double kError = 3 * std::sqrt(0.05 * 0.95 / kRepetitions);

TEST(ManyKernels, FuseRejectsATrueHypothesisAtItsLevel) {
  EXPECT_NEAR(rate_of("mmd-fuse:bandwidths=3", kRepetitions, false), 0.05, kError);
  EXPECT_LE(rate_of("mmd-fuse:bandwidths=3", kRepetitions, true), 0.05 + kError);
}

// T takes its least value with probability at most K/(R + 1) = 2 · 2/500, and ties count against rejection.
TEST(ManyKernels, AggregationRejectsATrueHypothesisAtItsLevel) {
  const std::string spec = "mmdagg:bandwidths=2,relabellings=499";
  const double rate = rate_of(spec, kRepetitions, false);
  EXPECT_LE(rate, 0.05 + kError);
  EXPECT_GE(rate, 0.05 - 4.0 / 500 - kError);
  EXPECT_LE(rate_of(spec, kRepetitions, true), 0.05 + kError);
}

// Nine groups in a square of side 2, alike in both samples but for the correlation within a group: what the
// median of distances, 1.4, does not see and a kernel as wide as a group does.
Matrix<double> blobs(std::size_t n, double correlation, std::uint64_t seed) {
  Matrix<double> points = normal(n, 2, seed);
  for (std::size_t i = 0; i < n; ++i) {
    const auto group =
        static_cast<std::size_t>(9 * uniform01(Draw{seed}.on("group"), static_cast<std::uint32_t>(i)));
    const double u = points(i, 0),
                 v = correlation * u + std::sqrt(1 - correlation * correlation) * points(i, 1);
    points(i, 0) = static_cast<double>(group % 3) + 0.17 * u;
    points(i, 1) = static_cast<double>(group / 3) + 0.17 * v;
  }
  return points;
}

TEST(ManyKernels, SeeWhatTheMedianBandwidthMisses) {
  int median = 0, fuse = 0, aggregate = 0;
  for (std::uint64_t r = 0; r < 5; ++r) {
    const Matrix<double> x = blobs(400, 0, 2 * r), y = blobs(400, 0.8, 2 * r + 1);
    const PermutationOptions options{.permutations = 99, .seed = r};
    median += run("mmd", x, y, options).reject, fuse += run("mmd-fuse", x, y, options).reject;
    aggregate += run("mmdagg:relabellings=499", x, y, options).reject;
  }
  EXPECT_EQ(fuse, 5);
  EXPECT_EQ(aggregate, 5);
  EXPECT_LT(median, 5);
}

// Algorithm 1 as it is printed: quantiles of R values and the level by bisection, over the same relabellings.
struct Published {
  std::vector<std::vector<double>> reference;  // a kernel each, ascending
  double quantile(std::size_t k, double share) const {
    const auto size = static_cast<double>(reference[k].size() + 1);
    // The (1 − share)-quantile of R + 1 values, of which the samples' own counts as at least as large.
    const auto place = static_cast<std::size_t>(std::ceil(size * (1 - share)));
    return place > reference[k].size() ? HUGE_VAL : place == 0 ? -HUGE_VAL : reference[k][place - 1];
  }
  bool rejects(const std::vector<double>& values, double u) const {
    for (std::size_t k = 0; k < values.size(); ++k)
      if (values[k] > quantile(k, u / static_cast<double>(values.size()))) return true;
    return false;
  }
};

TEST(ManyKernels, AggregationIsThePublishedAlgorithm) {
  // Values 1 … 9 of one kernel and multiples of them of another: ranks decide, units do not.
  const Published algorithm{{{1, 2, 3, 4, 5, 6, 7, 8, 9}, {10, 20, 30, 40, 50, 60, 70, 80, 90}}};
  const std::vector<std::vector<double>> relabelled = {{5.5, 95}, {9.5, 5}, {3.5, 75}, {7.5, 65}, {1.5, 15}};
  const auto smallest = [&](const std::vector<double>& values) {
    double t = 2;
    for (std::size_t k = 0; k < 2; ++k) {
      const auto above = std::count_if(algorithm.reference[k].begin(), algorithm.reference[k].end(),
                                       [&](double v) { return v >= values[k]; });
      t = std::min(t, 2 * (1 + static_cast<double>(above)) / 10);
    }
    return t;
  };
  for (const double alpha : {0.1, 0.25, 0.45, 0.65}) {
    double low = 0, high = 2;  // bisection, as printed
    for (int step = 0; step < 50; ++step) {
      const double u = (low + high) / 2;
      const auto share = static_cast<double>(std::count_if(relabelled.begin(), relabelled.end(),
                                                           [&](const std::vector<double>& values) {
                                                             return algorithm.rejects(values, u);
                                                           })) /
                         5;
      (share <= alpha ? low : high) = u;
    }
    for (const std::vector<double>& observed :
         {std::vector<double>{9.5, 5}, {6.5, 25}, {8.5, 85}, {4.5, 75}, {2.5, 45}}) {
      // The share of relabellings with a T not above the observed one is at most α exactly where u reaches T.
      const auto as_small =
          static_cast<double>(std::count_if(relabelled.begin(), relabelled.end(),
                                            [&](const std::vector<double>& values) {
                                              return smallest(values) <= smallest(observed) + 1e-12;
                                            })) /
          5;
      EXPECT_EQ(algorithm.rejects(observed, low), as_small <= alpha) << alpha << " " << observed[0];
    }
  }
}

// Four relabellings of {0, 0} and {1, 1} in six separate the values, so p_k is about 1/3 for every kernel.
TEST(ManyKernels, TheAggregatesValueCountsRelabellings) {
  Matrix<double> x(2, 1), y(2, 1);
  y(0, 0) = y(1, 0) = 1;
  const Spec spec = parse_spec("mmdagg:relabellings=6000");
  const Reading reading = make_distance(spec)->measure({Points(x.view())}, {Points(y.view())});
  const double p = std::exp(-*reading.value) / 20;
  EXPECT_NEAR(p, 1.0 / 3, 4 * std::sqrt(2.0 / 9 / 6000));
}

TEST(ManyKernels, DoNotDependOnThreads) {
  const Matrix<double> x = normal(40, 2, 1), y = normal(40, 2, 2);
  const int before = threads();
  std::vector<double> found;
  for (const int count : {1, 3}) {
    set_threads(count);
    for (const std::string spec : {"mmd-fuse", "mmdagg:relabellings=300"})
      found.push_back(run(spec, x, y).null_mean);
  }
  set_threads(before);
  EXPECT_EQ(found[0], found[2]);
  EXPECT_EQ(found[1], found[3]);
}

TEST(ManyKernels, GridsBelongToThePoolAndNotToItsLabels) {
  const Matrix<double> pool = normal(1500, 2, 3);
  const View<const double> rows = pool.view();
  const PoolDistances one = pool_distances(rows.slice(0, 700), rows.slice(700, 1500)),
                      other = pool_distances(rows.slice(700, 1500), rows.slice(0, 700));
  EXPECT_EQ(one.euclidean, other.euclidean);
  EXPECT_EQ(one.absolute, other.absolute);
  EXPECT_EQ(ratio_grid(1, 8, 4).size(), 4u);
  EXPECT_NEAR(ratio_grid(1, 8, 4)[2], 4, 1e-12);
  EXPECT_NEAR(even_grid(1, 2, 5)[1], 1.25, 1e-12);
}

TEST(ManyKernels, RefuseGradientsWeightsAndGridsOfOne) {
  const Matrix<double> x = normal(4, 1, 1);
  Matrix<double> slopes(4, 1);
  for (const std::string name : {"mmd-fuse", "mmdagg"}) {
    Gradient gradient;
    gradient.points = slopes.view();
    EXPECT_THROW(make_distance(parse_spec(name))->measure({Points(x.view())}, {Points(x.view())}, gradient),
                 RequestError);
    EXPECT_THROW(make_distance(parse_spec(name + ":bandwidths=1")), RequestError);
    EXPECT_THROW(make_distance(parse_spec(name + ":kernels=imq")), RequestError);
  }
  EXPECT_THROW(make_distance(parse_spec("mmd-fuse:lambda=0")), RequestError);
}

}  // namespace
}  // namespace pushforward
