// SPDX-License-Identifier: Apache-2.0
// MMD and energy distance: closed forms, invariances, standard errors, and what is refused.
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "distances/mmd_estimators.hpp"
#include "pushforward/distance.hpp"
#include "pushforward/error.hpp"
#include "pushforward/kernel.hpp"
#include "pushforward/random.hpp"

namespace pushforward {
namespace {

template <class T = double>
Matrix<T> normal(std::size_t n, std::size_t d, std::uint64_t seed, T mean = 0, T sd = 1) {
  Matrix<T> points(n, d);
  fill_normal(points.span(), Draw{seed, stream_id("mmd test")}, mean, sd);
  return points;
}

Reading measure(const std::string& spec, const Sample& x, const Sample& y, const Gradient& grad = {}) {
  return make_distance(parse_spec(spec))->measure(x, y, grad);
}
double value(const std::string& spec, const Matrix<double>& x, const Matrix<double>& y) {
  return *measure(spec, {Points(x.view())}, {Points(y.view())}).value;
}

// MMD² of N(0, I) and N(μ, I) under a Gaussian kernel with s = σ²: 2 (s/(s+2))^{d/2} (1 −
// exp(−‖μ‖²/(2(s+2)))).
double gaussian_mmd(double sigma, double mean_square, std::size_t d) {
  const double s = sigma * sigma;
  return 2 * std::pow(s / (s + 2), static_cast<double>(d) / 2) * (1 - std::exp(-mean_square / (2 * (s + 2))));
}

TEST(Mmd, EstimatorsAverageToTheClosedFormWithinTheirStandardErrors) {
  const double wanted = gaussian_mmd(1.5, 3 * 0.25, 3);
  for (const std::string estimator : {"unbiased", "linear", "block"}) {
    const std::string spec = "mmd:bandwidth=1.5,estimator=" + estimator;
    double sum = 0, squares = 0, errors = 0;
    constexpr int kRuns = 200;
    for (int run = 0; run < kRuns; ++run) {
      const auto seed = static_cast<std::uint64_t>(run);
      const Matrix<double> x = normal(60, 3, 2 * seed), y = normal(60, 3, 2 * seed + 1, 0.5);
      const Reading reading = measure(spec, {Points(x.view())}, {Points(y.view())});
      sum += *reading.value, squares += *reading.value * *reading.value, errors += *reading.standard_error;
    }
    const double mean = sum / kRuns, sd = std::sqrt(squares / kRuns - mean * mean);
    EXPECT_NEAR(mean, wanted, 4 * sd / std::sqrt(kRuns)) << spec;
    // The reported errors are those of the runs: a sample sd of 200 runs is good to 5 %, the jackknife adds
    // its upward bias of order 1/n.
    EXPECT_GT(errors / kRuns, 0.85 * sd) << spec;
    EXPECT_LT(errors / kRuns, 1.3 * sd) << spec;
  }
}

TEST(Mmd, BiasedAndUnbiasedDifferByTheDiagonal) {
  const Matrix<double> x = normal(31, 2, 1), y = normal(31, 2, 2, 0.4);
  const double n = 31, biased = value("mmd:estimator=biased,bandwidth=1", x, y);
  const double unbiased = value("mmd:bandwidth=1", x, y);
  // S − n of n² pairs against n(n−1): biased = (S_xx + S_yy)/n² − c, so S_xx + S_yy follows from either.
  const KernelSums sums =
      kernel_sums({KernelFamily::gaussian, {1}, 1}, {Points(x.view())}, {Points(y.view())});
  double own = 0, cross = 0;
  for (std::size_t i = 0; i < 31; ++i) own += sums.xx[i] + sums.yy[i], cross += sums.xy[i];
  EXPECT_NEAR(biased, (own + 2 * n) / (n * n) - 2 * cross / (n * n), 1e-14);
  EXPECT_NEAR(unbiased, own / (n * (n - 1)) - 2 * cross / (n * n), 1e-14);
}

TEST(Mmd, TheBandwidthIsTheMedianOfThePoolAndIsReported) {
  const std::vector<double> x = {0, 1}, y = {3, 7};
  const View<const double> vx{x.data(), 2, 1}, vy{y.data(), 2, 1};
  const Reading by_median = measure("mmd", {vx}, {vy}), given = measure("mmd:bandwidth=3.5", {vx}, {vy});
  EXPECT_DOUBLE_EQ(number_of(by_median.options, "bandwidth"), 3.5);
  EXPECT_DOUBLE_EQ(*by_median.value, *given.value);
  EXPECT_EQ(std::get<std::string>(find_field(by_median.options, "bandwidth_from")->value),
            "median of pooled distances");
}

TEST(Mmd, FreezeKeepsTheBandwidth) {
  const Matrix<double> x = normal(20, 2, 1), y = normal(20, 2, 2), far = normal(20, 2, 3, 0.0, 50.0);
  const auto distance = make_distance(parse_spec("mmd"));
  distance->freeze({Points(x.view())}, {Points(y.view())});
  const Reading reading = distance->measure({Points(x.view())}, {Points(far.view())});
  EXPECT_DOUBLE_EQ(number_of(reading.options, "bandwidth"), median_distance(x.view(), y.view()).value);
}

TEST(Mmd, TheRootIsTheRoot) {
  const Matrix<double> x = normal(20, 2, 1), y = normal(25, 2, 2, 0.8), same = normal(20, 2, 4);
  const double squared = value("mmd:estimator=biased,bandwidth=1", x, y);
  EXPECT_NEAR(value("mmd:estimator=biased,bandwidth=1,root=yes", x, y), std::sqrt(squared), 1e-15);
  Matrix<double> g2(20, 2), g(20, 2);
  measure("mmd:estimator=biased,bandwidth=1", {Points(x.view())}, {Points(y.view())}, {g2.view()});
  measure("mmd:estimator=biased,bandwidth=1,root=yes", {Points(x.view())}, {Points(y.view())}, {g.view()});
  for (std::size_t e = 0; e < g.size(); ++e)
    EXPECT_NEAR(g.data()[e], g2.data()[e] / 2 / std::sqrt(squared), 1e-15);
  const double negative = value("mmd:bandwidth=1", same, same);  // a sample with itself: below 0
  EXPECT_LT(negative, 0);
  EXPECT_NEAR(value("mmd:bandwidth=1,root=yes", same, same), -std::sqrt(-negative), 1e-15);
}

// SPEC section 5, written out for one generated point: with n data d_i and M generated x_i.
TEST(Mmd, GradientIsTheFormulaOfMomentMatchingNetworks) {
  const Matrix<double> x = normal(6, 3, 1), data = normal(9, 3, 2, 0.5);
  const double sigma = 1.3, s2 = sigma * sigma, big_m = 6, big_n = 9;
  Matrix<double> g(6, 3);
  measure("mmd:estimator=biased,bandwidth=1.3", {Points(x.view())}, {Points(data.view())}, {g.view()});
  const auto k = [&](const double* a, const double* b) {
    double r2 = 0;
    for (int c = 0; c < 3; ++c) r2 += (a[c] - b[c]) * (a[c] - b[c]);
    return std::exp(-r2 / (2 * s2));
  };
  for (std::size_t j = 0; j < 6; ++j)
    for (std::size_t c = 0; c < 3; ++c) {
      double wanted = 0;
      for (std::size_t i = 0; i < 6; ++i)
        wanted += 2 / (big_m * big_m) * k(x.row(i), x.row(j)) * (x(i, c) - x(j, c)) / s2;
      for (std::size_t i = 0; i < 9; ++i)
        wanted -= 2 / (big_n * big_m) * k(data.row(i), x.row(j)) * (data(i, c) - x(j, c)) / s2;
      EXPECT_NEAR(g(j, c), wanted, 1e-15);
    }
}

TEST(Mmd, ShiftingBothSamplesChangesNothingThatCounts) {
  for (const std::string kernel : {"gaussian", "laplacian", "imq", "rq", "energy"}) {
    const std::string spec = "mmd:kernel=" + kernel;
    Matrix<double> x = normal(80, 7, 1), y = normal(90, 7, 2, 0.3);
    const double before = value(spec, x, y);
    for (double& v : x.span()) v += 1000;
    for (double& v : y.span()) v += 1000;
    EXPECT_NEAR(value(spec, x, y), before, 1e-9 * std::abs(before)) << spec;
  }
}

TEST(Mmd, UnitMassesOneAndFiveApart) {
  const std::vector<double> x = {0}, one = {1}, five = {5};
  const auto mass = [](const std::vector<double>& at) { return Sample{View<const double>{at.data(), 1, 1}}; };
  const auto mmd = [&](const std::string& sigma, const std::vector<double>& to) {
    return *measure("mmd:estimator=biased,bandwidth=" + sigma, mass(x), mass(to)).value;
  };
  EXPECT_NEAR(mmd("1", one), 0.7869386805747332, 1e-15);
  EXPECT_NEAR(mmd("1", five), 1.9999925466937, 1e-12);
  EXPECT_NEAR(mmd("10000", five) / mmd("10000", one), 25, 1e-4);
}

TEST(Mmd, RefusesWhatIsNotDefinedInOneSentence) {
  const Matrix<double> x = normal(5, 2, 1), one = normal(1, 2, 2);
  EXPECT_THROW(measure("mmd:bandwidth=0", {Points(x.view())}, {Points(x.view())}), RequestError);
  EXPECT_THROW(measure("mmd:bandwidth=1+-2", {Points(x.view())}, {Points(x.view())}), RequestError);
  EXPECT_THROW(measure("mmd:kernel=energy,bandwidth=1", {Points(x.view())}, {Points(x.view())}),
               RequestError);
  EXPECT_THROW(measure("mmd", {Points(one.view())}, {Points(x.view())}), RequestError);
  EXPECT_THROW(measure("mmd:estimator=block,block=6", {Points(x.view())}, {Points(x.view())}), RequestError);
  const std::vector<double> w(5, 0.2);
  EXPECT_THROW(measure("mmd", {Points(x.view()), w}, {Points(x.view())}), RequestError);
  EXPECT_NO_THROW(measure("mmd:estimator=biased", {Points(one.view())}, {Points(x.view())}));
  const Matrix<double> huge = normal(5, 2, 1, 0.0, 1e200);
  EXPECT_THROW(measure("energy", {Points(huge.view())}, {Points(x.view())}), RequestError);
}

TEST(Mmd, TenThousandDuplicatesAreOrdinary) {
  Matrix<double> x(10000, 1), y(10000, 1);
  for (std::size_t i = 0; i < 10000; ++i)
    x(i, 0) = static_cast<double>(i % 2), y(i, 0) = static_cast<double>(i % 4);
  EXPECT_GT(value("mmd", x, y), 0);
  EXPECT_GT(value("energy", x, y), 0);
  std::fill_n(y.data(), y.size(), 3.0), std::fill_n(x.data(), x.size(), 3.0);
  EXPECT_NEAR(value("mmd:estimator=biased", x, y), 0, 1e-12);
  EXPECT_EQ(value("energy", x, y), 0);
}

TEST(Energy, TheLineAgreesWithAllPairs) {
  Matrix<double> x = normal(40, 1, 1, 1000.0), y = normal(30, 1, 2, 1000.5);
  for (std::size_t i = 0; i < 10; ++i) x(i, 0) = std::round(x(i, 0)), y(i, 0) = std::round(y(i, 0));  // ties
  std::vector<double> w(40, 0), v(30, 1.0 / 30);
  for (std::size_t i = 0; i < 40; ++i) w[i] = static_cast<double>(i + 1) / 820;
  for (const bool weighted : {false, true}) {
    const Sample wx{Points(x.view()), weighted ? std::span<const double>(w) : std::span<const double>()};
    const Sample wy{Points(y.view()), weighted ? std::span<const double>(v) : std::span<const double>()};
    Matrix<double> gl(40, 1), gp(40, 1);
    std::vector<double> wl(40), wp(40);
    const double line = energy_on_line(wx, wy, {gl.view(), wl});
    const double pairs = biased_mmd({KernelFamily::energy, {}, 1}, wx, wy, {gp.view(), wp}).value;
    EXPECT_NEAR(line, pairs, 1e-11);
    for (std::size_t i = 0; i < 40; ++i) {
      EXPECT_NEAR(gl(i, 0), gp(i, 0), 1e-13) << i;
      EXPECT_NEAR(wl[i] - wl[0], wp[i] - wp[0], 1e-11) << i;
    }
  }
}

TEST(Energy, NearCoincidentPointsKeepTheirDistances) {
  Matrix<double> x(1, 3), y(1, 3);
  for (std::size_t k = 0; k < 3; ++k) x(0, k) = 1000, y(0, k) = 1000 + 1e-9;
  const double apart = std::sqrt(3.0) * (y(0, 0) - x(0, 0));
  EXPECT_NEAR(value("energy", x, y), 2 * apart, 1e-14 * apart);
}

}  // namespace
}  // namespace pushforward
