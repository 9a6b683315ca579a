// SPDX-License-Identifier: Apache-2.0
//
// Sinkhorn's algorithm against closed forms (one point, Gaussians), a plain double-precision twin, exact
// transport in the limit, finite differences, and the corners: tiny ε, no weight, offsets, extreme scales,
// memory.
#include <algorithm>
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "pushforward/error.hpp"
#include "pushforward/one_dimensional.hpp"
#include "pushforward/random.hpp"
#include "pushforward/sinkhorn.hpp"
#include "pushforward/threads.hpp"
#include "transport/sinkhorn_kernels.hpp"
#include "transport/sinkhorn_pass.hpp"

namespace pushforward {
namespace {

struct Cloud {
  Matrix<double> points;
  std::vector<double> weights{};
  Sample sample() const { return {points, weights}; }
  std::size_t n() const { return points.rows(); }
  double weight(std::size_t i) const { return weights.empty() ? 1 / static_cast<double>(n()) : weights[i]; }
};

Cloud normal_cloud(std::size_t n, std::size_t d, std::uint64_t seed, double mean = 0, double sd = 1) {
  Cloud cloud{Matrix<double>(n, d)};
  fill_normal(cloud.points.span(), Draw{seed, stream_id("sinkhorn test"), 0}, mean, sd);
  return cloud;
}

Cloud weighted(Cloud cloud, std::uint64_t seed) {
  cloud.weights.resize(cloud.n());
  fill_uniform(std::span<double>(cloud.weights), Draw{seed, stream_id("sinkhorn weights"), 0}, 0.1, 1.9);
  const double sum = std::accumulate(cloud.weights.begin(), cloud.weights.end(), 0.0);
  for (double& w : cloud.weights) w /= sum;
  return cloud;
}

double cost(const Cloud& x, std::size_t i, const Cloud& y, std::size_t j, double p) {
  double s = 0;
  for (std::size_t k = 0; k < x.points.cols(); ++k) s += std::pow(x.points(i, k) - y.points(j, k), 2);
  return std::pow(s, p / 2);
}

/// The twin: textbook log-domain iterations in double, no tricks; returns OT_ε and ⟨P,C⟩ of the primal plan.
struct Twin {
  double value = 0, transport_cost = 0;
};

Twin plain_sinkhorn(const Cloud& x, const Cloud& y, double epsilon, double p, int iterations) {
  const std::size_t n = x.n(), m = y.n();
  std::vector<double> f(n, 0), g(m, 0);
  const auto softmin = [&](std::size_t size, const auto& exponent) {
    double top = -INFINITY, sum = 0;
    for (std::size_t k = 0; k < size; ++k) top = std::max(top, exponent(k));
    for (std::size_t k = 0; k < size; ++k) sum += std::exp(exponent(k) - top);
    return -epsilon * (top + std::log(sum));
  };
  for (int k = 0; k < iterations; ++k) {
    for (std::size_t i = 0; i < n; ++i)
      f[i] = softmin(
          m, [&](std::size_t j) { return std::log(y.weight(j)) + (g[j] - cost(x, i, y, j, p)) / epsilon; });
    for (std::size_t j = 0; j < m; ++j)
      g[j] = softmin(
          n, [&](std::size_t i) { return std::log(x.weight(i)) + (f[i] - cost(x, i, y, j, p)) / epsilon; });
  }
  Twin twin;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < m; ++j) {
      const double log_ratio = (f[i] + g[j] - cost(x, i, y, j, p)) / epsilon;
      const double mass = x.weight(i) * y.weight(j) * std::exp(log_ratio);
      twin.transport_cost += mass * cost(x, i, y, j, p);
      twin.value += mass * (cost(x, i, y, j, p) + epsilon * log_ratio);
    }
  return twin;
}

template <class T>
void check_exponentials(double tolerance) {
  Matrix<T> t(1, 192), h(1, 192), e(1, 192);
  fill_uniform(t.span(), Draw{1, 1, 1}, T{-30}, T{30});
  fill_uniform(h.span(), Draw{1, 2, 1}, T{-60}, T{5});
  t.data()[7] = static_cast<T>(-1e9), h.data()[8] = static_cast<T>(-1e30);
  const double sum = entropic::exponentials(t.data(), 192, T{0.5}, T{-3}, h.data(), e.data());
  double plain = 0;
  for (std::size_t j = 0; j < 192; ++j) {
    const double exponent = static_cast<double>(T{0.5} * t.data()[j] + (T{-3} + h.data()[j]));
    const double wanted = std::exp2(std::max(exponent, sizeof(T) == 4 ? -125.0 : -1020.0));
    // The exponent's own rounding is worth |exponent|·ulp·ln 2.
    EXPECT_NEAR(static_cast<double>(e.data()[j]), wanted, wanted * tolerance * 100) << exponent;
    plain += static_cast<double>(e.data()[j]);
  }
  EXPECT_NEAR(sum, plain, plain * tolerance * 10);
}

TEST(SinkhornKernels, ExponentialsAgreeWithTheLibrary) {
  check_exponentials<float>(1.2e-7);
  check_exponentials<double>(2.3e-16);
}

template <class T>
void check_tables(double tolerance) {
  constexpr std::size_t d = 5, width = entropic::kPanel<T>, panels = 2, cols = width * panels;
  Matrix<T> x(4, d), y(panels * d, width), out(4, cols);
  fill_normal(x.span(), Draw{1, 3, 1});
  fill_normal(y.span(), Draw{1, 4, 1});
  const auto feature = [&](std::size_t j, std::size_t k) {
    return static_cast<double>(y(j / width * d + k, j % width));
  };
  const auto check = [&](const auto& wanted) {
    for (std::size_t r = 0; r < 4; ++r)
      for (std::size_t j = 0; j < cols; ++j)
        EXPECT_NEAR(static_cast<double>(out(r, j)), wanted(r, j), tolerance * (1 + std::abs(wanted(r, j))));
  };
  entropic::products(x.data(), d, y.data(), panels, out.data(), cols);
  check([&](std::size_t r, std::size_t j) {
    double s = 0;
    for (std::size_t k = 0; k < d; ++k) s += static_cast<double>(x(r, k)) * feature(j, k);
    return s;
  });
  for (double p : {1.0, 2.0, 3.0, 0.5}) {
    entropic::distances(x.data(), d, y.data(), panels, p, out.data(), cols);
    check([&](std::size_t r, std::size_t j) {
      double s = 0;
      for (std::size_t k = 0; k < d; ++k) s += std::pow(static_cast<double>(x(r, k)) - feature(j, k), 2);
      return std::pow(s, p / 2);
    });
  }
  Matrix<T> weights(4, cols);
  fill_normal(weights.span(), Draw{1, 5, 1});
  std::vector<double> pulled(4 * d, 1);
  entropic::pull_back(weights.data(), cols, y.data(), d, panels, pulled.data());
  for (std::size_t r = 0; r < 4; ++r)
    for (std::size_t k = 0; k < d; ++k) {
      double s = 1;
      for (std::size_t j = 0; j < cols; ++j) s += static_cast<double>(weights(r, j)) * feature(j, k);
      EXPECT_NEAR(pulled[r * d + k], s, 40 * tolerance);
    }
}

template <class T>
void check_kept(double tolerance) {
  constexpr std::size_t cols = 2 * entropic::kPanel<T>;
  Matrix<T> kept(4, cols), v(1, cols), e(1, cols);
  fill_uniform(kept.span(), Draw{1, 6, 1}, T{0}, T{1});
  fill_uniform(v.span(), Draw{1, 7, 1}, T{0.5}, T{2});
  double sums[4] = {9, 9, 9, 9};
  entropic::dot_rows(kept.data(), cols, cols, v.data(), sums);
  for (std::size_t r = 0; r < 4; ++r) {
    double dot = 0, total = 0;
    const double sum = entropic::scaled(kept.row(r), cols, T{3}, v.data(), e.data());
    for (std::size_t j = 0; j < cols; ++j) {
      const double product = static_cast<double>(kept(r, j)) * static_cast<double>(v(0, j));
      EXPECT_NEAR(static_cast<double>(e(0, j)), 3 * product, 10 * tolerance);
      dot += product, total += static_cast<double>(e(0, j));
    }
    EXPECT_NEAR(sums[r], dot, dot * 10 * tolerance);
    EXPECT_NEAR(sum, total, total * 10 * tolerance);
  }
}

TEST(SinkhornKernels, KeptExponentialsAgreeWithPlainLoops) {
  check_kept<float>(1.2e-7);
  check_kept<double>(2.3e-16);
}

/// Sweeps that scale kept exponentials against sweeps that take each anew, from potentials that some are near
/// and some far from (which takes them anew, too), with a row and a column of no weight.
template <class T>
void check_kept_sweeps(double p, double tolerance) {
  Cloud x = weighted(normal_cloud(101, 3, 1), 3), y = weighted(normal_cloud(77, 3, 2, 0.5), 4);
  x.weights[7] = y.weights[9] = 0;
  const entropic::Geometry geometry = entropic::make_geometry(x.sample(), y.sample(), p);
  constexpr double kappa = 40;
  entropic::Sweeper<T> anew(geometry, false, false), kept(geometry, false, true);
  entropic::Potentials a{std::vector<double>(geometry.rows), std::vector<double>(geometry.cols)}, b = a;
  const auto compare = [&](const std::vector<double>& left, const std::vector<double>& right) {
    for (std::size_t i = 0; i < left.size(); ++i)
      EXPECT_NEAR(left[i], right[i], tolerance * (1 + std::abs(left[i]))) << i;
  };
  for (int k = 0; k < 12; ++k) {
    if (k == 6) {  // the same plan, and potentials farther than numbers reach
      for (double& f : a.f) f += 140;
      for (std::size_t j = 0; j < geometry.m; ++j) a.g[j] -= 140;
      b = a;
    }
    const double omega = k > 8 ? 1.3 : 1;
    const entropic::Step left = anew.iterate(kappa, a, k == 0, omega),
                         right = kept.iterate(kappa, b, k == 0, omega);
    EXPECT_NEAR(left.error, right.error, tolerance * (1 + left.error)) << k;
    compare(a.f, b.f), compare(a.g, b.g);
  }
  std::vector<double> slopes(geometry.rows * geometry.d), others = slopes;
  const entropic::Evaluation left = anew.evaluate(kappa, a, slopes.data()),
                             right = kept.evaluate(kappa, b, others.data());
  compare(left.row_sums, right.row_sums), compare(left.col_sums, right.col_sums), compare(slopes, others);
  EXPECT_NEAR(left.cost, right.cost, tolerance);
}

TEST(SinkhornSweeps, KeptExponentialsGiveWhatFreshOnesGive) {
  for (double p : {2.0, 1.0}) {
    check_kept_sweeps<float>(p, 2e-5);
    check_kept_sweeps<double>(p, 1e-12);
  }
}

TEST(SinkhornKernels, TablesAgreeWithPlainLoops) {
  check_tables<float>(2e-6);
  check_tables<double>(4e-15);
}

TEST(Sinkhorn, OnePointEachIsItsCost) {
  const Cloud x{Matrix<double>(1, 2)};
  Cloud y{Matrix<double>(1, 2)};
  y.points(0, 0) = 3, y.points(0, 1) = 4;
  const auto r = sinkhorn(x.sample(), y.sample(), {.epsilon = 0.3});
  EXPECT_NEAR(r.value, 25, 1e-12);
  EXPECT_NEAR(r.transport_cost, 25, 1e-12);
  EXPECT_TRUE(r.converged);
}

TEST(Sinkhorn, AgreesWithItsTwin) {
  for (double p : {2.0, 1.0, 3.0})
    for (bool weights : {false, true}) {
      Cloud x = normal_cloud(40, 3, 1), y = normal_cloud(33, 3, 2, 0.5, 1.4);
      if (weights) x = weighted(x, 3), y = weighted(y, 4);
      const double epsilon = 0.2 * mean_cost(x.sample(), y.sample(), p);
      const Twin twin = plain_sinkhorn(x, y, epsilon, p, 300);
      const auto r = sinkhorn(x.sample(), y.sample(), {.epsilon = epsilon, .p = p, .tolerance = 1e-10});
      EXPECT_TRUE(r.converged);
      EXPECT_NEAR(r.value, twin.value, 1e-9 * twin.value) << p;
      EXPECT_NEAR(r.transport_cost, twin.transport_cost, 1e-8 * twin.transport_cost) << p;
      const auto self = sinkhorn_self(x.sample(), {.epsilon = epsilon, .p = p, .tolerance = 1e-10});
      EXPECT_TRUE(self.converged);
      EXPECT_NEAR(self.value, plain_sinkhorn(x, x, epsilon, p, 300).value, 1e-9 * self.value) << p;
    }
}

TEST(Sinkhorn, ExactlySoManyIterationsAreThePlainOnes) {
  const Cloud x = normal_cloud(30, 2, 5), y = normal_cloud(35, 2, 6);
  const Twin twin = plain_sinkhorn(x, y, 0.1, 2, 7);
  const auto r = sinkhorn(x.sample(), y.sample(), {.epsilon = 0.1, .iterations = 7, .tolerance = 0});
  EXPECT_EQ(r.iterations, 7);
  EXPECT_FALSE(r.converged);
  EXPECT_NEAR(r.transport_cost, twin.transport_cost, 1e-11);
}

TEST(Sinkhorn, Float32SweepsEndInFloat64Answers) {
  // 300 × 280 pairs are enough for float32 sweeps; the same problem by the twin.
  for (std::size_t d : {2, 20}) {
    const Cloud x = weighted(normal_cloud(300, d, 7), 8), y = normal_cloud(280, d, 9, 0.3, 1.2);
    const double epsilon = 0.2 * mean_cost(x.sample(), y.sample(), 2);
    const Twin twin = plain_sinkhorn(x, y, epsilon, 2, 60);
    const auto r = sinkhorn(x.sample(), y.sample(), {.epsilon = epsilon, .tolerance = 1e-9});
    EXPECT_TRUE(r.converged);
    EXPECT_NEAR(r.value, twin.value, 1e-9 * twin.value) << d;
    const auto streamed =
        sinkhorn(x.sample(), y.sample(), {.epsilon = epsilon, .tolerance = 1e-9, .memory = 0});
    EXPECT_FALSE(streamed.stored);
    EXPECT_EQ(streamed.value, r.value) << "a table changes where costs come from, not what they are";
  }
}

TEST(Sinkhorn, GaussiansInClosedForm) {
  // N(0,s²) and N(0,t²) in R¹, cost (x−y)², ε = 2σ²: the optimal plan is Gaussian with covariance
  // c = (√(σ⁴ + 4s²t²) − σ²)/2, so ⟨P,C⟩ = s² + t² − 2c [Janati, Muzellec, Peyré & Cuturi 2020]. Quantile
  // samples of 400 points stand for the Gaussians; their variance is short by about 1 % of the tails.
  const std::size_t n = 400;
  Cloud x{Matrix<double>(n, 1)}, y{Matrix<double>(n, 1)};
  double variance = 0;
  for (std::size_t i = 0; i < n; ++i) {  // z_i by bisection of Φ
    double low = -6, high = 6;
    for (int k = 0; k < 60; ++k) {
      const double mid = 0.5 * (low + high);
      (0.5 * std::erfc(-mid / std::sqrt(2.0)) < (static_cast<double>(i) + 0.5) / n ? low : high) = mid;
    }
    x.points(i, 0) = low, y.points(i, 0) = 2 * low, variance += low * low / static_cast<double>(n);
  }
  const double epsilon = 1, half = epsilon / 2, s2 = variance, t2 = 4 * variance;
  const double c = 0.5 * (std::sqrt(half * half + 4 * s2 * t2) - half);
  const auto r = sinkhorn(x.sample(), y.sample(), {.epsilon = epsilon});
  EXPECT_NEAR(r.transport_cost, s2 + t2 - 2 * c, 2e-3 * (s2 + t2));
}

TEST(Sinkhorn, TendsToExactTransport) {
  const Cloud x = weighted(normal_cloud(50, 1, 10), 11), y = normal_cloud(40, 1, 12, 0.4, 1.3);
  const double exact = one_dimensional_power(x.sample(), y.sample(), 2);
  double before = INFINITY;
  for (double epsilon : {1.0, 0.1, 0.01, 1e-3}) {
    const auto r = sinkhorn(x.sample(), y.sample(), {.epsilon = epsilon, .iterations = 20000});
    EXPECT_LE(r.value, exact + epsilon * std::log(50.0 * 40.0));  // KL(P‖a⊗b) of a plan with few atoms
    EXPECT_GE(r.value, exact - 1e-9);  // KL ≥ 0 and ⟨P,C⟩ ≥ exact, at the optimum
    EXPECT_LT(r.value, before);
    before = r.value;
  }
  EXPECT_NEAR(before, exact, 5e-3 * exact + 1e-3 * std::log(50.0));
}

TEST(Sinkhorn, TinyEpsilonConvergesOrSaysSo) {
  const Cloud x = normal_cloud(60, 2, 13), y = normal_cloud(60, 2, 14, 3);
  for (double epsilon : {1e-3, 1e-6, 1e-12})
    for (double tolerance : {0.0, 1e-7}) {
      const auto r =
          sinkhorn(x.sample(), y.sample(), {.epsilon = epsilon, .iterations = 50, .tolerance = tolerance});
      EXPECT_TRUE(std::isfinite(r.value) && std::isfinite(r.transport_cost));
      EXPECT_EQ(r.converged, r.marginal_error <= tolerance);
      EXPECT_LE(r.marginal_error, 2 + 1e-9);
      for (double v : r.f) EXPECT_TRUE(std::isfinite(v));
      for (double v : r.g) EXPECT_TRUE(std::isfinite(v));
    }
}

TEST(Sinkhorn, PotentialsGiveThePlan) {
  const Cloud x = weighted(normal_cloud(12, 2, 15), 16);
  Cloud y = normal_cloud(9, 2, 17);
  y.weights.assign(9, 0.125), y.weights[4] = 0;  // a point without weight has a potential all the same
  const double epsilon = 0.5;
  const auto r = sinkhorn(x.sample(), y.sample(), {.epsilon = epsilon, .tolerance = 1e-12});
  for (std::size_t j = 0; j < 9; ++j) {
    double sum = 0;
    for (std::size_t i = 0; i < 12; ++i)
      sum += x.weight(i) * std::exp((r.f[i] + r.g[j] - cost(x, i, y, j, 2)) / epsilon);
    EXPECT_NEAR(sum, 1, 1e-11);
  }
}

TEST(Sinkhorn, OffsetsAndScalesChangeNothing) {
  const Cloud x = normal_cloud(300, 2, 18), y = normal_cloud(300, 2, 19, 0.5);
  const auto base = sinkhorn(x.sample(), y.sample(), {.epsilon = 0.3});
  Cloud far = x, away = y, big = x, large = y;
  for (double& v : far.points.span()) v += 1024;  // a power of two, so that differences keep most digits
  for (double& v : away.points.span()) v += 1024;
  for (double& v : big.points.span()) v *= 0x1p60;
  for (double& v : large.points.span()) v *= 0x1p60;
  const auto moved = sinkhorn(far.sample(), away.sample(), {.epsilon = 0.3});
  const auto scaled = sinkhorn(big.sample(), large.sample(), {.epsilon = 0.3 * 0x1p120});
  EXPECT_NEAR(moved.value, base.value, 1e-11 * base.value);
  EXPECT_NEAR(scaled.value * 0x1p-120, base.value, 1e-12 * base.value);
}

TEST(Sinkhorn, ThreadsGiveTheSameToRounding) {
  const Cloud x = normal_cloud(2100, 2, 20), y = normal_cloud(2000, 2, 21, 0.2);
  const int before = threads();
  set_threads(1);
  const auto one = sinkhorn(x.sample(), y.sample(), {.epsilon = 0.5});
  set_threads(2);
  const auto two = sinkhorn(x.sample(), y.sample(), {.epsilon = 0.5});
  const auto again = sinkhorn(x.sample(), y.sample(), {.epsilon = 0.5});
  set_threads(before);
  EXPECT_NEAR(two.value, one.value, 1e-9 * one.value);
  EXPECT_EQ(two.value, again.value);
}

TEST(Sinkhorn, GradientsMatchCentralDifferencesOfTheSolver) {
  for (double p : {2.0, 1.0, 3.0}) {
    Cloud x = weighted(normal_cloud(6, 2, 22), 23);
    const Cloud y = normal_cloud(7, 2, 24, 0.5);
    const SinkhornOptions options{.epsilon = 0.7, .p = p, .tolerance = 1e-12};
    Matrix<double> points(6, 2);
    std::vector<double> weights(6);
    sinkhorn(x.sample(), y.sample(), options, {points.view(), weights});
    const auto value = [&] { return sinkhorn(x.sample(), y.sample(), options).value; };
    for (std::size_t e = 0; e < points.size(); ++e) {
      const double h = 1e-5, before = x.points.data()[e];
      x.points.data()[e] = before + h;
      const double up = value();
      x.points.data()[e] = before - h;
      EXPECT_NEAR(points.data()[e], (up - value()) / (2 * h), 1e-8);
      x.points.data()[e] = before;
    }
    const double h = 1e-5;
    x.weights[0] += h, x.weights[1] -= h;
    const double up = value();
    x.weights[0] -= 2 * h, x.weights[1] += 2 * h;
    EXPECT_NEAR(weights[0] - weights[1], (up - value()) / (2 * h), 1e-7);
  }
}

// Halves shrink the error by 2 a sweep: 1e-7 takes some twenty (18 and 19 here). Turns shrink it by 17 in
// two, so that it takes 2 log 1e7/log 17 = 11.4 and the two halves that they are measured by; the value is
// that of a hundred halves.
TEST(Sinkhorn, ASampleAgainstItselfTakesFewSweeps) {
  const Cloud x = normal_cloud(100, 2, 7);
  for (const double share : {0.5, 0.1, 0.02}) {
    const double epsilon = share * mean_cost(x.sample(), x.sample(), 2);
    const SinkhornResult found = sinkhorn_self(x.sample(), {.epsilon = epsilon, .tolerance = 1e-7});
    const SinkhornResult plain =
        sinkhorn_self(x.sample(), {.epsilon = epsilon, .iterations = 100, .tolerance = 0});
    EXPECT_TRUE(found.converged);
    EXPECT_LE(found.iterations, 15) << share;
    EXPECT_NEAR(found.value, plain.value, found.error_bound + plain.error_bound);
  }
}

// The levels above ε are only on the way: whatever ends them early, value and gradient are those at ε.
TEST(Sinkhorn, ALooseToleranceEndsAtTheEpsilonAskedFor) {
  const Cloud x = normal_cloud(90, 2, 21), y = normal_cloud(70, 2, 22, 1, 0.5);
  for (const double p : {1.0, 2.0})
    for (const double epsilon : {0.01, 0.05, 0.3}) {
      Matrix<double> wanted(90, 2), got(90, 2);
      const double exact =
          sinkhorn(x.sample(), y.sample(), {.epsilon = epsilon, .p = p, .tolerance = 1e-11}, {wanted.view()})
              .value;
      for (const double tolerance : {0.05, 0.01, 0.001, 1e-5}) {
        SCOPED_TRACE(::testing::Message() << "p " << p << ", eps " << epsilon << ", tolerance " << tolerance);
        const SinkhornResult result = sinkhorn(
            x.sample(), y.sample(), {.epsilon = epsilon, .p = p, .tolerance = tolerance}, {got.view()});
        EXPECT_TRUE(result.converged);
        EXPECT_LE(std::abs(result.value - exact), result.error_bound);
        // A mass of at most `tolerance` is elsewhere; slopes differ by at most some units.
        for (std::size_t k = 0; k < got.size(); ++k)
          EXPECT_NEAR(got.data()[k], wanted.data()[k], 10 * tolerance) << k;
      }
    }
}

TEST(Sinkhorn, RefusesWhatIsNotDefined) {
  const Cloud x = normal_cloud(3, 2, 1), line = normal_cloud(3, 1, 1);
  Cloud huge = x;
  huge.points(0, 0) = 1e308;
  EXPECT_THROW(sinkhorn(x.sample(), x.sample(), {.epsilon = 0}), RequestError);
  EXPECT_THROW(sinkhorn(x.sample(), x.sample(), {.epsilon = INFINITY}), RequestError);
  EXPECT_THROW(sinkhorn(x.sample(), x.sample(), {.epsilon = 1, .p = -1}), RequestError);
  EXPECT_THROW(sinkhorn(x.sample(), x.sample(), {.epsilon = 1, .iterations = 0}), RequestError);
  EXPECT_THROW(sinkhorn(x.sample(), line.sample(), {.epsilon = 1}), RequestError);
  EXPECT_THROW(sinkhorn(huge.sample(), x.sample(), {.epsilon = 1}), RequestError);
}

}  // namespace
}  // namespace pushforward
