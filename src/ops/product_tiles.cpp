// SPDX-License-Identifier: Apache-2.0
//
// Six rows and two vectors of columns are twelve sums, which with two vectors of B and one number of A fill
// the sixteen registers of AVX2 and keep both of its multipliers busy. Around them the loops of Goto and van
// de Geijn ["Anatomy of high-performance matrix multiplication", ACM TOMS 34 (2008)]:
//
//   B is copied in panels of 16 columns × kDepth, of which one lies in the first cache;
//   A is copied in panels of 6 rows × kDepth, of which kRows rows lie in the second cache;
//   C is read and written once for each kDepth of k.
//
// Rows and columns beyond the edge are zeros in the panels and are computed, but not written.
#include "ops/product_tiles.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/product_tiles.cpp"
#include <hwy/foreach_target.h>
// after foreach_target.h
#include <hwy/highway.h>

#include "pushforward/tensor.hpp"

#ifndef PUSHFORWARD_OPS_PRODUCT_TILES_SIZES
#define PUSHFORWARD_OPS_PRODUCT_TILES_SIZES
namespace pushforward::tiles {

constexpr std::size_t kTileRows = 6, kTileColumns = 16;
constexpr std::size_t kDepth = 256;
constexpr std::size_t kRows = 20 * kTileRows;
constexpr std::size_t kColumns = 64 * kTileColumns;

constexpr std::size_t up_to(std::size_t unit, std::size_t n) { return (n + unit - 1) / unit * unit; }

// A tile's way into C.
struct Place {
  float* c;
  std::size_t stride;
  bool add;           // to what is there
  bool last;          // of k: the bias and the rectifier follow
  const float* bias;  // 16 numbers, or null
};

}  // namespace pushforward::tiles
#endif

