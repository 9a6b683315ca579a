// SPDX-License-Identifier: Apache-2.0
//
// Exact transport from end to end: check, drop atoms without mass, choose how costs are kept and where to
// start, solve, and hand back plan, potentials and proof for all the atoms that came in.
//
// Atoms of weight 0 have no flow but do have a potential: the largest that keeps the dual feasible,
// u_i = min_j c_ij − v_j. So the certificate speaks of all n·m pairs.
#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <numeric>

#include <fmt/format.h>

#include "pushforward/distance.hpp"
#include "pushforward/error.hpp"
#include "pushforward/one_dimensional.hpp"
#include "pushforward/threads.hpp"
#include "pushforward/transport.hpp"
#include "transport/cost_oracle.hpp"
#include "transport/first_basis.hpp"
#include "transport/simplex.hpp"

namespace pushforward {
namespace {

using namespace transport;

constexpr std::size_t kMostRecomputed = 8;  // features up to which costs are recomputed and not stored
constexpr Facts kFacts = {.weighted = true};

// The atoms with mass, and their masses, which sum to 1.
struct Atoms {
  std::vector<std::size_t> rows;
  std::vector<double> weights;

  Atoms(std::span<const double> given, std::size_t count) {
    double sum =
        given.empty() ? static_cast<double>(count) : std::accumulate(given.begin(), given.end(), 0.0);
    for (std::size_t i = 0; i < count; ++i) {
      const double weight = (given.empty() ? 1.0 : given[i]) / sum;
      if (weight > 0) rows.push_back(i), weights.push_back(weight);
    }
  }
};

void check_weights(std::string_view side, std::span<const double> weights, std::size_t count,
                   bool normalize) {
  const auto complain = [&](std::string got, std::string wanted, std::string hint = {}) {
    throw RequestError(Complaint{fmt::format("transport: weights of the {}", side), got, wanted, hint});
  };
  if (weights.empty()) return;
  if (weights.size() != count)
    complain(fmt::format("{} numbers", weights.size()), fmt::format("{}, one a point", count));
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!(weights[i] >= 0 && std::isfinite(weights[i])))
      complain(fmt::format("{} at {} (counting from 0)", weights[i], i), "a finite number, at least 0");
    sum += weights[i];
  }
  if (!(sum > 0 && std::isfinite(sum))) complain(fmt::format("a sum of {}", sum), "mass above 0");
  if (!normalize && !(std::abs(sum - 1) <= 1e-6))
    complain(fmt::format("a sum of {:.9g}", sum), "1 within 1e-6", "normalize divides them by their sum");
}

std::size_t available_memory() {
  std::ifstream file("/proc/meminfo");
  for (std::string word; file >> word;)
    if (std::size_t kilobytes = 0; word == "MemAvailable:" && file >> kilobytes) return kilobytes * 1024;
  return std::size_t{1} << 34;
}

void check_memory(std::size_t n, std::size_t m, std::size_t limit) {
  const std::size_t needed = n * padded(m) * sizeof(float);
  const std::size_t room = limit > 0 ? limit : available_memory() / 10 * 9;
  if (needed <= room) return;
  throw RequestError(
      Complaint{"transport", fmt::format("{} x {} costs, which take {} MB", n, m, needed >> 20),
                fmt::format("at most {} MB", room >> 20),
                "use fewer points, 8 features or fewer (costs are recomputed then), or sliced"});
}

Matrix<double> gathered(const Points& points, const std::vector<std::size_t>& rows) {
  Matrix<double> out(rows.size(), points.d());
  std::visit(
      [&](auto view) {
        for (std::size_t r = 0; r < rows.size(); ++r)
          for (std::size_t k = 0; k < view.cols; ++k) out(r, k) = static_cast<double>(view(rows[r], k));
      },
      points.data);
  return out;
}

// The solver's answer for the atoms with mass, in units of true cost.
struct Core {
  std::vector<TransportArc> plan{};
  std::vector<double> u{}, v{};
  double value = 0;
  std::size_t pivots = 0, bids = 0;
  std::string method{};
};

struct Start {
  Crossover basis;
  std::string name;
  std::size_t bids = 0;
};

bool all_equal(const std::vector<double>& weights) {
  return std::all_of(weights.begin(), weights.end(), [&](double w) { return w == weights[0]; });
}

