// SPDX-License-Identifier: Apache-2.0
// Kernel sums in tiles against the plain double-precision loops that the formulas say.
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "kernels/kernel_sums_at.hpp"
#include "pushforward/kernel.hpp"
#include "pushforward/random.hpp"
#include "pushforward/threads.hpp"
#include "unit/ops/every_target.hpp"

namespace pushforward {
namespace {

constexpr KernelFamily kFamilies[] = {KernelFamily::gaussian, KernelFamily::laplacian,  KernelFamily::imq,
                                      KernelFamily::rq,       KernelFamily::polynomial, KernelFamily::energy};

template <class T>
Matrix<T> cloud(std::size_t n, std::size_t d, std::uint64_t seed, T mean = 0, T sd = 1) {
  Matrix<T> points(n, d);
  fill_normal(points.span(), Draw{seed, stream_id("cloud")}, mean, sd);
  return points;
}

template <class T>
Matrix<double> doubles(const Matrix<T>& points) {
  Matrix<double> out(points.rows(), points.cols());
  std::copy_n(points.data(), points.size(), out.data());
  return out;
}

std::span<const double> row(const Matrix<double>& points, std::size_t i) {
  return {points.row(i), points.cols()};
}

std::vector<double> ramp_weights(std::size_t n) {
  std::vector<double> w(n);
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += w[i] = 1 + static_cast<double>(i % 7);
  for (double& value : w) value /= sum;
  return w;
}

// The sums as kernel.hpp defines them, pair by pair.
KernelSums plain_sums(const Kernel& kernel, const Matrix<double>& x, const Matrix<double>& y,
                      const std::vector<double>& w, const std::vector<double>& v) {
  const auto weight = [](const std::vector<double>& all, std::size_t i) {
    return all.empty() ? 1.0 : all[i];
  };
  const std::size_t n = x.rows(), m = y.rows();
  KernelSums sums{std::vector<double>(n), std::vector<double>(m), std::vector<double>(n),
                  std::vector<double>(m)};
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t l = 0; l < n; ++l)
      if (l != i) sums.xx[i] += weight(w, l) * kernel_value(kernel, row(x, i), row(x, l));
  for (std::size_t j = 0; j < m; ++j)
    for (std::size_t l = 0; l < m; ++l)
      if (l != j) sums.yy[j] += weight(v, l) * kernel_value(kernel, row(y, j), row(y, l));
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < m; ++j) {
      const double k = kernel_value(kernel, row(x, i), row(y, j));
      sums.xy[i] += weight(v, j) * k, sums.yx[j] += weight(w, i) * k;
    }
  return sums;
}

Matrix<double> plain_gradient(const Kernel& kernel, const Matrix<double>& x, const Matrix<double>& y,
                              const std::vector<double>& w, const std::vector<double>& v, double within,
                              double across) {
  Matrix<double> out(x.rows(), x.cols());
  for (std::size_t i = 0; i < x.rows(); ++i) {
    const std::span<double> to(out.row(i), out.cols());
    for (std::size_t l = 0; l < x.rows(); ++l)
      if (l != i) add_kernel_gradient(kernel, row(x, i), row(x, l), within * (w.empty() ? 1 : w[l]), to);
    for (std::size_t j = 0; j < y.rows(); ++j)
      add_kernel_gradient(kernel, row(x, i), row(y, j), across * (v.empty() ? 1 : v[j]), to);
  }
  return out;
}

// Largest error relative to the largest element.
double error_of(std::span<const double> got, std::span<const double> wanted) {
  double worst = 0, largest = 1e-300;
  for (std::size_t i = 0; i < got.size(); ++i) {
    worst = std::max(worst, std::abs(got[i] - wanted[i]));
    largest = std::max(largest, std::abs(wanted[i]));
  }
  return worst / largest;
}

void expect_sums(const KernelSums& got, const KernelSums& wanted, double tolerance, const std::string& what) {
  EXPECT_LE(error_of(got.xx, wanted.xx), tolerance) << what;
  EXPECT_LE(error_of(got.yy, wanted.yy), tolerance) << what;
  EXPECT_LE(error_of(got.xy, wanted.xy), tolerance) << what;
  EXPECT_LE(error_of(got.yx, wanted.yx), tolerance) << what;
}

