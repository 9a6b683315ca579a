// SPDX-License-Identifier: Apache-2.0
//
// One solution of a transport problem among atoms with mass, and what it proves.
//
// Value and dual value are summed in some 32 digits, from costs as they are computed. What then stands
// between the plan and the optimum is their difference and the rounding of what they are made of:
// * A cost is right to `units()` in its last place. Where no cost is negative, all being off by a factor 1 ±
// δ
//   moves both the plan's value and the optimum by that factor.
// * u_i = min_j c_ij − v_j is rounded once in the difference and once in the result, where c_ij is no more
// than
//   |u_i| + |v_j| (a larger one is not the minimum): 3ε(Σ a|u| + max|v|) in all.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "pushforward/transport.hpp"
#include "transport/atoms.hpp"
#include "transport/cost_oracle.hpp"
#include "transport/spanning_tree.hpp"

namespace pushforward::transport {

struct Problem {
  const CostOracle& costs;
  const Atoms &x, &y;
  const Masses& masses;
  TransportStart start = TransportStart::automatic;
};

/// `mass` units (Masses) from source i to sink j.
struct Flow {
  std::size_t i, j;
  double mass;
};

/// In the costs' scale.
struct Solution {
  std::vector<Flow> flows{};
  std::vector<BasicArc> basis{};
  std::vector<DoubleDouble> u{}, v{};  ///< feasible up to rounding
  double rounding = 0;                 ///< how far Σ a u + Σ b v may be above a feasible one's
  std::size_t pivots = 0, bids = 0;
  std::string method{};
  bool proven_by_itself =
      false;  ///< all that is left of the gap is rounding: no round of refinement lowers it
};

/// All in the costs' scale, for masses of 1 in all.
struct Bounds {
  DoubleDouble value, dual;
  double terms = 0;     ///< Σ f |c|
  double rounding = 0;  ///< what the difference of value and dual may hide
  bool proven = false;  ///< a plan of value 0 where no cost is negative

  double excess() const;  ///< of the value over the optimum, at most
  /// The same relative to the value (to Σ f|c| where the value is 0).
  double gap() const;
};

/// By network simplex, from the basis if one is given.
Solution solve_simplex(const Problem& problem, std::span<const BasicArc> basis = {});

/// Potentials from plain numbers, with their rounding.
void set_potentials(Solution& solution, const Problem& problem, std::span<const double> u,
                    std::span<const double> v);

DoubleDouble dual_value(const Problem& problem, const Solution& solution);
Bounds bounds_of(const Problem& problem, const Solution& solution);

}  // namespace pushforward::transport
