// SPDX-License-Identifier: Apache-2.0
//
// Registers' work for kernel_tiles.cpp: products of packed points, and kernels as functions of u.
// Compiled once for each instruction set (Highway's -inl pattern).
//
// exp in float32: 2^t for t ≤ 0 by t = n + f, |f| ≤ ½, and a polynomial for 2^f whose relative error is
// 3·10⁻⁹ before rounding, exact at 0. That is finer than float32, on purpose: MMD² is a difference of sums
// that agree to three digits or more, so a *systematic* error of the exponential is amplified a thousandfold,
// while rounding errors average out over n·m pairs. (Coefficients: minimax over [−½, ½] by Lawson's
// iteration, each rounded to float32 before the next was fitted.)
//
// Squaring chains: e^(−2u) = (e^(−u))². A product that underflows costs a hundred cycles on most processors,
// so where far pairs could get there, what is squared is not let below 2⁻⁶² (float32): its square is 2⁻¹²⁴
// instead of less, and no sum notices.
#include <cstring>

#include "kernels/kernel_tiles.hpp"

#if defined(PUSHFORWARD_KERNEL_TILES_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef PUSHFORWARD_KERNEL_TILES_INL
#undef PUSHFORWARD_KERNEL_TILES_INL
#else
#define PUSHFORWARD_KERNEL_TILES_INL
#endif

#include <hwy/cache_control.h>
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

// Loops over registers must vanish, or the registers become memory.
#undef PUSHFORWARD_UNROLL
#if defined(__clang__)
#define PUSHFORWARD_UNROLL _Pragma("clang loop unroll(full)")
#else
#define PUSHFORWARD_UNROLL _Pragma("GCC unroll 16")
#endif

HWY_BEFORE_NAMESPACE();
namespace pushforward::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Rows of a register tile: 8 × 3 sums fill the 32 registers of AVX-512 and NEON, 4 × 3 the 16 of the others.
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_SCALAR
inline constexpr std::size_t kRows = 4;
#else
inline constexpr std::size_t kRows = 8;
#endif

// ---- Sums in double precision -------------------------------------------------------------------

#if HWY_TARGET == HWY_SCALAR
template <class D, class V>
HWY_INLINE double sum_of(D /*d*/, V v) {
  return static_cast<double>(hn::GetLane(v));
}

// out[l] += lane l.
template <class D, class V>
HWY_INLINE void add_to(D /*d*/, V v, double* out) {
  *out += static_cast<double>(hn::GetLane(v));
}
#else
template <class D, class V>
HWY_INLINE double sum_of(D d, V v) {
  if constexpr (sizeof(hn::TFromD<D>) == 8) {
    return hn::GetLane(hn::SumOfLanes(d, v));
  } else {
    const hn::Half<D> half;
    const hn::RepartitionToWide<D> wide;
    const auto low = hn::PromoteTo(wide, hn::LowerHalf(half, v));
    return sum_of(wide, hn::Add(low, hn::PromoteTo(wide, hn::UpperHalf(half, v))));
  }
}

template <class D, class V>
HWY_INLINE void add_to(D d, V v, double* out) {
  if constexpr (sizeof(hn::TFromD<D>) == 8) {
    hn::StoreU(hn::Add(hn::LoadU(d, out), v), d, out);
  } else {
    const hn::Half<D> half;
    const hn::RepartitionToWide<D> wide;
    add_to(wide, hn::PromoteTo(wide, hn::LowerHalf(half, v)), out);
    add_to(wide, hn::PromoteTo(wide, hn::UpperHalf(half, v)), out + hn::Lanes(wide));
  }
}
#endif

// ---- Exponentials of −t, t ≥ 0: base 2 for float32, e for float64 --------------------------------

template <class D, class V>
HWY_INLINE V binary_exponential(D d, V t) {
  const hn::RebindToUnsigned<D> bits;
  const V x = hn::Max(hn::Neg(t), hn::Set(d, -126.0f));
  const V magic = hn::Set(d, 12582912.0f);  // 1.5·2²³: adding it leaves round(x) in the low bits
  const V shifted = hn::Add(x, magic);
  const V f = hn::Sub(x, hn::Sub(shifted, magic));
  V p = hn::MulAdd(hn::Set(d, 0.000153264627f), f, hn::Set(d, 0.00133908063f));
  p = hn::MulAdd(p, f, hn::Set(d, 0.00961850584f));
  p = hn::MulAdd(p, f, hn::Set(d, 0.0555035993f));
  p = hn::MulAdd(p, f, hn::Set(d, 0.240226477f));
  p = hn::MulAdd(p, f, hn::Set(d, 0.693147182f));
  p = hn::MulAdd(p, f, hn::Set(d, 1.0f));
  return hn::BitCast(d, hn::Add(hn::BitCast(bits, p), hn::ShiftLeft<23>(hn::BitCast(bits, shifted))));
}
template <class D, class V>
HWY_INLINE V exponential(D d, V t) {
  if constexpr (sizeof(hn::TFromD<D>) == 4)
    return binary_exponential(d, t);
  else
    return hn::Exp(d, hn::Neg(hn::Min(t, hn::Set(d, 1000.0))));
}

