// SPDX-License-Identifier: Apache-2.0
// Entropic barycentres on a grid: against dense kernels written out, translates, blur and its removal, two
// axes that are one product, and what is refused.
#include <algorithm>
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "pushforward/barycenter.hpp"
#include "pushforward/error.hpp"
#include "pushforward/random.hpp"

namespace pushforward {
namespace {

using Numbers = std::vector<double>;
using Sides = std::vector<std::size_t>;

View<const double> rows(const Numbers& all, std::size_t count) {
  return {all.data(), count, all.size() / count};
}

Numbers bump(std::size_t side, double at, double sd) {
  Numbers masses(side);
  for (std::size_t i = 0; i < side; ++i)
    masses[i] = std::exp(-0.5 * std::pow((static_cast<double>(i) - at) / sd, 2));
  return masses;
}

Numbers joined(std::vector<Numbers> all) {
  Numbers together;
  for (const Numbers& one : all) together.insert(together.end(), one.begin(), one.end());
  return together;
}

struct Moments {
  double mean = 0, variance = 0;
};
Moments moments(const Numbers& masses) {
  Moments m;
  for (std::size_t i = 0; i < masses.size(); ++i) m.mean += masses[i] * static_cast<double>(i);
  for (std::size_t i = 0; i < masses.size(); ++i)
    m.variance += masses[i] * std::pow(static_cast<double>(i) - m.mean, 2);
  return m;
}

// The iteration as it is published, without logarithms, on all pairs of cells.
Numbers plainly(const Numbers& histograms, const Sides& sides, const Numbers& shares, double epsilon,
                bool debias, int steps) {
  const std::size_t count = shares.size(), cells = histograms.size() / count;
  const std::size_t width = sides.back();
  Matrix<double> kernel(cells, cells);
  for (std::size_t i = 0; i < cells; ++i)
    for (std::size_t j = 0; j < cells; ++j) {
      const auto apart = [](std::size_t a, std::size_t b) {
        return static_cast<double>(a) - static_cast<double>(b);
      };
      kernel(i, j) = std::exp(
          -(std::pow(apart(i / width, j / width), 2) + std::pow(apart(i % width, j % width), 2)) / epsilon);
    }
  const auto times = [&](const Numbers& v) {
    Numbers out(cells, 0.0);
    for (std::size_t i = 0; i < cells; ++i)
      for (std::size_t j = 0; j < cells; ++j) out[i] += kernel(i, j) * v[j];
    return out;
  };
  std::vector<Numbers> v(count, Numbers(cells, 1.0)), ku(count);
  Numbers d(cells, 1.0), nu;
  for (int step = 0; step < steps; ++step) {
    nu = d;
    for (std::size_t k = 0; k < count; ++k) {
      const double sum = std::accumulate(histograms.begin() + static_cast<long>(k * cells),
                                         histograms.begin() + static_cast<long>((k + 1) * cells), 0.0);
      Numbers u = times(v[k]);
      for (std::size_t c = 0; c < cells; ++c) u[c] = histograms[k * cells + c] / sum / u[c];
      ku[k] = times(u);
      for (std::size_t c = 0; c < cells; ++c) nu[c] *= std::pow(ku[k][c], shares[k]);
    }
    for (std::size_t k = 0; k < count; ++k)
      for (std::size_t c = 0; c < cells; ++c) v[k][c] = nu[c] / ku[k][c];
    if (!debias) continue;
    const Numbers kd = times(d);
    for (std::size_t c = 0; c < cells; ++c) d[c] = std::sqrt(d[c] * nu[c] / kd[c]);
  }
  const double sum = std::accumulate(nu.begin(), nu.end(), 0.0);
  for (double& mass : nu) mass /= sum;
  return nu;
}

TEST(GridBarycenter, IsThePublishedIteration) {
  Numbers histograms(3 * 30);
  fill_uniform(std::span<double>(histograms), Draw{1, stream_id("grid barycenter")}, 0.0, 1.0);
  for (std::size_t c = 0; c < histograms.size(); c += 4) histograms[c] = 0;
  for (const Sides& sides : {Sides{30}, Sides{5, 6}, Sides{1, 5, 6}})
    for (const bool debias : {false, true}) {
      const GridBarycenter found = grid_barycenter(
          rows(histograms, 3), sides,
          {.shares = {2, 1, 1}, .epsilon = 3, .debias = debias, .iterations = 40, .tolerance = 0});
      EXPECT_EQ(found.iterations, 40);
      const Numbers wanted = plainly(histograms, sides.size() == 1 ? Sides{1, 30} : Sides{5, 6},
                                     {0.5, 0.25, 0.25}, 3, debias, 40);
      for (std::size_t c = 0; c < 30; ++c)
        EXPECT_NEAR(found.masses[c], wanted[c], 1e-13) << sides.size() << debias << " " << c;
    }
}

// Bumps of two widths: a Gaussian whose deviation is the mean of theirs, and ε/2 more variance on the way to
// each where it is not removed [Janati et al., 2020, theorem 2].
TEST(GridBarycenter, OfGaussiansAndTheirBlur) {
  const Numbers histograms = joined({bump(120, 35, 4), bump(120, 80, 8)});
  const Sides sides = {120};
  const GridBarycenter sharp =
      grid_barycenter(rows(histograms, 2), sides, {.epsilon = 8, .debias = true, .tolerance = 1e-8});
  EXPECT_TRUE(sharp.converged);
  EXPECT_NEAR(moments(sharp.masses).mean, 57.5, 1e-4);
  EXPECT_NEAR(std::sqrt(moments(sharp.masses).variance), 6, 0.02);
  const GridBarycenter blurred =
      grid_barycenter(rows(histograms, 2), sides, {.epsilon = 8, .tolerance = 1e-10});
  EXPECT_NEAR(moments(blurred.masses).mean, 57.5, 1e-4);
  EXPECT_GT(moments(blurred.masses).variance, 38);
}

// Far apart and sharp: exp(−60²/0.5) is 10⁻³¹²⁷, in no double.
TEST(GridBarycenter, OfFarTranslatesWhereKernelsVanish) {
  const Numbers histograms = joined({bump(81, 10, 2), bump(81, 70, 2)});
  const GridBarycenter found = grid_barycenter(rows(histograms, 2), Sides{81},
                                               {.shares = {0.75, 0.25}, .epsilon = 0.5, .tolerance = 1e-6});
  EXPECT_TRUE(found.converged);
  EXPECT_LE(found.marginal_error, 1e-6);
  EXPECT_NEAR(moments(found.masses).mean, 25, 1e-3);
  EXPECT_NEAR(moments(found.masses).variance, 4, 0.3);
  EXPECT_NEAR(found.cost, 0.75 * 0.25 * 3600, 3);  // and a little that entropy spends

  // Likewise along the other axis of an image, whose two columns are alike.
  Numbers tall;
  for (const double mass : histograms) tall.insert(tall.end(), 2, mass / 2);
  const GridBarycenter image = grid_barycenter(rows(tall, 2), Sides{81, 2},
                                               {.shares = {0.75, 0.25}, .epsilon = 0.5, .tolerance = 1e-6});
  for (std::size_t i = 0; i < 81; ++i)
    EXPECT_NEAR(image.masses[2 * i] + image.masses[2 * i + 1], found.masses[i], 1e-5);
}

// Products of histograms: the axes do not see one another.
TEST(GridBarycenter, OfProductsIsAProduct) {
  const Numbers x0 = bump(20, 5, 2), x1 = bump(20, 12, 3), y0 = bump(15, 9, 1.5), y1 = bump(15, 4, 2.5);
  const auto product = [](const Numbers& y, const Numbers& x) {
    Numbers both;
    for (const double b : y)
      for (const double a : x) both.push_back(a * b);
    return both;
  };
  const GridBarycenterOptions how = {.epsilon = 4, .tolerance = 1e-12};
  const GridBarycenter both =
      grid_barycenter(rows(joined({product(y0, x0), product(y1, x1)}), 2), Sides{15, 20}, how);
  const GridBarycenter x = grid_barycenter(rows(joined({x0, x1}), 2), Sides{20}, how);
  const GridBarycenter y = grid_barycenter(rows(joined({y0, y1}), 2), Sides{15}, how);
  for (std::size_t i = 0; i < 15; ++i)
    for (std::size_t j = 0; j < 20; ++j)
      EXPECT_NEAR(both.masses[i * 20 + j], y.masses[i] * x.masses[j], 1e-11);
  EXPECT_NEAR(both.cost, x.cost + y.cost, 1e-8 * both.cost);
}

TEST(GridBarycenter, SaysHowFarItCame) {
  const Numbers histograms = joined({bump(40, 10, 2), bump(40, 30, 2)});
  const GridBarycenter few = grid_barycenter(rows(histograms, 2), Sides{40}, {.iterations = 2});
  EXPECT_FALSE(few.converged);
  EXPECT_GT(few.marginal_error, 1e-6);
  EXPECT_EQ(few.iterations, 2);
  EXPECT_DOUBLE_EQ(few.epsilon, 0.002 * 1600);
  Numbers told;
  const GridBarycenter all = grid_barycenter(
      rows(histograms, 2), Sides{40}, {.told = [&](std::size_t, double error) { told.push_back(error); }});
  EXPECT_TRUE(all.converged);
  ASSERT_EQ(told.size(), all.iterations);
  EXPECT_EQ(told.back(), all.marginal_error);
  EXPECT_LE(all.marginal_error, 1e-6);
}

TEST(GridBarycenter, RefusesBadInput) {
  const Numbers good = {1, 2, 3, 4};
  const auto refused = [](const Numbers& all, std::size_t count, const Sides& sides,
                          const GridBarycenterOptions& options, const std::string& word) {
    try {
      grid_barycenter(rows(all, count), sides, options);
      ADD_FAILURE() << word;
    } catch (const RequestError& error) {
      EXPECT_NE(std::string(error.what()).find(word), std::string::npos) << error.what();
    }
  };
  refused({1, 2, -3, 4}, 2, {2}, {}, "-3 in cell 0");
  refused({1, 2, 0, 0}, 2, {2}, {}, "histogram 2");
  refused({1, 2, HUGE_VAL, 0}, 2, {2}, {}, "finite");
  refused(good, 2, {3}, {}, "sides 3");
  refused(good, 2, {}, {}, "sides");
  refused(good, 2, {2}, {.shares = {1, -1}}, "-1");
  refused(good, 2, {2}, {.shares = {0, 0}}, "above 0");
  refused(good, 2, {2}, {.epsilon = -1}, "epsilon");
  refused(good, 2, {2}, {.iterations = 0}, "iterations");
  refused(good, 2, {2}, {.tolerance = -1}, "tolerance");
  EXPECT_THROW(grid_barycenter(View<const double>{good.data(), 0, 4}, Sides{4}), RequestError);
}

}  // namespace
}  // namespace pushforward
