// SPDX-License-Identifier: Apache-2.0
//
// Known distributions over the same values drawn: bars where the values lie, and a matrix a divergence.
#pragma once

#include <string>
#include <vector>

#include "report/drawing.hpp"

namespace pushforward::cli {

struct NamedMasses {
  std::string name;
  std::vector<double> masses;
};

struct DivergenceMatrix {
  std::string name;
  std::vector<std::vector<double>> values;  ///< row by row, D(row, column)
};

/// `positions`, one a value; empty: 0, 1, 2, …
report::Drawing draw_masses(const std::vector<NamedMasses>& all, std::vector<double> positions,
                            const std::vector<DivergenceMatrix>& matrices);

}  // namespace pushforward::cli
