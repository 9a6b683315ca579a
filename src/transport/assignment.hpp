// SPDX-License-Identifier: Apache-2.0
//
// The assignment problem among few points: n sources, n sinks, equal weights, all costs kept in float64.
//
// [Jonker & Volgenant, "A shortest augmenting path algorithm for dense and sparse linear assignment
// problems", Computing 38 (1987).] Columns' minima are the first prices; rows that no sink is left for bid
// what their second best is worse, without ε (an auction that may end before all are placed: it has some bids
// a row); each row that is still free is placed by Dijkstra's shortest augmenting path in costs reduced by
// the prices. A mini-batch is solved in some n² log n steps of whole vectors, without a basis to build or a
// tree to keep. Above some hundred points the simplex that an auction starts is faster.
//
// Nothing here decides what is optimal: prices go to the same certificate as those of any other solver.
#pragma once

#include <cstdint>
#include <vector>

#include "pushforward/tensor.hpp"

namespace pushforward::transport {

/// Keeps its memory from problem to problem.
class DenseAssignment {
 public:
  /// Up to so many points it is the fastest way, for costs of few features and of many.
  static constexpr std::size_t kMost = 512;

  /// Costs ‖x_i − y_j‖² of points in few dimensions, n × d both, in float64.
  void set_squared_costs(View<const double> x, View<const double> y);
  /// Any costs; n × n.
  void set_costs(View<const double> costs);
  /// The same, read where they are; rows as long as a whole number of vectors of eight, at least n.
  void borrow_costs(View<const double> costs);
  /// Solves what was set.
  void solve();

  std::size_t size() const { return n_; }
  /// The sink of each source, and the prices: c_ij − v_j is smallest at it, up to rounding.
  const std::vector<std::int32_t>& sink_of() const { return sink_of_; }
  const double* v() const { return v_.data(); }

 private:
  void resize(std::size_t n, std::size_t columns);
  const double* row(std::int32_t i) const { return costs_.row(static_cast<std::size_t>(i)); }
  void reduce_columns();
  std::vector<std::int32_t> place_by_bids(std::vector<std::int32_t> rows);
  void place_by_path(std::int32_t row);

  std::size_t n_ = 0, columns_ = 0;  // columns: a whole number of vectors
  View<const double> costs_;
  Matrix<double> own_, v_, distance_, settled_, before_, sinks_;
  std::vector<std::int32_t> sink_of_, source_of_;
  std::vector<std::size_t> scanned_;
};

}  // namespace pushforward::transport
