// SPDX-License-Identifier: Apache-2.0
// Which way for which size; potentials of sources are found anew in the costs' own arithmetic, so that they
// are feasible.
#include "transport/equal_weights.hpp"

#include <algorithm>
#include <cmath>

#include "transport/assignment.hpp"
#include "transport/auction.hpp"
#include "transport/tree_assignment.hpp"

namespace pushforward::transport {
namespace {

constexpr std::size_t kLeastByTree = 2500;  // below, whole rows are scanned faster than a tree is walked
constexpr double kOpenedOfPairs = 0.4,
                 kOpened = 1e7;  // groups of the tree: the simplex would take about as long
constexpr std::size_t kFewFeatures = 8;
constexpr double kHeavy = 1e-3;

bool all_equal(const std::vector<double>& weights) {
  return std::all_of(weights.begin(), weights.end(), [&](double w) { return w == weights[0]; });
}

// In the costs' scale, which is a power of two, and near 0: a coordinate that lies far off is taken relative
// to a point's, and both are close enough to one another for that difference to be exact.
struct Scaled {
  Matrix<double> x, y;

  explicit Scaled(const AtomView& points) : x(points.x.rows, points.x.cols), y(points.y.rows, points.y.cols) {
    const double unit = points.unit;
    for (std::size_t k = 0; k < x.cols(); ++k) {
      const double first = points.x(0, k), origin = std::abs(first) > 4 * unit ? first : 0;
      for (std::size_t i = 0; i < x.rows(); ++i) x(i, k) = (points.x(i, k) - origin) / unit;
      for (std::size_t j = 0; j < y.rows(); ++j) y(j, k) = (points.y(j, k) - origin) / unit;
    }
  }
};

std::vector<Flow> flows_of(const Problem& problem, const std::vector<std::int32_t>& sink_of) {
  std::vector<Flow> flows;
  for (std::size_t i = 0; i < sink_of.size(); ++i)
    flows.push_back({i, static_cast<std::size_t>(sink_of[i]), problem.masses.x[i]});
  return flows;
}

Solution solve_dense(const Problem& problem, const AtomView& points) {
  DenseAssignment assignment;
  if (const View<const double> kept = problem.costs.kept(); kept.wanted()) {
    assignment.borrow_costs(kept);
  } else {
    const Scaled scaled(points);
    assignment.set_squared_costs(scaled.x, scaled.y);
  }
  assignment.solve();
  Solution solution{.flows = flows_of(problem, assignment.sink_of()),
                    .method = "assignment by shortest augmenting paths"};
  const std::size_t n = assignment.size();
  auto prices = column_potentials(n, 0.0);
  std::copy_n(assignment.v(), n, prices.data());
  std::vector<double> u(n);
  for (std::size_t i = 0; i < n; ++i) u[i] = problem.costs.smallest(i, prices.data()).value;
  set_potentials(solution, problem, u, {prices.data(), n});
  return solution;
}

// The tree's costs are as right as the oracle's (their products are fused where the processor can, no more),
// so that the bounds on what costs hide cover them, too.
std::optional<Solution> solve_by_tree(const Problem& problem, const Scaled& points) {
  const double n = static_cast<double>(points.x.rows());
  const std::optional<TreePlan> plan =
      tree_assignment(points.x, points.y, static_cast<std::size_t>(kOpenedOfPairs * n * n + kOpened));
  if (!plan) return {};
  Solution solution{.flows = flows_of(problem, plan->sink_of),
                    .bids = plan->bids,
                    .method = "auction through a tree, exact repair"};
  set_potentials(solution, problem, plan->u, plan->v);
  solution.proven_by_itself = true;
  return solution;
}

// Of tails that are so heavy that an auction is a price war among the outliers, the mean cost (of costs up to
// 1) tells.
bool heavy_tails(const CostOracle& costs) { return typical_cost(costs) < kHeavy; }

}  // namespace

bool equal_weights(const Atoms& x, const Atoms& y) {
  return x.weights.size() == y.weights.size() && all_equal(x.weights) && all_equal(y.weights);
}

std::optional<Solution> solve_equal_weights(const Problem& problem, const AtomView& points) {
  const std::size_t n = points.x.rows, d = points.x.cols;
  if (!equal_weights(problem.x, problem.y) || problem.start != TransportStart::automatic) return {};
  if (problem.costs.kept().wanted() || (d <= kFewFeatures && n <= DenseAssignment::kMost))
    return solve_dense(problem, points);
  if (d > 3 || n < kLeastByTree || heavy_tails(problem.costs)) return {};
  return solve_by_tree(problem, Scaled(points));
}

}  // namespace pushforward::transport
