// SPDX-License-Identifier: Apache-2.0
//
// A function over a rectangle of the plane, and its level lines.
#pragma once

#include <array>
#include <vector>

#include "pushforward/tensor.hpp"
#include "report/picture.hpp"

namespace pushforward::report {

/// Values at the nodes of a grid: row r, column c lies at low + (high − low)·(c/(cols−1), r/(rows−1)).
struct Surface {
  Box box;
  Matrix<double> values;  ///< at least 2 × 2

  /// The grid's nodes as points (rows·cols × 2), row by row, for whoever fills `values`.
  static Tensor nodes(const Box& box, std::size_t rows, std::size_t cols);
  /// The node at row r, column c.
  std::array<double, 2> at(double r, double c) const;
  /// Bilinear between nodes; the nearest edge's value outside.
  double operator()(double x, double y) const;
};

/// A straight piece of a level line.
struct Segment {
  std::array<double, 2> from, to;
};

/// The level line {f = level} by marching squares: in each cell the crossings of its four sides, by linear
/// interpolation, joined in pairs; a saddle's pairs are chosen by the mean of its corners. Cells with a value
/// that is not finite have none.
std::vector<Segment> level_line(const Surface& surface, double level);

/// `count` levels that cut the surface's values into parts of equal range, between its 2 % and 98 % quantiles
/// (so that one far corner does not take them all); none for a constant surface.
std::vector<double> levels_of(const Surface& surface, std::size_t count);

}  // namespace pushforward::report
