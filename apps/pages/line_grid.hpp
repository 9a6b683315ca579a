// SPDX-License-Identifier: Apache-2.0
// Where functions of the line are drawn.
#pragma once

#include "pushforward/sample.hpp"

namespace pushforward::pages {

/// Nodes (g × 1) from a tenth below both samples to a tenth above.
Matrix<double> line_grid(const Points& x, const Points& y);

}  // namespace pushforward::pages
