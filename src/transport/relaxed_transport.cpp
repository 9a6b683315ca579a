// SPDX-License-Identifier: Apache-2.0
//
// Partial and unbalanced transport: checks, the reduction to exact transport, and the values that prove an
// answer.
//
// Partial: a sink of mass Σa − M and a source of mass Σb − M, at no cost, take what is not moved; the arc
// between them is dearer than any detour, so that exactly M is moved between points [Chapel, Alaya & Gasso,
// NeurIPS 2020]. With potentials U, V of that problem and U₀, V₀ of the two, λ = −U₀ − V₀ and u = U + V₀ +
// λ/2, v = V + U₀ + λ/2.
//
// Total variation: where costs are not negative, no more leaves a point than it has. So the same, with a sink
// of mass Σa and a source of mass Σb at cost ρ, and nothing between them; u = U + V₀, v = V + U₀, not below
// −ρ.
#include "pushforward/relaxed_transport.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "core/memory.hpp"
#include "core/summation.hpp"
#include "pushforward/error.hpp"
#include "pushforward/sample.hpp"
#include "pushforward/spec.hpp"
#include "transport/cost_oracle.hpp"
#include "transport/interior_point.hpp"

namespace pushforward {
namespace {

using Kind = Relaxation::Kind;

constexpr std::size_t kMostDense = 4000;  // rows of the smaller side: what a step of kl factors
constexpr double kNothing =
    1e-9;  // of ρ (Σa + Σb): values below are not told from 0, nor gaps relative to them
constexpr double kDropped = 1e-15;  // of all mass: what an arc of kl's plan may have and be left out

double sum_of(std::span<const double> values) {
  CompensatedSum sum;
  for (const double value : values) sum.add(value);
  return sum.value();
}

std::vector<double> masses_of(const char* side, std::span<const double> given, std::size_t count) {
  if (given.empty()) return std::vector<double>(count, 1 / static_cast<double>(count));
  const std::string where = fmt::format("transport: masses of the {}", side);
  if (given.size() != count)
    throw RequestError(
        Complaint{where, fmt::format("{} numbers", given.size()), fmt::format("{}, one a point", count)});
  for (std::size_t i = 0; i < count; ++i)
    if (!(given[i] >= 0 && std::isfinite(given[i])))
      throw RequestError(Complaint{where, fmt::format("{} at {} (counting from 0)", given[i], i),
                                   "a finite number, at least 0"});
  const double sum = sum_of(given);
  if (!(sum > 0 && std::isfinite(sum)))
    throw RequestError(Complaint{where, fmt::format("a sum of {}", sum), "mass above 0"});
  return {given.begin(), given.end()};
}

struct Problem {
  View<const double> cost;
  std::vector<double> a, b;
  double a_sum, b_sum;
};

void check(const Problem& problem, const Relaxation& relaxation) {
  const bool partial = relaxation.kind == Kind::partial;
  const char* where = partial ? "transport: partial mass" : "transport: penalty of unbalanced transport";
  if (!(relaxation.amount > 0 && std::isfinite(relaxation.amount)))
    throw RequestError(Complaint{where, fmt::format("{}", relaxation.amount), "a finite number above 0"});
  const double most = std::min(problem.a_sum, problem.b_sum);
  if (partial && relaxation.amount > most * (1 + 1e-12))
    throw RequestError(Complaint{
        where, fmt::format("{}", relaxation.amount),
        fmt::format("at most {:.9g}, what {} has", most, problem.a_sum <= problem.b_sum ? "X" : "Y"),
        "masses are weights, which sum to 1 where none are given"});
  for (std::size_t e = 0; e < problem.cost.size(); ++e)
    if (!(problem.cost.data[e] >= 0 && std::isfinite(problem.cost.data[e])))
      throw RequestError(
          Complaint{"transport: cost matrix",
                    fmt::format("{} at row {}, column {} (counting from 0)", problem.cost.data[e],
                                e / problem.cost.cols, e % problem.cost.cols),
                    "finite numbers, at least 0", "mass that is left where it is costs nothing"});
}

// Costs with one more row and one more column.
Matrix<double> bordered(View<const double> cost, double border, double corner) {
  Matrix<double> all(cost.rows + 1, cost.cols + 1);
  for (std::size_t i = 0; i < cost.rows; ++i) {
    std::copy_n(cost.row(i), cost.cols, all.row(i));
    all(i, cost.cols) = border;
  }
  std::fill_n(all.row(cost.rows), cost.cols, border);
  all(cost.rows, cost.cols) = corner;
  return all;
}

// Of the problem with one more source and sink; `value` and `dual` in true mass.
struct Bordered {
  TransportResult result;
  double from = 0, to = 0;  // U₀, V₀
};

Bordered solve_bordered(const Problem& problem, double border, double corner, double left, double lacking) {
  const Matrix<double> cost = bordered(problem.cost, border, corner);
  std::vector<double> a = problem.a, b = problem.b;
  a.push_back(lacking), b.push_back(left);
  const double total = problem.a_sum + lacking;
  Bordered solved{solve_transport(cost.view(), a, b, {.normalize = true})};
  TransportResult& result = solved.result;
  solved.from = result.u.back(), solved.to = result.v.back();
  result.u.pop_back(), result.v.pop_back();
  result.value *= total, result.dual *= total;
  std::erase_if(result.plan, [&](const TransportArc& arc) {
    return arc.source == problem.a.size() || arc.sink == problem.b.size();
  });
  for (TransportArc& arc : result.plan) arc.mass *= total;
  return solved;
}

void add_sums(RelaxedResult& result, const Problem& problem) {
  CompensatedSum moved, cost;
  for (const TransportArc& arc : result.plan)
    moved.add(arc.mass), cost.add(arc.mass * problem.cost(arc.source, arc.sink));
  result.moved = moved.value(), result.cost = cost.value();
}

RelaxedResult solve_partial(const Problem& problem, double mass) {
  const double dearest = *std::max_element(problem.cost.data, problem.cost.data + problem.cost.size());
  mass = std::min({mass, problem.a_sum, problem.b_sum});
  Bordered solved = solve_bordered(problem, 0, 2 * dearest + std::numeric_limits<double>::min(),
                                   std::max(0.0, problem.a_sum - mass), std::max(0.0, problem.b_sum - mass));
  RelaxedResult result{std::move(solved.result)};
  result.multiplier = -solved.from - solved.to;
  for (double& u : result.u) u += solved.to + result.multiplier / 2;
  for (double& v : result.v) v += solved.from + result.multiplier / 2;
  result.method = "exact, with one more source and sink: " + result.method;
  add_sums(result, problem);
  return result;
}

RelaxedResult solve_tv(const Problem& problem, double rho) {
  Bordered solved = solve_bordered(problem, rho, 0, problem.a_sum, problem.b_sum);
  RelaxedResult result{std::move(solved.result)};
  for (double& u : result.u) u = std::clamp(u + solved.to, -rho, rho);
  for (double& v : result.v) v = std::clamp(v + solved.from, -rho, rho);
  result.method = "exact, with one more source and sink: " + result.method;
  add_sums(result, problem);
  return result;
}

std::vector<std::size_t> with_mass(const std::vector<double>& masses) {
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < masses.size(); ++i)
    if (masses[i] > 0) rows.push_back(i);
  return rows;
}

// p ln(p/q) − p + q.
double divergence(double p, double q) { return p > 0 ? p * std::log(p / q) - p + q : q; }

// Σ f c and penalties of the plan as it is told.
void set_primal(RelaxedResult& result, const Problem& problem, double rho) {
  std::vector<double> rows(problem.a.size()), columns(problem.b.size());
  for (const TransportArc& arc : result.plan) rows[arc.source] += arc.mass, columns[arc.sink] += arc.mass;
  CompensatedSum penalty;
  for (std::size_t i = 0; i < rows.size(); ++i) penalty.add(divergence(rows[i], problem.a[i]));
  for (std::size_t j = 0; j < columns.size(); ++j) penalty.add(divergence(columns[j], problem.b[j]));
  result.value = result.cost + rho * penalty.value();
}

// Points without mass get the largest potentials that are feasible; then so do all sinks.
void complete_potentials(RelaxedResult& result, const Problem& problem) {
  for (std::size_t i = 0; i < problem.a.size(); ++i) {
    if (problem.a[i] > 0) continue;
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t j = 0; j < problem.b.size(); ++j)
      if (problem.b[j] > 0) least = std::min(least, problem.cost(i, j) - result.v[j]);
    result.u[i] = least;
  }
  for (std::size_t j = 0; j < problem.b.size(); ++j) {
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < problem.a.size(); ++i)
      least = std::min(least, problem.cost(i, j) - result.u[i]);
    result.v[j] = least;
  }
}

