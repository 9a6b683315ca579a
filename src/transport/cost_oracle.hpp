// SPDX-License-Identifier: Apache-2.0
//
// What the transport solver asks of costs: "over row i, where is c_ij − v_j smallest?"
//
// Network simplex, auction and certificate all reduce to that one question, so the n × m costs need never
// exist as a matrix: in few dimensions a row is recomputed faster than it would be loaded (`PointCosts`); in
// many it is computed once and kept in float32 (`StoredCosts`); a caller's own matrix is borrowed
// (`MatrixCosts`).
//
// Each row can be scanned in two precisions. float32 steers (the auction's bids, early pricing); float64
// decides (late pricing, the certificate) and is exact up to its own rounding whatever the storage: a stored
// row is searched by rigorous lower bounds of its float32 errors and the survivors are recomputed from the
// points.
//
// Costs are scaled by a power of two so that none exceeds 1 in absolute value (float32 neither overflows nor
// drowns); `scale()` brings values and potentials back. Columns are padded to a multiple of kBlock; the
// caller's v holds −∞ in the padding, which takes it out of every minimum.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "pushforward/sample.hpp"
#include "pushforward/tensor.hpp"
#include "transport/double_double.hpp"

namespace pushforward::transport {

inline constexpr std::size_t kBlock = 64;  ///< columns; a whole number of vectors on every processor

constexpr std::size_t padded(std::size_t count) { return (count + kBlock - 1) / kBlock * kBlock; }

/// What scans subtract from a row: aligned, as long as the padded row.
template <class Real>
using ColumnPotentials = Matrix<Real>;

/// Potentials of `cols` columns, all `value`, and −∞ in the padding.
template <class Real>
ColumnPotentials<Real> column_potentials(std::size_t cols, Real value) {
  ColumnPotentials<Real> v(1, padded(cols));
  std::fill_n(v.data(), cols, value);
  std::fill(v.data() + cols, v.data() + v.size(), -std::numeric_limits<Real>::infinity());
  return v;
}

template <class Real>
struct RowMinimum {
  Real value;  ///< min_j c_ij − v_j
  std::int32_t column;
};

struct TwoMinima {
  float value, second;  ///< the smallest and the second smallest (of another column) c_ij − v_j
  std::int32_t column;  ///< of the smallest
};

class CostOracle {
 public:
  CostOracle(std::size_t n, std::size_t m) : rows_(n), cols_(m) {}
  virtual ~CostOracle() = default;
  CostOracle(const CostOracle&) = delete;
  CostOracle& operator=(const CostOracle&) = delete;

  std::size_t rows() const { return rows_; }
  std::size_t cols() const { return cols_; }
  /// True cost = scale() · at(i, j).
  double scale() const { return scale_; }
  /// By how many units in its last place a cost may be off.
  double units() const { return units_; }
  bool non_negative() const { return non_negative_; }
  /// All costs in float64, rows as long as padded(cols()), where they are kept so; they may be a little off
  /// (not as far as a certificate would tell).
  virtual View<const double> kept() const { return {}; }

  /// c_ij in float64.
  virtual double at(std::size_t i, std::size_t j) const = 0;
  /// min_j c_ij − v_j in float64; v has padded(cols()) elements, as everywhere.
  virtual RowMinimum<double> smallest(std::size_t i, const double* v) const = 0;
  /// The same from float32 costs.
  virtual RowMinimum<float> smallest(std::size_t i, const float* v) const = 0;
  virtual TwoMinima two_smallest(std::size_t i, const float* v) const = 0;
  /// Columns with c_ij − v_j < threshold, in order, at most `most`; returns how many.
  virtual std::size_t below(std::size_t i, const float* v, float threshold, std::size_t most,
                            std::int32_t* columns) const = 0;

 protected:
  double scale_ = 1, units_ = 1;
  bool non_negative_ = true;

 private:
  std::size_t rows_, cols_;
};

/// The mean of points, from how far they are apart: no sum overflows, and however far away they are, it is
/// among them.
std::vector<double> mean_point(View<const double> points);
/// A power of two at least as large as the longest distance that can occur, so that scaled costs stay
/// below 1.
double distance_scale(View<const double> x, View<const double> y);

/// Points of which the solver uses a part (the atoms with mass), in float64.
struct AtomView {
  View<const double> x, y;  ///< n × d and m × d
  double unit = distance_scale(x, y);
};

/// Costs ‖x−y‖^p recomputed at every scan; for few dimensions.
std::unique_ptr<CostOracle> point_costs(const AtomView& atoms, double p);
/// Costs ‖x−y‖^p kept as an n × m float32 matrix; borrows the points, from which exact values are recomputed.
std::unique_ptr<CostOracle> stored_costs(const AtomView& atoms, double p);
/// Costs ‖x−y‖² kept as an n × m float64 matrix, by one matrix product; borrows the points. Null where that
/// is not right to as many digits as a certificate needs.
std::unique_ptr<CostOracle> squared_costs(const AtomView& atoms);
/// A matrix of the caller's, borrowed, with a float32 copy.
std::unique_ptr<CostOracle> matrix_costs(View<const double> costs);

/// What is left of other costs when u_i + v_j, in those costs' scale and feasible, is taken off, and no more
/// than `cap` of it; in their scale too. Kept as a float32 matrix; borrows the costs.
std::unique_ptr<CostOracle> residual_costs(const CostOracle& costs, std::vector<DoubleDouble> u,
                                           std::vector<DoubleDouble> v, double cap);

/// The unit to the power p; RequestError where float64 does not hold it.
double largest_cost(const AtomView& atoms, double p);

}  // namespace pushforward::transport
