// SPDX-License-Identifier: Apache-2.0
//
// The cell behind the α- and Rényi divergences: p^α q^(1−α), and what is left of it after the tangent at p =
// q.
#pragma once

#include "pushforward/cell_terms.hpp"

namespace pushforward {

/// sum: (p^α q^(1−α) − αp + (α−1)q)/(α(α−1)) ≥ 0, the cell of D_α; overlap: p^α q^(1−α). α is neither 0
/// nor 1.
CellSums power_cell(const Cell& cell, double alpha);

}  // namespace pushforward
