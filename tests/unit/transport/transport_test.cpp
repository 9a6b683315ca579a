// SPDX-License-Identifier: Apache-2.0
// Exact transport against closed forms, an enumeration of permutations, and its own certificate.
#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include <gtest/gtest.h>

#include "pushforward/error.hpp"
#include "pushforward/random.hpp"
#include "pushforward/threads.hpp"
#include "pushforward/transport.hpp"

namespace pushforward {
namespace {

Matrix<double> normal(std::size_t n, std::size_t d, std::uint64_t step, double sd = 1) {
  Matrix<double> points(n, d);
  fill_normal(points.span(), Draw{11, stream_id("transport test"), step}, 0, sd);
  return points;
}

Sample sample(const Matrix<double>& points, std::span<const double> weights = {}) {
  return {points.view(), weights};
}

std::vector<double> random_weights(std::size_t n, std::uint64_t step) {
  std::vector<double> weights(n);
  fill_uniform(std::span<double>(weights), Draw{12, stream_id("transport weights"), step}, 0.1, 1.9);
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (double& w : weights) w /= sum;
  return weights;
}

std::vector<double> or_equal(std::span<const double> weights, std::size_t n) {
  if (weights.empty()) return std::vector<double>(n, 1 / static_cast<double>(n));
  return {weights.begin(), weights.end()};
}

double plain_cost(const Sample& x, const Sample& y, std::size_t i, std::size_t j, double p) {
  double square = 0;
  for (std::size_t k = 0; k < x.d(); ++k) square += std::pow(x.points.at(i, k) - y.points.at(j, k), 2);
  return std::pow(std::sqrt(square), p);
}

using CostFunction = std::function<double(std::size_t, std::size_t)>;

// The plan has the right marginals, the potentials are feasible for every pair and the values agree: nothing
// else makes a plan optimal, so this is the test of all cases.
void expect_optimal(const TransportResult& r, std::span<const double> a, std::span<const double> b,
                    const CostFunction& cost, double tolerance = 1e-9) {
  ASSERT_EQ(r.u.size(), a.size());
  ASSERT_EQ(r.v.size(), b.size());
  EXPECT_LE(r.plan.size(), a.size() + b.size() - 1);
  std::vector<double> out(a.begin(), a.end()), in(b.begin(), b.end());
  double value = 0, dual = 0, largest = 0;
  for (const TransportArc& arc : r.plan) {
    EXPECT_GT(arc.mass, 0);
    out[arc.source] -= arc.mass, in[arc.sink] -= arc.mass;
    value += arc.mass * cost(arc.source, arc.sink);
  }
  for (double rest : out) EXPECT_NEAR(rest, 0, 1e-12);
  for (double rest : in) EXPECT_NEAR(rest, 0, 1e-12);
  for (std::size_t i = 0; i < a.size(); ++i) dual += a[i] * r.u[i];
  for (std::size_t j = 0; j < b.size(); ++j)
    dual += b[j] * r.v[j], largest = std::max(largest, std::abs(r.v[j]));
  double worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t j = 0; j < b.size(); ++j) worst = std::min(worst, cost(i, j) - r.u[i] - r.v[j]);
  EXPECT_GE(worst, -1e-13 * (largest + std::abs(value)));
  EXPECT_NEAR(r.value, value, 1e-13 * std::abs(value));
  EXPECT_NEAR(r.value, dual, tolerance * std::abs(value) + 1e-14 * largest);
  EXPECT_LT(r.gap, tolerance);
}

void expect_optimal(const TransportResult& r, const Sample& x, const Sample& y, double p,
                    double tolerance = 1e-9) {
  expect_optimal(
      r, or_equal(x.weights, x.n()), or_equal(y.weights, y.n()),
      [&](std::size_t i, std::size_t j) { return plain_cost(x, y, i, j, p); }, tolerance);
}

TEST(Transport, AgreesWithEveryPermutationTried) {
  for (std::uint64_t step = 0; step < 20; ++step) {
    const Matrix<double> x = normal(6, 2, 2 * step), y = normal(6, 2, 2 * step + 1);
    const Sample sx = sample(x), sy = sample(y);
    std::vector<std::size_t> order = {0, 1, 2, 3, 4, 5};
    double best = INFINITY;
    do {
      double sum = 0;
      for (std::size_t i = 0; i < 6; ++i) sum += plain_cost(sx, sy, i, order[i], 2) / 6;
      best = std::min(best, sum);
    } while (std::next_permutation(order.begin(), order.end()));
    EXPECT_NEAR(solve_transport(sx, sy).value, best, 1e-14);
  }
}

// Each: sizes, features, power, weights. Points stored or recomputed, every start.
TEST(Transport, IsOptimalForSizesFeaturesPowersAndWeights) {
  const std::size_t sizes[][2] = {{1, 1}, {1, 7}, {7, 1}, {2, 3}, {40, 40}, {63, 130}, {200, 65}};
  std::uint64_t step = 100;
  for (const auto& [n, m] : sizes)
    for (std::size_t d : {1, 2, 3, 5, 20})
      for (double p : {1.0, 2.0, 3.5})
        for (bool weighted : {false, true})
          for (TransportStart start :
               {TransportStart::automatic, TransportStart::greedy, TransportStart::auction}) {
            SCOPED_TRACE(testing::Message()
                         << n << " x " << m << ", d=" << d << ", p=" << p << ", weighted " << weighted);
            const Matrix<double> x = normal(n, d, ++step), y = normal(m, d, ++step, 1.3);
            std::vector<double> a = random_weights(n, step), b = random_weights(m, step + 1);
            if (!weighted) a.clear(), b.clear();
            const Sample sx = sample(x, a), sy = sample(y, b);
            expect_optimal(solve_transport(sx, sy, {.p = p, .start = start}), sx, sy, p);
          }
}

TEST(Transport, KeepsItsDigitsWhenFloat64DataAreShifted) {
  for (std::size_t d : {2, 24}) {
    Matrix<double> x = normal(80, d, 1), y = normal(90, d, 2);
    const double before = solve_transport(sample(x), sample(y)).value;
    for (double& value : x.span()) value += 1000;
    for (double& value : y.span()) value += 1000;
    const Sample sx = sample(x), sy = sample(y);
    const TransportResult after = solve_transport(sx, sy);
    expect_optimal(after, sx, sy, 2);
    EXPECT_NEAR(after.value, before, 1e-11 * before);
  }
}

TEST(Transport, Float32PointsAreUsedAsTheyAre) {
  const Matrix<double> wide = normal(50, 12, 3);
  Matrix<float> narrow(50, 12);
  for (std::size_t e = 0; e < wide.size(); ++e) narrow.data()[e] = static_cast<float>(wide.data()[e]);
  Matrix<double> rounded(50, 12);
  for (std::size_t e = 0; e < wide.size(); ++e) rounded.data()[e] = static_cast<double>(narrow.data()[e]);
  const Matrix<double> y = normal(60, 12, 4);
  EXPECT_EQ(solve_transport({View<const float>(narrow)}, sample(y)).value,
            solve_transport(sample(rounded), sample(y)).value);
}

Matrix<double> integer_points(std::size_t n, std::size_t d, std::size_t values, std::uint64_t step) {
  Matrix<double> points(n, d);
  fill_uniform(points.span(), Draw{13, stream_id("grid"), step}, 0, static_cast<double>(values));
  for (double& value : points.span()) value = std::floor(value);
  return points;
}

TEST(Transport, NastyDataAreOrdinary) {
  struct Nasty {
    const char* name;
    Matrix<double> x, y;
  };
  std::vector<Nasty> cases;
  cases.push_back({"ties and duplicates", integer_points(150, 2, 4, 1), integer_points(120, 2, 4, 2)});
  cases.push_back(
      {"duplicates in many features", integer_points(150, 12, 2, 3), integer_points(150, 12, 2, 4)});
  cases.push_back({"all the same point", Matrix<double>(100, 2), Matrix<double>(70, 2)});
  Nasty line{"collinear", normal(90, 2, 20), normal(110, 2, 21)};
  for (Matrix<double>* points : {&line.x, &line.y})
    for (std::size_t i = 0; i < points->rows(); ++i) (*points)(i, 1) = 2 * (*points)(i, 0);
  cases.push_back(std::move(line));
  Nasty heavy{"heavy tails", normal(150, 2, 22), normal(150, 2, 23)};
  Nasty heavy_wide{"heavy tails, stored", normal(150, 20, 24), normal(150, 20, 25)};
  for (Matrix<double>* points : {&heavy.x, &heavy.y, &heavy_wide.x, &heavy_wide.y})
    for (double& value : points->span()) value = std::copysign(std::pow(std::abs(value), 7), value);
  cases.push_back(std::move(heavy)), cases.push_back(std::move(heavy_wide));
  Nasty clusters{"far clusters of unequal mass", normal(150, 2, 26), normal(150, 2, 27)};
  for (std::size_t i = 0; i < 150; ++i)
    clusters.x(i, 0) += i < 100 ? 0 : 1e4, clusters.y(i, 0) += i < 60 ? 0 : 1e4;
  cases.push_back(std::move(clusters));
  for (const Nasty& c : cases)
    for (double p : {1.0, 2.0})
      for (TransportStart start :
           {TransportStart::greedy, TransportStart::auction, TransportStart::automatic}) {
        SCOPED_TRACE(testing::Message() << c.name << ", p=" << p);
        const Sample x = sample(c.x), y = sample(c.y);
        expect_optimal(solve_transport(x, y, {.p = p, .start = start}), x, y, p);
      }
}

TEST(Transport, IdenticalSamplesStayWhereTheyAre) {
  for (std::size_t d : {1, 2, 16}) {
    const Matrix<double> x = normal(120, d, 30);
    const TransportResult r = solve_transport(sample(x), sample(x));
    EXPECT_EQ(r.value, 0);
    EXPECT_EQ(r.gap, 0);
    for (const TransportArc& arc : r.plan) EXPECT_EQ(arc.source, arc.sink);
  }
}

TEST(Transport, AtomsWithoutMassHavePotentialsButNoFlow) {
  for (std::size_t d : {1, 2, 12}) {
    const Matrix<double> x = normal(30, d, 31), y = normal(25, d, 32);
    std::vector<double> a = random_weights(30, 1), b = random_weights(25, 2);
    for (std::size_t i = 0; i < 30; i += 3) a[i] = 0;
    for (std::size_t j = 0; j < 25; j += 2) b[j] = 0;
    const TransportResult r = solve_transport(sample(x, a), sample(y, b), {.normalize = true});
    const auto normalized = [](std::vector<double> w) {
      const double sum = std::accumulate(w.begin(), w.end(), 0.0);
      for (double& value : w) value /= sum;
      return w;
    };
    const Sample sx = sample(x), sy = sample(y);
    expect_optimal(r, normalized(a), normalized(b),
                   [&](std::size_t i, std::size_t j) { return plain_cost(sx, sy, i, j, 2); });
  }
}

// Weights that differ by less than the solver's perturbation: partial sums that nearly tie.
TEST(Transport, NearlyTiedWeightsGiveExactMarginals) {
  for (double noise : {1e-9, 1e-11, 1e-13}) {
    const Matrix<double> x = normal(200, 2, 33), y = normal(200, 2, 34);
    std::vector<double> a = random_weights(200, 3), b(200, 1 / 200.0);
    double sum = 0;
    for (double& w : a) w = (1 + noise * (w * 200 - 1)) / 200, sum += w;
    for (double& w : a) w /= sum;
    const Sample sx = sample(x, a), sy = sample(y, b);
    expect_optimal(solve_transport(sx, sy), sx, sy, 2);
  }
}

// y = ∇φ(x) of a convex φ pairs every point with its own image [Brenier 1991].
TEST(Transport, GradientsOfConvexFunctionsAreOptimalMaps) {
  for (std::size_t d : {2, 3, 16}) {
    const Matrix<double> x = normal(300, d, 35);
    Matrix<double> y(300, d);
    double value = 0;
    for (std::size_t i = 0; i < 300; ++i)
      for (std::size_t k = 0; k < d; ++k) {
        y(299 - i, k) = 2 * x(i, k) + std::pow(x(i, k), 3) + 5;  // of Σ x² + x⁴/4 + 5x
        value += std::pow(y(299 - i, k) - x(i, k), 2) / 300;
      }
    const TransportResult r = solve_transport(sample(x), sample(y));
    EXPECT_NEAR(r.value, value, 1e-12 * value);
    ASSERT_EQ(r.plan.size(), 300u);
    for (const TransportArc& arc : r.plan) EXPECT_EQ(arc.sink, 299 - arc.source);
  }
}

// A shift is optimal for every p, and costs ‖s‖^p.
TEST(Transport, AShiftCostsItsLength) {
  const Matrix<double> x = normal(100, 3, 36);
  Matrix<double> y = x;
  for (std::size_t i = 0; i < 100; ++i) y(i, 0) += 3, y(i, 1) += 4;
  for (double p : {1.0, 1.5, 2.0, 3.0, 4.0})
    EXPECT_NEAR(solve_transport(sample(x), sample(y), {.p = p}).value, std::pow(5, p),
                1e-12 * std::pow(5, p));
}

// n × mean cost of a random assignment with Exp(1) entries averages Σ_{k≤n} 1/k² [Linusson & Wästlund 2004;
// Nair, Prabhakar & Sharma 2005]. Its variance is below 4/n, so 200 matrices of 30 have a standard error
// below 0.026.
TEST(Transport, RandomAssignmentsAverageToTheKnownSum) {
  constexpr std::size_t n = 30, repeats = 200;
  double mean = 0, expected = 0;
  for (std::uint64_t r = 0; r < repeats; ++r) {
    Matrix<double> cost(n, n);
    fill_uniform(cost.span(), Draw{14, stream_id("exponential"), r});
    for (double& c : cost.span()) c = -std::log1p(-c);
    const TransportResult result = solve_transport(cost.view(), {}, {});
    mean += result.value * n / repeats;
    EXPECT_EQ(result.plan.size(), n);
  }
  for (std::size_t k = 1; k <= n; ++k) expected += 1 / static_cast<double>(k * k);
  EXPECT_NEAR(mean, expected, 5 * 0.026);
}

// W2² of two n-samples of U(0,1), in the plane with a constant second column so that the simplex solves it.
TEST(Transport, SquaredDistanceOfUniformSamplesAveragesToItsClosedForm) {
  constexpr std::size_t n = 10, repeats = 2000;
  double mean = 0, square = 0;
  for (std::uint64_t r = 0; r < repeats; ++r) {
    Matrix<double> x(n, 2), y(n, 2);
    for (std::size_t i = 0; i < n; ++i) {
      x(i, 0) = uniform01(Draw{15, 0, r}, static_cast<std::uint32_t>(i));
      y(i, 0) = uniform01(Draw{15, 1, r}, static_cast<std::uint32_t>(i));
    }
    const double value = solve_transport(sample(x), sample(y)).value;
    mean += value / repeats, square += value * value / repeats;
  }
  const double error = std::sqrt((square - mean * mean) / repeats);
  EXPECT_NEAR(mean, 1.0 / (3 * (n + 1)), 4 * error);
}

TEST(Transport, CostMatricesOfAnySignAndShape) {
  for (const auto& [n, m] :
       {std::pair<std::size_t, std::size_t>{30, 30}, {5, 200}, {200, 5}, {100, 64}, {1, 9}}) {
    Matrix<double> cost(n, m);
    fill_normal(cost.span(), Draw{16, 0, n + 1000 * m}, -0.5, 3);
    const std::vector<double> a = random_weights(n, n), b = random_weights(m, m + 7);
    expect_optimal(solve_transport(cost.view(), a, b), a, b,
                   [&](std::size_t i, std::size_t j) { return cost(i, j); });
    const std::vector<double> ea = or_equal({}, n), eb = or_equal({}, m);
    expect_optimal(solve_transport(cost.view(), {}, {}), ea, eb,
                   [&](std::size_t i, std::size_t j) { return cost(i, j); });
  }
}

TEST(Transport, VeryLargeAndVerySmallCosts) {
  const Matrix<double> x = normal(40, 2, 37), y = normal(40, 2, 38);
  const double value = solve_transport(sample(x), sample(y)).value;
  for (int power : {-200, 200, -400, 400}) {
    Matrix<double> sx = x, sy = y;
    for (double& e : sx.span()) e = std::ldexp(e, power);
    for (double& e : sy.span()) e = std::ldexp(e, power);
    EXPECT_EQ(solve_transport(sample(sx), sample(sy)).value, std::ldexp(value, 2 * power));
  }
}

// A sum of so many points overflows: no centre may be taken from one. What they are moved by is exact.
TEST(Transport, PointsNearTheLargestNumbers) {
  constexpr double kAway = 0x1p1016;
  for (const std::size_t d : {3u, 10u})
    for (const std::size_t n : {300u, 700u}) {
      Matrix<double> x = normal(n, d, 41, 0x1p1000), y = normal(n, d, 42, 0x1p1000);
      for (Matrix<double>* points : {&x, &y})
        for (double& e : points->span()) e += kAway;
      Matrix<double> near_x = x, near_y = y;
      for (Matrix<double>* points : {&near_x, &near_y})
        for (double& e : points->span()) e -= kAway;
      const TransportResult far = solve_transport(sample(x), sample(y), {.p = 1});
      EXPECT_NEAR(far.value / solve_transport(sample(near_x), sample(near_y), {.p = 1}).value, 1, 1e-12);
      EXPECT_LT(far.gap, 1e-12 * far.value);
      std::ranges::fill(x.span(), kAway), std::ranges::fill(y.span(), kAway);
      EXPECT_EQ(solve_transport(sample(x), sample(y), {.p = 2}).value, 0);
    }
}

TEST(Transport, SameBitsEveryTimeAndForAnyNumberOfThreads) {
  std::vector<Matrix<double>> points;
  for (std::uint64_t k = 0; k < 16; ++k) points.push_back(normal(60, k % 2 ? 2 : 12, 40 + k / 2 * 2 + k % 2));
  std::vector<TransportProblem> problems;
  for (std::size_t k = 0; k + 2 < points.size(); ++k)
    problems.push_back({sample(points[k]), sample(points[k + 2])});
  const int before = threads();
  set_threads(1);
  const auto one = solve_transport_batch(problems);
  set_threads(3);
  const auto three = solve_transport_batch(problems);
  set_threads(before);
  ASSERT_EQ(one.size(), problems.size());
  for (std::size_t k = 0; k < one.size(); ++k) {
    const TransportResult alone = solve_transport(problems[k].x, problems[k].y);
    for (const TransportResult* other : {&three[k], &alone}) {
      EXPECT_EQ(one[k].value, other->value);
      EXPECT_EQ(one[k].u, other->u);
      EXPECT_EQ(one[k].plan, other->plan);
    }
  }
}

std::string refusal(const std::function<void()>& call) {
  try {
    call();
  } catch (const RequestError& error) {
    return error.what();
  }
  return "";
}

TEST(Transport, RefusesBadInputInOneLine) {
  const Matrix<double> x = normal(3, 2, 50), y = normal(4, 2, 51);
  const auto with = [&](std::vector<double> a, TransportOptions options = {}) {
    return refusal([&] { solve_transport(sample(x, a), sample(y), options); });
  };
  EXPECT_NE(with({0.5, 0.5, 0.5}).find("sum of 1.5"), std::string::npos);
  EXPECT_EQ(with({0.5, 0.5, 0.5}, {.normalize = true}), "");
  EXPECT_NE(with({0.5, -0.1, 0.6}).find("-0.1 at 1"), std::string::npos);
  EXPECT_NE(with({0.5, 0.5}).find("2 numbers"), std::string::npos);
  EXPECT_NE(with({0, 0, 0}, {.normalize = true}).find("mass above 0"), std::string::npos);
  EXPECT_NE(with({}, {.p = 0.5}).find("at least 1"), std::string::npos);
  EXPECT_NE(with({}, {.p = 1e6}).find("float64"), std::string::npos);
  Matrix<double> tiny = x;
  for (double& value : tiny.span()) value *= 1e-3;
  EXPECT_NE(
      refusal([&] { solve_transport(sample(tiny), sample(tiny), {.p = 400}); }).find("scale the data up"),
      std::string::npos);
  const Matrix<double> wide = normal(300, 30, 52);
  const std::string memory =
      refusal([&] { solve_transport(sample(wide), sample(wide), {.memory_limit = 1 << 16}); });
  EXPECT_NE(memory.find("MB"), std::string::npos) << memory;
  Matrix<double> cost(2, 2);
  cost(1, 0) = NAN;
  EXPECT_NE(refusal([&] { solve_transport(cost.view(), {}, {}); }).find("row 1, column 0"),
            std::string::npos);
  EXPECT_NE(refusal([&] { solve_transport(View<const double>{}, {}, {}); }).find("0 x 0"), std::string::npos);
  EXPECT_NE(refusal([&] { solve_transport(sample(x), sample(wide)); }).find("30"), std::string::npos);
}

}  // namespace
}  // namespace pushforward
