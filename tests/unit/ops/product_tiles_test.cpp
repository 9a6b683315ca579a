// SPDX-License-Identifier: Apache-2.0
// Products by tiles against the plain triple loop, at sizes beside those of tiles, panels and blocks, and
// parts of C against the whole.
#include "ops/product_tiles.hpp"

#include <cmath>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "unit/ops/every_target.hpp"
#include "unit/ops/products.hpp"

namespace pushforward {
namespace {

// On every set of vector instructions that has tiles.
void with_tiles(const std::function<void()>& check) {
  for_every_target([&] {
    if (has_product_tiles()) check();
  });
}

TileProduct tile_product(const Case& c, const Operands& o, Tensor& out) {
  return {.m = c.m,
          .n = c.n,
          .k = c.k,
          .ld_a = o.a.cols(),
          .ld_b = o.b.cols(),
          .ld_c = out.cols(),
          .transpose_a = c.ta,
          .transpose_b = c.tb,
          .a = o.a.data(),
          .b = o.b.data(),
          .c = out.data(),
          .bias = c.bias ? o.bias.data() : nullptr,
          .rectify = c.rectify,
          .slope = kSlope,
          .accumulate = c.accumulate};
}

Tensor product(const Case& c, const Operands& o) {
  Tensor out = o.before;
  multiply_by_tiles(tile_product(c, o, out));
  return out;
}

// A chain of k sums of a deviation of at most √k, of which each is rounded to ε/2: k^1.5·ε/2 at most.
void expect_product(const Case& c) {
  SCOPED_TRACE(fmt::format("{}x{}x{}, transposed {} {}, added {}, bias {}, rectified {}", c.m, c.n, c.k, c.ta,
                           c.tb, c.accumulate, c.bias, c.rectify));
  const Operands o(c);
  const Tensor out = product(c, o);
  const double allowed = 0x1p-24 * (40 + std::pow(static_cast<double>(c.k), 1.5) / 4);
  const auto expect = [&](std::size_t i, std::size_t j) {
    ASSERT_NEAR(out(i, j), o.exact(c, i, j, [](float value) { return value; }), allowed) << i << ", " << j;
  };
  for (std::size_t i = 0; i < c.m; i += 1 + c.m / 40)
    for (std::size_t j = 0; j < c.n; j += 1 + c.n / 40) expect(i, j);
  expect(c.m - 1, c.n - 1);
}

TEST(ProductTiles, AreTheTripleLoop) {
  with_tiles([] {
    for (const std::size_t m : {1, 6, 13, 121})
      for (const std::size_t n : {1, 16, 33, 1041})
        for (const std::size_t k : {1, 8, 255, 600})
          for (const bool ta : {false, true})
            for (const bool tb : {false, true}) {
              expect_product({m, n, k, ta, tb});
              expect_product({m, n, k, ta, tb, true, false, true});
              expect_product({m, n, k, ta, tb, true, true, false});
            }
  });
}

TEST(ProductTiles, LeaveNotANumberAndInfinity) {
  with_tiles([] {
    const float a[] = {NAN, -INFINITY, 1, -1}, b[] = {1, 1};
    float c[8];
    multiply_by_tiles(
        {.m = 4, .n = 2, .k = 1, .ld_a = 1, .ld_b = 2, .ld_c = 2, .a = a, .b = b, .c = c, .rectify = true});
    EXPECT_TRUE(std::isnan(c[0]));
    EXPECT_EQ(c[2], 0);  // and not 0·∞
    EXPECT_EQ(c[4], 1);
    EXPECT_EQ(c[7], 0);
  });
}

// Wherever C is cut.
TEST(ProductTiles, GiveAPartTheBitsOfTheWhole) {
  with_tiles([] {
    const Case c{.m = 100, .n = 90, .k = 700, .bias = true};
    const Operands o(c);
    const Tensor whole = product(c, o);
    Tensor parts = o.before;
    for (const std::size_t i : {0, 37, 63})
      for (const std::size_t j : {0, 29, 58, 61}) {
        TileProduct part = tile_product(c, o, parts);
        part.m = 37, part.n = 29;
        part.a += i * part.ld_a, part.b += j, part.bias += j, part.c += i * part.ld_c + j;
        multiply_by_tiles(part);
      }
    for (std::size_t i = 0; i < whole.size(); ++i) ASSERT_EQ(parts.data()[i], whole.data()[i]) << i;
  });
}

}  // namespace
}  // namespace pushforward
