// SPDX-License-Identifier: Apache-2.0
// Rounds of refinement; why they work stands in the header.
#include "transport/refinement.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pushforward::transport {
namespace {

constexpr std::size_t kMostRounds = 8;
constexpr double kEnough = 1e-13;  // of the value, beside the costs' own rounding: no round lowers it by much
constexpr double kLeastCap = 0x1p-960;  // the rest is divided by it, and has its digits down to there
constexpr double kWarm = 1e-4;          // a gap below which the basis at hand is nearly right

double least_mass(const Problem& problem) {
  const auto least = [](const std::vector<double>& weights) {
    return *std::min_element(weights.begin(), weights.end());
  };
  return std::min(least(problem.x.weights), least(problem.y.weights));
}

// The largest u that is feasible with v = 0: a better proof than potentials that a large cost has blurred.
Solution row_minima(const Problem& problem) {
  const CostOracle& costs = problem.costs;
  const auto zeros = column_potentials(costs.cols(), 0.0);
  std::vector<double> u(costs.rows());
  for (std::size_t i = 0; i < u.size(); ++i) u[i] = costs.smallest(i, zeros.data()).value;
  Solution solution;
  set_potentials(solution, problem, u, std::vector<double>(costs.cols(), 0.0));
  return solution;
}

bool worth_a_round(const Problem& problem, const Bounds& bounds) {
  const double costs = problem.costs.units() * std::numeric_limits<double>::epsilon() * bounds.terms;
  return bounds.excess() > kEnough * std::abs(bounds.value.value()) + 2 * costs;
}

bool better_proof(const Problem& problem, const Solution& a, const Solution& b) {
  return (dual_value(problem, a) - dual_value(problem, b)).value() > a.rounding - b.rounding;
}

void take_potentials(Solution& to, Solution&& from) {
  to.u = std::move(from.u), to.v = std::move(from.v), to.rounding = from.rounding;
}

// One round: the rest of the costs after `known`, cut off at `cap`.
Solution solve_rest(const Problem& problem, const Solution& known, double cap,
                    std::span<const BasicArc> basis) {
  const auto rest = residual_costs(problem.costs, known.u, known.v, cap);
  Solution next = solve_simplex({*rest, problem.x, problem.y, problem.masses, problem.start}, basis);
  const double scale = rest->scale();
  for (std::size_t i = 0; i < next.u.size(); ++i) next.u[i] = known.u[i] + next.u[i] * scale;
  for (std::size_t j = 0; j < next.v.size(); ++j) next.v[j] = known.v[j] + next.v[j] * scale;
  next.rounding *= scale;
  return next;
}

}  // namespace

void refine(const Problem& problem, Solution& solution, Bounds& bounds) {
  const double least = least_mass(problem);
  if (Solution rows = row_minima(problem); better_proof(problem, rows, solution))
    take_potentials(solution, std::move(rows)), bounds = bounds_of(problem, solution);
  double widen = 4;
  for (std::size_t round = 0; round < kMostRounds && worth_a_round(problem, bounds); ++round) {
    const double before = bounds.excess(), cap = std::min(widen * before / least, 1e300);
    if (!(cap > kLeastCap)) break;
    const bool warm = bounds.gap() < kWarm;
    Solution next = solve_rest(problem, solution, cap, warm ? solution.basis : std::vector<BasicArc>{});
    solution.pivots += next.pivots, solution.bids += next.bids;
    if ((bounds_of(problem, next).value - bounds.value).value() < 0)
      std::swap(solution.flows, next.flows), std::swap(solution.basis, next.basis);
    if (better_proof(problem, next, solution)) take_potentials(solution, std::move(next));
    bounds = bounds_of(problem, solution);
    if (bounds.excess() > before / 2) widen *= 1e4;  // a cut-off cost was in use
  }
  solution.method += ", refined";
}

}  // namespace pushforward::transport
