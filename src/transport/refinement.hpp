// SPDX-License-Identifier: Apache-2.0
//
// Transport at any ratio of costs: what one pass in float64 leaves is solved again, by itself.
//
// A sentinel of −999999999 makes squared distances of 10¹⁸ beside those of 1 that matter; potentials then are
// as large, and their sums cannot tell the others apart. Iterative refinement of linear programs [Gleixner,
// Steffy & Wolter, INFORMS J. Comput. 28, 2016] takes off what is known: with any feasible u, v,
//
//   Σ f c = Σ a u + Σ b v + Σ f r,   r_ij = c_ij − u_i − v_j ≥ 0,
//
// so the same problem with costs r remains, whose optimum is at most the gap G of the plan at hand. A source
// or sink of mass w can send no more than G/r over an arc, so an arc of cost above G/w is used for less than
// the least mass of an atom, and with equal weights not at all: r is cut off there. The problem that is left
// has costs between 0 and G/w, whatever c was, and is solved in float64 to some 10 digits of *those*. Its
// potentials are feasible for r, since cut-off costs are lower; added to u, v in double-double they are a
// better proof, and its plan a better plan. Two or three rounds end at rounding.
#pragma once

#include "transport/solution.hpp"

namespace pushforward::transport {

/// The gap (Bounds::gap) above which another round is worth its price.
inline constexpr double kRefineAbove = 1e-11;

/// Improves plan and potentials until the gap is rounding, or rounds no longer help.
void refine(const Problem& problem, Solution& solution, Bounds& bounds);

}  // namespace pushforward::transport