RelaxedResult solve_kl(const Problem& problem, double rho) {
  const std::vector<std::size_t> sources = with_mass(problem.a), sinks = with_mass(problem.b);
  if (std::min(sources.size(), sinks.size()) > kMostDense)
    throw RequestError(Complaint{
        "transport: unbalanced kl", fmt::format("{} and {} points with mass", sources.size(), sinks.size()),
        fmt::format("at most {} on one side", kMostDense), "tv takes more, sinkhorn many more"});
  Matrix<double> cost(sources.size(), sinks.size());
  std::vector<double> a, b;
  for (const std::size_t i : sources) a.push_back(problem.a[i]);
  for (const std::size_t j : sinks) b.push_back(problem.b[j]);
  for (std::size_t i = 0; i < sources.size(); ++i)
    for (std::size_t j = 0; j < sinks.size(); ++j) cost(i, j) = problem.cost(sources[i], sinks[j]);
  const transport::InteriorPoint found = transport::unbalanced_by_interior_point(cost.view(), a, b, rho);
  RelaxedResult result;
  constexpr double kNone = -std::numeric_limits<double>::infinity();
  result.u.assign(problem.a.size(), kNone), result.v.assign(problem.b.size(), kNone);
  for (std::size_t i = 0; i < sources.size(); ++i) result.u[sources[i]] = found.u[i];
  for (std::size_t j = 0; j < sinks.size(); ++j) result.v[sinks[j]] = found.v[j];
  complete_potentials(result, problem);
  const double least = kDropped * sum_of(found.plan.span());
  for (std::size_t i = 0; i < sources.size(); ++i)
    for (std::size_t j = 0; j < sinks.size(); ++j)
      if (found.plan(i, j) > least)
        result.plan.push_back(
            {static_cast<std::uint32_t>(sources[i]), static_cast<std::uint32_t>(sinks[j]), found.plan(i, j)});
  add_sums(result, problem);
  set_primal(result, problem, rho);
  CompensatedSum dual;
  for (std::size_t i = 0; i < problem.a.size(); ++i)
    dual.add(-rho * problem.a[i] * std::expm1(-result.u[i] / rho));
  for (std::size_t j = 0; j < problem.b.size(); ++j)
    dual.add(-rho * problem.b[j] * std::expm1(-result.v[j] / rho));
  result.dual = dual.value();
  const double nothing = kNothing * rho * (problem.a_sum + problem.b_sum);
  result.gap = std::max(0.0, (result.value - result.dual) / std::max(result.value, nothing));
  result.pivots = found.steps;
  result.method = "primal-dual interior point";
  return result;
}