// One configuration: sums and gradient, and that the sums do not depend on the gradient.
template <class T>
void check(const Kernel& kernel, const Matrix<T>& x, const Matrix<T>& y, bool weighted, double tolerance) {
  const std::string what = "family " + std::to_string(static_cast<int>(kernel.family)) + ", n " +
                           std::to_string(x.rows()) + ", m " + std::to_string(y.rows()) + ", d " +
                           std::to_string(x.cols()) + (weighted ? ", weighted" : "");
  const std::vector<double> w = weighted ? ramp_weights(x.rows()) : std::vector<double>{};
  const std::vector<double> v = weighted ? ramp_weights(y.rows()) : std::vector<double>{};
  const Sample sx{Points(x.view()), w}, sy{Points(y.view()), v};
  Matrix<double> gradient(x.rows(), x.cols());
  std::fill_n(gradient.data(), gradient.size(), 1e9);  // written, not added to
  const KernelSums plain = kernel_sums(kernel, sx, sy);
  const KernelSums with = kernel_sums(kernel, sx, sy, {gradient.view(), 0.7, -1.3});
  expect_sums(plain, plain_sums(kernel, doubles(x), doubles(y), w, v), tolerance, what);
  EXPECT_EQ(plain.xx, with.xx) << what;
  EXPECT_EQ(plain.yy, with.yy) << what;
  EXPECT_EQ(plain.xy, with.xy) << what;
  const Matrix<double> wanted = plain_gradient(kernel, doubles(x), doubles(y), w, v, 0.7, -1.3);
  EXPECT_LE(error_of(gradient.span(), wanted.span()), 100 * tolerance) << what;
}

TEST(KernelSums, DoubleTilesAgreeWithThePlainLoops) {
  // Sizes at, below and beside a panel's 48; features below, at and beside every block of registers.
  const std::size_t sizes[][3] = {{1, 1, 1},   {5, 3, 2},     {48, 47, 5},
                                  {49, 96, 8}, {130, 51, 11}, {60, 60, 19}};
  for (const KernelFamily family : kFamilies)
    for (const auto& [n, m, d] : sizes)
      for (const bool weighted : {false, true})
        check(Kernel{family, {0.7, 2.5}, 1.5}, cloud<double>(n, d, 1), cloud<double>(m, d, 2, 0.3, 1.2),
              weighted, 1e-13);
}

TEST(KernelSums, EveryInstructionSetGivesTheSums) {
  for_every_target([] {
    const Matrix<double> x = cloud<double>(61, 7, 1), y = cloud<double>(50, 7, 2, 0.3, 1.2);
    for (const KernelFamily family : kFamilies) check(Kernel{family, {0.7, 2.5}, 1.5}, x, y, false, 1e-13);
    const Matrix<float> a = cloud<float>(560, 5, 3), b = cloud<float>(470, 5, 4);
    check(Kernel{KernelFamily::gaussian, {1, 2, 4}, 1}, a, b, false, 1e-6);
  });
}

TEST(KernelSums, SquaringGivesWhatSeparateExponentialsGive) {
  // Points in common, within a sample and across: something is left when all else underflows.
  Matrix<double> x = cloud<double>(70, 6, 1), y = cloud<double>(50, 6, 2);
  std::copy_n(x.row(0), 60, x.row(50));
  std::copy_n(x.row(0), 60, y.row(0)), std::copy_n(x.row(0), 60, y.row(20));
  for (const KernelFamily family : {KernelFamily::gaussian, KernelFamily::laplacian}) {
    check(Kernel{family, {1, 2, 4, 0.5, 2}, 1}, x, y, false, 1e-13);
    check(Kernel{family, {0.002, 0.004, 0.016}, 1}, x, y, false, 1e-13);  // nearly all underflows
    check(Kernel{family, {1, 2, 3}, 1}, x, y, false, 1e-13);
  }
}

TEST(KernelSums, FloatTilesAgreeWithThePlainLoopsOnTheSameFloats) {
  for (const std::size_t d : {1u, 3u, 17u}) {
    const auto spread = static_cast<double>(d);
    const Matrix<float> x = cloud<float>(600, d, 3), y = cloud<float>(430, d, 4, 0.3f, 1.2f);
    for (const KernelFamily family :
         {KernelFamily::gaussian, KernelFamily::laplacian, KernelFamily::imq, KernelFamily::energy}) {
      const double sigma = family == KernelFamily::laplacian ? spread : std::sqrt(spread);
      check(Kernel{family, {sigma, 2 * sigma, 0.5 * sigma}, 1}, x, y, false, 1e-6);
      check(Kernel{family, {sigma, 1.7 * sigma}, 1}, x, y, false, 1e-6);
    }
  }
}

// A row's sum of float32 kernel values has relative errors of about 10⁻⁷; the *contrast* of all of them must
// not.
TEST(KernelSums, TheirContrastIsExactInFloatTilesToo) {
  for (const float shift : {0.0f, 1000.0f})
    for (const std::size_t d : {2u, 16u}) {
      Matrix<float> x = cloud<float>(900, d, 5), y = cloud<float>(700, d, 6, 0.3f, 1.2f);
      for (float& value : x.span()) value += shift;
      for (float& value : y.span()) value += shift;
      const double sigma = std::sqrt(static_cast<double>(d));
      const Kernel kernel{KernelFamily::gaussian, {0.5 * sigma, sigma, 2 * sigma}, 1};
      const auto contrast = [&](const KernelSums& s) {
        double xx = 0, yy = 0, xy = 0;
        for (const double value : s.xx) xx += value;
        for (const double value : s.yy) yy += value;
        for (const double value : s.xy) xy += value;
        return xx / (900.0 * 899) + yy / (700.0 * 699) - 2 * xy / (900.0 * 700);
      };
      const double wanted = contrast(plain_sums(kernel, doubles(x), doubles(y), {}, {}));
      const double got = contrast(kernel_sums(kernel, {Points(x.view())}, {Points(y.view())}));
      EXPECT_NEAR(got, wanted, 1e-6 * std::abs(wanted)) << "d " << d << ", shift " << shift;
    }
}

