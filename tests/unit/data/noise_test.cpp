// SPDX-License-Identifier: Apache-2.0
// Noise: how much of it, where, and that it is a function of the draw alone.
#include <cmath>

#include <gtest/gtest.h>

#include "data/noise.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

constexpr std::size_t kValues = 200000;
const Draw kDraw{5, stream_id("noise test"), 2};

Tensor noisy(const char* spec, float clean) {
  Tensor x(1, kValues), y(1, kValues);
  for (float& v : x.span()) v = clean;
  Noise::parse(spec, "--noise").apply(x.view(), y, kDraw);
  return y;
}

double share(const Tensor& rows, float value) {
  std::size_t count = 0;
  for (const float v : rows.span()) count += v == value;
  return static_cast<double>(count) / static_cast<double>(rows.size());
}

// Shares within four binomial standard deviations.
double within(double p) { return 4 * std::sqrt(p * (1 - p) / static_cast<double>(kValues)); }

TEST(Noise, GaussianHasItsDeviation) {
  const Tensor y = noisy("gaussian:0.1", 0.5f);
  double mean = 0, square = 0;
  for (const float v : y.span())
    mean += static_cast<double>(v) - 0.5, square += std::pow(static_cast<double>(v) - 0.5, 2);
  const auto n = static_cast<double>(kValues);
  EXPECT_NEAR(mean / n, 0, 4 * 0.1 / std::sqrt(n));
  EXPECT_NEAR(square / n, 0.01, 4 * 0.01 * std::sqrt(2 / n));  // clipping at five deviations takes 6e-7
}

TEST(Noise, GaussianIsClipped) {
  const Tensor y = noisy("gaussian:0.3", 0);
  EXPECT_NEAR(share(y, 0), 0.5, within(0.5));
  for (const float v : y.span()) ASSERT_TRUE(v >= 0 && v <= 1);
  EXPECT_GT(share(noisy("gaussian:1", 1), 1), 0.49);
}

TEST(Noise, SaltAndPepperHalfEachWay) {
  const Tensor y = noisy("salt-pepper:0.1", 0.5f);
  EXPECT_NEAR(share(y, 0), 0.05, within(0.05));
  EXPECT_NEAR(share(y, 1), 0.05, within(0.05));
  EXPECT_NEAR(share(y, 0.5f), 0.9, within(0.1));
}

TEST(Noise, MaskingOnlyTakesAway) {
  const Tensor y = noisy("masking:0.25", 3.5f);  // not clipped
  EXPECT_NEAR(share(y, 0), 0.25, within(0.25));
  EXPECT_NEAR(share(y, 3.5f), 0.75, within(0.25));
}

TEST(Noise, RowsMeetTheSameHoweverTheyAreCut) {
  Tensor x(7, 33), whole(7, 33), cut(7, 33);
  fill_uniform(x.span(), kDraw.on("clean"));
  for (const char* spec : {"gaussian:0.2", "salt-pepper:0.3", "masking:0.3"}) {
    const Noise noise = Noise::parse(spec, "--noise");
    noise.apply_rows(x.view(), whole, noise_draw(1), 0);
    noise.apply_rows(x.view().slice(0, 3), cut.view().slice(0, 3), noise_draw(1), 0);
    noise.apply_rows(x.view().slice(3, 7), cut.view().slice(3, 7), noise_draw(1), 3);
    for (std::size_t i = 0; i < whole.size(); ++i) ASSERT_EQ(whole.data()[i], cut.data()[i]) << spec;
    noise.apply_rows(x.view(), cut, noise_draw(2), 0);
    EXPECT_NE(std::vector<float>(whole.span().begin(), whole.span().end()),
              std::vector<float>(cut.span().begin(), cut.span().end()));
    EXPECT_EQ(noise.text(), spec);
  }
}

TEST(Noise, RefusesWhatIsNone) {
  for (const char* bad : {"", "gaussian", "gaussian:", "gaussian:0", "gaussian:-0.1", "gaussian:1.5",
                          "salt-pepper:2", "masking:x", "masking:0.1,seed=3", "poisson:3", "salt-pepper:nan"})
    EXPECT_THROW(Noise::parse(bad, "--noise"), RequestError) << bad;
}

TEST(Noise, PairsBelongTogether) {
  Dataset a, b;
  a.name = "clean", b.name = "noisy";
  a.shape = b.shape = {.height = 2, .width = 3, .image = true};
  a.rows_data = Matrix<float>(4, 6), b.rows_data = Matrix<float>(4, 6);
  EXPECT_NO_THROW(check_pairs(a, b));
  b.rows_data = Matrix<float>(3, 6);
  EXPECT_THROW(check_pairs(a, b), RequestError);
  b.rows_data = Matrix<float>(4, 6), b.shape = {.height = 3, .width = 2, .image = true};
  EXPECT_THROW(check_pairs(a, b), RequestError);
}

}  // namespace
}  // namespace pushforward
