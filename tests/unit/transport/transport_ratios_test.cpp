// SPDX-License-Identifier: Apache-2.0
// Exact transport where costs are of very different sizes: sentinels, forbidden pairs, heavy tails, lattices;
// and few points against many.
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include <gtest/gtest.h>

#include "pushforward/distance.hpp"
#include "pushforward/error.hpp"
#include "pushforward/random.hpp"
#include "pushforward/transport.hpp"

namespace pushforward {
namespace {

Matrix<double> normal(std::size_t n, std::size_t d, std::uint64_t step) {
  Matrix<double> points(n, d);
  fill_normal(points.span(), Draw{21, stream_id("transport ratios"), step}, 0.0, 1.0);
  return points;
}

// The least mean cost over all permutations by shortest augmenting paths in long double (the "Hungarian"
// algorithm, O(n³)) [Kuhn 1955; Jonker & Volgenant 1987]: a plain reference. Costs of a pair that is never
// used only take part in comparisons.
long double assignment(std::size_t n, const std::function<long double(std::size_t, std::size_t)>& cost) {
  const long double infinity = std::numeric_limits<long double>::infinity();
  std::vector<long double> u(n + 1, 0), v(n + 1, 0);
  std::vector<std::size_t> match(n + 1, 0), way(n + 1, 0);
  for (std::size_t i = 1; i <= n; ++i) {
    match[0] = i;
    std::size_t j0 = 0;
    std::vector<long double> least(n + 1, infinity);
    std::vector<char> used(n + 1, 0);
    do {
      used[j0] = 1;
      std::size_t j1 = 0;
      long double delta = infinity;
      for (std::size_t j = 1; j <= n; ++j) {
        if (used[j]) continue;
        const long double reduced = cost(match[j0] - 1, j - 1) - u[match[j0]] - v[j];
        if (reduced < least[j]) least[j] = reduced, way[j] = j0;
        if (least[j] < delta) delta = least[j], j1 = j;
      }
      for (std::size_t j = 0; j <= n; ++j)
        if (used[j])
          u[match[j]] += delta, v[j] -= delta;
        else
          least[j] -= delta;
      j0 = j1;
    } while (match[j0] != 0);
    for (; j0 != 0; j0 = way[j0]) match[j0] = match[way[j0]];
  }
  long double sum = 0;
  for (std::size_t j = 1; j <= n; ++j) sum += cost(match[j] - 1, j - 1);
  return sum / static_cast<long double>(n);
}

long double power_cost(const Matrix<double>& x, const Matrix<double>& y, std::size_t i, std::size_t j,
                       double p) {
  long double square = 0;
  for (std::size_t k = 0; k < x.cols(); ++k) {
    const long double difference = static_cast<long double>(x(i, k)) - y(j, k);
    square += difference * difference;
  }
  return p == 2 ? square : std::pow(square, static_cast<long double>(p) / 2);
}

// The reference of the rows that are not sentinels; sentinels, the last row of both, are matched at cost 0.
double without_last(const Matrix<double>& x, const Matrix<double>& y, double p) {
  const std::size_t n = x.rows();
  const auto cost = [&](std::size_t i, std::size_t j) { return power_cost(x, y, i, j, p); };
  return static_cast<double>(assignment(n - 1, cost) * (n - 1) / n);
}

TEST(TransportRatios, ASentinelInBothSamplesDoesNotTouchTheRest) {
  std::uint64_t step = 0;
  for (const std::size_t d : {2, 12})
    for (const double p : {1.0, 2.0, 3.0})
      for (const double sentinel : {-999.0, -999999.0, -999999999.0, 1e15, 1e40}) {
        Matrix<double> x = normal(60, d, ++step), y = normal(60, d, ++step);
        for (std::size_t k = 0; k < d; ++k) x(59, k) = y(59, k) = sentinel;
        SCOPED_TRACE(testing::Message() << "d " << d << ", p " << p << ", sentinel " << sentinel);
        const TransportResult r = solve_transport({Points(x.view())}, {Points(y.view())}, {.p = p});
        const double right = without_last(x, y, p);
        EXPECT_NEAR(r.value, right, 1e-13 * right);
        EXPECT_LT(r.gap, 1e-11);
        EXPECT_GE(r.gap * r.value, std::abs(r.value - right) * (1 - 1e-9));
      }
}

TEST(TransportRatios, SeveralClustersFarApart) {
  for (std::uint64_t step = 0; step < 6; ++step) {
    Matrix<double> x = normal(60, 2, 100 + 2 * step), y = normal(60, 2, 101 + 2 * step);
    const double apart[] = {0, 1e6, -3e9, 1e12};
    for (std::size_t i = 0; i < 60; ++i) x(i, 0) += apart[i / 15], y(i, 0) += apart[3 - i / 15];
    const TransportResult r = solve_transport({Points(x.view())}, {Points(y.view())});
    const double right = static_cast<double>(
        assignment(60, [&](std::size_t i, std::size_t j) { return power_cost(x, y, i, j, 2); }));
    EXPECT_NEAR(r.value, right, 1e-11 * right);
    EXPECT_LT(r.gap, 1e-9);
    EXPECT_GE(r.gap * r.value, std::abs(r.value - right) * (1 - 1e-9));
  }
}

// Forbidden pairs cost 1e32; a plan without them is known to be feasible (the diagonal is allowed).
TEST(TransportRatios, ForbiddenPairsInACostMatrix) {
  for (std::uint64_t step = 0; step < 20; ++step) {
    const std::size_t n = 12 + step;
    Matrix<double> cost(n, n);
    fill_uniform(cost.span(), Draw{22, stream_id("forbidden"), step}, 0.0, 1.0);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j)
        if (i != j && (i * 7 + j * 3 + step) % 3 != 0) cost(i, j) = 1e32;
    const TransportResult r = solve_transport(cost.view(), {}, {});
    // For the reference 1e6 is forbidden enough, and does not eat digits.
    const double right = static_cast<double>(
        assignment(n, [&](std::size_t i, std::size_t j) { return std::min<long double>(cost(i, j), 1e6L); }));
    EXPECT_NEAR(r.value, right, 1e-13 * right);
    EXPECT_NEAR(r.dual, right, 1e-11 * right);
    EXPECT_LT(r.gap, 1e-11);
  }
}

// Where nothing is hidden from the reader: value and dual as printed differ by no more than the gap says.
TEST(TransportRatios, TheGapIsNeverBelowTheDifferenceOfValueAndDual) {
  for (std::uint64_t step = 0; step < 20; ++step) {
    const Matrix<double> x = normal(40, 3, 300 + step), y = normal(50, 3, 400 + step);
    const TransportResult r = solve_transport({Points(x.view())}, {Points(y.view())});
    EXPECT_GE(r.gap * r.value, r.value - r.dual);
    EXPECT_GT(r.gap, 0) << "rounding can hide something";
    EXPECT_LT(r.gap, 1e-12);
  }
}

TEST(TransportRatios, AnIntegerLatticeIsExact) {
  for (const std::size_t n : {7, 300, 1500}) {
    Matrix<double> x(n, 2), y(n, 2);
    fill_uniform(x.span(), Draw{23, stream_id("lattice"), n}, 0.0, 100.0);
    fill_uniform(y.span(), Draw{24, stream_id("lattice"), n}, 0.0, 100.0);
    for (Matrix<double>* points : {&x, &y})
      for (double& value : points->span()) value = std::floor(value);
    const TransportResult r = solve_transport({Points(x.view())}, {Points(y.view())});
    const double units = r.value * static_cast<double>(n);  // a whole number of squares
    EXPECT_EQ(r.value, std::round(units) / static_cast<double>(n));
    for (const TransportArc& arc : r.plan) EXPECT_EQ(arc.mass, 1 / static_cast<double>(n));
    if (n <= 300) {
      const long double right =
          assignment(n, [&](std::size_t i, std::size_t j) { return power_cost(x, y, i, j, 2); });
      EXPECT_EQ(r.value, static_cast<double>(right));
    }
  }
}

// Unequal sizes and weights with zeros: masses that come in whole units stay whole.
TEST(TransportRatios, MassesAreExactForCountsAsWeights) {
  const Matrix<double> x = normal(6, 2, 500), y = normal(4, 2, 501);
  const std::vector<double> a = {3, 0, 1, 4, 1, 3}, b = {2, 6, 0, 4};
  const TransportResult r =
      solve_transport({Points(x.view()), a}, {Points(y.view()), b}, {.normalize = true});
  for (const TransportArc& arc : r.plan) EXPECT_EQ(arc.mass * 12, std::round(arc.mass * 12));
  const TransportResult uneven = solve_transport({Points(x.view())}, {Points(y.view())});
  for (const TransportArc& arc : uneven.plan)
    EXPECT_NEAR(arc.mass * 12, std::round(arc.mass * 12), 1e-15 * 12);
}

TEST(TransportRatios, TinyAndHugeUnits) {
  for (const double unit : {1e-120, 1e-9, 1e9, 1e120}) {
    Matrix<double> x = normal(30, 2, 600), y = normal(30, 2, 601), sx = x, sy = y;
    for (double& value : sx.span()) value *= unit;
    for (double& value : sy.span()) value *= unit;
    const auto w2 = make_distance(parse_spec("w2"));
    const double plain = *w2->measure({Points(x.view())}, {Points(y.view())}).value;
    EXPECT_NEAR(*w2->measure({Points(sx.view())}, {Points(sy.view())}).value / unit, plain, 1e-12 * plain);
  }
}

// Squares of 1e-160 are 0 in float64: no distance may say 0, or a few digits, without a word.
TEST(TransportRatios, DifferencesWhosePowersVanishAreRefused) {
  for (const std::size_t d : {1, 2}) {
    Matrix<double> x = normal(30, d, 610), y = normal(30, d, 611);
    const Sample sx{Points(x.view())}, sy{Points(y.view())};
    const double w1 = *make_distance(parse_spec("w1"))->measure(sx, sy).value;
    for (Matrix<double>* points : {&x, &y})
      for (double& value : points->span()) value *= 1e-160;
    EXPECT_NEAR(*make_distance(parse_spec("w1"))->measure(sx, sy).value, w1 * 1e-160, 1e-12 * w1 * 1e-160);
    for (const std::string spec : {"w2", "w:p=3", "sliced", "max-sliced", "frechet"}) {
      const auto distance = make_distance(parse_spec(spec));
      EXPECT_THROW(distance->measure(sx, sy), RequestError) << spec << ", d " << d;
      if (spec == "sliced" || spec == "max-sliced") {  // no difference is not a lost one
        EXPECT_EQ(*distance->measure(sx, sx).value, 0) << spec;
      }
    }
  }
  Matrix<double> x(20, 2), y(20, 2);  // 0.1 to the power 1000
  for (std::size_t i = 0; i < 20; ++i) x(i, 0) = static_cast<double>(i), y(i, 0) = x(i, 0) + 0.1;
  EXPECT_THROW(make_distance(parse_spec("w:p=1000"))->measure({Points(x.view())}, {Points(y.view())}),
               RequestError);
}

TEST(TransportRatios, FewAgainstManyBothWaysRoundAndAgainstTheSimplex) {
  for (const std::size_t few : {1, 2, 3, 10, 33})
    for (const bool weighted : {false, true})
      for (const std::size_t d : {2, 11}) {
        const std::size_t many = 80 * std::max<std::size_t>(few, 33);
        const Matrix<double> x = normal(few, d, 700 + few), y = normal(many, d, 800 + few);
        std::vector<double> a, b;
        if (weighted) {
          a.resize(few), b.resize(many);
          fill_uniform(std::span<double>(a), Draw{25, stream_id("few"), few}, 0.5, 1.5);
          fill_uniform(std::span<double>(b), Draw{26, stream_id("few"), few}, 0.0, 1.0);
          for (std::size_t j = 0; j < many; j += 9) b[j] = 0;
        }
        const Sample sx{Points(x.view()), a}, sy{Points(y.view()), b};
        SCOPED_TRACE(testing::Message() << few << " against " << many << ", weighted " << weighted);
        const TransportResult forth = solve_transport(sx, sy, {.normalize = true}),
                              back = solve_transport(sy, sx, {.normalize = true}),
                              simplex = solve_transport(sx, sy,
                                                        {.normalize = true, .start = TransportStart::greedy});
        EXPECT_EQ(forth.method, "shortest paths among the few");
        EXPECT_NE(simplex.method, forth.method);
        EXPECT_NEAR(forth.value, simplex.value, 1e-12 * simplex.value);
        EXPECT_NEAR(back.value, simplex.value, 1e-12 * simplex.value);
        EXPECT_LT(forth.gap, 1e-11);
        EXPECT_LT(back.gap, 1e-11);
        std::vector<double> in(many, 0.0), out(few, 0.0);
        for (const TransportArc& arc : forth.plan) in[arc.sink] += arc.mass, out[arc.source] += arc.mass;
        const double total = std::accumulate(b.begin(), b.end(), 0.0);
        for (std::size_t j = 0; j < many; ++j)
          EXPECT_NEAR(in[j], weighted ? b[j] / total : 1 / static_cast<double>(many), 1e-15);
        for (std::size_t i = 0; i < few && !weighted; ++i)
          EXPECT_NEAR(out[i], 1 / static_cast<double>(few), 1e-12);
      }
}

TEST(TransportRatios, SaysSoWhereNothingIsProven) {
  EXPECT_TRUE(gap_warning(1e-12).empty());
  EXPECT_NE(gap_warning(0.06).find("0.06"), std::string::npos);
}

}  // namespace
}  // namespace pushforward
