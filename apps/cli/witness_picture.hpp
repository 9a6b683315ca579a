// SPDX-License-Identifier: Apache-2.0
//
// Witnesses drawn: curves over the line, contours over the plane, with both samples.
#pragma once

#include <string>
#include <vector>

#include "pushforward/sample.hpp"
#include "report/drawing.hpp"

namespace pushforward::cli {

/// A function's values at the nodes of the grid.
struct SeenFunction {
  std::string name;
  std::vector<double> values;
};

/// Where functions are drawn in the plane: nodes, row by row (side² × 2). Of the line: pages/line_grid.hpp.
Matrix<double> plane_grid(const Points& x, const Points& y);

/// Curves on one axis; several are each divided by their largest absolute value, which the legend says.
/// Strokes below are the samples.
report::Drawing draw_on_line(const Matrix<double>& grid, const std::vector<SeenFunction>& functions,
                             const Points& x, const Points& y);
/// A panel a function: tints from low (orange) to high (blue), contours, and both samples.
report::Drawing draw_in_plane(const Matrix<double>& grid, const std::vector<SeenFunction>& functions,
                              const Points& x, const Points& y);

}  // namespace pushforward::cli