HWY_BEFORE_NAMESPACE();
namespace pushforward {
namespace HWY_NAMESPACE {
namespace {

#if HWY_MAX_BYTES >= 32 && HWY_TARGET != HWY_SCALAR

namespace hn = hwy::HWY_NAMESPACE;
using tiles::kTileColumns, tiles::kTileRows, tiles::Place;
using Eight = hn::FixedTag<float, 8>;
using Vector = hn::Vec<Eight>;

bool HasTiles() { return true; }

// A vector of C: what was there, the bias, the rectifier.
HWY_INLINE void Put(Vector sum, const Place& to, const TileProduct& p, std::size_t row, std::size_t column) {
  const Eight d;
  float* const c = to.c + row * to.stride + column;
  if (to.add) sum = hn::Add(sum, hn::LoadU(d, c));
  if (to.last && to.bias != nullptr) sum = hn::Add(sum, hn::LoadU(d, to.bias + column));
  if (to.last && p.rectify) {
    const auto zero = hn::Zero(d);
    const auto below = p.slope == 0 ? zero : hn::Mul(hn::Set(d, p.slope), sum);
    sum = hn::IfThenElse(hn::Lt(sum, zero), below, sum);
  }
  hn::StoreU(sum, d, c);
}

HWY_INLINE void Tile(const float* HWY_RESTRICT a, const float* HWY_RESTRICT b, std::size_t depth,
                     const Place& to, const TileProduct& p) {
  const Eight d;
  auto a0 = hn::Zero(d), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0, e0 = a0, e1 = a0,
       f0 = a0, f1 = a0;
  for (std::size_t k = 0; k < depth; ++k) {
    const auto y0 = hn::Load(d, b), y1 = hn::Load(d, b + 8);
    const auto add = [&](float value, auto& s0, auto& s1) HWY_ATTR {
      const auto all = hn::Set(d, value);
      s0 = hn::MulAdd(all, y0, s0), s1 = hn::MulAdd(all, y1, s1);
    };
    add(a[0], a0, a1), add(a[1], b0, b1), add(a[2], c0, c1);
    add(a[3], d0, d1), add(a[4], e0, e1), add(a[5], f0, f1);
    a += kTileRows, b += kTileColumns;
  }
  const auto put = [&](std::size_t row, auto s0, auto s1)
                       HWY_ATTR { Put(s0, to, p, row, 0), Put(s1, to, p, row, 8); };
  put(0, a0, a1), put(1, b0, b1), put(2, c0, c1), put(3, d0, d1), put(4, e0, e1), put(5, f0, f1);
}

// A tile that reaches beyond C goes by way of one that does not.
void EdgeTile(const float* a, const float* b, std::size_t depth, const Place& to, std::size_t rows,
              std::size_t columns, const TileProduct& p) {
  HWY_ALIGN float c[kTileRows * kTileColumns] = {}, bias[kTileColumns] = {};
  if (to.add)
    for (std::size_t i = 0; i < rows; ++i) std::copy_n(to.c + i * to.stride, columns, c + i * kTileColumns);
  if (to.bias != nullptr) std::copy_n(to.bias, columns, bias);
  Tile(a, b, depth, {c, kTileColumns, to.add, to.last, to.bias != nullptr ? bias : nullptr}, p);
  for (std::size_t i = 0; i < rows; ++i) std::copy_n(c + i * kTileColumns, columns, to.c + i * to.stride);
}

// Eight rows of eight numbers, `ld` apart, into eight rows of `out`, `stride` apart, columns for rows.
HWY_INLINE void TransposeEight(const float* HWY_RESTRICT in, std::size_t ld, float* HWY_RESTRICT out,
                               std::size_t stride) {
  const Eight d;
  const hn::Repartition<double, Eight> pair;
  const auto load = [&](std::size_t row) HWY_ATTR { return hn::LoadU(d, in + row * ld); };
  // Numbers of two rows, then of four, side by side within each half; then halves.
  const auto four = [&](std::size_t row, auto& q0, auto& q1, auto& q2, auto& q3) HWY_ATTR {
    const auto r0 = load(row), r1 = load(row + 1), r2 = load(row + 2), r3 = load(row + 3);
    const auto low01 = hn::BitCast(pair, hn::InterleaveLower(d, r0, r1)),
               high01 = hn::BitCast(pair, hn::InterleaveUpper(d, r0, r1)),
               low23 = hn::BitCast(pair, hn::InterleaveLower(d, r2, r3)),
               high23 = hn::BitCast(pair, hn::InterleaveUpper(d, r2, r3));
    q0 = hn::BitCast(d, hn::InterleaveLower(pair, low01, low23));
    q1 = hn::BitCast(d, hn::InterleaveUpper(pair, low01, low23));
    q2 = hn::BitCast(d, hn::InterleaveLower(pair, high01, high23));
    q3 = hn::BitCast(d, hn::InterleaveUpper(pair, high01, high23));
  };
  Vector p0, p1, p2, p3, q0, q1, q2, q3;
  four(0, p0, p1, p2, p3), four(4, q0, q1, q2, q3);
  const auto put = [&](std::size_t row, auto p, auto q) HWY_ATTR {
    hn::Store(hn::ConcatLowerLower(d, q, p), d, out + row * stride);
    hn::Store(hn::ConcatUpperUpper(d, q, p), d, out + (row + 4) * stride);
  };
  put(0, p0, q0), put(1, p1, q1), put(2, p2, q2), put(3, p3, q3);
}

// Panels of 16 columns of B, k0 … k0 + depth of each.
void PackColumns(const TileProduct& p, std::size_t k0, std::size_t depth, std::size_t j0, std::size_t columns,
                 float* out) {
  const Eight d;
  for (std::size_t j = 0; j < columns; j += kTileColumns, out += depth * kTileColumns) {
    const std::size_t width = std::min(kTileColumns, columns - j);
    if (!p.transpose_b) {
      const float* from = p.b + k0 * p.ld_b + j0 + j;
      for (std::size_t k = 0; k < depth; ++k, from += p.ld_b) {
        float* const to = out + k * kTileColumns;
        if (width == kTileColumns) {
          hn::Store(hn::LoadU(d, from), d, to), hn::Store(hn::LoadU(d, from + 8), d, to + 8);
        } else {
          std::fill_n(std::copy_n(from, width, to), kTileColumns - width, 0.0f);
        }
      }
      continue;
    }
    const float* from = p.b + (j0 + j) * p.ld_b + k0;
    std::size_t k = 0;
    if (width == kTileColumns)
      for (; k + 8 <= depth; k += 8) {
        TransposeEight(from + k, p.ld_b, out + k * kTileColumns, kTileColumns);
        TransposeEight(from + 8 * p.ld_b + k, p.ld_b, out + k * kTileColumns + 8, kTileColumns);
      }
    for (; k < depth; ++k) {
      float* const to = out + k * kTileColumns;
      for (std::size_t q = 0; q < width; ++q) to[q] = from[q * p.ld_b + k];
      std::fill_n(to + width, kTileColumns - width, 0.0f);
    }
  }
}

// Panels of 6 rows of A.
void PackRows(const TileProduct& p, std::size_t k0, std::size_t depth, std::size_t i0, std::size_t rows,
              float* out) {
  for (std::size_t i = 0; i < rows; i += kTileRows) {
    const std::size_t height = std::min(kTileRows, rows - i);
    const std::size_t along = p.transpose_a ? p.ld_a : 1, across = p.transpose_a ? 1 : p.ld_a;
    const float* from = p.a + k0 * along + (i0 + i) * across;
    for (std::size_t k = 0; k < depth; ++k, from += along, out += kTileRows)
      if (height == kTileRows) {
        for (std::size_t q = 0; q < kTileRows; ++q) out[q] = from[q * across];
      } else {
        for (std::size_t q = 0; q < kTileRows; ++q) out[q] = q < height ? from[q * across] : 0.0f;
      }
  }
}

// Rows i0 … and columns j0 … of C, from panels of both.
void MultiplyPanels(const TileProduct& p, const float* a, const float* b, std::size_t k0, std::size_t depth,
                    std::size_t i0, std::size_t rows, std::size_t j0, std::size_t columns) {
  const bool add = p.accumulate || k0 > 0, last = k0 + depth == p.k;
  for (std::size_t j = 0; j < columns; j += kTileColumns)
    for (std::size_t i = 0; i < rows; i += kTileRows) {
      const Place to = {p.c + (i0 + i) * p.ld_c + j0 + j, p.ld_c, add, last,
                        p.bias != nullptr ? p.bias + j0 + j : nullptr};
      const std::size_t height = std::min(kTileRows, rows - i), width = std::min(kTileColumns, columns - j);
      const float *const x = a + i * depth, *const y = b + j * depth;
      if (height == kTileRows && width == kTileColumns)
        Tile(x, y, depth, to, p);
      else
        EdgeTile(x, y, depth, to, height, width, p);
    }
}

void Multiply(const TileProduct& p, float* a, float* b) {
  const std::size_t parts = (p.k + tiles::kDepth - 1) / tiles::kDepth;
  const std::size_t step = tiles::up_to(8, (p.k + parts - 1) / parts);
  for (std::size_t j = 0; j < p.n; j += tiles::kColumns) {
    const std::size_t columns = std::min(tiles::kColumns, p.n - j);
    for (std::size_t k = 0; k < p.k; k += step) {
      const std::size_t depth = std::min(step, p.k - k);
      PackColumns(p, k, depth, j, columns, b);
      for (std::size_t i = 0; i < p.m; i += tiles::kRows) {
        const std::size_t rows = std::min(tiles::kRows, p.m - i);
        PackRows(p, k, depth, i, rows, a);
        MultiplyPanels(p, a, b, k, depth, i, rows, j, columns);
      }
    }
  }
}

#else

bool HasTiles() { return false; }
void Multiply(const TileProduct&, float*, float*) {}  // nobody asks

#endif

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace pushforward
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pushforward {
namespace {
HWY_EXPORT(HasTiles);
HWY_EXPORT(Multiply);
}  // namespace

bool has_product_tiles() { return HWY_DYNAMIC_DISPATCH(HasTiles)(); }

void multiply_by_tiles(const TileProduct& p) {
  thread_local Matrix<float> a, b;  // aligned, and as large as the largest that was wanted
  const std::size_t depth = std::min(tiles::kDepth, p.k) + 8;
  const auto at_least = [](Matrix<float>& room, std::size_t size) {
    if (room.size() < size) room.resize(1, size);
    return room.data();
  };
  float* const rows = at_least(a, depth * std::min(tiles::kRows, tiles::up_to(tiles::kTileRows, p.m)));
  float* const columns =
      at_least(b, depth * std::min(tiles::kColumns, tiles::up_to(tiles::kTileColumns, p.n)));
  HWY_DYNAMIC_DISPATCH(Multiply)(p, rows, columns);
}

}  // namespace pushforward
#endif  // HWY_ONCE
