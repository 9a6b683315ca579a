// SPDX-License-Identifier: Apache-2.0
// The deep kernel: its criterion by the formula and its gradient by differences, the statistic by naive sums,
// the level of the test, and what it sees that one bandwidth does not.
#include <cmath>
#include <functional>

#include <gtest/gtest.h>
#include <Eigen/Core>

#include "critics/deep_kernel.hpp"
#include "pushforward/error.hpp"
#include "pushforward/random.hpp"
#include "pushforward/two_sample.hpp"
#include "support/blobs.hpp"

namespace pushforward {
namespace {

using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Rows normal_rows(Eigen::Index n, Eigen::Index d, std::uint64_t seed) {
  Rows rows(n, d);
  fill_normal({rows.data(), static_cast<std::size_t>(rows.size())}, Draw{seed}.on("deep"), 0.0, 1.0);
  return rows;
}

double kernel_of(const Rows& f, const Rows& p, Eigen::Index a, Eigen::Index b, const KernelScales& s) {
  return ((1 - s.mix) * std::exp(-s.feature_rate * (f.row(a) - f.row(b)).squaredNorm()) + s.mix) *
         std::exp(-s.rate * (p.row(a) - p.row(b)).squaredNorm());
}

// As equations 1 and 3 are printed.
double naive_criterion(const Rows& f, const Rows& p, const KernelScales& s) {
  const Eigen::Index n = p.rows() / 2;
  double m = 0, squares = 0, total = 0;
  for (Eigen::Index i = 0; i < n; ++i) {
    double sum = 0;
    for (Eigen::Index j = 0; j < n; ++j) {
      const double h = kernel_of(f, p, i, j, s) + kernel_of(f, p, n + i, n + j, s) -
                       kernel_of(f, p, i, n + j, s) - kernel_of(f, p, j, n + i, s);
      sum += h;
      if (i != j) m += h;
    }
    squares += sum * sum, total += sum;
  }
  const auto c = static_cast<double>(n);
  return m / (c * (c - 1)) /
         std::sqrt(4 * squares / (c * c * c) - 4 * total * total / (c * c * c * c) + 1e-8);
}

Tensor floats_of(const Rows& rows) {
  Tensor out(static_cast<std::size_t>(rows.rows()), static_cast<std::size_t>(rows.cols()));
  for (Eigen::Index e = 0; e < rows.size(); ++e) out.data()[e] = static_cast<float>(rows.data()[e]);
  return out;
}

// To the rounding of float32, some hundred units long.
TEST(DeepKernel, CriterionIsAsPrintedAndItsGradientThatOfDifferences) {
  constexpr double kRounding = 200 * 0x1p-24;
  Rows f = normal_rows(14, 3, 1), p = normal_rows(14, 2, 2);
  p.bottomRows(7).array() += 0.7;
  KernelScales s{.mix = 0.3, .feature_rate = 0.4, .rate = 0.2};
  const PowerCriterion found = power_criterion(floats_of(f), floats_of(p), s);
  EXPECT_NEAR(found.value, naive_criterion(f, p, s), kRounding);
  const auto slope = [&](double& at) {
    const double before = at, step = 1e-5;
    at = before + step;
    const double above = naive_criterion(f, p, s);
    at = before - step;
    const double below = naive_criterion(f, p, s);
    at = before;
    return (above - below) / (2 * step);
  };
  for (Eigen::Index e = 0; e < f.size(); ++e)
    EXPECT_NEAR(static_cast<double>(found.features.data()[e]), slope(f.data()[e]), kRounding) << e;
  EXPECT_NEAR(found.mix, slope(s.mix), kRounding);
  EXPECT_NEAR(found.feature_rate, slope(s.feature_rate), kRounding);
  EXPECT_NEAR(found.rate, slope(s.rate), kRounding);
}

PermutationTest test_by(const std::string& text, const Matrix<double>& x, const Matrix<double>& y,
                        std::uint64_t seed) {
  const Spec spec = parse_spec(text);
  return permutation_test(*make_distance(spec, seed), facts_of(spec), {Points(x.view())}, {Points(y.view())},
                          {.permutations = 19, .seed = seed});
}

TEST(MmdD, SeesWhatTheMedianBandwidthMisses) {
  int median = 0, deep = 0;
  for (std::uint64_t r = 0; r < 3; ++r) {
    const Matrix<double> x = testing::blobs(800, 0, 2 * r), y = testing::blobs(800, 0.8, 2 * r + 1);
    median += test_by("mmd", x, y, r).reject, deep += test_by("mmd-d", x, y, r).reject;
  }
  EXPECT_EQ(deep, 3);
  EXPECT_LT(median, 3);
}

// Exchangeable held-out rows make the level exact; ties can only lower it.
TEST(MmdD, RejectsATrueHypothesisAtItsLevel) {
  constexpr int kRepetitions = 200;
  int rejected = 0, tied = 0;
  for (std::uint64_t r = 0; r < kRepetitions; ++r) {
    Matrix<double> x(24, 2), y(30, 2);
    fill_normal(x.span(), Draw{r}.on("x"), 0.0, 1.0), fill_normal(y.span(), Draw{r}.on("y"), 0.0, 1.0);
    const std::string spec = "mmd-d:hidden=4,features=3,steps=20,batch=8";
    rejected += test_by(spec, x, y, r).reject;
    for (Matrix<double>* points : {&x, &y})
      for (double& value : points->span()) value = std::round(value);
    tied += test_by(spec, x, y, r).reject;
  }
  const double error = 3 * std::sqrt(0.05 * 0.95 / kRepetitions);
  EXPECT_NEAR(static_cast<double>(rejected) / kRepetitions, 0.05, error);
  EXPECT_LE(static_cast<double>(tied) / kRepetitions, 0.05 + error);
}

// The samples as they are give the reading; held-out rows that change sides give another value.
TEST(MmdD, TheValueOfRelabellingsIsTheirOwn) {
  Matrix<double> x(60, 2), y(40, 2);
  fill_normal(x.span(), Draw{1}.on("x"), 0.0, 1.0), fill_normal(y.span(), Draw{1}.on("y"), 1.0, 1.0);
  const auto distance = make_distance(parse_spec("mmd-d:steps=30"), 3);
  const Sample sx{Points(x.view())}, sy{Points(y.view())};
  distance->freeze(sx, sy);
  const double value = *distance->measure(sx, sy).value;
  const auto statistic = distance->permuted(sx, sy);
  Matrix<std::uint32_t> orders(2, 100);
  for (std::uint32_t i = 0; i < 100; ++i) orders(0, i) = i, orders(1, i) = 99 - i;
  std::vector<double> values(2);
  statistic->measure(orders.view(), values);
  EXPECT_NEAR(values[0], value, 1e-12);
  EXPECT_NE(values[1], values[0]);
  EXPECT_GT(value, 0.01);  // means a standard deviation apart
}

// One row that is not as the others: of as many rows, whichever sample it falls to gives the same value.
TEST(MmdD, TiesCountAgainstRejection) {
  for (const std::size_t odd : {0, 7, 23}) {
    Matrix<double> x(30, 3), y(30, 3);
    x(odd, 1) = 1;
    EXPECT_EQ(test_by("mmd-d:steps=20", x, y, 4).p_value, 1) << odd;
  }
}

TEST(MmdD, RefusesAGradientAndFewRows) {
  const Matrix<double> few(5, 1);
  const auto distance = make_distance(parse_spec("mmd-d"));
  EXPECT_THROW(distance->measure({Points(few.view())}, {Points(few.view())}), RequestError);
  EXPECT_THROW(make_distance(parse_spec("mmd-d:features=0")), RequestError);
  EXPECT_THROW(make_distance(parse_spec("mmd-d:kernel=gaussian")), RequestError);
}

}  // namespace
}  // namespace pushforward