// An auction wherever it can save pivots: for a handful of pairs it cannot.
Start choose_start(const CostOracle& costs, const Atoms& x, const Atoms& y, TransportStart wanted) {
  ColumnPotentials<float> v = column_potentials(costs.cols(), 0.0f);
  const bool small = costs.rows() < 8 || costs.cols() < 8;
  if (wanted == TransportStart::greedy || (wanted == TransportStart::automatic && small))
    return {{greedy_basis(costs, x.weights, y.weights, std::move(v)), {}}, "greedy start"};
  const bool assignment = costs.rows() == costs.cols() && all_equal(x.weights) && all_equal(y.weights);
  const std::size_t share = costs.cols() / costs.rows();  // sinks that a source must win at least, on average
  AuctionResult auction =
      assignment
          ? assignment_auction(costs, {})
          : transport_auction(costs, x.weights, y.weights,
                              {.last = 3e-3, .most_bids = 100 + 10 * share, .enough_bids = 30 + 3 * share});
  if (auction.complete) return {auction_basis(costs, auction), "auction start", auction.bids};
  return {{greedy_basis(costs, x.weights, y.weights, std::move(v)), {}}, "greedy start", auction.bids};
}

Core solve_core(const CostOracle& costs, const Atoms& x, const Atoms& y, const TransportOptions& options) {
  const Start start = choose_start(costs, x, y, options.start);
  NetworkSimplex simplex(costs, x.weights, y.weights, start.basis.tree);
  simplex.solve(start.basis.extras);
  Core core{.pivots = simplex.pivots(), .bids = start.bids, .method = "network simplex, " + start.name};
  simplex.tree().for_each_arc([&](std::size_t i, std::size_t j, double flow) {
    if (!(flow > 0)) return;
    core.plan.push_back({static_cast<std::uint32_t>(x.rows[i]), static_cast<std::uint32_t>(y.rows[j]), flow});
    core.value += flow * costs.at(i, j);
  });
  core.value *= costs.scale();
  for (double u : simplex.feasible_u()) core.u.push_back(u * costs.scale());
  for (std::size_t j = 0; j < costs.cols(); ++j) core.v.push_back(simplex.tree().v(j) * costs.scale());
  return core;
}

double weighted_sum(const Atoms& atoms, const std::vector<double>& values) {
  double sum = 0;
  for (std::size_t r = 0; r < atoms.rows.size(); ++r) sum += atoms.weights[r] * values[atoms.rows[r]];
  return sum;
}

// Value, dual and gap; potentials moved so that the sources' mean is 0.
void certify(TransportResult& result, const Atoms& x, const Atoms& y) {
  const double mean = weighted_sum(x, result.u);
  for (double& u : result.u) u -= mean;
  for (double& v : result.v) v += mean;
  result.dual = weighted_sum(x, result.u) + weighted_sum(y, result.v);
  double largest = 0;
  for (double u : result.u) largest = std::max(largest, std::abs(u));
  for (double v : result.v) largest = std::max(largest, std::abs(v));
  const double gap = std::max(0.0, result.value - result.dual);
  result.gap = gap <= 1e-15 * largest ? 0 : gap / std::abs(result.value);
  std::sort(result.plan.begin(), result.plan.end(), [](const TransportArc& p, const TransportArc& q) {
    return p.source != q.source ? p.source < q.source : p.sink < q.sink;
  });
}

// For each row of `costs` the largest potential that is feasible against those of its columns (true units).
std::vector<double> feasible_rows(const CostOracle& costs, std::span<const double> potentials) {
  auto scaled = column_potentials(costs.cols(), 0.0);
  std::vector<double> out(costs.rows());
  for (std::size_t j = 0; j < costs.cols(); ++j) scaled.data()[j] = potentials[j] / costs.scale();
  for (std::size_t i = 0; i < costs.rows(); ++i)
    out[i] = costs.smallest(i, scaled.data()).value * costs.scale();
  return out;
}

// Makes costs between some rows and some columns, or the other way about.
using SomeCosts = std::function<std::vector<double>(const std::vector<std::size_t>& of,
                                                    const std::vector<std::size_t>& against,
                                                    std::span<const double> potentials, bool columns)>;

std::vector<std::size_t> missing(const Atoms& atoms, std::size_t count) {
  std::vector<std::size_t> all(count), out;
  std::iota(all.begin(), all.end(), std::size_t{0});
  std::set_difference(all.begin(), all.end(), atoms.rows.begin(), atoms.rows.end(), std::back_inserter(out));
  return out;
}

std::vector<double> at_rows(const std::vector<double>& values, const std::vector<std::size_t>& rows) {
  std::vector<double> out;
  for (std::size_t r : rows) out.push_back(values[r]);
  return out;
}