// ---- Kernels: k and derivatives w (as do_tile says) of three vectors at once ----------------------

template <class T>
struct Exponential {
  const TileKernel<T>& kernel;
  template <bool kDerivative, class D, class V>
  HWY_INLINE void values(D d, const V (&u)[3], V (&k)[3], V (&w)[3]) const {
    PUSHFORWARD_UNROLL for (int v = 0; v < 3; ++v) k[v] = w[v] = hn::Zero(d);
    for (const T rate : kernel.rate) {
      const V r = hn::Set(d, rate);
      PUSHFORWARD_UNROLL for (int v = 0; v < 3; ++v) {
        const V e = exponential(d, hn::Mul(u[v], r));
        k[v] = hn::Add(k[v], e);
        if constexpr (kDerivative) w[v] = hn::MulAdd(r, e, w[v]);
      }
    }
  }
};

template <class T, bool kFloors>
struct Chain {
  const TileKernel<T>& kernel;
  template <bool kDerivative, class D, class V>
  HWY_INLINE void values(D d, const V (&u)[3], V (&k)[3], V (&w)[3]) const {
    V e[3];
    PUSHFORWARD_UNROLL for (int v = 0; v < 3; ++v) {
      e[v] = exponential(d, u[v]);
      k[v] = w[v] = e[v];
    }
    const V floor = hn::Set(d, static_cast<T>(sizeof(T) == 4 ? 0x1p-62 : 0x1p-510));
    const std::size_t count = kernel.rate.size();
    for (std::size_t b = 1; b < count; ++b) {
      for (int s = 0; s < kernel.squarings[b]; ++s) PUSHFORWARD_UNROLL for (int v = 0; v < 3; ++v) {
          if constexpr (kFloors) e[v] = hn::Max(e[v], floor);
          e[v] = hn::Mul(e[v], e[v]);
        }
      PUSHFORWARD_UNROLL for (int v = 0; v < 3; ++v) k[v] = hn::Add(k[v], e[v]);
      if constexpr (kDerivative) {
        const V r = hn::Set(d, kernel.rate[b]);
        PUSHFORWARD_UNROLL for (int v = 0; v < 3; ++v) w[v] = hn::MulAdd(r, e[v], w[v]);
      }
    }
  }
};

template <class T>
struct InverseMultiquadric {
  const TileKernel<T>& kernel;
  template <bool kDerivative, class D, class V>
  HWY_INLINE void values(D d, const V (&u)[3], V (&k)[3], V (&w)[3]) const {
    const V one = hn::Set(d, T{1});
    PUSHFORWARD_UNROLL for (int v = 0; v < 3; ++v) k[v] = w[v] = hn::Zero(d);
    for (const T rate : kernel.rate) {
      const V r = hn::Set(d, rate);
      PUSHFORWARD_UNROLL for (int v = 0; v < 3; ++v) {
        const V base = hn::MulAdd(r, u[v], one);
        const V value = hn::Div(one, hn::Sqrt(base));
        k[v] = hn::Add(k[v], value);
        if constexpr (kDerivative) w[v] = hn::Add(w[v], hn::Div(hn::Mul(r, value), base));
      }
    }
  }
};

template <class T>
struct RationalQuadratic {
  const TileKernel<T>& kernel;
  template <bool kDerivative, class D, class V>
  HWY_INLINE void values(D d, const V (&u)[3], V (&k)[3], V (&w)[3]) const {
    const V one = hn::Set(d, T{1}), shape = hn::Set(d, kernel.shape);
    PUSHFORWARD_UNROLL for (int v = 0; v < 3; ++v) k[v] = w[v] = hn::Zero(d);
    for (const T rate : kernel.rate) {
      const V r = hn::Set(d, rate);
      PUSHFORWARD_UNROLL for (int v = 0; v < 3; ++v) {
        const V base = hn::MulAdd(r, u[v], one);
        const V value = exponential(d, hn::Mul(shape, hn::Log(d, base)));
        k[v] = hn::Add(k[v], value);
        if constexpr (kDerivative) w[v] = hn::Add(w[v], hn::Div(hn::Mul(r, value), base));
      }
    }
  }
};

