// SPDX-License-Identifier: Apache-2.0
//
// From points and a kernel's formula to what tiles work on: packed panels, and the kernel in the tile's
// terms.
//
// Two decisions are made here, once for a pair of samples.
// Precision: float64 data are never rounded. float32 data may be multiplied in float32 where a sum of many
// pairs is wanted and the kernel's own rounding errors are symmetric, so that they average out. Form: the
// `dot` form subtracts h_i + h_j − x_i·x_j, which costs eps·h of absolute error in u; points are centred at
// the pooled mean to keep h small, and where that is not enough (a bandwidth far below the data's spread,
// outliers) the difference form is taken, whose error is relative to u itself. Below five features the
// difference form costs no more anyway, and kernels with a kink at 0 (energy, laplacian) need it for
// near-coincident points.
#pragma once

#include <vector>

#include "kernels/kernel_tiles.hpp"
#include "pushforward/kernel.hpp"

namespace pushforward::kernels {

/// The pool's position and size, in double precision.
struct Spread {
  std::vector<double> centre{};  ///< d: the mean of all rows
  double mean_square = 0;        ///< mean of ‖x − centre‖²
  double largest_square = 0;     ///< largest of them
};
Spread spread_of(const Points& x, const Points& y);

/// A kernel for tiles of T, and how its points are packed and its derivative is scaled.
template <class T>
struct PreparedKernel {
  TileKernel<T> tile;
  std::vector<double> shift{};  ///< d: subtracted from points before packing (zeros for raw)
  double stretch = 1;           ///< then multiplied by this
  double derivative = 1;  ///< ∂k/∂x = derivative · W · (x − z) (· sign for absolute, · z for the polynomial)
};
template <class T>
PreparedKernel<T> prepare_kernel(const Kernel& kernel, const Spread& spread, std::size_t d);

/// May these samples be summed in float32 tiles?
bool float_tiles_suffice(const Kernel& kernel, const Sample& x, const Sample& y, const Spread& spread);

/// A sample in panels: element (i, k) at panels[i/48][k][i mod 48].
template <class T>
struct Panels {
  std::size_t n = 0, d = 0;
  Matrix<T> values{};        ///< count() × 48 d
  std::vector<T> norms{};    ///< half squared norms, 48 count(), zero for padding
  std::vector<T> weights{};  ///< likewise; 1 for points without weights
  bool weighted = false;

  std::size_t count() const { return (n + kPanel - 1) / kPanel; }
  const T* panel(std::size_t p) const { return values.row(p); }
  /// Whether panel p has padding.
  bool edge(std::size_t p) const { return (p + 1) * kPanel > n; }
};
template <class T>
Panels<T> pack(const Sample& sample, const PreparedKernel<T>& kernel);

}  // namespace pushforward::kernels
