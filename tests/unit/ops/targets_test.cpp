// SPDX-License-Identifier: Apache-2.0
// What dispatch chooses between gives the same answers: each kernel on every target that this processor has.
#include <cmath>
#include <vector>

#include "ops/activation.hpp"
#include "pushforward/losses.hpp"
#include "pushforward/optimizer.hpp"
#include "pushforward/random.hpp"
#include "unit/ops/every_target.hpp"

namespace pushforward {
namespace {

TEST(EveryTarget, DrawsTheSameBits) {
  for_every_target([] {
    std::vector<float> draws(203);
    const Draw draw{.seed = 11, .stream = 3, .step = 5};
    fill_uniform(std::span<float>(draws), draw);
    for (std::size_t i = 0; i < draws.size(); ++i)
      ASSERT_EQ(
          draws[i],
          static_cast<float>(random_bits(draw, static_cast<std::uint32_t>(i / 4))[i % 4] >> 8) * 0x1p-24f);
    fill_normal(std::span<float>(draws), draw);
    const auto w = random_bits(draw, 1);
    const double radius = std::sqrt(-2 * std::log((4294967295.5 - w[0]) * 0x1p-32));
    EXPECT_NEAR(static_cast<double>(draws[4]), radius * std::cos(2 * M_PI * w[1] * 0x1p-32), 1e-5);
  });
}

TEST(EveryTarget, ActivatesAlike) {
  std::vector<float> a;
  for (double x = -20; x < 20; x += 0.037) a.push_back(static_cast<float>(x));
  for_every_target([&] {
    for (const std::string& name : activation_names()) {
      const Activation f = parse_activation(name);
      std::vector<float> y(a.size()), da(a.size()), ones(a.size(), 1.0f), sums(a.size(), 0.0f);
      std::vector<float> curvature(a.size());
      activate(f, a, y);
      const View<const float> at{f.derivative_from_output() ? y.data() : a.data(), 1, a.size()};
      activate_backward(f, {ones.data(), 1, a.size()}, at, {da.data(), 1, a.size()}, sums.data());
      activate_tangent_backward(f, {.dy = nullptr,
                                    .dty = ones.data(),
                                    .ta = ones.data(),
                                    .at = at.data,
                                    .dta = nullptr,
                                    .da = curvature.data(),
                                    .bias = nullptr,
                                    .rows = 1,
                                    .cols = a.size()});
      for (std::size_t i = 0; i < a.size(); ++i) {
        const auto x = static_cast<double>(a[i]);
        ASSERT_NEAR(static_cast<double>(curvature[i]), activation_curvature(f, x), 1e-6) << name << x;
        ASSERT_NEAR(static_cast<double>(y[i]), activation_value(f, x),
                    4e-6 * (1 + std::abs(activation_value(f, x))))
            << name << x;
        ASSERT_NEAR(static_cast<double>(da[i]), activation_slope(f, x), 1e-6) << name << x;
        ASSERT_EQ(sums[i], da[i]);
      }
    }
  });
}

TEST(EveryTarget, SumsLossesAlike) {
  Tensor a(9, 77), x(9, 77), gradient(9, 77);
  fill_normal(a.span(), Draw{}.on("a"), 0, 3);
  fill_uniform(x.span(), Draw{}.on("x"));
  double wanted = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto v = static_cast<double>(a.data()[i]);
    wanted += std::max(v, 0.0) + std::log1p(std::exp(-std::abs(v))) - v * static_cast<double>(x.data()[i]);
  }
  for_every_target([&] {
    EXPECT_NEAR(cross_entropy_logits(a, x, gradient, 1), wanted, 1e-6 * wanted);
    EXPECT_NEAR(static_cast<double>(gradient(8, 76)),
                1 / (1 + std::exp(-static_cast<double>(a(8, 76)))) - static_cast<double>(x(8, 76)), 1e-6);
  });
}

TEST(EveryTarget, StepsAlike) {
  for_every_target([&] {
    Tensor values(1, 45), gradients(1, 45);
    for (float& g : gradients.span()) g = 2;
    auto adam = make_optimizer({"adam"}, 45, 0, {});
    EXPECT_NEAR(adam->step(values, gradients, 0.5, 1, 1), 2 * std::sqrt(45.0), 1e-5);
    for (const float v : values.span())
      EXPECT_NEAR(v, -0.5f, 1e-6f);  // Adam's first step is the rate, signed
  });
}

}  // namespace
}  // namespace pushforward
