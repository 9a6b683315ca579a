// SPDX-License-Identifier: Apache-2.0
// Where to start, the simplex, and the bounds of what it found: see solution.hpp.
#include "transport/solution.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "transport/auction.hpp"
#include "transport/first_basis.hpp"
#include "transport/simplex.hpp"

namespace pushforward::transport {
namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon() / 2;

struct Start {
  Crossover basis;
  std::string name;
  std::size_t bids = 0;
};

bool all_equal(const std::vector<double>& weights) {
  return std::all_of(weights.begin(), weights.end(), [&](double w) { return w == weights[0]; });
}

// An auction wherever it can save pivots: for a handful of pairs it cannot.
Start choose_start(const Problem& problem) {
  const CostOracle& costs = problem.costs;
  const std::vector<double>&a = problem.x.weights, &b = problem.y.weights;
  ColumnPotentials<float> v = column_potentials(costs.cols(), 0.0f);
  const bool small = costs.rows() < 8 || costs.cols() < 8;
  if (problem.start == TransportStart::greedy || (problem.start == TransportStart::automatic && small))
    return {{greedy_basis(costs, a, b, std::move(v)), {}}, "greedy start"};
  const bool assignment = costs.rows() == costs.cols() && all_equal(a) && all_equal(b);
  const std::size_t share = costs.cols() / costs.rows();  // sinks that a source must win at least, on average
  AuctionResult auction =
      assignment
          ? assignment_auction(costs, {})
          : transport_auction(costs, a, b,
                              {.last = 3e-3, .most_bids = 100 + 10 * share, .enough_bids = 30 + 3 * share});
  if (auction.complete) return {auction_basis(costs, auction), "auction start", auction.bids};
  return {{greedy_basis(costs, a, b, std::move(v)), {}}, "greedy start", auction.bids};
}

}  // namespace

double Bounds::excess() const { return proven ? 0 : std::max(0.0, (value - dual).value()) + rounding; }

double Bounds::gap() const {
  const double excess = this->excess(), size = value.value() != 0 ? std::abs(value.value()) : terms;
  return excess > 0 ? excess / size : 0;
}

void set_potentials(Solution& solution, const Problem& problem, std::span<const double> u,
                    std::span<const double> v) {
  double sum = 0, largest = 0;
  solution.u.clear(), solution.v.clear();
  for (std::size_t i = 0; i < u.size(); ++i)
    solution.u.push_back({u[i], 0}), sum += problem.x.weights[i] * std::abs(u[i]);
  for (const double potential : v)
    solution.v.push_back({potential, 0}), largest = std::max(largest, std::abs(potential));
  solution.rounding = 3 * kEpsilon * (sum + largest);
}

Solution solve_simplex(const Problem& problem, std::span<const BasicArc> basis) {
  const Start start =
      basis.empty() ? choose_start(problem) : Start{{{basis.begin(), basis.end()}, {}}, "start from a basis"};
  NetworkSimplex simplex(problem.costs, problem.masses, start.basis.tree);
  simplex.solve(start.basis.extras);
  Solution solution{
      .pivots = simplex.pivots(), .bids = start.bids, .method = "network simplex, " + start.name};
  simplex.tree().for_each_arc([&](std::size_t i, std::size_t j, double flow) {
    solution.basis.push_back({static_cast<std::int32_t>(i), static_cast<std::int32_t>(j)});
    if (flow > 0) solution.flows.push_back({i, j, flow});
  });
  std::vector<double> v(problem.costs.cols());
  for (std::size_t j = 0; j < v.size(); ++j) v[j] = simplex.tree().v(j);
  set_potentials(solution, problem, simplex.feasible_u(), v);
  return solution;
}

DoubleDouble dual_value(const Problem& problem, const Solution& solution) {
  DoubleDouble sum;
  for (std::size_t i = 0; i < solution.u.size(); ++i) sum = sum + solution.u[i] * problem.masses.x[i];
  for (std::size_t j = 0; j < solution.v.size(); ++j) sum = sum + solution.v[j] * problem.masses.y[j];
  return sum / problem.masses.total;
}

Bounds bounds_of(const Problem& problem, const Solution& solution) {
  const CostOracle& costs = problem.costs;
  DoubleDouble sum;
  double terms = 0;
  for (const Flow& flow : solution.flows) {
    const double cost = costs.at(flow.i, flow.j);
    sum = sum + exact_product(cost, flow.mass);
    terms += std::abs(cost) * flow.mass;
  }
  const double total = problem.masses.total;
  Bounds bounds{.value = sum / total, .dual = dual_value(problem, solution), .terms = terms / total};
  bounds.rounding = 2 * costs.units() * kEpsilon * bounds.terms + solution.rounding;
  bounds.proven = bounds.terms == 0 && costs.non_negative();
  return bounds;
}

}  // namespace pushforward::transport
