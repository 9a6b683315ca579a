// SPDX-License-Identifier: Apache-2.0
//
// Newton's direction of the entropic dual: (δu, δv) with
//
//   ( diag r   P      ) (δu)     (Σ_j P_ij − a_i)
//   ( Pᵀ       diag c ) (δv)  = −(Σ_i P_ij − b_j),      r and c the plan's marginals.
//
// Without δv it is diag r − P diag(1/c) Pᵀ, the Laplacian of a graph with weights Σ_j P_ij P_kj/c_j. Up to
// some hundred points it is solved as such, to the last digit whatever the condition (laplacian.hpp); beyond,
// by conjugate gradients, preconditioned by diag r. For a self-term, where P is symmetric and δu = δv, the
// matrix is diag r + P, whose condition after scaling is 2.
#pragma once

#include <vector>

#include "pushforward/tensor.hpp"
#include "transport/double_double.hpp"

namespace pushforward::entropic {

struct Direction {
  std::vector<double> rows, columns;
  double largest = 0;  ///< of both, by its size
};

Direction newton_direction(const Matrix<double>& plan, const std::vector<transport::DoubleDouble>& row_excess,
                           const std::vector<transport::DoubleDouble>& column_excess, bool self);

}  // namespace pushforward::entropic
