// SPDX-License-Identifier: Apache-2.0
// Matrix products against the plain triple loop in double precision: every transpose, bias, rectifier,
// adding.
#include "ops/product.hpp"

#include <cmath>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ops/bfloat16.hpp"
#include "pushforward/error.hpp"
#include "pushforward/random.hpp"
#include "support/threads.hpp"
#include "unit/ops/products.hpp"

namespace pushforward {
namespace {

// bfloat16 keeps 8 bits: round to nearest, ties to even.
float rounded(float value) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  bits = (bits + 0x7fff + ((bits >> 16) & 1)) & 0xffff0000u;
  std::memcpy(&value, &bits, sizeof bits);
  return value;
}

TEST(Bfloat16, ValuesAreTheNearestOnesForAnyLength) {
  for (const std::size_t n : {1u, 17u, 1024u, 70001u, 200003u}) {
    const Tensor x = normal(1, n, "x");
    std::vector<float> y(n);
    round_to_bf16(x.span(), y.data());
    for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(y[i], rounded(x.data()[i])) << i << " of " << n;
  }
}

Tensor product(const Case& c, const Operands& o, Precision precision) {
  Tensor out = o.before;
  multiply({.a = o.a,
            .b = o.b,
            .c = out,
            .transpose_a = c.ta,
            .transpose_b = c.tb,
            .bias = c.bias ? o.bias.data() : nullptr,
            .rectify = c.rectify,
            .slope = kSlope,
            .accumulate = c.accumulate,
            .precision = precision});
  return out;
}

// Calls `work` with every transpose and extra that go together, and both precisions.
template <class Work>
void for_every_extra(Case c, Work work) {
  for (const Precision precision : {Precision::f32, Precision::bf16})
    for (int bits = 0; bits < 32; ++bits) {
      c.ta = bits & 1, c.tb = bits & 2, c.bias = bits & 4, c.rectify = bits & 8, c.accumulate = bits & 16;
      if (c.accumulate && (c.bias || c.rectify)) continue;
      SCOPED_TRACE(
          fmt::format("{}x{}x{}, extras {}, bf16 {}", c.m, c.n, c.k, bits, precision == Precision::bf16));
      work(c, precision);
    }
}

// The largest error in units of k^1.5·ε/2: k roundings of a sum whose standard deviation is at most √k.
double worst_error(const Case& c, Precision precision) {
  const Operands o(c);
  const Tensor got = product(c, o, precision);
  double worst = 0;
  for (std::size_t i = 0; i < c.m; ++i)
    for (std::size_t j = 0; j < c.n; ++j) {
      const double sum = o.exact(
          c, i, j, [&](float value) { return precision == Precision::bf16 ? rounded(value) : value; });
      worst = std::max(worst, std::abs(sum - static_cast<double>(got(i, j))));
    }
  return worst / (std::pow(static_cast<double>(c.k), 1.5) * 0x1p-24);
}

TEST(Product, MatchesTheTripleLoopForEveryTransposeAndExtra) {
  for (const Case& shape : {Case{1, 1, 1}, Case{3, 5, 7}, Case{17, 33, 129}, Case{128, 40, 20}})
    for_every_extra(shape, [](const Case& c, Precision precision) {
      EXPECT_LT(worst_error(c, precision), 8);  // no sum exceeds eight standard deviations, in any order
    });
}

// Cut along rows where there are many, else along columns; each operand's part begins where it must.
TEST(Product, PartsOfSeveralThreadsMakeUpTheWhole) {
  for (const Case& shape : {Case{130, 150, 210}, Case{50, 330, 210}})
    for_every_extra(shape, [](const Case& c, Precision precision) {
      const Operands o(c);
      const auto on = [&](int threads) {
        const testing::Threads set(threads);
        return product(c, o, precision);
      };
      const Tensor whole = on(1), parts = on(3);
      double worst = 0;
      for (std::size_t i = 0; i < whole.size(); ++i)
        worst = std::max(
            worst, std::abs(static_cast<double>(whole.data()[i]) - static_cast<double>(parts.data()[i])));
      EXPECT_LT(worst, 1e-3);
    });
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
