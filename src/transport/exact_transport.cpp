// SPDX-License-Identifier: Apache-2.0
//
// Exact transport from end to end: check, drop atoms without mass, choose how costs are kept and where to
// start, solve, and hand back plan, potentials and proof for all the atoms that came in.
#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "core/memory.hpp"
#include "pushforward/error.hpp"
#include "pushforward/one_dimensional.hpp"
#include "pushforward/sample.hpp"
#include "pushforward/threads.hpp"
#include "pushforward/transport.hpp"
#include "transport/assignment.hpp"
#include "transport/atoms.hpp"
#include "transport/certificate.hpp"
#include "transport/cost_oracle.hpp"
#include "transport/equal_weights.hpp"
#include "transport/few_atoms.hpp"
#include "transport/refinement.hpp"

namespace pushforward {
namespace {

using namespace transport;

constexpr double kDigits = 0x1p52;
constexpr std::size_t kMostRecomputed = 8;  // features up to which costs are recomputed and not stored
constexpr std::size_t kNeverAsked = std::size_t{32}
                                    << 20;  // bytes; those of a Matrix that does not ask, either
constexpr SampleRequirements kRequirements = {.weighted = true};

std::size_t room_for_costs(std::size_t limit) { return limit > 0 ? limit : available_memory() / 10 * 9; }

// Costs kept in so many bytes each. The machine is not asked for the room of few: its answer takes as long as
// a mini-batch's transport.
bool fits(std::size_t n, std::size_t m, std::size_t limit, std::size_t bytes = sizeof(float)) {
  const std::size_t wanted = n * padded(m) * bytes;
  return (limit == 0 && wanted <= kNeverAsked) || wanted <= room_for_costs(limit);
}

void check_memory(std::size_t n, std::size_t m, std::size_t limit) {
  if (fits(n, m, limit)) return;
  throw RequestError(Complaint{
      "transport", fmt::format("{} x {} costs, which take {} MB", n, m, n * padded(m) * sizeof(float) >> 20),
      fmt::format("at most {} MB", room_for_costs(limit) >> 20),
      "use fewer points, 8 features or fewer (costs are recomputed then), or sliced"});
}

// Recomputed where features are few; else kept: all digits of them for an assignment of few points, and
// float32 for the simplex.
std::unique_ptr<CostOracle> costs_of(const AtomView& atoms, const Atoms& x, const Atoms& y,
                                     const TransportOptions& options) {
  const std::size_t n = atoms.x.rows, m = atoms.y.rows;
  if (atoms.x.cols <= kMostRecomputed || few_against_many(n, m)) return point_costs(atoms, options.p);
  check_memory(n, m, options.memory_limit);
  if (options.p == 2 && options.start == TransportStart::automatic && n <= DenseAssignment::kMost &&
      equal_weights(x, y) && fits(n, m, options.memory_limit, sizeof(double)))
    if (auto kept = squared_costs(atoms)) return kept;
  return stored_costs(atoms, options.p);
}

// The solver's answer for the atoms with mass, in units of true cost.
struct Core {
  std::vector<TransportArc> plan{};
  std::vector<double> u{}, v{};
  double value = 0, dual = 0, gap = 0;
  std::size_t pivots = 0, bids = 0;
  std::string method{};
};

// The points, where they are in float64 and all of them are wanted; else nothing, and `copied` has them.
View<const double> doubles_of(const Points& points) {
  const auto* view = std::get_if<View<const double>>(&points.data);
  return view != nullptr ? *view : View<const double>{};
}

Matrix<double> copied(const Points& points, const std::vector<std::size_t>& rows) {
  if (doubles_of(points).wanted() && rows.size() == points.n()) return {};
  return gathered(points, rows);
}

// By the fastest way for such a problem; `squared` are the points whose squared distances the costs are, or
// null.
Solution solve_problem(const Problem& problem, const AtomView* squared) {
  if (problem.start == TransportStart::automatic &&
      few_against_many(problem.costs.rows(), problem.costs.cols()))
    return solve_few(problem);
  std::optional<Solution> equal;
  if (squared != nullptr) equal = solve_equal_weights(problem, *squared);
  return equal ? std::move(*equal) : solve_simplex(problem);
}

Core solve_core(const CostOracle& costs, const Atoms& x, const Atoms& y, const TransportOptions& options,
                const AtomView* squared = nullptr) {
  const Masses masses = common_masses(x, y);
  const Problem problem{costs, x, y, masses, options.start};
  const bool few = options.start == TransportStart::automatic && few_against_many(costs.rows(), costs.cols());
  Solution solution = solve_problem(problem, squared);
  Bounds bounds = bounds_of(problem, solution);
  const double enough = solution.proven_by_itself ? kProvenGap : kRefineAbove;
  if (bounds.gap() > enough && !few && fits(costs.rows(), costs.cols(), options.memory_limit))
    refine(problem, solution, bounds);
  const double scale = costs.scale();
  Core core{.value = bounds.value.value() * scale,
            .dual = bounds.dual.value() * scale,
            .gap = bounds.gap(),
            .pivots = solution.pivots,
            .bids = solution.bids,
            .method = solution.method};
  for (const Flow& flow : solution.flows)
    core.plan.push_back({static_cast<std::uint32_t>(x.rows[flow.i]),
                         static_cast<std::uint32_t>(y.rows[flow.j]), flow.mass / masses.total});
  for (const DoubleDouble& u : solution.u) core.u.push_back(u.value() * scale);
  for (const DoubleDouble& v : solution.v) core.v.push_back(v.value() * scale);
  return core;
}

TransportResult assemble(Core core, const Atoms& x, const Atoms& y, std::size_t n, std::size_t m,
                         const SomeCosts& costs_of) {
  TransportResult result{.value = core.value,
                         .dual = core.dual,
                         .gap = core.gap,
                         .plan = std::move(core.plan),
                         .u = std::vector<double>(n),
                         .v = std::vector<double>(m),
                         .pivots = core.pivots,
                         .bids = core.bids,
                         .method = std::move(core.method)};
  for (std::size_t r = 0; r < x.rows.size(); ++r) result.u[x.rows[r]] = core.u[r];
  for (std::size_t r = 0; r < y.rows.size(); ++r) result.v[y.rows[r]] = core.v[r];
  extend_potentials(result, x, y, costs_of);
  settle(result, x);
  return result;
}

// Whether the plan moves anything to another place.
bool moves(const Sample& x, const Sample& y, std::span<const TransportArc> plan) {
  return std::any_of(plan.begin(), plan.end(), [&](const TransportArc& arc) {
    for (std::size_t k = 0; k < x.d(); ++k)
      if (x.points.at(arc.source, k) != y.points.at(arc.sink, k)) return true;
    return false;
  });
}

TransportResult checked(TransportResult result, const Sample& x, const Sample& y, double p) {
  if (result.value < std::numeric_limits<double>::min())
    check_underflow("transport", result.value, p, moves(x, y, result.plan));
  return result;
}

// Costs are divided by about the largest: what is below `lost` then is no number any more, and a value that
// is not far above it may be anything.
void check_lost(const TransportResult& result, double largest, double lost, bool moved) {
  if (result.value > lost * kDigits || !moved) return;
  throw RequestError(Complaint{"transport",
                               fmt::format("costs up to {:.3g} beside a value of {:.3g} or less", largest,
                                           std::max(result.value, lost * kDigits)),
                               "costs that float64 can hold at one scale", "leave the largest out"});
}

TransportResult solve_on_the_line(const Sample& x, const Sample& y, const Atoms& ax, const Atoms& ay,
                                  double p) {
  OneDimensionalPlan line = one_dimensional_plan(x, y, p);
  TransportResult result{.value = line.power,
                         .u = std::move(line.u),
                         .v = std::move(line.v),
                         .method = "monotone (one dimension)"};
  for (std::size_t k = 0; k < line.mass.size(); ++k)
    result.plan.push_back({line.i[k], line.j[k], line.mass[k]});
  settle(result, ax);
  certify(result, ax, ay);
  return result;
}

}  // namespace

double transport::largest_cost(const AtomView& atoms, double p) {
  const double longest = atoms.unit, largest = std::pow(longest, p);
  if (!(std::isfinite(largest) && largest >= std::numeric_limits<double>::min()))
    throw RequestError(
        Complaint{"transport", fmt::format("distances up to {:.3g} to the power {}", longest, p),
                  "costs that float64 can hold", longest > 1 ? "scale the data down" : "scale the data up"});
  return largest;
}

TransportResult solve_transport(const Sample& x, const Sample& y, const TransportOptions& options) {
  check_samples("transport", {x.points, {}}, {y.points, {}}, kRequirements);
  check_weights("first sample", x.weights, x.n(), options.normalize);
  check_weights("second sample", y.weights, y.n(), options.normalize);
  if (!(options.p >= 1 && std::isfinite(options.p)))
    throw RequestError(Complaint{"transport: p", fmt::format("{}", options.p), "a number of at least 1"});
  const Atoms ax(x.weights, x.n()), ay(y.weights, y.n());
  if (x.d() == 1) return checked(solve_on_the_line(x, y, ax, ay, options.p), x, y, options.p);
  const Matrix<double> px = copied(x.points, ax.rows), py = copied(y.points, ay.rows);
  const AtomView atoms = {px.empty() ? doubles_of(x.points) : px.view(),
                          py.empty() ? doubles_of(y.points) : py.view()};
  const double largest = largest_cost(atoms, options.p);
  const auto costs = costs_of(atoms, ax, ay, options);
  TransportResult result =
      assemble(solve_core(*costs, ax, ay, options, options.p == 2 ? &atoms : nullptr), ax, ay, x.n(), y.n(),
               [&](const auto& of, const auto& against, bool columns) {
                 const Matrix<double> rows = gathered(columns ? y.points : x.points, of);
                 const Matrix<double> cols = gathered(columns ? x.points : y.points, against);
                 return point_costs({rows, cols}, options.p);
               });
  // Squares of coordinates' differences are the first to be lost.
  const double least = std::pow(std::numeric_limits<double>::min(), std::min(options.p, 2.0) / 2);
  check_lost(result, largest, costs->scale() * least, moves(x, y, result.plan));
  return checked(std::move(result), x, y, options.p);
}

TransportResult solve_transport(View<const double> cost, std::span<const double> a, std::span<const double> b,
                                const TransportOptions& options) {
  if (cost.rows == 0 || cost.cols == 0)
    throw RequestError(
        Complaint{"transport: cost matrix", fmt::format("{} x {}", cost.rows, cost.cols), "at least 1 x 1"});
  for (std::size_t e = 0; e < cost.size(); ++e)
    if (!std::isfinite(cost.data[e]))
      throw RequestError(Complaint{"transport: cost matrix",
                                   fmt::format("{} at row {}, column {} (counting from 0)", cost.data[e],
                                               e / cost.cols, e % cost.cols),
                                   "finite numbers"});
  check_weights("rows", a, cost.rows, options.normalize);
  check_weights("columns", b, cost.cols, options.normalize);
  const Atoms ax(a, cost.rows), ay(b, cost.cols);
  check_memory(ax.rows.size(), ay.rows.size(), options.memory_limit);
  Matrix<double> part, some;
  View<const double> used = cost;
  if (ax.rows.size() < cost.rows || ay.rows.size() < cost.cols) {
    part = Matrix<double>(ax.rows.size(), ay.rows.size());
    for (std::size_t r = 0; r < part.rows(); ++r)
      for (std::size_t c = 0; c < part.cols(); ++c) part(r, c) = cost(ax.rows[r], ay.rows[c]);
    used = part.view();
  }
  const auto costs = matrix_costs(used);
  TransportResult result = assemble(solve_core(*costs, ax, ay, options), ax, ay, cost.rows, cost.cols,
                                    [&](const auto& of, const auto& against, bool columns) {
                                      some.resize(of.size(), against.size());
                                      for (std::size_t r = 0; r < of.size(); ++r)
                                        for (std::size_t c = 0; c < against.size(); ++c)
                                          some(r, c) =
                                              columns ? cost(against[c], of[r]) : cost(of[r], against[c]);
                                      return matrix_costs(some);
                                    });
  const auto costly = [&](const TransportArc& arc) { return cost(arc.source, arc.sink) > 0; };
  if (costs->non_negative())
    check_lost(result, costs->scale(), costs->scale() * std::numeric_limits<double>::min(),
               std::any_of(result.plan.begin(), result.plan.end(), costly));
  return result;
}

std::vector<TransportResult> solve_transport_batch(std::span<const TransportProblem> problems,
                                                   const TransportOptions& options) {
  std::vector<TransportResult> results(problems.size());
  parallel_tasks(problems.size(),
                 [&](std::size_t k) { results[k] = solve_transport(problems[k].x, problems[k].y, options); });
  return results;
}

}  // namespace pushforward
