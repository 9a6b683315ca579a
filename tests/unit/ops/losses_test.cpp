// SPDX-License-Identifier: Apache-2.0
// Losses beyond what conformance tries: far logits, row sums, the learned single variance, several draws.
#include "pushforward/losses.hpp"

#include <cmath>
#include <limits>
#include <numbers>

#include <gtest/gtest.h>

#include "pushforward/error.hpp"
#include "pushforward/random.hpp"
#include "pushforward/threads.hpp"

namespace pushforward {
namespace {

Tensor normal(std::size_t rows, std::size_t cols, std::string_view name, float sd = 1) {
  Tensor t(rows, cols);
  fill_normal(t.span(), Draw{}.on(name), 0, sd);
  return t;
}

TEST(Losses, CrossEntropyIsExactFarOut) {
  const float logits[4] = {1000, -1000, 50, -50}, targets[4] = {1, 1, 0, 0};
  float gradient[4];
  double row[1];
  const double value = cross_entropy_logits({logits, 1, 4}, {targets, 1, 4}, {gradient, 1, 4}, 1, row);
  EXPECT_NEAR(value, 0 + 1000 + 50 + std::exp(-50.0), 1e-3);
  EXPECT_EQ(row[0], value);
  EXPECT_NEAR(gradient[0], 0, 1e-6);
  EXPECT_NEAR(gradient[1], -1, 1e-6);
  EXPECT_NEAR(gradient[2], 1, 1e-6);
  EXPECT_NEAR(gradient[3], 0, 1e-6);
}

TEST(Losses, NotANumberShows) {
  const float y[3] = {1, std::numeric_limits<float>::quiet_NaN(), 2}, x[3] = {0, 0, 0};
  EXPECT_TRUE(std::isnan(squared_error({y, 1, 3}, {x, 1, 3}, {}, 1)));
  EXPECT_TRUE(std::isnan(cross_entropy_logits({y, 1, 3}, {x, 1, 3}, {}, 1)));
  EXPECT_TRUE(std::isnan(gaussian_nll({y, 1, 3}, {x, 1, 3}, 0, {}, nullptr, 1)));
}

TEST(Losses, RowsAddUpAndThreadsDoNotMatter) {
  const Tensor a = normal(300, 217, "a", 3);
  Tensor x(300, 217);
  fill_uniform(x.span(), Draw{}.on("x"));
  std::vector<double> rows(300);
  Tensor one(300, 217), two(300, 217);
  const int before = threads();
  set_threads(1);
  const double alone = cross_entropy_logits(a, x, one, 0.5f, rows);
  set_threads(2);
  const double together = cross_entropy_logits(a, x, two, 0.5f);
  set_threads(before);
  EXPECT_EQ(alone, together);
  EXPECT_TRUE(std::equal(one.span().begin(), one.span().end(), two.span().begin()));
  double sum = 0;
  for (const double r : rows) sum += r;
  EXPECT_EQ(sum, alone);
}

TEST(Losses, LearnedVarianceHasItsGradientAndIsAddedTo) {
  const Tensor mean = normal(9, 21, "m"), x = normal(9, 21, "x");
  const double at = 0.3, h = 1e-4;
  double slope = 10;
  gaussian_nll(mean, x, at, {}, &slope, 0.5f);
  const double above = gaussian_nll(mean, x, at + h, {}, nullptr, 1),
               below = gaussian_nll(mean, x, at - h, {}, nullptr, 1);
  EXPECT_NEAR(slope - 10, 0.5 * (above - below) / (2 * h), 1e-4);
  // At the maximum-likelihood variance the slope vanishes.
  double squares = squared_error(mean, x, {}, 1);
  slope = 0;
  gaussian_nll(mean, x, std::log(squares / (9 * 21)), {}, &slope, 1);
  EXPECT_NEAR(slope, 0, 1e-4);
}

TEST(Losses, HeadVarianceCannotCollapse) {
  const float head[2] = {1, -1000}, x[1] = {1};
  float gradient[2];
  const double floor = -6;
  const double value = gaussian_nll_head({head, 1, 2}, {x, 1, 1}, floor, {gradient, 1, 2}, 1);
  EXPECT_NEAR(value, 0.5 * (floor + std::log(2 * std::numbers::pi)), 1e-5);
  EXPECT_NEAR(gradient[1], 0, 1e-6);
}

TEST(Losses, SeveralDrawsShareOneCode) {
  const std::size_t batch = 5, latents = 3, draws = 4;
  const Tensor code = normal(batch, 2 * latents, "code"), eps = normal(draws * batch, latents, "eps");
  const Tensor dz = normal(draws * batch, latents, "dz");
  Tensor z(draws * batch, latents), dcode(batch, 2 * latents);
  std::vector<double> rows(batch);
  const double kl = reparametrise(code, eps, z, rows);
  reparametrise_backward(code, eps, dz, 0.5f, dcode);
  double total = 0;
  for (std::size_t b = 0; b < batch; ++b)
    for (std::size_t j = 0; j < latents; ++j) {
      const auto mean = static_cast<double>(code(b, j)), v = static_cast<double>(code(b, latents + j));
      total -= 0.5 * (1 + v - mean * mean - std::exp(v));
      double d_mean = 0.5 * mean, d_v = 0.25 * (std::exp(v) - 1);
      for (std::size_t l = 0; l < draws; ++l) {
        const auto e = static_cast<double>(eps(l * batch + b, j)),
                   g = static_cast<double>(dz(l * batch + b, j));
        EXPECT_NEAR(static_cast<double>(z(l * batch + b, j)), mean + std::exp(0.5 * v) * e, 1e-5);
        d_mean += g, d_v += g * e * 0.5 * std::exp(0.5 * v);
      }
      EXPECT_NEAR(static_cast<double>(dcode(b, j)), d_mean, 1e-5);
      EXPECT_NEAR(static_cast<double>(dcode(b, latents + j)), d_v, 1e-5);
    }
  EXPECT_NEAR(kl, total, 1e-5);
  EXPECT_GE(*std::min_element(rows.begin(), rows.end()), 0);
}

TEST(Losses, RefuseShapesThatDoNotFit) {
  const Tensor a(2, 3), b(2, 4);
  EXPECT_THROW(squared_error(a, b, {}, 1), RequestError);
  EXPECT_THROW(cross_entropy_logits(a, b, {}, 1), RequestError);
  EXPECT_THROW(gaussian_nll_head(a, b, -6, {}, 1), RequestError);
  std::vector<double> rows(3);
  EXPECT_THROW(squared_error(a, a, {}, 1, rows), RequestError);
}

}  // namespace
}  // namespace pushforward