template <class T>
struct Energy {
  template <bool kDerivative, class D, class V>
  HWY_INLINE void values(D d, const V (&u)[3], V (&k)[3], V (&w)[3]) const {
    PUSHFORWARD_UNROLL for (int v = 0; v < 3; ++v) {
      const V r = hn::Sqrt(u[v]);
      k[v] = hn::Neg(r);
      if constexpr (kDerivative) {
        const auto apart = hn::Gt(r, hn::Zero(d));
        w[v] =
            hn::IfThenElseZero(apart, hn::Div(hn::Set(d, T{1}), hn::IfThenElse(apart, r, hn::Set(d, T{1}))));
      }
    }
  }
};

template <class T>
struct Polynomial {
  template <bool kDerivative, class D, class V>
  HWY_INLINE void values(D d, const V (&u)[3], V (&k)[3], V (&w)[3]) const {
    PUSHFORWARD_UNROLL for (int v = 0; v < 3; ++v) {
      const V base = hn::Add(u[v], hn::Set(d, T{1})), square = hn::Mul(base, base);
      k[v] = hn::Mul(square, base);
      if constexpr (kDerivative) w[v] = square;
    }
  }
};

// ---- Stage 1: u of 48 × 48 pairs ----------------------------------------------------------------

template <PairForm kForm, class V>
HWY_INLINE V accumulate(V a, V b, V sum) {
  if constexpr (kForm == PairForm::dot) return hn::MulAdd(a, b, sum);
  const V apart = hn::Sub(a, b);
  if constexpr (kForm == PairForm::squared) return hn::MulAdd(apart, apart, sum);
  return hn::Add(hn::Abs(apart), sum);
}

// Features of one pass. Both panels' share, 2 · 48 · 96 floats, stays in the first-level cache while the
// blocks of the tile are gone through; sums wait in the tile between passes.
inline constexpr std::size_t kPass = 96;
// How far ahead panels are fetched, in elements: what comes next lies in the second-level cache or beyond,
// and without this the processor waited for a quarter of its time at 784 features (measured; fetching a
// block's own rows, or all rows with the first block, gains half as much).
inline constexpr std::size_t kAhead = 12 * kPanel;

// Sums become u: norms minus sums, scaled sums, or (before the last pass) sums as they are.
template <class D, class V, class T = hn::TFromD<D>>
HWY_INLINE void store_block(D d, const TileKernel<T>& kernel, const Tile<T>& tile, bool last, std::size_t r0,
                            std::size_t c0, const V (&sum)[kRows][3], T* HWY_RESTRICT out) {
  const std::size_t lanes = hn::Lanes(d);
  if (last && kernel.norms) {
    const T* HWY_RESTRICT norms = tile.row_norms + r0;
    const T* columns = tile.column_norms + c0;
    const V norm[3] = {hn::LoadU(d, columns), hn::LoadU(d, columns + lanes),
                       hn::LoadU(d, columns + 2 * lanes)};
    PUSHFORWARD_UNROLL for (std::size_t r = 0; r < kRows; ++r) {
      const V row_norm = hn::Set(d, norms[r]);
      PUSHFORWARD_UNROLL for (std::size_t v = 0; v < 3; ++v) {
        const V u = hn::Sub(hn::Add(row_norm, norm[v]), sum[r][v]);
        hn::Store(hn::Max(u, hn::Zero(d)), d, out + r * kPanel + v * lanes);
      }
    }
    return;
  }
  const V scale = hn::Set(d, last ? kernel.scale : T{1});
  PUSHFORWARD_UNROLL for (std::size_t r = 0; r < kRows; ++r) {
    PUSHFORWARD_UNROLL for (std::size_t v = 0; v < 3; ++v)
        hn::Store(hn::Mul(sum[r][v], scale), d, out + r * kPanel + v * lanes);
  }
}