// Potentials of the atoms without mass: sinks against the sources with mass, then sources against all sinks.
void extend(TransportResult& result, const Atoms& x, const Atoms& y, const SomeCosts& largest_feasible) {
  const auto fill = [](std::vector<double>& values, const std::vector<std::size_t>& rows,
                       const std::vector<double>& found) {
    for (std::size_t r = 0; r < rows.size(); ++r) values[rows[r]] = found[r];
  };
  if (const auto sinks = missing(y, result.v.size()); !sinks.empty())
    fill(result.v, sinks, largest_feasible(sinks, x.rows, at_rows(result.u, x.rows), true));
  std::vector<std::size_t> all(result.v.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  if (const auto sources = missing(x, result.u.size()); !sources.empty())
    fill(result.u, sources, largest_feasible(sources, all, result.v, false));
}

TransportResult assemble(Core core, const Atoms& x, const Atoms& y, std::size_t n, std::size_t m,
                         const SomeCosts& largest_feasible) {
  TransportResult result{.value = core.value,
                         .plan = std::move(core.plan),
                         .u = std::vector<double>(n),
                         .v = std::vector<double>(m),
                         .pivots = core.pivots,
                         .bids = core.bids,
                         .method = std::move(core.method)};
  for (std::size_t r = 0; r < x.rows.size(); ++r) result.u[x.rows[r]] = core.u[r];
  for (std::size_t r = 0; r < y.rows.size(); ++r) result.v[y.rows[r]] = core.v[r];
  extend(result, x, y, largest_feasible);
  certify(result, x, y);
  return result;
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
  certify(result, ax, ay);
  return result;
}

}  // namespace

TransportResult solve_transport(const Sample& x, const Sample& y, const TransportOptions& options) {
  check_samples("transport", {x.points, {}}, {y.points, {}}, kFacts);
  check_weights("first sample", x.weights, x.n(), options.normalize);
  check_weights("second sample", y.weights, y.n(), options.normalize);
  if (!(options.p >= 1 && std::isfinite(options.p)))
    throw RequestError(Complaint{"transport: p", fmt::format("{}", options.p), "a number of at least 1"});
  const Atoms ax(x.weights, x.n()), ay(y.weights, y.n());
  if (x.d() == 1) return solve_on_the_line(x, y, ax, ay, options.p);
  const Matrix<double> px = gathered(x.points, ax.rows), py = gathered(y.points, ay.rows);
  const AtomView atoms = {px, py};
  if (!std::isfinite(std::pow(distance_scale(atoms), options.p)))
    throw RequestError(Complaint{
        "transport", fmt::format("distances up to {:.3g} to the power {}", distance_scale(atoms), options.p),
        "costs that float64 can hold", "scale the data down"});
  const bool stored = x.d() > kMostRecomputed;
  if (stored) check_memory(px.rows(), py.rows(), options.memory_limit);
  const auto costs = stored ? stored_costs(atoms, options.p) : point_costs(atoms, options.p);
  return assemble(solve_core(*costs, ax, ay, options), ax, ay, x.n(), y.n(),
                  [&](const auto& of, const auto& against, std::span<const double> potentials, bool columns) {
                    const Matrix<double> rows = gathered(columns ? y.points : x.points, of);
                    const Matrix<double> cols = gathered(columns ? x.points : y.points, against);
                    return feasible_rows(*point_costs({rows, cols}, options.p), potentials);
                  });
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
  Matrix<double> part;
  View<const double> used = cost;
  if (ax.rows.size() < cost.rows || ay.rows.size() < cost.cols) {
    part = Matrix<double>(ax.rows.size(), ay.rows.size());
    for (std::size_t r = 0; r < part.rows(); ++r)
      for (std::size_t c = 0; c < part.cols(); ++c) part(r, c) = cost(ax.rows[r], ay.rows[c]);
    used = part.view();
  }
  const auto costs = matrix_costs(used);
  return assemble(solve_core(*costs, ax, ay, options), ax, ay, cost.rows, cost.cols,
                  [&](const auto& of, const auto& against, std::span<const double> potentials, bool columns) {
                    Matrix<double> some(of.size(), against.size());
                    for (std::size_t r = 0; r < of.size(); ++r)
                      for (std::size_t c = 0; c < against.size(); ++c)
                        some(r, c) = columns ? cost(against[c], of[r]) : cost(of[r], against[c]);
                    return feasible_rows(*matrix_costs(some), potentials);
                  });
}

std::vector<TransportResult> solve_transport_batch(std::span<const TransportProblem> problems,
                                                   const TransportOptions& options) {
  std::vector<TransportResult> results(problems.size());
  parallel_for(problems.size(), 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t k = begin; k < end; ++k)
      results[k] = solve_transport(problems[k].x, problems[k].y, options);
  });
  return results;
}

void transport_gradient(const Sample& x, const Sample& y, double p, std::span<const TransportArc> plan,
                        double factor, View<double> out) {
  std::fill_n(out.data, out.size(), 0.0);
  std::vector<double> difference(x.d());
  for (const TransportArc& arc : plan) {
    double square = 0;
    for (std::size_t k = 0; k < x.d(); ++k) {
      difference[k] = x.points.at(arc.source, k) - y.points.at(arc.sink, k);
      square += difference[k] * difference[k];
    }
    if (!(square > 0)) continue;
    const double weight = factor * arc.mass * p * (p == 2 ? 1 : std::pow(square, p / 2 - 1));
    for (std::size_t k = 0; k < x.d(); ++k) out(arc.source, k) += weight * difference[k];
  }
}

}  // namespace pushforward
