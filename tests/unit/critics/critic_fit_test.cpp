// SPDX-License-Identifier: Apache-2.0
// How a learned distance uses its rows: held-out ones decide nothing, the best weights are read, and a
// reading is that of its scores.
#include "critics/critic_fit.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include <gtest/gtest.h>

#include "pushforward/random.hpp"

namespace pushforward {
namespace {

// Normal points rounded to 1/256: sums of 64 of them and of their squares are exact, in any order.
Matrix<double> dyadic(std::size_t n, std::size_t d, std::uint64_t seed, double mean) {
  Matrix<double> points(n, d);
  fill_normal(points.span(), Draw{seed}.on("dyadic"), mean);
  for (double& v : points.span()) v = std::round(256 * v) / 256;
  return points;
}

Learned jsd(const FitOptions& fit) {
  Learned out{.name = "jsd-critic", .objective = jsd_objective(true), .reading = jsd_objective(true)};
  out.options.network.hidden = {16}, out.options.fit = fit;
  return out;
}

std::vector<float> scores_of(Fitted& fitted, const Matrix<double>& points) {
  Tensor scores(points.rows(), fitted.score_names().size());
  fitted.score(Points(points.view()), scores);
  return {scores.span().begin(), scores.span().end()};
}

// Rows of x and y that are held out change places: nothing that was fitted, judged or standardised knows. (By
// the rows as they are the last step is the best, and by the exchanged ones the first.)
TEST(CriticFit, HeldOutRowsDecideNothing) {
  const Matrix<double> x = dyadic(64, 3, 1, 0), y = dyadic(64, 3, 2, 1), points = dyadic(20, 3, 3, 0);
  const Learned learned = jsd({.batch = 16, .steps = 600, .patience = 600, .rate = 0.001});
  const Sample a{Points(x.view())}, b{Points(y.view())};
  Fitted whole(learned, a, b, 0.25, 7);
  const Fitted::Terms terms = whole.terms(a, b);
  ASSERT_EQ(terms.rows.size(), 32u);
  ASSERT_EQ(terms.n, 16u);
  Matrix<double> u = x, v = y, f = x, g = y;
  std::set<std::uint32_t> held;
  for (std::size_t i = 0; i < 16; ++i) {
    const std::size_t in_x = terms.rows[i], in_y = terms.rows[16 + i] - 64;
    held.insert(terms.rows[i]);
    for (std::size_t k = 0; k < 3; ++k) std::swap(u(in_x, k), v(in_y, k));
  }
  Fitted swapped(learned, {Points(u.view())}, {Points(v.view())}, 0.25, 7);
  EXPECT_EQ(scores_of(whole, points), scores_of(swapped, points));
  EXPECT_NE(*whole.reading().value, *swapped.reading().value);
  // The same done to other rows is noticed.
  for (std::uint32_t i = 0; i < 64; ++i)
    if (!held.contains(i))
      for (std::size_t k = 0; k < 3; ++k) std::swap(f(i, k), g(i, k));
  Fitted other(learned, {Points(f.view())}, {Points(g.view())}, 0.25, 7);
  EXPECT_NE(scores_of(whole, points), scores_of(other, points));
}

// 160 rows that a large network learns by heart: the first judgement is the best, and what is read is that,
// whether the fit gives up soon or goes on for long.
TEST(CriticFit, ReadsTheBestWeightsNotTheLast) {
  const Matrix<double> x = dyadic(160, 10, 4, 0), y = dyadic(160, 10, 5, 0);
  const auto read = [&](std::size_t patience) {
    Learned learned = jsd({.batch = 64, .steps = 900, .patience = patience, .rate = 0.01});
    learned.options.network.hidden = {64};
    return Fitted(learned, {Points(x.view())}, {Points(y.view())}, 0.25, 1).reading();
  };
  const Reading soon = read(300), late = read(900);
  EXPECT_LT(number_of(soon.extra, "steps"), number_of(late.extra, "steps"));
  EXPECT_EQ(*soon.value, *late.value);
}

struct Moments {
  double mean = 0, variance_of_mean = 0;
};

// Of a fitted critic's first score at some rows of a sample.
Moments moments_of(Fitted& fitted, const Matrix<double>& points, std::span<const std::uint32_t> rows) {
  const std::vector<float> scores = scores_of(fitted, points);
  const std::size_t columns = scores.size() / points.rows();
  const auto n = static_cast<double>(rows.size());
  Moments out;
  for (const std::uint32_t i : rows) out.mean += static_cast<double>(scores[columns * i]) / n;
  for (const std::uint32_t i : rows)
    out.variance_of_mean += std::pow(static_cast<double>(scores[columns * i]) - out.mean, 2) / (n - 1) / n;
  return out;
}

// A critic of W1 says its scores in the unit of the reading, and the reading is their difference of means on
// held-out rows, with its error; by the extension (on the line), by the largest slope (of a linear critic)
// and by operator norms.
TEST(CriticFit, AReadingIsThatOfItsScores) {
  std::set<std::string> estimators;
  using Kind = Lipschitz::Kind;
  for (const auto& [d, kind, hidden] : {std::tuple<std::size_t, Kind, std::size_t>{1, Kind::penalty, 16},
                                        {2, Kind::none, 0},
                                        {12, Kind::spectral, 16}}) {
    Matrix<double> x = dyadic(900, d, 6, 0), y = dyadic(700, d, 7, 1);
    for (double& v : x.span()) v *= 50;
    for (double& v : y.span()) v *= 50;
    Learned learned{.name = "w1-critic", .objective = w1_objective(), .reading = w1_objective()};
    learned.options.network.hidden.assign(hidden > 0 ? 1 : 0, hidden);
    learned.options.lipschitz.kind = kind;
    learned.options.lipschitz.amount = 10;
    learned.options.fit = {.batch = 64, .steps = 400, .patience = 400, .rate = 0.005};
    const Sample a{Points(x.view())}, b{Points(y.view())};
    Fitted fitted(learned, a, b, 0.3, 2);
    const Reading& reading = fitted.reading();
    estimators.insert(reading.estimator);
    const Fitted::Terms terms = fitted.terms(a, b);
    std::vector<std::uint32_t> of_x(terms.rows.begin(),
                                    terms.rows.begin() + static_cast<std::ptrdiff_t>(terms.n)),
        of_y(terms.rows.begin() + static_cast<std::ptrdiff_t>(terms.n), terms.rows.end());
    for (std::uint32_t& row : of_y) row -= 900;
    const Moments p = moments_of(fitted, x, of_x), q = moments_of(fitted, y, of_y);
    EXPECT_NEAR(*reading.value, p.mean - q.mean, 1e-3) << reading.estimator;
    EXPECT_NEAR(*reading.standard_error, std::sqrt(p.variance_of_mean + q.variance_of_mean), 1e-3)
        << reading.estimator;
    double sum = terms.offset;
    for (std::size_t i = 0; i < terms.rows.size(); ++i)
      sum += i < terms.n ? terms.as_x[i] / static_cast<double>(terms.n)
                         : terms.as_y[i] / static_cast<double>(terms.rows.size() - terms.n);
    EXPECT_NEAR(*reading.value, sum, 1e-3);
    EXPECT_GT(*reading.value, 20);  // 50·√d apart
    EXPECT_LT(number_of(reading.extra, "lower_bound"), 50 * std::sqrt(static_cast<double>(d)) + 15);
    EXPECT_GT(number_of(reading.extra, "lower_bound"), 4);
    EXPECT_EQ(number_of(std::get<Fields>(find_field(reading.extra, "held_out")->value), "n"), 270);
  }
  EXPECT_EQ(estimators.size(), 3u);
}

// Nothing holds this critic back, and it grows for as long as it is fitted. Judged by its difference of means
// the last step would always be the best; over its slope it cannot show more than W1, √2 / √1.25 in
// standardised units.
TEST(CriticFit, ACriticOfW1IsJudgedByWhatItsSlopeLeaves) {
  const Matrix<double> x = dyadic(900, 2, 6, 0), y = dyadic(700, 2, 7, 1);
  Learned learned{.name = "w1-critic", .objective = w1_objective(), .reading = w1_objective()};
  learned.options.network.hidden = {};
  learned.options.lipschitz.kind = Lipschitz::Kind::none;
  learned.options.fit = {.batch = 64, .steps = 400, .patience = 400, .rate = 0.05};
  double least = 0;
  const Fitted fitted(learned, {x}, {y}, 0.3, 2,
                      [&](std::size_t, std::size_t, double loss) { least = std::min(least, loss); });
  EXPECT_GT(number_of(fitted.reading().extra, "largest_slope"), 5);
  EXPECT_GT(least, -1.4);
  EXPECT_LT(least, -1.1);
}

}  // namespace
}  // namespace pushforward
