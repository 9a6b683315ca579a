// SPDX-License-Identifier: Apache-2.0
// Activations against their double-precision twins: few ulp, far tails, NaN, tails of vectors, column sums.
#include "ops/activation.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "pushforward/error.hpp"
#include "pushforward/random.hpp"

namespace pushforward {
namespace {

std::vector<float> awkward_numbers() {
  std::vector<float> a;
  for (double x = -30; x <= 30; x += 0.0137) a.push_back(static_cast<float>(x));
  for (int e = -40; e <= 6; ++e)
    for (const double m : {1.0, 1.3, 1.9}) {
      a.push_back(static_cast<float>(std::ldexp(m, e)));
      a.push_back(static_cast<float>(-std::ldexp(m, e)));
    }
  a.push_back(0.0f);
  return a;
}

TEST(Activation, ValuesAreWithinAFewUlpOfTheTwin) {
  const std::vector<float> a = awkward_numbers();
  for (const std::string& name : activation_names()) {
    const Activation f = parse_activation(name);
    std::vector<float> y(a.size());
    activate(f, a, y);
    for (std::size_t i = 0; i < a.size(); ++i) {
      const auto x = static_cast<double>(a[i]);
      const double wanted = activation_value(f, x);
      // gelu and silu multiply by a tail of relative error |x|·ε (from rounding x²/2): allow for it.
      const double slack = 4 + (f.derivative_from_output() ? 0 : x * x);
      EXPECT_NEAR(static_cast<double>(y[i]), wanted, slack * 0x1p-24 * std::abs(wanted) * 2 + 1e-35)
          << name << '(' << x << ')';
    }
  }
}

TEST(Activation, SlopesMatchTheTwin) {
  const std::vector<float> a = awkward_numbers();
  const std::vector<float> ones(a.size(), 1.0f);
  for (const std::string& name : activation_names()) {
    const Activation f = parse_activation(name);
    std::vector<float> y(a.size()), da(a.size());
    activate(f, a, y);
    const View<const float> at{f.derivative_from_output() ? y.data() : a.data(), 1, a.size()};
    activate_backward(f, {ones.data(), 1, a.size()}, at, {da.data(), 1, a.size()}, nullptr);
    for (std::size_t i = 0; i < a.size(); ++i)
      EXPECT_NEAR(static_cast<double>(da[i]), activation_slope(f, static_cast<double>(a[i])), 4e-7)
          << name << "'(" << a[i] << ')';
  }
}

TEST(Activation, CurvaturesMatchTheTwinAndTheTwinItsSlope) {
  const std::vector<float> a = awkward_numbers();
  const std::vector<float> ones(a.size(), 1.0f);
  for (const std::string& name : activation_names()) {
    const Activation f = parse_activation(name);
    std::vector<float> y(a.size()), da(a.size());
    activate(f, a, y);
    activate_tangent_backward(f, {.dy = nullptr,
                                  .dty = ones.data(),
                                  .ta = ones.data(),
                                  .at = f.derivative_from_output() ? y.data() : a.data(),
                                  .dta = nullptr,
                                  .da = da.data(),
                                  .bias = nullptr,
                                  .rows = 1,
                                  .cols = a.size()});
    for (std::size_t i = 0; i < a.size(); ++i) {
      const auto x = static_cast<double>(a[i]);
      EXPECT_NEAR(static_cast<double>(da[i]), activation_curvature(f, x), 1e-6) << name << "''(" << x << ')';
      if (std::abs(x) < 1e-3) continue;  // kinks are at 0
      const double h = 1e-4;
      const double slope = (activation_slope(f, x + h) - activation_slope(f, x - h)) / (2 * h);
      EXPECT_NEAR(activation_curvature(f, x), slope, 1e-7) << name << "''(" << x << ')';
    }
    EXPECT_EQ(f.curved(), std::any_of(da.begin(), da.end(), [](float v) { return v != 0; })) << name;
  }
}

// dta = dty·f′, da = dy·f′ + dty·ta·f″ and its column sums, by the formula, at the ends of vectors too.
TEST(Activation, TangentBackwardMakesAllThree) {
  const Activation f = parse_activation("tanh");
  for (const std::size_t cols : {1u, 15u, 64u, 83u}) {
    const std::size_t rows = 9;
    Tensor dy(rows, cols), dty(rows, cols), ta(rows, cols), y(rows, cols), dta(rows, cols), da(rows, cols),
        sums(1, cols);
    fill_normal(dy.span(), Draw{}.on("dy"));
    fill_normal(dty.span(), Draw{}.on("dty"));
    fill_normal(ta.span(), Draw{}.on("ta"));
    fill_uniform(y.span(), Draw{}.on("y"), -1, 1);
    for (float& s : sums.span()) s = 5;
    activate_tangent_backward(f, {.dy = dy.data(),
                                  .dty = dty.data(),
                                  .ta = ta.data(),
                                  .at = y.data(),
                                  .dta = dta.data(),
                                  .da = da.data(),
                                  .bias = sums.data(),
                                  .rows = rows,
                                  .cols = cols});
    for (std::size_t j = 0; j < cols; ++j) {
      double sum = 5;
      for (std::size_t i = 0; i < rows; ++i) {
        const auto at = [&](const Tensor& t) { return static_cast<double>(t(i, j)); };
        const double slope = 1 - at(y) * at(y);
        const double wanted = at(dy) * slope - at(dty) * at(ta) * 2 * at(y) * slope;
        EXPECT_NEAR(at(dta), at(dty) * slope, 1e-6);
        EXPECT_NEAR(at(da), wanted, 2e-6);
        sum += wanted;
      }
      EXPECT_NEAR(static_cast<double>(sums(0, j)), sum, 2e-5);
    }
  }
}

TEST(Activation, NotANumberStaysOne) {
  for (const std::string& name : activation_names()) {
    const float a[3] = {1, std::numeric_limits<float>::quiet_NaN(), 2};
    float y[3];
    activate(parse_activation(name), a, y);
    EXPECT_TRUE(std::isnan(y[1])) << name;
    EXPECT_FALSE(std::isnan(y[0]) || std::isnan(y[2])) << name;
  }
}

TEST(Activation, BackwardAddsColumnSumsAndWorksInPlace) {
  for (const std::size_t cols : {1u, 7u, 16u, 63u, 64u, 65u, 200u}) {
    const std::size_t rows = 37;
    Tensor dy(rows, cols), y(rows, cols), da(rows, cols), sums(1, cols);
    fill_normal(dy.span(), Draw{}.on("dy"));
    fill_uniform(y.span(), Draw{}.on("y"));
    for (float& s : sums.span()) s = 5;
    const Activation f = parse_activation("sigmoid");
    activate_backward(f, dy, y, da, sums.data());
    for (std::size_t j = 0; j < cols; ++j) {
      double sum = 5;
      for (std::size_t i = 0; i < rows; ++i) {
        const auto s = static_cast<double>(y(i, j));
        const double wanted = static_cast<double>(dy(i, j)) * s * (1 - s);
        EXPECT_NEAR(static_cast<double>(da(i, j)), wanted, 1e-6);
        sum += wanted;
      }
      EXPECT_NEAR(static_cast<double>(sums(0, j)), sum, 1e-5);
    }
    activate_backward(f, dy, y, dy, nullptr);
    EXPECT_TRUE(std::equal(dy.span().begin(), dy.span().end(), da.span().begin()));
  }
}

TEST(Activation, NamesTheNearest) {
  try {
    parse_activation("rleu");
    FAIL();
  } catch (const RequestError& error) {
    EXPECT_NE(std::string(error.what()).find("relu"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace pushforward
