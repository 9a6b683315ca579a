// SPDX-License-Identifier: Apache-2.0
//
// Two samples prepared for Sinkhorn's kernels.
//
// Points are centred at the pooled mean and divided by a power of two that brings the largest coordinate into
// [−1, 1], both in double precision, so that no later float32 step can overflow or lose an offset. Rows are
// padded to whole quadruples (weight 0) and columns to whole panels.
#pragma once

#include <vector>

#include "pushforward/sample.hpp"
#include "pushforward/tensor.hpp"
#include "transport/sinkhorn_kernels.hpp"

namespace pushforward::entropic {

struct Geometry {
  std::size_t n = 0, m = 0, d = 0;
  std::size_t rows = 0, cols = 0;  ///< n and m, padded
  double p = 2;
  double unit = 1;                     ///< costs here are true costs / unit
  double length = 1;                   ///< coordinates here are (true − centre) / length; unit = length^p
  Matrix<double> x, y;                 ///< rows × d and cols × d
  std::vector<double> x_norm, y_norm;  ///< squared norms for p = 2 (padding: 0), else all 0
  std::vector<double> a, b;            ///< weights, padding 0

  /// One cost, for what is done rarely.
  double cost(std::size_t i, std::size_t j) const;
};

Geometry make_geometry(const Sample& x, const Sample& y, double p);

/// Σ_ij a_i b_j C_ij.
double mean_cost(const Geometry& geometry);
/// A bound of all costs: (max ‖x_i‖ + max ‖y_j‖)^p.
double largest_cost(const Geometry& geometry);
/// −log₂ Σ_i a_i 2^(F_i − κC_ij), the largest term taken out first: a column's potential whatever its size.
double exact_column(const Geometry& geometry, std::size_t j, double kappa, const std::vector<double>& f);

/// The points of `y` in panels of kPanel<T> columns: (cols/kPanel · d) × kPanel.
template <class T>
Matrix<T> make_panels(const Matrix<double>& y);
/// The points of `x` in precision T.
template <class T>
Matrix<T> make_rows(const Matrix<double>& x);

}  // namespace pushforward::entropic