Matrix<double> costs_between(const Sample& x, const Sample& y, double p) {
  require_memory(checked_product({3, x.n(), y.n(), sizeof(double)}, "costs"), "costs of every pair",
                 "use fewer points, or sinkhorn");
  const auto doubles = [](const Points& points) {
    Matrix<double> rows(points.n(), points.d());
    for (std::size_t i = 0; i < rows.rows(); ++i)
      for (std::size_t k = 0; k < rows.cols(); ++k) rows(i, k) = points.at(i, k);
    return rows;
  };
  const Matrix<double> px = doubles(x.points), py = doubles(y.points);
  transport::largest_cost({px.view(), py.view()}, p);  // refuses what no number holds
  const auto oracle = transport::point_costs({px.view(), py.view()}, p);
  Matrix<double> cost(x.n(), y.n());
  for (std::size_t i = 0; i < x.n(); ++i)
    for (std::size_t j = 0; j < y.n(); ++j) cost(i, j) = oracle->scale() * oracle->at(i, j);
  return cost;
}

}  // namespace

Relaxation parse_relaxation(std::string_view text, std::string_view where) {
  const std::size_t colon = text.find(':');
  const std::string_view kind = text.substr(0, colon);
  if (colon == std::string_view::npos || (kind != "kl" && kind != "tv"))
    throw RequestError(
        Complaint{std::string(where), "'" + std::string(text) + "'", "kl:RHO or tv:RHO",
                  "RHO is the price of a unit of mass that appears or vanishes, in the unit of the cost"});
  Relaxation relaxation{kind == "kl" ? Kind::kl : Kind::tv, parse_number(text.substr(colon + 1), where)};
  if (!(relaxation.amount > 0))
    throw RequestError(
        Complaint{std::string(where), fmt::format("a penalty of {}", relaxation.amount), "a number above 0"});
  return relaxation;
}

RelaxedResult solve_relaxed(const Sample& x, const Sample& y, const Relaxation& relaxation, double p) {
  check_samples("transport", {x.points, {}}, {y.points, {}}, {});
  if (!(p >= 1 && std::isfinite(p)))
    throw RequestError(Complaint{"transport: p", fmt::format("{}", p), "a number of at least 1"});
  return solve_relaxed(costs_between(x, y, p).view(), x.weights, y.weights, relaxation);
}

RelaxedResult solve_relaxed(View<const double> cost, std::span<const double> a, std::span<const double> b,
                            const Relaxation& relaxation) {
  if (cost.rows == 0 || cost.cols == 0)
    throw RequestError(
        Complaint{"transport: cost matrix", fmt::format("{} x {}", cost.rows, cost.cols), "at least 1 x 1"});
  Problem problem{cost, masses_of("first sample", a, cost.rows), masses_of("second sample", b, cost.cols), 0,
                  0};
  problem.a_sum = sum_of(problem.a), problem.b_sum = sum_of(problem.b);
  check(problem, relaxation);
  switch (relaxation.kind) {
    case Kind::partial:
      return solve_partial(problem, relaxation.amount);
    case Kind::tv:
      return solve_tv(problem, relaxation.amount);
    case Kind::kl:
      break;
  }
  return solve_kl(problem, relaxation.amount);
}

}  // namespace pushforward
