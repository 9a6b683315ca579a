// SPDX-License-Identifier: Apache-2.0
// Losses of encoded tables: by hand, and their gradients against differences.
#include "models/mixed.hpp"

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

namespace pushforward {
namespace {

const std::vector<TableBlock> kBlocks = parse_blocks("n2 c3 b n1 m", "t");
const std::vector<double> kLogVariance = {0.3, -0.5, 0.1};

Tensor row(std::initializer_list<float> values) {
  Tensor out(1, values.size());
  std::copy(values.begin(), values.end(), out.data());
  return out;
}

TEST(MixedLoss, IsWhatIsDoneByHand) {
  const Tensor y = row({1, 0, 0, 0, 0, 0, 5, 0}), x = row({0, 0, 0, 1, 0, 1, 0, 1});
  // The last number is missing: it says nothing, whatever its mean.
  const double gauss = 0.5 * std::exp(-0.3) + 0.5 * (2 * std::log(2 * std::numbers::pi) + 0.3 - 0.5);
  EXPECT_NEAR(mixed_nll(kBlocks, y, x, kLogVariance, {}, 1), gauss + std::log(3) + 2 * std::log(2), 1e-6);
  EXPECT_NEAR(mixed_nll(kBlocks, y, x, {}, {}, 1), 1 + std::log(3) + 2 * std::log(2), 1e-6);
}

TEST(MixedLoss, GradientAgreesWithDifferences) {
  Tensor y = row({0.7f, -0.4f, 0.2f, -1.1f, 0.5f, 0.3f, 0.9f, -0.6f});
  for (const float missing : {0.0f, 1.0f}) {
    const Tensor x = row({0.1f, 0.6f, 0, 0, 1, 1, 0.2f, missing});
    Tensor gradient(1, 8);
    mixed_nll(kBlocks, y, x, kLogVariance, gradient.view(), 2);
    for (std::size_t j = 0; j < 8; ++j) {
      constexpr float kStep = 1e-2f;
      const float kept = y(0, j);
      y(0, j) = kept + kStep;
      const double above = mixed_nll(kBlocks, y, x, kLogVariance, {}, 1);
      y(0, j) = kept - kStep;
      const double below = mixed_nll(kBlocks, y, x, kLogVariance, {}, 1);
      y(0, j) = kept;
      // Central differences err by step²/6 times a third derivative below 1: 2e-5, doubled by the scale.
      EXPECT_NEAR(static_cast<double>(gradient(0, j)), (above - below) / kStep, 1e-3) << j;
    }
  }
}

TEST(TableHead, DrawsAsSoftmaxSays) {
  TableHead head(parse_blocks("c2 b", "t"));
  Tensor y(20000, 3);
  for (std::size_t i = 0; i < y.rows(); ++i) y(i, 0) = std::log(3.0f), y(i, 1) = 0, y(i, 2) = std::log(4.0f);
  const View<const float> x = head.forward(y, Draw{1, 2, 3});
  double first = 0, truths = 0;
  for (std::size_t i = 0; i < x.rows; ++i) {
    ASSERT_EQ(x(i, 0) + x(i, 1), 1);
    first += static_cast<double>(x(i, 0)), truths += static_cast<double>(x(i, 2));
  }
  // Shares 3/4 and 4/5 of 20000 draws: within 5 standard deviations, √(p(1−p)/20000) ≤ 0.0031.
  EXPECT_NEAR(first / 20000, 0.75, 0.016);
  EXPECT_NEAR(truths / 20000, 0.8, 0.016);
}

TEST(TableHead, GradientIsThatOfTheSoftDraw) {
  TableHead head(parse_blocks("n1 c3 b", "t"));
  const Tensor y = row({1, 0.3f, -0.2f, 0.5f, 0.1f});
  head.forward(y, Draw{7, 1, 0});
  Tensor gradient = row({2, 1, 1, 1, 0});
  head.backward(gradient);
  EXPECT_EQ(gradient(0, 0), 2);
  for (std::size_t j = 1; j < 4; ++j) EXPECT_NEAR(gradient(0, j), 0, 1e-6);  // a constant moves no softmax
  Tensor one = row({0, 1, 0, 0, 1});
  head.backward(one);
  EXPECT_NEAR(one(0, 1) + one(0, 2) + one(0, 3), 0, 1e-6);
  EXPECT_GT(one(0, 1), 0);
  EXPECT_GT(one(0, 4), 0);
}

TEST(MixedDraws, TakeOneOfKAsOftenAsItIsLikely) {
  const std::vector<TableBlock> blocks = parse_blocks("c3 n1", "t");
  Tensor x(20000, 4);
  for (std::size_t i = 0; i < x.rows(); ++i) x(i, 0) = 0.2f, x(i, 1) = 0.5f, x(i, 2) = 0.3f, x(i, 3) = 9;
  draw_categories(blocks, x.view(), Draw{5, 6, 7});
  double share[3] = {0, 0, 0};
  for (std::size_t i = 0; i < x.rows(); ++i)
    for (std::size_t k = 0; k < 3; ++k) share[k] += static_cast<double>(x(i, k)) / 20000;
  EXPECT_NEAR(share[0], 0.2, 0.018);  // 5 standard deviations of at most 0.0036
  EXPECT_NEAR(share[1], 0.5, 0.018);
  EXPECT_EQ(x(0, 3), 9);
}

}  // namespace
}  // namespace pushforward
