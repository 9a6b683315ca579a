// SPDX-License-Identifier: Apache-2.0
//
// Entropic transport in some 28 digits, for small problems: what is left where OT_ε's own digits cancel.
//
// In units of ε, with K = C/ε, u = f/ε, v = g/ε and e_ij = exp(u_i + v_j − K_ij), the dual is
//
//   OT_ε/ε = max  Σ a_i u_i + Σ b_j v_j − ln Σ_ij a_i b_j e_ij
//
// and its maximum is where Σ_j b_j e_ij = 1 = Σ_i a_i e_ij. Potentials and sums are double-double, and Σ b_j
// (e_ij − 1) is summed as such, so that neither the smallest nor the largest ε loses a digit. Newton's
// directions are in double, by conjugate gradients: they need to be right to a digit or two only, as each
// step's errors are seen by the next. [Newton's method on the dual: Brauer, Clason, Lorenz & Wirth,
// arXiv:1710.06635, 2017.]
//
// The error is bounded by the marginals that are left: the dual is concave, so that the best value is above
// this one by at most Σ (a − P1)_i h_i + Σ (b − Pᵀ1)_j k_j for the h and k that lead to the best potentials,
// whose ranges are at most those of C and of u and v together.
#pragma once

#include <vector>

#include "pushforward/sample.hpp"
#include "transport/double_double.hpp"

namespace pushforward::entropic {

/// Of points that are divided by a length, a power of two: true costs / length^p.
struct PreciseCosts {
  std::size_t n = 0, m = 0;
  std::vector<transport::DoubleDouble> cost;  ///< n × m, of the points as they were given
  std::vector<transport::DoubleDouble> a, b;  ///< weights, of sum 1
};

PreciseCosts precise_costs(const Sample& x, const Sample& y, double p, double length);

struct PreciseSolution {
  transport::DoubleDouble value{};            ///< OT_ε/ε
  double bound = 0;                           ///< of the value's error, in the same unit
  double marginal_error = 0;                  ///< Σ_i |Σ_j P_ij − a_i| + Σ_j |Σ_i P_ij − b_j|
  std::vector<transport::DoubleDouble> u, v;  ///< potentials/ε
  Matrix<double> plan{};                      ///< n × m
};

/// `epsilon` is in the costs' unit; u and v are where it starts, in units of ε. A self-term (`self`, x
/// against x) has one potential, u = v.
PreciseSolution precise_sinkhorn(PreciseCosts costs, double epsilon, bool self,
                                 std::vector<transport::DoubleDouble> u = {},
                                 std::vector<transport::DoubleDouble> v = {});

}  // namespace pushforward::entropic
