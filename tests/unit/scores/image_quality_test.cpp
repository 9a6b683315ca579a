// SPDX-License-Identifier: Apache-2.0
// PSNR and SSIM: by hand, by the formula written out, and against values of scikit-image 0.26.
#include <cmath>

#include <gtest/gtest.h>

#include "pushforward/error.hpp"
#include "pushforward/image_quality.hpp"
#include "pushforward/random.hpp"

namespace pushforward {
namespace {

constexpr RowShape grey(std::size_t height, std::size_t width, std::size_t channels = 1) {
  return {.height = height, .width = width, .channels = channels, .image = true};
}

TEST(Psnr, ByHand) {
  Tensor clean(3, 4), image(3, 4);
  for (std::size_t j = 0; j < 4; ++j) {
    image(0, j) = 0.1f;               // MSE 0.01: 20 dB
    image(1, j) = j == 0 ? 1.0f : 0;  // MSE 1/4: 10 log10 4
  }
  const std::vector<double> found = psnr(image.view(), clean.view());
  EXPECT_NEAR(found[0], 20, 1e-6);
  EXPECT_NEAR(found[1], 6.020599913279624, 1e-9);
  EXPECT_EQ(found[2], HUGE_VAL);
  EXPECT_THROW(psnr(image.view(), Tensor(3, 5).view()), RequestError);
}

// Two flat images have no variance: (2ab + C1)/(a² + b² + C1) remains.
TEST(Ssim, FlatImagesByHand) {
  Tensor a(1, 144), b(1, 144);
  for (float& v : a.span()) v = 0.5f;
  for (float& v : b.span()) v = 0.25f;
  EXPECT_NEAR(ssim(a.view(), b.view(), grey(12, 12))[0], (0.25 + 1e-4) / (0.25 + 0.0625 + 1e-4), 1e-9);
  EXPECT_NEAR(ssim(a.view(), a.view(), grey(12, 12))[0], 1, 1e-12);
}

// structural_similarity(..., gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=1).
TEST(Ssim, AsScikitImage) {
  Tensor x(2, 16 * 13), y(2, 16 * 13);
  for (std::size_t i = 0; i < 16; ++i)
    for (std::size_t j = 0; j < 13; ++j) {
      const double a = static_cast<double>((7 * i + 3 * j) % 10) / 10,
                   b = static_cast<double>((5 * i + 2 * j) % 7) / 10;
      x(0, 13 * i + j) = x(1, 13 * i + j) = static_cast<float>(a);
      y(0, 13 * i + j) = static_cast<float>(b), y(1, 13 * i + j) = static_cast<float>(0.8 * a + 0.1 * b);
    }
  const std::vector<double> found = ssim(y.view(), x.view(), grey(16, 13));
  EXPECT_NEAR(found[0], 0.7765014698183116, 1e-6);  // inputs are float32 here
  EXPECT_NEAR(found[1], 0.9788717630033984, 1e-6);
  const std::vector<double> peak = psnr(y.view(), x.view());
  EXPECT_NEAR(peak[0], 11.597008428675117, 1e-5);
  EXPECT_NEAR(peak[1], 22.452989139120113, 1e-5);
}

// One window: the definition, with a two-dimensional window.
TEST(Ssim, OneWindowByTheFormula) {
  Tensor x(1, 121), y(1, 121);
  fill_uniform(x.span(), Draw{1, 2, 3}), fill_uniform(y.span(), Draw{1, 2, 4});
  double total = 0, mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
  for (int i = -5; i <= 5; ++i)
    for (int j = -5; j <= 5; ++j) total += std::exp(-(i * i + j * j) / 4.5);
  for (int i = -5; i <= 5; ++i)
    for (int j = -5; j <= 5; ++j) {
      const double w = std::exp(-(i * i + j * j) / 4.5) / total;
      const auto at = static_cast<std::size_t>((i + 5) * 11 + j + 5);
      const auto a = static_cast<double>(x.data()[at]), b = static_cast<double>(y.data()[at]);
      mx += w * a, my += w * b, xx += w * a * a, yy += w * b * b, xy += w * a * b;
    }
  const double wanted = (2 * mx * my + 1e-4) * (2 * (xy - mx * my) + 9e-4) /
                        ((mx * mx + my * my + 1e-4) * (xx - mx * mx + yy - my * my + 9e-4));
  EXPECT_NEAR(ssim(x.view(), y.view(), grey(11, 11))[0], wanted, 1e-12);
}

TEST(Ssim, ColourIsTheMeanOfItsChannels) {
  Tensor x(1, 3 * 144), y(1, 3 * 144);
  fill_uniform(x.span(), Draw{1, 2, 3}), fill_uniform(y.span(), Draw{1, 2, 4});
  double sum = 0;
  for (std::size_t c = 0; c < 3; ++c) {
    Tensor a(1, 144), b(1, 144);
    for (std::size_t p = 0; p < 144; ++p) a(0, p) = x(0, 3 * p + c), b(0, p) = y(0, 3 * p + c);
    sum += ssim(a.view(), b.view(), grey(12, 12))[0];
  }
  EXPECT_NEAR(ssim(x.view(), y.view(), grey(12, 12, 3))[0], sum / 3, 1e-12);
}

TEST(Ssim, RefusesWhatHoldsNoWindow) {
  EXPECT_FALSE(has_ssim(grey(10, 40)));
  EXPECT_FALSE(has_ssim({.width = 784}));
  EXPECT_TRUE(has_ssim(grey(11, 11)));
  EXPECT_THROW(ssim(Tensor(1, 100).view(), Tensor(1, 100).view(), grey(10, 10)), RequestError);
}

}  // namespace
}  // namespace pushforward
