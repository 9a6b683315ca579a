// SPDX-License-Identifier: Apache-2.0
// Permutation tests: exact level, fast forms equal to slow ones, ties, determinism.
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "pushforward/error.hpp"
#include "pushforward/random.hpp"
#include "pushforward/threads.hpp"
#include "pushforward/two_sample.hpp"

namespace pushforward {
namespace {

template <class T = double>
Matrix<T> normal(std::size_t n, std::size_t d, std::uint64_t seed, T mean = 0) {
  Matrix<T> points(n, d);
  fill_normal(points.span(), Draw{seed, stream_id("two-sample test")}, mean, T{1});
  return points;
}

PermutationTest run(const std::string& text, const Sample& x, const Sample& y,
                    const PermutationOptions& options = {}) {
  const Spec spec = parse_spec(text);
  return permutation_test(*make_distance(spec), facts_of(spec), x, y, options);
}

// 2000 repetitions of a true hypothesis: rejections at 0.05 are binomial with sd 0.00487.
void expect_level(const std::string& spec, bool ties) {
  constexpr int kRepetitions = 2000;
  const double error = 3 * std::sqrt(0.05 * 0.95 / kRepetitions);
  PermutationOptions options;
  options.permutations = 99;  // (1 + 99)·0.05 is whole, so that p ≤ 0.05 can have probability 0.05 exactly
  int rejected = 0;
  for (int r = 0; r < kRepetitions; ++r) {
    const auto seed = static_cast<std::uint64_t>(r);
    Matrix<double> x = normal(8, 1, 2 * seed), y = normal(11, 1, 2 * seed + 1);
    if (ties)
      for (Matrix<double>* points : {&x, &y})
        for (double& value : points->span()) value = std::round(value);
    options.seed = seed;
    rejected += run(spec, {Points(x.view())}, {Points(y.view())}, options).reject;
  }
  const double rate = static_cast<double>(rejected) / kRepetitions;
  EXPECT_LE(rate, 0.05 + error) << spec;
  if (!ties) {
    EXPECT_GE(rate, 0.05 - error) << spec;
  }
}

TEST(PermutationTest, RejectsATrueHypothesisAtItsLevel) {
  expect_level("mmd", false);
  expect_level("energy", false);
  expect_level("mmd:estimator=linear,bandwidth=1", false);
  expect_level("mmd:estimator=biased", true);
}

TEST(PermutationTest, FindsADifference) {
  const Matrix<double> x = normal(60, 3, 1), y = normal(50, 3, 2, 0.8);
  for (const std::string spec : {"mmd", "energy", "mmd:estimator=block"}) {
    const PermutationTest test = run(spec, {Points(x.view())}, {Points(y.view())});
    EXPECT_TRUE(test.reject) << spec;
    EXPECT_DOUBLE_EQ(test.p_value, 1.0 / 1001) << spec;
    EXPECT_GT(*test.effect, 3) << spec;
  }
}

// A distance that hides its fast form, so that the same relabellings are measured one by one.
class Slow final : public Distance {
 public:
  explicit Slow(const std::string& text) : inner_(make_distance(parse_spec(text))) {}
  Reading measure(const Sample& x, const Sample& y, const Gradient& grad) const override {
    return inner_->measure(x, y, grad);
  }
  void freeze(const Sample& x, const Sample& y) override { inner_->freeze(x, y); }

 private:
  std::unique_ptr<Distance> inner_;
};

template <class T>
void expect_same_as_slow(const std::string& text, std::size_t n, std::size_t m, std::size_t d,
                         double tolerance) {
  const Matrix<T> x = normal<T>(n, d, 1), y = normal<T>(m, d, 2, T(0.1));
  const Sample sx{Points(x.view())}, sy{Points(y.view())};
  PermutationOptions options;
  options.permutations = 70;  // more than a batch
  Slow slow(text);
  const PermutationTest wanted = permutation_test(slow, facts_of(parse_spec(text)), sx, sy, options);
  const PermutationTest got = run(text, sx, sy, options);
  EXPECT_EQ(got.p_value, wanted.p_value) << text;
  EXPECT_NEAR(*got.effect, *wanted.effect, tolerance * 100) << text;
  for (std::size_t q = 0; q < got.null_quantiles.size(); ++q)
    EXPECT_NEAR(got.null_quantiles[q].second, wanted.null_quantiles[q].second, tolerance * wanted.null_sd)
        << text;
}

TEST(PermutationTest, FastFormsAgreeWithMeasuringAnew) {
  for (const std::string spec :
       {"mmd", "mmd:estimator=biased", "mmd:root=yes", "mmd:kernel=polynomial,estimator=biased",
        "mmd:kernel=laplacian,bandwidth=1+2+4", "mmd:kernel=rq", "energy"}) {
    expect_same_as_slow<double>(spec, 50, 50, 3, 1e-9);
    expect_same_as_slow<double>(spec, 49, 60, 3, 1e-9);
    expect_same_as_slow<double>(spec, 2, 3, 1, 1e-9);
  }
  expect_same_as_slow<double>("mmd", 300, 260, 5, 1e-5);  // the matrix in float32
  expect_same_as_slow<double>("energy", 300, 300, 5, 1e-5);
  expect_same_as_slow<float>("mmd", 600, 500, 5, 1e-4);  // values and measurements in float32 tiles
}

TEST(PermutationTest, TiesCountAgainstRejection) {
  // Of the 6 ways to deal {0, 0, 1, 1} into two pairs, {0,0} against {1,1} and its mirror are as far apart: p
  // tends to 1/3.
  const std::vector<double> x = {0, 0}, y = {1, 1};
  PermutationOptions options;
  options.permutations = 5999;
  const PermutationTest test =
      run("energy", {View<const double>{x.data(), 2, 1}}, {View<const double>{y.data(), 2, 1}}, options);
  EXPECT_NEAR(test.p_value, 1.0 / 3, 4 * std::sqrt(2.0 / 9 / 6000));
  const std::vector<double> same(4, 2.0);
  const PermutationTest constant =
      run("energy", {View<const double>{same.data(), 2, 1}}, {View<const double>{same.data(), 2, 1}});
  EXPECT_EQ(constant.p_value, 1);
  EXPECT_FALSE(constant.effect.has_value());
}

TEST(PermutationTest, DoesNotDependOnThreads) {
  const Matrix<double> x = normal(40, 2, 1), y = normal(40, 2, 2);
  const int before = threads();
  std::vector<double> found;
  for (const int count : {1, 3}) {
    set_threads(count);
    for (const std::string spec : {"mmd:bandwidth=1", "mmd:estimator=linear,bandwidth=1"})
      found.push_back(run(spec, {Points(x.view())}, {Points(y.view())}).null_mean);
  }
  set_threads(before);
  EXPECT_EQ(found[0], found[2]);
  EXPECT_EQ(found[1], found[3]);
}

TEST(PermutationTest, RefusesWeights) {
  const Matrix<double> x = normal(4, 1, 1);
  const std::vector<double> w(4, 0.25);
  EXPECT_THROW(run("energy", {Points(x.view()), w}, {Points(x.view())}), RequestError);
  PermutationOptions options;
  options.level = 0;
  EXPECT_THROW(run("energy", {Points(x.view())}, {Points(x.view())}, options), RequestError);
}

}  // namespace
}  // namespace pushforward
