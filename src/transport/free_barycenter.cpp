// SPDX-License-Identifier: Apache-2.0
//
// Barycentres with free support: see barycenter.hpp.
//
// The bound. Any ν has plans to all μ_k; glued along ν they are one coupling of all measures, of which
// Σ_k λ_k ‖x − y_k‖² ≥ Σ_{k<l} λ_k λ_l ‖y_k − y_l‖², the left side's least value over x. Each pair is coupled
// by it somehow, at no less than W_2². So F(ν) ≥ Σ_{k<l} λ_k λ_l W_2²(μ_k, μ_l), with equality for
// translates, on the line and for two measures [Agueh & Carlier, 2011, section 4]. Duals of the plans bound
// from below in their turn.
#include "pushforward/barycenter.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "core/summation.hpp"
#include "pushforward/error.hpp"
#include "pushforward/random.hpp"
#include "pushforward/threads.hpp"
#include "pushforward/transport.hpp"
#include "transport/atoms.hpp"
#include "transport/barycenter_input.hpp"

namespace pushforward {
namespace {

constexpr TransportOptions kHow = {.p = 2, .normalize = true};

struct Measures {
  std::vector<Sample> all;
  std::vector<double> shares;
  std::size_t d = 0;
};

// Those that have a share.
Measures shared_measures(std::span<const Sample> measures, std::span<const double> shares) {
  const std::vector<double> checked = transport::checked_shares(shares, measures.size());
  transport::check_measures(measures);
  Measures some;
  for (std::size_t k = 0; k < measures.size(); ++k)
    if (checked[k] > 0) some.all.push_back(measures[k]), some.shares.push_back(checked[k]);
  some.d = measures[0].d();
  return some;
}

void equal_weights(Barycenter& found) {
  const std::size_t n = found.points.rows();
  found.weights.assign(n, 1 / static_cast<double>(n));
}

void start_at(Barycenter& found, const Sample& measure) {
  const transport::Atoms atoms(measure.weights, measure.n());
  found.points = transport::gathered(measure.points, atoms.rows);
  found.weights = atoms.weights;
}

// Rows of all measures, as often as shares and weights have it.
void start_at_rows(Barycenter& found, const Measures& measures, std::size_t size, std::uint64_t seed) {
  const Draw draw{seed, stream_id("barycenter start")};
  const auto drawn = [](const auto& weight_of, std::size_t count, double u) {
    double below = 0;
    std::size_t last = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (!(weight_of(i) > 0)) continue;
      last = i, below += weight_of(i);
      if (u < below) break;
    }
    return last;
  };
  found.points = Matrix<double>(size, measures.d);
  for (std::size_t i = 0; i < size; ++i) {
    const auto at = static_cast<std::uint32_t>(2 * i);
    const std::size_t k =
        drawn([&](std::size_t l) { return measures.shares[l]; }, measures.all.size(), uniform01(draw, at));
    const Sample& from = measures.all[k];
    const double u = uniform01(draw, at + 1), n = static_cast<double>(from.n());
    const std::size_t row = from.weights.empty()
                                ? std::min(from.n() - 1, static_cast<std::size_t>(u * n))
                                : drawn([&](std::size_t j) { return from.weights[j]; }, from.n(), u);
    for (std::size_t c = 0; c < measures.d; ++c) found.points(i, c) = from.points.at(row, c);
  }
  equal_weights(found);
}

void begin(Barycenter& found, const Measures& measures, const FreeBarycenterOptions& options) {
  if (options.start.wanted()) {
    const View<const double> start = options.start;
    if (start.rows == 0 || start.cols != measures.d)
      throw RequestError(Complaint{"barycenter: start", fmt::format("{} x {} points", start.rows, start.cols),
                                   fmt::format("at least one point of {} columns", measures.d)});
    if (!std::all_of(start.span().begin(), start.span().end(), [](double x) { return std::isfinite(x); }))
      throw RequestError(Complaint{"barycenter: start", "a number that is not finite", "finite points"});
    found.points = Matrix<double>(start.rows, start.cols);
    std::copy(start.span().begin(), start.span().end(), found.points.data());
    return equal_weights(found);
  }
  if (options.size > 0) return start_at_rows(found, measures, options.size, options.seed);
  const auto largest = std::max_element(measures.shares.begin(), measures.shares.end());
  start_at(found, measures.all[static_cast<std::size_t>(largest - measures.shares.begin())]);
}

// Two measures: each arc of their plan is an atom on its way.
Barycenter interpolated(const Measures& measures) {
  const Sample &x = measures.all[0], &y = measures.all[1];
  const double t = measures.shares[1];
  const TransportResult between = solve_transport(x, y, kHow);
  Barycenter found;
  found.points = Matrix<double>(between.plan.size(), measures.d);
  for (std::size_t a = 0; a < between.plan.size(); ++a) {
    const TransportArc& arc = between.plan[a];
    found.weights.push_back(arc.mass);
    for (std::size_t c = 0; c < measures.d; ++c)
      found.points(a, c) = std::lerp(x.points.at(arc.source, c), y.points.at(arc.sink, c), t);
  }
  const double pair = measures.shares[0] * measures.shares[1];
  found.value = pair * between.value, found.bound = pair * between.dual;
  found.plan_gap = between.gap;
  found.method = "McCann's interpolation along the exact plan";
  return found;
}

double lower_bound(const Measures& measures) {
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  for (std::size_t k = 0; k < measures.all.size(); ++k)
    for (std::size_t l = 0; l < k; ++l) pairs.emplace_back(l, k);
  std::vector<double> terms(pairs.size());
  parallel_tasks(pairs.size(), [&](std::size_t r) {
    const auto [k, l] = pairs[r];
    terms[r] = measures.shares[k] * measures.shares[l] *
               solve_transport(measures.all[k], measures.all[l], kHow).dual;
  });
  CompensatedSum sum;
  for (const double term : terms) sum.add(term);
  return sum.value();
}

// Where the mass of each point goes on average, once.
struct Step {
  Matrix<double> onto;
  double value = 0, plan_gap = 0, moved = 0;
};

// Adds share · T(x) to `onto`, T the plan's mean over what each point's mass reaches.
void add_means(const TransportResult& plan, const Sample& measure, double share, Matrix<double>& onto) {
  Matrix<double> reached(onto.rows(), onto.cols());
  std::vector<double> mass(onto.rows(), 0.0);
  for (const TransportArc& arc : plan.plan) {
    mass[arc.source] += arc.mass;
    for (std::size_t c = 0; c < onto.cols(); ++c)
      reached(arc.source, c) += arc.mass * measure.points.at(arc.sink, c);
  }
  for (std::size_t i = 0; i < onto.rows(); ++i)
    for (std::size_t c = 0; c < onto.cols(); ++c) onto(i, c) += share * reached(i, c) / mass[i];
}

Step step_from(const Barycenter& found, const Measures& measures) {
  std::vector<TransportResult> plans(measures.all.size());
  const Sample from{Points(found.points), found.weights};
  parallel_tasks(plans.size(),
                 [&](std::size_t k) { plans[k] = solve_transport(from, measures.all[k], kHow); });
  Step step{.onto = Matrix<double>(found.points.rows(), measures.d)};
  for (std::size_t k = 0; k < plans.size(); ++k) {
    step.value += measures.shares[k] * plans[k].value;
    step.plan_gap = std::max(step.plan_gap, plans[k].gap);
    add_means(plans[k], measures.all[k], measures.shares[k], step.onto);
  }
  for (std::size_t i = 0; i < step.onto.rows(); ++i)
    for (std::size_t c = 0; c < measures.d; ++c) {
      const double change = step.onto(i, c) - found.points(i, c);
      step.moved += found.weights[i] * change * change;
    }
  return step;
}

double largest_coordinate(const Matrix<double>& points) {
  double most = 0;
  for (const double x : points.span()) most = std::max(most, std::abs(x));
  return most;
}

void check(const FreeBarycenterOptions& options) {
  if (!(options.tolerance >= 0 && std::isfinite(options.tolerance)))
    throw RequestError(Complaint{"barycenter: tolerance", fmt::format("{}", options.tolerance),
                                 "a finite number, at least 0"});
}

}  // namespace

