// SPDX-License-Identifier: Apache-2.0
//
// An optimal plan as a file: numbers, or a drawing of the flow.
#pragma once

#include <string>
#include <vector>

#include "pushforward/tensor.hpp"
#include "pushforward/transport.hpp"

namespace pushforward::cli {

/// What is written: the plan, and the points and masses that it moves (no points for a cost matrix).
struct Plan {
  const TransportResult& result;
  Matrix<double> x{}, y{};       ///< n × d and m × d, or empty
  std::vector<double> a{}, b{};  ///< n and m masses
};

/// .npz, .csv, .tsv, .png, .svg
const std::vector<std::string>& plan_endings();
/// NPZ: i, j, mass, u, v (where the plan has potentials). CSV: a row an arc, i, j, mass, u_i, v_j (whose sum
/// is the arc's cost). A drawing: arrows between points of the plane, ribbons between the bars of two
/// histograms on the line, else a matrix.
void write_plan(const std::string& path, const Plan& plan);

}  // namespace pushforward::cli
