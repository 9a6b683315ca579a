// SPDX-License-Identifier: Apache-2.0
// The three stages of a tile, on Highway, for every instruction set that the program may meet.
#include "kernels/kernel_tiles.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/kernel_tiles.cpp"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include "kernels/kernel_tiles-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace pushforward::kernels::HWY_NAMESPACE {

// ---- Stage 2 over a whole tile ------------------------------------------------------------------

enum class Output { none, derivative, value };

// Columns in strips of three vectors, whose sums stay in registers over all 48 rows.
template <Output kOutput, class D, class K, class T = hn::TFromD<D>>
HWY_INLINE void apply(D d, const K& kernel, const Tile<T>& tile, TileScratch<T>& scratch, T* out) {
  using V = hn::Vec<D>;
  const std::size_t lanes = hn::Lanes(d);
  T* row_sums = tile.want_rows ? scratch.row_sums : scratch.unwanted;
  for (std::size_t c = 0; c < kPanel; c += 3 * lanes) {
    V columns[3] = {hn::Zero(d), hn::Zero(d), hn::Zero(d)};
    V derivatives[3] = {hn::Zero(d), hn::Zero(d), hn::Zero(d)};
    const V factor = hn::Set(d, tile.gradient_scale);
    for (std::size_t r = 0; r < kPanel; ++r) {
      const T* at = scratch.pairs + r * kPanel + c;
      const V u[3] = {hn::Load(d, at), hn::Load(d, at + lanes), hn::Load(d, at + 2 * lanes)};
      V k[3], w[3];
      kernel.template values<kOutput == Output::derivative>(d, u, k, w);
      if constexpr (kOutput != Output::value) {
        T* row = row_sums + r * lanes;
        hn::Store(hn::Add(hn::Load(d, row), hn::Add(hn::Add(k[0], k[1]), k[2])), d, row);
        PUSHFORWARD_UNROLL for (int v = 0; v < 3; ++v) columns[v] = hn::Add(columns[v], k[v]);
      }
      if constexpr (kOutput == Output::value)
        PUSHFORWARD_UNROLL for (int v = 0; v < 3; ++v) hn::Store(k[v], d, out + r * kPanel + c + v * lanes);
      if constexpr (kOutput == Output::derivative) PUSHFORWARD_UNROLL for (int v = 0; v < 3; ++v) {
          w[v] = hn::Mul(w[v], factor);
          hn::Store(w[v], d, out + r * kPanel + c + v * lanes);
          derivatives[v] = hn::Add(derivatives[v], w[v]);
        }
    }
    for (std::size_t v = 0; v < 3; ++v) {
      if (kOutput != Output::value && tile.column_sums != nullptr)
        add_to(d, columns[v], tile.column_sums + c + v * lanes);
      if (kOutput == Output::derivative) add_to(d, derivatives[v], tile.derivative_sums + c + v * lanes);
    }
  }
}

// Calls work(kernel functor) for the kernel that `kernel` names.
template <class T, class Work>
HWY_INLINE void with_kernel(const TileKernel<T>& kernel, const Work& work) {
  switch (kernel.kernel) {
    case PairKernel::exponential:
      return work(Exponential<T>{kernel});
    case PairKernel::chain:
      return kernel.floors ? work(Chain<T, true>{kernel}) : work(Chain<T, false>{kernel});
    case PairKernel::imq:
      return work(InverseMultiquadric<T>{kernel});
    case PairKernel::energy:
      return work(Energy<T>{});
    case PairKernel::rq:
      if constexpr (sizeof(T) == 8) return work(RationalQuadratic<T>{kernel});
      break;
    case PairKernel::polynomial:
      if constexpr (sizeof(T) == 8) return work(Polynomial<T>{});
      break;
  }
}

// ---- Tiles at an edge, on the diagonal, or weighted: values first, then plain weighted sums -----

