// SPDX-License-Identifier: Apache-2.0
//
// One 48 × 48 tile of a kernel matrix: from packed points to sums, values or a gradient, never leaving the
// cache.
//
// Every kernel method here sums n·m kernel values. Storing them costs gigabytes at ten thousand points, so
// the work is cut into tiles of 48 × 48 pairs that live in the first-level cache. A tile goes through three
// stages, each a loop over registers:
//   1. products: u_ji = s‖x_j − x_i‖² (or x_j·x_i, or s‖x_j − x_i‖₁), a matrix product in registers;
//   2. the kernel: k(u), summed over rows and columns, or stored, or replaced by its derivative W;
//   3. for gradients: G_i += Σ_j W_ji z_j (or W_ji (x_i − z_j)), a second matrix product.
// The tile's *columns* i lie along vector lanes, its *rows* j are broadcast.
//
// Squared distances have two forms. `dot`: h_i + h_j − x_i·x_j with h = ‖x‖²/2 of centred, scaled points: one
// multiply-add a feature. `squared`: Σ (x_i − x_j)²: two operations a feature, but no cancellation, wherever
// the points lie. Who calls chooses by error bound (kernel_sums.cpp).
//
// Points are packed in panels of 48: element (i, k) at [i/48][k][i mod 48], zero behind the last point, so
// one copy serves as rows and as columns.
//
// Rejected: fusing the kernel into the product's registers (one more load and store a vector, 4 % of a tile,
// but (forms × kernels) instances); tiles of 6 × 64 as in a matrix product of its own (needs two packed
// copies).
#pragma once

#include <cstddef>
#include <vector>

namespace pushforward::kernels {

/// Points in a panel, and the side of a tile.
inline constexpr std::size_t kPanel = 48;

/// What stage 1 computes.
enum class PairForm { dot, squared, absolute };

/// The kernels as functions of u ≥ 0 (of any u for the polynomial), r_b being `rate[b]`:
enum class PairKernel {
  exponential,  ///< Σ_b exp(−r_b u), an exponential for each bandwidth
  chain,        ///< the same for rates that are powers of two: one exponential, then squarings
  imq,          ///< Σ_b (1 + r_b u)^(−1/2)
  rq,           ///< Σ_b (1 + r_b u)^(−shape)
  energy,       ///< −√u
  polynomial,   ///< (u + 1)³
};

/// A kernel made ready for tiles of T.
template <class T>
struct TileKernel {
  PairKernel kernel = PairKernel::exponential;
  PairForm form = PairForm::dot;
  bool norms = false;            ///< dot form: u = h_i + h_j − x_i·x_j, not below 0
  T scale = 1;                   ///< other forms: u = scale · Σ
  T shape = 1;                   ///< of `rq`
  std::vector<T> rate{};         ///< ascending
  std::vector<int> squarings{};  ///< `chain`: how often to square before adding value b
  bool floors = false;           ///< `chain`: a square might underflow (see kernel_tiles.cpp)
};

/// Working memory of one thread: u or W of a tile, its values, and vectors of row sums.
template <class T>
struct TileScratch {
  alignas(64) T pairs[kPanel * kPanel];
  alignas(64) T values[kPanel * kPanel];
  alignas(64) T row_sums[kPanel * 64 / sizeof(T)] = {};  ///< a vector a row, summed by flush_rows
  alignas(64) T unwanted[kPanel * 64 / sizeof(T)] = {};  ///< where row sums go that nobody wants
};

/// A tile: 48 rows j against 48 columns i.
template <class T>
struct Tile {
  const T* rows = nullptr;     ///< d × 48
  const T* columns = nullptr;  ///< d × 48
  std::size_t d = 0;
  const T* row_norms = nullptr;  ///< 48 half norms, where the kernel has `norms`
  const T* column_norms = nullptr;
  const T* row_weights = nullptr;  ///< 48, zero for padding; read only when `masked`
  const T* column_weights = nullptr;
  bool masked = false;            ///< weighted, or at the edge of a sample
  bool diagonal = false;          ///< rows are columns: leave the pairs (i, i) out (implies masked)
  double* column_sums = nullptr;  ///< 48: += Σ_j w_j k(x_j, x_i); null = not wanted
  bool want_rows = true;          ///< scratch.row_sums += Σ_i w_i k(x_j, x_i)
  T* gradient = nullptr;  ///< d × 48: += scale Σ_j w_j W_ji z_j, or … (x_i − z_j); null = not wanted
  T gradient_scale = 1;
  double* derivative_sums = nullptr;  ///< 48: += scale Σ_j w_j W_ji, with `gradient`
};

/// Does a tile. W is the kernel's derivative up to a constant: Σ r_b k_b for exponentials, Σ r_b (1 + r_b
/// u)^(−3/2) for imq, Σ r_b (1 + r_b u)^(−shape−1) for rq, 1/√u (0 at 0) for energy, (u + 1)² for the
/// polynomial.
void do_tile(const TileKernel<float>& kernel, const Tile<float>& tile, TileScratch<float>& scratch);
void do_tile(const TileKernel<double>& kernel, const Tile<double>& tile, TileScratch<double>& scratch);

/// Writes the values of a tile to `out` (48 × 48, row j at out + 48 j); sums nothing.
void tile_values(const TileKernel<float>& kernel, const Tile<float>& tile, float* out);
void tile_values(const TileKernel<double>& kernel, const Tile<double>& tile, double* out);

/// Of an exponential kernel (or a chain): writes exp(−r_b u) of each rate apart, 48 × 48 values one after
/// another.
void tile_exponentials(const TileKernel<float>& kernel, const Tile<float>& tile, float* out);
void tile_exponentials(const TileKernel<double>& kernel, const Tile<double>& tile, double* out);

/// out[j] += the sum of row j's vector, for `rows` rows; clears the vectors.
void flush_rows(TileScratch<float>& scratch, double* out, std::size_t rows);
void flush_rows(TileScratch<double>& scratch, double* out, std::size_t rows);

/// sums[b] += Σ_i s_b[i] Σ_k s_b[k] K[k][i] over a panel of K: `depth` rows of 48, for 8 sign vectors b at
/// once; signs[k · 8 + b] for all rows, and the panel's own 48 begin at row `first`.
void sign_forms(const float* panel, std::size_t depth, const float* signs, std::size_t first, double* sums);
void sign_forms(const double* panel, std::size_t depth, const double* signs, std::size_t first, double* sums);

}  // namespace pushforward::kernels