template <PairForm kForm, class D, class T = hn::TFromD<D>>
HWY_INLINE void block_product(D d, const TileKernel<T>& kernel, const Tile<T>& tile, std::size_t k0,
                              std::size_t k1, std::size_t r0, std::size_t c0, T* pairs) {
  using V = hn::Vec<D>;
  const std::size_t lanes = hn::Lanes(d);
  T* out = pairs + r0 * kPanel + c0;
  V sum[kRows][3];
  PUSHFORWARD_UNROLL for (std::size_t r = 0; r < kRows; ++r) {
    PUSHFORWARD_UNROLL for (std::size_t v = 0; v < 3; ++v) sum[r][v] =
        k0 == 0 ? hn::Zero(d) : hn::Load(d, out + r * kPanel + v * lanes);
  }
  const T* a = tile.rows + k0 * kPanel + r0;
  const T* b = tile.columns + k0 * kPanel + c0;
  for (std::size_t k = k0; k < k1; ++k, a += kPanel, b += kPanel) {
    const V b0 = hn::Load(d, b), b1 = hn::Load(d, b + lanes), b2 = hn::Load(d, b + 2 * lanes);
    if (r0 == 0)
      for (std::size_t v = 0; v < 3; ++v) hwy::Prefetch(b + kAhead + v * lanes);
    hwy::Prefetch(a + kAhead + kRows);  // for the block of rows after this one
    PUSHFORWARD_UNROLL for (std::size_t r = 0; r < kRows; ++r) {
      const V ar = hn::Set(d, a[r]);
      sum[r][0] = accumulate<kForm>(ar, b0, sum[r][0]);
      sum[r][1] = accumulate<kForm>(ar, b1, sum[r][1]);
      sum[r][2] = accumulate<kForm>(ar, b2, sum[r][2]);
    }
  }
  store_block(d, kernel, tile, k1 == tile.d, r0, c0, sum, out);
}

template <PairForm kForm, class T>
HWY_INLINE void all_blocks(const TileKernel<T>& kernel, const Tile<T>& tile, T* pairs) {
  const hn::ScalableTag<T> d;
  const std::size_t passes = (tile.d + kPass - 1) / kPass;
  for (std::size_t pass = 0; pass < passes; ++pass)
    for (std::size_t c = 0; c < kPanel; c += 3 * hn::Lanes(d))
      for (std::size_t r = 0; r < kPanel; r += kRows)
        block_product<kForm>(d, kernel, tile, tile.d * pass / passes, tile.d * (pass + 1) / passes, r, c,
                             pairs);
}

template <class T>
HWY_INLINE void products(const TileKernel<T>& kernel, const Tile<T>& tile, T* pairs) {
  switch (kernel.form) {
    case PairForm::dot:
      return all_blocks<PairForm::dot>(kernel, tile, pairs);
    case PairForm::squared:
      return all_blocks<PairForm::squared>(kernel, tile, pairs);
    case PairForm::absolute:
      return all_blocks<PairForm::absolute>(kernel, tile, pairs);
  }
}

// ---- Stage 3: gradients -------------------------------------------------------------------------

template <PairForm kForm, class D, class V>
HWY_INLINE V pull(D d, V w, V x, V z, V sum) {
  if constexpr (kForm == PairForm::dot) return hn::MulAdd(w, z, sum);
  const V apart = hn::Sub(x, z);
  if constexpr (kForm == PairForm::squared) return hn::MulAdd(w, apart, sum);
  const V sign = hn::And(apart, hn::SignBit(d));
  return hn::Add(sum, hn::IfThenZeroElse(hn::Eq(apart, hn::Zero(d)), hn::Xor(w, sign)));
}

// Features k0 … k0 + kFeatures − 1 of 3 vectors of columns, over the tile's 48 rows.
template <PairForm kForm, std::size_t kFeatures, class D, class T = hn::TFromD<D>>
HWY_INLINE void block_pull(D d, const Tile<T>& tile, const T* pairs, std::size_t k0, std::size_t c0) {
  using V = hn::Vec<D>;
  const std::size_t lanes = hn::Lanes(d);
  T* out = tile.gradient + k0 * kPanel + c0;
  const T* x = tile.columns + k0 * kPanel + c0;
  const T* z = tile.rows + k0 * kPanel;
  V sum[kFeatures][3], at[kFeatures][3];
  PUSHFORWARD_UNROLL for (std::size_t f = 0; f < kFeatures; ++f)
      PUSHFORWARD_UNROLL for (std::size_t v = 0; v < 3; ++v) {
    sum[f][v] = hn::Load(d, out + f * kPanel + v * lanes);
    if constexpr (kForm != PairForm::dot)
      at[f][v] = hn::Load(d, x + f * kPanel + v * lanes);
    else
      at[f][v] = hn::Zero(d);
  }
  for (std::size_t j = 0; j < kPanel; ++j) {
    const T* w = pairs + j * kPanel + c0;
    const V w0 = hn::Load(d, w), w1 = hn::Load(d, w + lanes), w2 = hn::Load(d, w + 2 * lanes);
    PUSHFORWARD_UNROLL for (std::size_t f = 0; f < kFeatures; ++f) {
      const V zf = hn::Set(d, z[f * kPanel + j]);
      sum[f][0] = pull<kForm>(d, w0, at[f][0], zf, sum[f][0]);
      sum[f][1] = pull<kForm>(d, w1, at[f][1], zf, sum[f][1]);
      sum[f][2] = pull<kForm>(d, w2, at[f][2], zf, sum[f][2]);
    }
  }
  PUSHFORWARD_UNROLL for (std::size_t f = 0; f < kFeatures; ++f)
      PUSHFORWARD_UNROLL for (std::size_t v = 0; v < 3; ++v)
          hn::Store(sum[f][v], d, out + f * kPanel + v * lanes);
}

