// SPDX-License-Identifier: Apache-2.0
// Distances by neighbours, moments and histograms against closed forms and plain loops.
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "pushforward/distance.hpp"
#include "pushforward/divergence.hpp"
#include "pushforward/error.hpp"
#include "pushforward/neighbours.hpp"
#include "pushforward/random.hpp"

namespace pushforward {
namespace {

Matrix<double> normal(std::size_t n, std::size_t d, std::uint64_t step, double shift = 0, double scale = 1) {
  Matrix<double> points(n, d);
  fill_normal(points.span(), Draw{11, stream_id("sample distances"), step}, shift, scale);
  return points;
}

Matrix<double> column(std::vector<double> values) {
  Matrix<double> points(values.size(), 1);
  std::copy(values.begin(), values.end(), points.data());
  return points;
}

Reading measure(const char* spec, const Matrix<double>& x, const Matrix<double>& y,
                const Gradient& grad = {}) {
  return make_distance(parse_spec(spec))->measure({x.view()}, {y.view()}, grad);
}

double entropy(const Matrix<double>& points, std::size_t k = 5) {
  return neighbour_entropy(points.view(), k);
}

double part(const Reading& reading, const char* name) {
  return number_of(std::get<Fields>(find_field(reading.extra, "parts")->value), name);
}

// KL of N(0,I) from N(μ,I) is ‖μ‖²/2 = 1. A term of the average is ln p/q (variance ‖μ‖² = 2) plus the noise
// of two neighbour distances (ψ'(5) = 0.22 each), so its standard deviation is √(2.44/4000) = 0.025, doubled
// for the dependence between terms; four of these.
TEST(NeighbourDivergence, ApproachesTheDivergenceOfGaussians) {
  const double value = *measure("kl-knn", normal(4000, 2, 1), normal(4000, 2, 2, 1)).value;
  EXPECT_NEAR(value, 1, 4 * 0.05);
}

TEST(NeighbourDivergence, DoesNotChangeWithUnitsAndOffset) {
  const Matrix<double> x = normal(300, 3, 3), y = normal(200, 3, 4, 0.5);
  const auto moved = [](const Matrix<double>& from) {
    Matrix<double> to = from;
    for (double& v : to.span()) v = 8 * v + 1024;
    return to;
  };
  EXPECT_NEAR(*measure("kl-knn", x, y).value, *measure("kl-knn", moved(x), moved(y)).value, 1e-9);
}

TEST(NeighbourDivergence, RefusesCopiesAndNamesTheRow) {
  const Matrix<double> x = column({1, 2, 2, 3, 4}), y = column({0.5, 1.5, 2.5, 3.5});
  try {
    measure("kl-knn:k=1", x, y);
    FAIL() << "a distance of 0 has no logarithm";
  } catch (const RequestError& error) {
    EXPECT_NE(std::string(error.what()).find("row 1"), std::string::npos) << error.what();
  }
  EXPECT_TRUE(std::isfinite(*measure("kl-knn:k=2", x, y).value));
}

TEST(NeighbourEntropy, OfTwoPointsByHand) {
  // ψ(2) − ψ(1) = 1, the unit ball of R is 2 long, both neighbour distances are 1.
  EXPECT_NEAR(entropy(column({0, 1}), 1), 1 + std::log(2.0), 1e-14);
}

// ln(2πe) = 2.8379 for N(0, I₂); a term has variance 1 (of −ln p) + ψ'(5) = 1.22, so four standard errors of
// 4000 terms are 0.07.
TEST(NeighbourEntropy, ApproachesThatOfAGaussian) {
  EXPECT_NEAR(entropy(normal(4000, 2, 5)), std::log(2 * M_PI * M_E), 0.07);
}

TEST(NeighbourEntropy, RefusesCopies) {
  EXPECT_THROW(entropy(column({1, 1, 1}), 1), RequestError);
  EXPECT_THROW(entropy(column({1, 2, 3}), 3), RequestError);
}

TEST(Prdc, AllFourByHand) {
  // X's balls [−1,1], [0,2], [1,19]; Y's [−1.5,2.5], [0.5,4.5], [2.5,57.5].
  const Reading reading = measure("prdc:k=1", column({0, 1, 10}), column({0.5, 2.5, 30}));
  EXPECT_EQ(part(reading, "precision"), 2.0 / 3);
  EXPECT_EQ(part(reading, "recall"), 1);
  EXPECT_EQ(part(reading, "density"), 1);
  EXPECT_EQ(part(reading, "coverage"), 1);
  EXPECT_FALSE(reading.value);
}

TEST(Prdc, TellsFidelityFromDiversity) {
  const Matrix<double> data = column({0, 1, 2, 3, 4, 100, 101, 102, 103, 104});
  const Reading narrow = measure("prdc:k=2", data, column({0.5, 1.5, 2.5, 3.5}));  // good, but one mode only
  EXPECT_EQ(part(narrow, "precision"), 1);
  EXPECT_EQ(part(narrow, "coverage"), 0.5);
  EXPECT_EQ(part(narrow, "recall"), 0.5);
}

TEST(Prdc, OfASampleWithItself) {
  const Matrix<double> x = normal(40, 2, 6);
  const Reading reading = measure("prdc:k=4", x, x);
  EXPECT_EQ(part(reading, "precision"), 1);
  EXPECT_EQ(part(reading, "recall"), 1);
  EXPECT_EQ(part(reading, "coverage"), 1);
  EXPECT_DOUBLE_EQ(part(reading, "density"), 5.0 / 4);  // a closed ball holds its centre and four others
}

// n ≤ d takes the sample itself as factor: columns of zeros add nothing, and switch the route.
TEST(Frechet, BothRoutesAgree) {
  const Matrix<double> x = normal(6, 3, 7), y = normal(9, 3, 8, 0.4, 1.7);
  const auto padded = [](const Matrix<double>& from) {
    Matrix<double> to(from.rows(), 12);
    for (std::size_t i = 0; i < from.rows(); ++i) std::copy_n(from.row(i), from.cols(), to.row(i) + 5);
    return to;
  };
  const Reading eigen = measure("frechet", x, y), direct = measure("frechet", padded(x), padded(y));
  EXPECT_NEAR(*eigen.value, *direct.value, 1e-12 * *eigen.value);
  EXPECT_EQ(find_field(eigen.extra, "warning"), nullptr);
  EXPECT_NE(find_field(direct.extra, "warning"), nullptr);
}

TEST(Frechet, GradientWithFewerPointsThanFeatures) {
  const Matrix<double> x = normal(4, 7, 9), y = normal(11, 7, 10, 0.3);
  Matrix<double> gradient(4, 7);
  measure("frechet", x, y, {.points = gradient.view()});
  const double h = 1e-4;
  for (std::size_t e = 0; e < x.size(); ++e) {
    Matrix<double> up = x, down = x;
    up.data()[e] += h, down.data()[e] -= h;
    const double slope = (*measure("frechet", up, y).value - *measure("frechet", down, y).value) / (2 * h);
    EXPECT_NEAR(gradient.data()[e], slope, 1e-6) << "entry " << e;
  }
}

TEST(Frechet, SurvivesAnOffset) {
  Matrix<double> x = normal(50, 4, 11), y = normal(60, 4, 12, 0.2);
  const double before = *measure("frechet", x, y).value;
  for (Matrix<double>* points : {&x, &y})
    for (double& v : points->span()) v += 1e6;
  EXPECT_NEAR(*measure("frechet", x, y).value, before,
              1e-7 * before);  // the inputs themselves are rounded at 1e-10
}

// The conformance run asks for 0 on itself relative to another distance; here to the sample's own variance.
TEST(Frechet, IsZeroOnItselfWithoutDust) {
  for (const std::size_t d : {2u, 30u}) {
    const Matrix<double> x = normal(25, d, 13);
    EXPECT_LT(*measure("frechet", x, x).value, 1e-12 * static_cast<double>(d));
  }
}

// Plain counting, cell by cell, then the divergence of the two vectors.
TEST(Histogram, IsTheDivergenceOfCounts) {
  const Matrix<double> x = normal(500, 1, 14), y = normal(300, 1, 15, 0.5, 1.4);
  double low = x(0, 0), high = low;
  for (const Matrix<double>* points : {&x, &y})
    for (double v : points->span()) low = std::min(low, v), high = std::max(high, v);
  const auto shares = [&](const Matrix<double>& points) {
    std::vector<double> counts(13, 0.0);
    for (double v : points.span()) {
      std::size_t cell = 0;
      while (cell < 12 && v >= low + (high - low) * static_cast<double>(cell + 1) / 13) ++cell;
      counts[cell] += 1 / static_cast<double>(points.rows());
    }
    return counts;
  };
  for (const char* name : {"js", "tv", "hellinger", "l2"})
    EXPECT_NEAR(*measure((std::string("histogram:bins=13,divergence=") + name).c_str(), x, y).value,
                divergence(parse_spec(name), shares(x), shares(y)), 1e-12)
        << name;
}

TEST(Histogram, PassesOptionsToTheDivergence) {
  const Matrix<double> x = column({0, 0, 0, 1}), y = column({0, 1, 1, 1});
  const std::vector<double> p = {0.75, 0.25}, q = {0.25, 0.75};
  EXPECT_NEAR(*measure("histogram:divergence=renyi,alpha=3,bins=2", x, y).value,
              divergence(parse_spec("renyi:alpha=3"), p, q), 1e-14);
}

TEST(Histogram, IsInfiniteWhereTheDivergenceIs) {
  EXPECT_TRUE(std::isinf(*measure("histogram:divergence=kl", column({0}), column({1})).value));
}

TEST(Histogram, RefusesWhatItCannotDo) {
  const Matrix<double> flat = normal(5, 2, 16), deep = normal(5, 3, 17);
  EXPECT_THROW(measure("histogram", deep, deep), RequestError);
  EXPECT_THROW(measure("histogram:divergence=w1", flat, flat), RequestError);  // positions want one dimension
  EXPECT_THROW(measure("histogram:divergence=jss", flat, flat), RequestError);
  EXPECT_THROW(measure("histogram:bins=0", flat, flat), RequestError);
  EXPECT_THROW(measure("histogram:bins=100000", flat, flat), RequestError);
}

}  // namespace
}  // namespace pushforward
