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
#include "support/blobs.hpp"

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

TEST(ManyKernels, SeeWhatTheMedianBandwidthMisses) {
  int median = 0, fuse = 0, aggregate = 0;
  for (std::uint64_t r = 0; r < 5; ++r) {
    const Matrix<double> x = testing::blobs(400, 0, 2 * r), y = testing::blobs(400, 0.8, 2 * r + 1);
    const PermutationOptions options{.permutations = 99, .seed = r};
    median += run("mmd", x, y, options).reject, fuse += run("mmd-fuse", x, y, options).reject;
    aggregate += run("mmdagg:relabellings=499", x, y, options).reject;
  }
  EXPECT_EQ(fuse, 5);
  EXPECT_EQ(aggregate, 5);
  EXPECT_LT(median, 5);
}

// Algorithm 1 as it is printed, from naive sums in double: a quantile of R values for each kernel, the level
// u by bisection. Only the relabellings and the bandwidths are the program's.
class Published {
 public:
  using Orders = std::vector<std::vector<std::uint32_t>>;

  Published(const Matrix<double>& x, const Matrix<double>& y, std::size_t bandwidths,
            std::size_t relabellings, std::uint64_t seed)
      : x_(x), y_(y) {
    const PoolDistances distances = pool_distances({x.view()}, {y.view()});
    bandwidth_ =
        ratio_grid(quantile_of(distances.euclidean, 0.05) / 2, 2 * distances.euclidean.back(), bandwidths);
    reference_.resize(bandwidths);
    std::vector<std::uint32_t> order(x.rows() + y.rows());
    for (std::size_t r = 0; r < relabellings; ++r) {
      fill_permutation(order, Draw{seed}.on("mmdagg").at(r));
      for (std::size_t k = 0; k < bandwidths; ++k) reference_[k].push_back(mmd(order, k));
    }
    for (std::vector<double>& of_kernel : reference_) std::sort(of_kernel.begin(), of_kernel.end());
  }

  bool rejects(const std::vector<std::uint32_t>& order, double u) const {
    for (std::size_t k = 0; k < reference_.size(); ++k)
      if (mmd(order, k) > quantile(k, u / static_cast<double>(reference_.size()))) return true;
    return false;
  }

  // The largest u, to 2⁻³⁰, at which at most a share alpha of the orders is rejected.
  double level(const Orders& orders, double alpha) const {
    double low = 0, high = static_cast<double>(reference_.size());
    for (int step = 0; step < 31; ++step) {
      const double u = (low + high) / 2;
      const auto rejected = static_cast<double>(
          std::count_if(orders.begin(), orders.end(), [&](const auto& order) { return rejects(order, u); }));
      (rejected <= alpha * static_cast<double>(orders.size()) ? low : high) = u;
    }
    return low;
  }

 private:
  // The (1 − share)-quantile of the R values and the one tested, which counts as the largest.
  double quantile(std::size_t k, double share) const {
    const std::vector<double>& of_kernel = reference_[k];
    const auto place =
        static_cast<std::size_t>(std::ceil(static_cast<double>(of_kernel.size() + 1) * (1 - share) - 1e-9));
    return place > of_kernel.size() ? HUGE_VAL : place == 0 ? -HUGE_VAL : of_kernel[place - 1];
  }

  // exp(−r²/b²), unbiased.
  double mmd(const std::vector<std::uint32_t>& order, std::size_t k) const {
    const std::size_t n = x_.rows(), m = y_.rows();
    double xx = 0, yy = 0, xy = 0;
    for (std::size_t i = 0; i < n + m; ++i)
      for (std::size_t l = 0; l < i; ++l) {
        double square = 0;
        for (std::size_t c = 0; c < x_.cols(); ++c) {
          const double step = at(order[i], c) - at(order[l], c);
          square += step * step;
        }
        (i < n ? xx : l >= n ? yy : xy) += std::exp(-square / (bandwidth_[k] * bandwidth_[k]));
      }
    const auto a = static_cast<double>(n), b = static_cast<double>(m);
    return 2 * xx / (a * (a - 1)) + 2 * yy / (b * (b - 1)) - 2 * xy / (a * b);
  }
  double at(std::size_t row, std::size_t c) const {
    return row < x_.rows() ? x_(row, c) : y_(row - x_.rows(), c);
  }

  const Matrix<double>&x_, &y_;
  std::vector<double> bandwidth_{};
  std::vector<std::vector<double>> reference_{};
};

// T of every order from the program, u from the paper: at each level they reject the same orders. The T are
// multiples of 4/200, and u is 2⁻²⁹ below one.
TEST(ManyKernels, AggregationIsThePublishedAlgorithm) {
  const Matrix<double> x = normal(9, 2, 7), y = normal(7, 2, 8);
  const std::size_t relabellings = 199, bandwidths = 4, pool = 16;
  const std::uint64_t seed = 5;
  const Published published(x, y, bandwidths, relabellings, seed);
  Published::Orders orders(60, std::vector<std::uint32_t>(pool));
  Matrix<std::uint32_t> rows(orders.size(), pool);
  for (std::size_t b = 0; b < orders.size(); ++b) {
    fill_permutation(orders[b], Draw{seed}.on("orders").at(b));
    std::copy(orders[b].begin(), orders[b].end(), rows.row(b));
  }
  const Sample sample_x{Points(x.view())}, sample_y{Points(y.view())};
  const auto program =
      make_distance(parse_spec("mmdagg:kernels=gaussian,bandwidths=4,relabellings=199"), seed);
  std::vector<double> values(orders.size());
  program->permuted(sample_x, sample_y)->measure(rows.view(), values);
  for (const double alpha : {0.05, 0.2, 0.5, 0.8}) {
    const double u = published.level(orders, alpha);
    for (std::size_t b = 0; b < orders.size(); ++b)
      EXPECT_EQ(published.rejects(orders[b], u), std::exp(-values[b]) <= u) << alpha << " " << b;
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
