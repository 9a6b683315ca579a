// SPDX-License-Identifier: Apache-2.0
// Matrix products against the plain triple loop in double precision: every transpose, bias, rectifier,
// adding.
#include "ops/product.hpp"

#include <cmath>
#include <thread>

#include <gtest/gtest.h>

#include "pushforward/error.hpp"
#include "pushforward/random.hpp"
#include "pushforward/threads.hpp"

namespace pushforward {
namespace {

Tensor normal(std::size_t rows, std::size_t cols, std::string_view name) {
  Tensor t(rows, cols);
  fill_normal(t.span(), Draw{}.on(name));
  return t;
}

// bfloat16 keeps 8 bits: round to nearest, ties to even.
float rounded(float value) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  bits = (bits + 0x7fff + ((bits >> 16) & 1)) & 0xffff0000u;
  std::memcpy(&value, &bits, sizeof bits);
  return value;
}

struct Case {
  std::size_t m, n, k;
  bool ta, tb, bias, rectify, accumulate;
};

// The largest error in units of k^1.5·ε/2: k roundings of a sum whose standard deviation is at most √k.
double worst_error(const Case& c, Precision precision) {
  const Tensor a = c.ta ? normal(c.k, c.m, "a") : normal(c.m, c.k, "a");
  const Tensor b = c.tb ? normal(c.n, c.k, "b") : normal(c.k, c.n, "b");
  const Tensor bias = normal(1, c.n, "bias");
  Tensor got = normal(c.m, c.n, "c");
  const Tensor before = got;
  multiply({.a = a,
            .b = b,
            .c = got,
            .transpose_a = c.ta,
            .transpose_b = c.tb,
            .bias = c.bias ? bias.data() : nullptr,
            .rectify = c.rectify,
            .slope = 0.25f,
            .accumulate = c.accumulate,
            .precision = precision});
  double worst = 0;
  for (std::size_t i = 0; i < c.m; ++i)
    for (std::size_t j = 0; j < c.n; ++j) {
      double sum = c.accumulate ? static_cast<double>(before(i, j)) : 0;
      for (std::size_t l = 0; l < c.k; ++l) {
        float x = c.ta ? a(l, i) : a(i, l), y = c.tb ? b(j, l) : b(l, j);
        if (precision == Precision::bf16) x = rounded(x), y = rounded(y);
        sum += static_cast<double>(x) * static_cast<double>(y);
      }
      if (c.bias) sum += static_cast<double>(bias(0, j));
      if (c.rectify && sum < 0) sum *= 0.25;
      worst = std::max(worst, std::abs(sum - static_cast<double>(got(i, j))));
    }
  return worst / (std::pow(static_cast<double>(c.k), 1.5) * 0x1p-24);
}

TEST(Product, MatchesTheTripleLoopForEveryTransposeAndExtra) {
  const Case shapes[] = {{1, 1, 1, false, false, false, false, false},
                         {3, 5, 7, false, false, false, false, false},
                         {17, 33, 129, false, false, false, false, false},
                         {128, 40, 20, false, false, false, false, false}};
  for (const Case& shape : shapes)
    for (const Precision precision : {Precision::f32, Precision::bf16})
      for (int bits = 0; bits < 32; ++bits) {
        Case c = shape;
        c.ta = bits & 1, c.tb = bits & 2, c.bias = bits & 4, c.rectify = bits & 8, c.accumulate = bits & 16;
        if (c.accumulate && (c.bias || c.rectify)) continue;
        // No sum exceeds eight standard deviations, whatever the order of its terms.
        EXPECT_LT(worst_error(c, precision), 8) << c.m << 'x' << c.n << 'x' << c.k << " extras " << bits
                                                << " bf16 " << (precision == Precision::bf16);
      }
}

TEST(Product, RefusesShapesThatDoNotFit) {
  const Tensor a(2, 3), b(4, 5);
  Tensor c(2, 5);
  EXPECT_THROW(multiply({.a = a, .b = b, .c = c}), RequestError);
}

TEST(Product, EmptyMatricesAreLeftAlone) {
  const Tensor a(0, 3), b(3, 5);
  Tensor c(0, 5);
  EXPECT_NO_THROW(multiply({.a = a, .b = b, .c = c}));
}

TEST(Product, TwoThreadsMayMultiplyAtOnce) {
  const Tensor a = normal(64, 48, "a"), b = normal(48, 32, "b");
  Tensor first(64, 32), second(64, 32), alone(64, 32);
  multiply({.a = a, .b = b, .c = alone});
  const auto work = [&](Tensor& c) {
    for (int i = 0; i < 50; ++i) multiply({.a = a, .b = b, .c = c});
  };
  std::thread other([&] { work(second); });
  work(first);
  other.join();
  EXPECT_TRUE(std::equal(first.span().begin(), first.span().end(), alone.span().begin()));
  for (std::size_t i = 0; i < alone.size(); ++i) EXPECT_NEAR(second.data()[i], alone.data()[i], 1e-4f);
}

}  // namespace
}  // namespace pushforward
