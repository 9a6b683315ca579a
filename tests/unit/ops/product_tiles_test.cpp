// SPDX-License-Identifier: Apache-2.0
// Products by tiles against the plain triple loop in double precision, at sizes beside those of tiles, panels
// and blocks, and parts of C against the whole.
#include "ops/product_tiles.hpp"

#include <cmath>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "pushforward/random.hpp"
#include "pushforward/tensor.hpp"
#include "unit/ops/every_target.hpp"

namespace pushforward {
namespace {

Tensor normal(std::size_t rows, std::size_t cols, std::string_view name) {
  Tensor t(rows, cols);
  fill_normal(t.span(), Draw{}.on(name));
  return t;
}

struct Numbers {
  Tensor a, b, bias, c;

  explicit Numbers(const TileProduct& p)
      : a(p.transpose_a ? normal(p.k, p.m, "a") : normal(p.m, p.k, "a")),
        b(p.transpose_b ? normal(p.n, p.k, "b") : normal(p.k, p.n, "b")),
        bias(normal(1, p.n, "bias")),
        c(normal(p.m, p.n, "c")) {}

  Tensor product(TileProduct p, bool biased) const {
    Tensor out = c;
    p.ld_a = a.cols(), p.ld_b = b.cols(), p.ld_c = p.n;
    p.a = a.data(), p.b = b.data(), p.c = out.data(), p.bias = biased ? bias.data() : nullptr;
    multiply_by_tiles(p);
    return out;
  }
  double exact(const TileProduct& p, bool biased, std::size_t i, std::size_t j) const {
    double sum = p.accumulate ? c(i, j) : 0.0;
    for (std::size_t k = 0; k < p.k; ++k)
      sum += static_cast<double>(p.transpose_a ? a(k, i) : a(i, k)) *
             static_cast<double>(p.transpose_b ? b(j, k) : b(k, j));
    if (biased) sum += bias(0, j);
    return p.rectify && sum < 0 ? sum * p.slope : sum;
  }
};

// A chain of k sums of a deviation of at most √k, of which each is rounded to ε/2: k^1.5·ε/2 at most.
void expect_product(const TileProduct& p, bool biased) {
  SCOPED_TRACE(fmt::format("{}x{}x{}, transposed {} {}, added {}, bias {}, rectified {}", p.m, p.n, p.k,
                           p.transpose_a, p.transpose_b, p.accumulate, biased, p.rectify));
  const Numbers numbers(p);
  const Tensor out = numbers.product(p, biased);
  const double allowed = 6e-8 * (40 + std::pow(static_cast<double>(p.k), 1.5) / 4);
  for (std::size_t i = 0; i < p.m; i += 1 + p.m / 40)
    for (std::size_t j = 0; j < p.n; j += 1 + p.n / 40)
      ASSERT_NEAR(out(i, j), numbers.exact(p, biased, i, j), allowed) << i << ", " << j;
  const double last = numbers.exact(p, biased, p.m - 1, p.n - 1);
  ASSERT_NEAR(out(p.m - 1, p.n - 1), last, allowed);
}

TEST(ProductTiles, AreTheTripleLoop) {
  for_every_target([] {
    if (!has_product_tiles()) return;
    for (const std::size_t m : {1, 6, 13, 121})
      for (const std::size_t n : {1, 16, 33, 1041})
        for (const std::size_t k : {1, 8, 255, 600})
          for (int bits = 0; bits < 4; ++bits) {
            const TileProduct p{
                .m = m, .n = n, .k = k, .transpose_a = bits % 2 == 1, .transpose_b = bits >= 2};
            TileProduct added = p, rectified = p;
            added.accumulate = true, rectified.rectify = true, rectified.slope = 0.25f;
            expect_product(p, false), expect_product(added, true), expect_product(rectified, true);
          }
  });
}

TEST(ProductTiles, LeaveNotANumberAndInfinity) {
  for_every_target([] {
    if (!has_product_tiles()) return;
    const float a[] = {NAN, -INFINITY, 1, -1}, b[] = {1, 1};
    float c[8];
    multiply_by_tiles(
        {.m = 4, .n = 2, .k = 1, .ld_a = 1, .ld_b = 2, .ld_c = 2, .a = a, .b = b, .c = c, .rectify = true});
    EXPECT_TRUE(std::isnan(c[0]));
    EXPECT_EQ(c[2], 0);  // 0·∞ is none
    EXPECT_EQ(c[4], 1);
    EXPECT_EQ(c[7], 0);
  });
}

// Wherever C is cut.
TEST(ProductTiles, GiveAPartTheBitsOfTheWhole) {
  for_every_target([] {
    if (!has_product_tiles()) return;
    TileProduct p{.m = 100, .n = 90, .k = 700};
    const Numbers numbers(p);
    const Tensor whole = numbers.product(p, true);
    Tensor parts = numbers.c;
    p.ld_a = p.k, p.ld_b = p.n, p.ld_c = p.n, p.m = 37, p.n = 29;
    for (const std::size_t i : {0, 37, 63})
      for (const std::size_t j : {0, 29, 58, 61}) {
        p.a = numbers.a.row(i), p.b = numbers.b.data() + j, p.bias = numbers.bias.data() + j;
        p.c = parts.row(i) + j;
        multiply_by_tiles(p);
      }
    for (std::size_t i = 0; i < whole.size(); ++i) ASSERT_EQ(parts.data()[i], whole.data()[i]) << i;
  });
}

}  // namespace
}  // namespace pushforward