Barycenter free_barycenter(std::span<const Sample> measures, const FreeBarycenterOptions& options) {
  check(options);
  const Measures some = shared_measures(measures, options.shares);
  const bool chosen = options.size > 0 || options.start.wanted();
  if (some.all.size() == 2 && !chosen) {
    Barycenter found = interpolated(some);
    found.gap = found.value > 0 ? std::max(0.0, 1 - found.bound / found.value) : 0;
    return found;
  }
  Barycenter found{.converged = false, .method = "exact plans and their means, repeated"};
  begin(found, some, options);
  for (;;) {
    Step step = step_from(found, some);
    found.value = step.value, found.plan_gap = step.plan_gap, found.stationarity = step.moved;
    // Means of coordinates are rounded, also where nothing has to move.
    const double rounding = 16 * 0x1p-53 * largest_coordinate(found.points);
    found.converged = step.moved <= std::max(options.tolerance * step.value, rounding * rounding);
    if (options.told) options.told(found.iterations, found.value);
    if (found.converged || found.iterations >= options.iterations) break;
    found.points = std::move(step.onto), ++found.iterations;
  }
  if (options.bound) {
    found.bound = lower_bound(some);
    found.gap = found.value > 0 ? std::clamp(1 - found.bound / found.value, 0.0, 1.0) : 0;
  } else {
    found.gap = found.value > 0 ? 1 : 0;
  }
  return found;
}

}  // namespace pushforward