TEST(KernelSums, SmallBandwidthsFarFromTheOriginKeepTheirDigits) {
  // Two tight clusters 2000 apart: the dot form would lose all digits of distances within a cluster.
  Matrix<float> x = cloud<float>(600, 12, 7, 0.0f, 0.25f), y = cloud<float>(600, 12, 8, 0.0f, 0.25f);
  for (std::size_t i = 0; i < 600; i += 2)
    for (std::size_t k = 0; k < 12; ++k) x(i, k) += 2000, y(i, k) += 2000;
  check(Kernel{KernelFamily::gaussian, {0.5}, 1}, x, y, false, 1e-6);
  check(Kernel{KernelFamily::energy, {}, 1}, x, y, false, 1e-6);
}

TEST(KernelSums, SameThreadsSameBits) {
  const int before = threads();
  const Matrix<float> x = cloud<float>(1500, 8, 9), y = cloud<float>(1300, 8, 10);
  for (const int count : {1, 2, 3}) {
    set_threads(count);
    const Kernel kernel{KernelFamily::gaussian, {2.0}, 1};
    const KernelSums a = kernel_sums(kernel, {Points(x.view())}, {Points(y.view())});
    const KernelSums b = kernel_sums(kernel, {Points(x.view())}, {Points(y.view())});
    EXPECT_EQ(a.xx, b.xx);
    EXPECT_EQ(a.yx, b.yx);
  }
  set_threads(before);
}

TEST(KernelSumsAt, AreTheFormulasSums) {
  for (const KernelFamily family : kFamilies)
    for (const std::size_t d : {1, 3, 70}) {
      const Kernel kernel{family, {0.5, 1, 8}, 1};
      const Matrix<double> y = cloud<double>(101, d, 2);
      Matrix<double> at = cloud<double>(130, d, 1);
      at(129, 0) = 1e6;  // far away: its neighbours keep their digits
      const std::vector<double> w = ramp_weights(101), none;
      for (const std::vector<double>* weights : {&w, &none}) {
        const std::vector<double> got = kernel_sums_at(kernel, Points(at), Sample{Points(y), *weights});
        const std::vector<double> wanted = plain_sums(kernel, at, y, {}, *weights).xy;
        ASSERT_EQ(got.size(), 130u);
        const std::span<const double> near_got(got.data(), 129), near_wanted(wanted.data(), 129);
        EXPECT_LT(error_of(near_got, near_wanted), 1e-12) << static_cast<int>(family) << " " << d;
        EXPECT_NEAR(got[129], wanted[129], 1e-12 * std::abs(wanted[129]) + 1e-300)
            << static_cast<int>(family);
      }
    }
}

TEST(MedianDistance, IsTheMiddleOfAllPairs) {
  const std::vector<double> x = {0, 1}, y = {3, 7};  // distances 1 3 7 2 6 4
  const MedianDistance median =
      median_distance(View<const double>{x.data(), 2, 1}, View<const double>{y.data(), 2, 1});
  EXPECT_DOUBLE_EQ(median.value, 3.5);
  EXPECT_EQ(median.points, 4u);
  const std::vector<double> plane = {0, 0, 3, 4};
  const View<const double> p{plane.data(), 1, 2}, q{plane.data() + 2, 1, 2};
  EXPECT_DOUBLE_EQ(median_distance(p, q).value, 5);
  EXPECT_DOUBLE_EQ(median_distance(p, q, true).value, 7);
}

TEST(MedianDistance, FallsBackWhereItIsZero) {
  const std::vector<double> x(9, 2.0), y = {2, 2, 12};
  const MedianDistance mean =
      median_distance(View<const double>{x.data(), 9, 1}, View<const double>{y.data(), 3, 1});
  EXPECT_TRUE(mean.fallback);
  EXPECT_DOUBLE_EQ(mean.value, 110.0 / 66);  // 11 of 66 pairs are 10 apart
  EXPECT_DOUBLE_EQ(
      median_distance(View<const double>{x.data(), 9, 1}, View<const double>{x.data(), 1, 1}).value, 1);
}

TEST(MedianDistance, OfALargePoolIsNearTheExactOne) {
  const Matrix<double> x = cloud<double>(3000, 3, 11), y = cloud<double>(2000, 3, 12);
  const MedianDistance median = median_distance(x.view(), y.view());
  EXPECT_EQ(median.points, 2048u);
  // ‖x − x′‖²/2 is χ² with 3 degrees of freedom, whose median is 2.36597; the subsample's error is about 1 %.
  EXPECT_NEAR(median.value, std::sqrt(2 * 2.36597), 0.05);
}

}  // namespace
}  // namespace pushforward
