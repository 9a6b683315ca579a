// SPDX-License-Identifier: Apache-2.0
// Which way for which size; potentials of sources are found anew in the costs' own arithmetic, so that they
// are feasible.
#include "transport/equal_weights.hpp"

#include <algorithm>

#include "transport/assignment.hpp"

namespace pushforward::transport {
namespace {

bool all_equal(const std::vector<double>& weights) {
  return std::all_of(weights.begin(), weights.end(), [&](double w) { return w == weights[0]; });
}

// In the costs' scale: by a power of two, exactly.
Matrix<double> scaled(View<const double> points, double unit) {
  Matrix<double> out(points.rows, points.cols);
  for (std::size_t e = 0; e < points.size(); ++e) out.data()[e] = points.data[e] / unit;
  return out;
}

Solution solution_of(const Problem& problem, const std::vector<std::int32_t>& sink_of, const double* v) {
  Solution solution;
  const std::size_t n = sink_of.size();
  auto prices = column_potentials(n, 0.0);
  std::copy_n(v, n, prices.data());
  std::vector<double> u(n);
  for (std::size_t i = 0; i < n; ++i) {
    u[i] = problem.costs.smallest(i, prices.data()).value;
    solution.flows.push_back({i, static_cast<std::size_t>(sink_of[i]), problem.masses.x[i]});
  }
  set_potentials(solution, problem, u, {prices.data(), n});
  return solution;
}

}  // namespace

std::optional<Solution> solve_equal_weights(const Problem& problem, const AtomView& points) {
  const std::size_t n = points.x.rows;
  if (n != points.y.rows || n > DenseAssignment::kMost || points.x.cols > 8 ||
      problem.start != TransportStart::automatic || !all_equal(problem.x.weights) ||
      !all_equal(problem.y.weights))
    return {};
  const double unit = distance_scale(points);
  DenseAssignment assignment;
  assignment.set_squared_costs(scaled(points.x, unit), scaled(points.y, unit));
  assignment.solve();
  Solution solution = solution_of(problem, assignment.sink_of(), assignment.v());
  solution.method = "assignment by shortest augmenting paths";
  return solution;
}

}  // namespace pushforward::transport