template <PairForm kForm, std::size_t kFeatures, class T>
HWY_INLINE void pull_features(const Tile<T>& tile, const T* pairs) {
  const hn::ScalableTag<T> d;
  for (std::size_t c = 0; c < kPanel; c += 3 * hn::Lanes(d)) {
    std::size_t k = 0;
    for (; k + kFeatures <= tile.d; k += kFeatures) block_pull<kForm, kFeatures>(d, tile, pairs, k, c);
    for (; k + 2 <= tile.d; k += 2) block_pull<kForm, 2>(d, tile, pairs, k, c);
    for (; k < tile.d; ++k) block_pull<kForm, 1>(d, tile, pairs, k, c);
  }
}

template <class T>
HWY_INLINE void second_products(const TileKernel<T>& kernel, const Tile<T>& tile, const T* pairs) {
  switch (kernel.form) {
    case PairForm::dot:
      return pull_features<PairForm::dot, kRows>(tile, pairs);
    case PairForm::squared:
      return pull_features<PairForm::squared, kRows / 2>(tile, pairs);
    case PairForm::absolute:
      return pull_features<PairForm::absolute, kRows / 2>(tile, pairs);
  }
}

// ---- Quadratic forms of sign vectors ------------------------------------------------------------

template <std::size_t kVectors, class D, class T = hn::TFromD<D>>
HWY_INLINE void sign_block(D d, const T* panel, std::size_t depth, const T* signs, std::size_t first,
                           double* sums, std::size_t c0) {
  using V = hn::Vec<D>;
  const std::size_t lanes = hn::Lanes(d);
  V sum[kVectors][3];
  PUSHFORWARD_UNROLL for (std::size_t b = 0; b < kVectors; ++b) PUSHFORWARD_UNROLL for (int v = 0; v < 3; ++v)
      sum[b][v] = hn::Zero(d);
  const T* at = panel + c0;
  const T* sign = signs;
  for (std::size_t k = 0; k < depth; ++k, at += kPanel, sign += 8) {
    const V k0 = hn::Load(d, at), k1 = hn::Load(d, at + lanes), k2 = hn::Load(d, at + 2 * lanes);
    PUSHFORWARD_UNROLL for (std::size_t b = 0; b < kVectors; ++b) {
      const V s = hn::Set(d, sign[b]);
      sum[b][0] = hn::MulAdd(s, k0, sum[b][0]);
      sum[b][1] = hn::MulAdd(s, k1, sum[b][1]);
      sum[b][2] = hn::MulAdd(s, k2, sum[b][2]);
    }
  }
  alignas(64) T values[kPanel];
  PUSHFORWARD_UNROLL for (std::size_t b = 0; b < kVectors; ++b) {
    PUSHFORWARD_UNROLL for (std::size_t v = 0; v < 3; ++v) hn::Store(sum[b][v], d, values + v * lanes);
    double total = 0;
    for (std::size_t i = 0; i < 3 * lanes; ++i)
      total += static_cast<double>(values[i]) * static_cast<double>(signs[(first + c0 + i) * 8 + b]);
    sums[b] += total;
  }
}

template <class T>
HWY_INLINE void sign_panel(const T* panel, std::size_t depth, const T* signs, std::size_t first,
                           double* sums) {
  const hn::ScalableTag<T> d;
  for (std::size_t c = 0; c < kPanel; c += 3 * hn::Lanes(d))
    for (std::size_t b = 0; b < 8; b += kRows)
      sign_block<kRows>(d, panel, depth, signs + b, first, sums + b, c);
}

}  // namespace pushforward::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