template <class T>
void masked_sums(const Tile<T>& tile, TileScratch<T>& scratch, std::size_t lanes) {
  for (std::size_t r = 0; r < kPanel; ++r) {
    T* values = scratch.values + r * kPanel;
    if (tile.diagonal) values[r] = 0;
    const auto row_weight = static_cast<double>(tile.row_weights[r]);
    T* row = scratch.row_sums + r * lanes;
    for (std::size_t c = 0; c < kPanel; ++c) {
      if (tile.want_rows) row[c % lanes] += tile.column_weights[c] * values[c];
      if (tile.column_sums != nullptr) tile.column_sums[c] += row_weight * static_cast<double>(values[c]);
    }
  }
}

template <class T>
void masked_derivatives(const Tile<T>& tile, TileScratch<T>& scratch) {
  for (std::size_t r = 0; r < kPanel; ++r) {
    T* w = scratch.pairs + r * kPanel;
    if (tile.diagonal) w[r] = 0;
    for (std::size_t c = 0; c < kPanel; ++c) {
      w[c] *= tile.row_weights[r];
      tile.derivative_sums[c] += static_cast<double>(w[c]);
    }
  }
}

template <class T>
void masked_tile(const TileKernel<T>& kernel, const Tile<T>& tile, TileScratch<T>& scratch) {
  const hn::ScalableTag<T> d;
  if (tile.want_rows || tile.column_sums != nullptr) {
    with_kernel(kernel, [&](const auto& f) { apply<Output::value>(d, f, tile, scratch, scratch.values); });
    masked_sums(tile, scratch, hn::Lanes(d));
  }
  if (tile.gradient == nullptr) return;
  double unwanted[kPanel] = {};
  Tile<T> derivatives = tile;
  derivatives.want_rows = false, derivatives.column_sums = nullptr, derivatives.derivative_sums = unwanted;
  with_kernel(kernel,
              [&](const auto& f) { apply<Output::derivative>(d, f, derivatives, scratch, scratch.pairs); });
  masked_derivatives(tile, scratch);
}

// ---- A tile -------------------------------------------------------------------------------------

template <class T>
void plain_tile(const TileKernel<T>& kernel, const Tile<T>& tile, TileScratch<T>& scratch) {
  const hn::ScalableTag<T> d;
  if (tile.gradient == nullptr)
    with_kernel(kernel, [&](const auto& f) { apply<Output::none>(d, f, tile, scratch, scratch.pairs); });
  else
    with_kernel(kernel,
                [&](const auto& f) { apply<Output::derivative>(d, f, tile, scratch, scratch.pairs); });
}

template <class T>
void whole_tile(const TileKernel<T>& kernel, const Tile<T>& tile, TileScratch<T>& scratch) {
  products(kernel, tile, scratch.pairs);
  if (tile.masked || tile.diagonal)
    masked_tile(kernel, tile, scratch);
  else
    plain_tile(kernel, tile, scratch);
  if (tile.gradient != nullptr) second_products(kernel, tile, scratch.pairs);
}

template <class T>
void values_of_tile(const TileKernel<T>& kernel, const Tile<T>& tile, T* out) {
  TileScratch<T> scratch;
  products(kernel, tile, scratch.pairs);
  const hn::ScalableTag<T> d;
  with_kernel(kernel, [&](const auto& f) { apply<Output::value>(d, f, tile, scratch, out); });
}

template <class T>
void exponentials_of_tile(const TileKernel<T>& kernel, const Tile<T>& tile, T* out) {
  alignas(64) T pairs[kPanel * kPanel];
  products(kernel, tile, pairs);
  const hn::ScalableTag<T> d;
  for (const T rate : kernel.rate) {
    const auto r = hn::Set(d, rate);
    for (std::size_t e = 0; e < kPanel * kPanel; e += hn::Lanes(d))
      hn::StoreU(exponential(d, hn::Mul(hn::Load(d, pairs + e), r)), d, out + e);
    out += kPanel * kPanel;
  }
}

template <class T>
void flush(TileScratch<T>& scratch, double* out, std::size_t rows) {
  const hn::ScalableTag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t r = 0; r < rows; ++r) out[r] += sum_of(d, hn::Load(d, scratch.row_sums + r * lanes));
  std::memset(scratch.row_sums, 0, sizeof scratch.row_sums);
}

void tile_f(const TileKernel<float>& k, const Tile<float>& t, TileScratch<float>& s) { whole_tile(k, t, s); }
void tile_d(const TileKernel<double>& k, const Tile<double>& t, TileScratch<double>& s) {
  whole_tile(k, t, s);
}
void values_f(const TileKernel<float>& k, const Tile<float>& t, float* out) { values_of_tile(k, t, out); }
void values_d(const TileKernel<double>& k, const Tile<double>& t, double* out) { values_of_tile(k, t, out); }
void each_f(const TileKernel<float>& k, const Tile<float>& t, float* out) { exponentials_of_tile(k, t, out); }
void each_d(const TileKernel<double>& k, const Tile<double>& t, double* out) {
  exponentials_of_tile(k, t, out);
}
void flush_f(TileScratch<float>& s, double* out, std::size_t rows) { flush(s, out, rows); }
void flush_d(TileScratch<double>& s, double* out, std::size_t rows) { flush(s, out, rows); }
void signs_f(const float* p, std::size_t depth, const float* s, std::size_t first, double* sums) {
  sign_panel(p, depth, s, first, sums);
}
void signs_d(const double* p, std::size_t depth, const double* s, std::size_t first, double* sums) {
  sign_panel(p, depth, s, first, sums);
}

}  // namespace pushforward::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pushforward::kernels {

HWY_EXPORT(tile_f);
HWY_EXPORT(tile_d);
HWY_EXPORT(values_f);
HWY_EXPORT(values_d);
HWY_EXPORT(each_f);
HWY_EXPORT(each_d);
HWY_EXPORT(flush_f);
HWY_EXPORT(flush_d);
HWY_EXPORT(signs_f);
HWY_EXPORT(signs_d);

void do_tile(const TileKernel<float>& kernel, const Tile<float>& tile, TileScratch<float>& scratch) {
  HWY_DYNAMIC_DISPATCH(tile_f)(kernel, tile, scratch);
}
void do_tile(const TileKernel<double>& kernel, const Tile<double>& tile, TileScratch<double>& scratch) {
  HWY_DYNAMIC_DISPATCH(tile_d)(kernel, tile, scratch);
}
void tile_values(const TileKernel<float>& kernel, const Tile<float>& tile, float* out) {
  HWY_DYNAMIC_DISPATCH(values_f)(kernel, tile, out);
}
void tile_values(const TileKernel<double>& kernel, const Tile<double>& tile, double* out) {
  HWY_DYNAMIC_DISPATCH(values_d)(kernel, tile, out);
}
void tile_exponentials(const TileKernel<float>& kernel, const Tile<float>& tile, float* out) {
  HWY_DYNAMIC_DISPATCH(each_f)(kernel, tile, out);
}
void tile_exponentials(const TileKernel<double>& kernel, const Tile<double>& tile, double* out) {
  HWY_DYNAMIC_DISPATCH(each_d)(kernel, tile, out);
}
void flush_rows(TileScratch<float>& scratch, double* out, std::size_t rows) {
  HWY_DYNAMIC_DISPATCH(flush_f)(scratch, out, rows);
}
void flush_rows(TileScratch<double>& scratch, double* out, std::size_t rows) {
  HWY_DYNAMIC_DISPATCH(flush_d)(scratch, out, rows);
}
void sign_forms(const float* panel, std::size_t depth, const float* signs, std::size_t first, double* sums) {
  HWY_DYNAMIC_DISPATCH(signs_f)(panel, depth, signs, first, sums);
}
void sign_forms(const double* panel, std::size_t depth, const double* signs, std::size_t first,
                double* sums) {
  HWY_DYNAMIC_DISPATCH(signs_d)(panel, depth, signs, first, sums);
}

}  // namespace pushforward::kernels
#endif
