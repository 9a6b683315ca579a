// SPDX-License-Identifier: Apache-2.0
//
// Steps of Gromov–Wasserstein: see gromov_wasserstein.hpp.
//
// With the square loss and marginals a, b fixed [Peyré, Cuturi & Solomon, 2016, proposition 1],
//
//   E(f) = ⟨K − 2 C f D, f⟩,  K_ij = (C² a)_i + (D² b)_j (squares of the elements),
//
// and along f + tΔ it is E + t⟨K − 4 C f D, Δ⟩ − 2t²⟨C Δ D, Δ⟩: the best t in [0, 1] is known. C Δ D is the
// one product of a step, as C f D of the next is a sum.
#include "pushforward/gromov_wasserstein.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <Eigen/Core>

#include "core/memory.hpp"
#include "pushforward/error.hpp"
#include "transport/atoms.hpp"
#include "transport/cost_oracle.hpp"

namespace pushforward {
namespace {

using Table = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Vector = Eigen::VectorXd;

Eigen::Map<const Table> table_of(View<const double> view) {
  return {view.data, static_cast<Eigen::Index>(view.rows), static_cast<Eigen::Index>(view.cols)};
}

View<const double> view_of(const Table& table) {
  return {table.data(), static_cast<std::size_t>(table.rows()), static_cast<std::size_t>(table.cols())};
}

Vector weights_of(std::span<const double> given, std::size_t count) {
  const auto size = static_cast<Eigen::Index>(count);
  if (given.empty()) return Vector::Constant(size, 1 / static_cast<double>(count));
  const Vector weights = Eigen::Map<const Vector>(given.data(), size);
  return weights / weights.sum();
}

struct Problem {
  Eigen::Map<const Table> c, d;
  Vector a, b;
  Table constant;  // K

  Problem(View<const double> within_x, View<const double> within_y, std::span<const double> weights_x,
          std::span<const double> weights_y)
      : c(table_of(within_x)),
        d(table_of(within_y)),
        a(weights_of(weights_x, within_x.rows)),
        b(weights_of(weights_y, within_y.rows)) {
    const Vector rows = c.array().square().matrix() * a, columns = d.array().square().matrix() * b;
    constant = rows.replicate(1, b.size()) + columns.transpose().replicate(a.size(), 1);
  }

  Table product(const Table& f) const { return c * f * d; }
  double value(const Table& f, const Table& cfd) const {
    return ((constant - 2 * cfd).array() * f.array()).sum();
  }
};

Table dense(const std::vector<TransportArc>& plan, const Problem& problem) {
  Table f = Table::Zero(problem.a.size(), problem.b.size());
  for (const TransportArc& arc : plan)
    f(static_cast<Eigen::Index>(arc.source), static_cast<Eigen::Index>(arc.sink)) = arc.mass;
  return f;
}

void keep_plan(GromovResult& result, const Table& f, double least) {
  for (Eigen::Index i = 0; i < f.rows(); ++i)
    for (Eigen::Index j = 0; j < f.cols(); ++j)
      if (f(i, j) > least)
        result.plan.push_back({static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(j), f(i, j)});
}

// Points sorted by how far they are from all others, √(C²a) and √(D²b) [Mémoli, 2011, the first lower bound].
Table by_eccentricity(const Problem& problem) {
  const Vector s = (problem.c.array().square().matrix() * problem.a).array().sqrt(),
               t = (problem.d.array().square().matrix() * problem.b).array().sqrt();
  const auto sample = [](const Vector& at, const Vector& weights) {
    const auto n = static_cast<std::size_t>(at.size());
    return Sample{View<const double>{at.data(), n, 1}, std::span<const double>(weights.data(), n)};
  };
  return dense(solve_transport(sample(s, problem.a), sample(t, problem.b), {.normalize = true}).plan,
               problem);
}

GromovResult by_conditional_gradient(const Problem& problem, const GromovOptions& options, Table f) {
  GromovResult result;
  Table cfd = problem.product(f);
  const std::span<const double> a(problem.a.data(), static_cast<std::size_t>(problem.a.size())),
      b(problem.b.data(), static_cast<std::size_t>(problem.b.size()));
  const double scale = problem.constant.cwiseProduct(f).sum();  // E is a difference of numbers as large
  for (;; ++result.iterations) {
    const Table gradient = problem.constant - 4 * cfd;
    const Table change =
        dense(solve_transport(view_of(gradient), a, b, {.normalize = true}).plan, problem) - f;
    result.value = problem.value(f, cfd);
    result.stationarity = std::max(0.0, -gradient.cwiseProduct(change).sum());
    result.converged = result.stationarity <= options.tolerance * std::max(result.value, 1e-6 * scale);
    if (result.converged || result.iterations == options.iterations) break;
    const Table cchange = problem.product(change);
    const double square = -2 * cchange.cwiseProduct(change).sum();
    const double t = square > 0 ? std::min(1.0, result.stationarity / (2 * square)) : 1;
    f += t * change, cfd += t * cchange;
  }
  result.value = std::max(0.0, result.value);
  keep_plan(result, f, 1e-15);
  return result;
}

// ln Σ exp over a row or a column, less what is large.
template <class Values>
double log_sum(const Values& values) {
  const double most = values.maxCoeff();
  return std::isfinite(most) ? most + std::log((values.array() - most).exp().sum()) : most;
}

// The plan of least ⟨cost, f⟩ + ε KL(f‖abᵀ), from and to potentials in units of ε.
Table entropic_plan(const Table& cost, const Problem& problem, double epsilon, Vector& u, Vector& v) {
  constexpr int kMostSweeps = 10000;
  constexpr double kMarginal = 1e-10;
  const Table scaled = cost / -epsilon;
  const Vector log_a = problem.a.array().log(), log_b = problem.b.array().log();
  Table f;
  for (int sweep = 0; sweep < kMostSweeps; ++sweep) {
    for (Eigen::Index i = 0; i < u.size(); ++i)
      u[i] = -log_sum((scaled.row(i).transpose() + v + log_b).eval());
    for (Eigen::Index j = 0; j < v.size(); ++j) v[j] = -log_sum((scaled.col(j) + u + log_a).eval());
    if (sweep % 10 != 9) continue;
    f = ((scaled.colwise() + (u + log_a)).rowwise() + (v + log_b).transpose()).array().exp();
    if ((f.rowwise().sum() - problem.a).lpNorm<1>() <= kMarginal) return f;
  }
  return f;
}

GromovResult by_entropy(const Problem& problem, const GromovOptions& options) {
  GromovResult result;
  Table f = problem.a * problem.b.transpose();
  Vector u = Vector::Zero(problem.a.size()), v = Vector::Zero(problem.b.size());
  while (result.iterations < options.iterations && !result.converged) {
    const Table next =
        entropic_plan(2 * problem.constant - 4 * problem.product(f), problem, options.epsilon, u, v);
    result.stationarity = (next - f).lpNorm<1>();
    result.converged = result.stationarity <= options.tolerance;
    f = next, ++result.iterations;
  }
  result.value = std::max(0.0, problem.value(f, problem.product(f)));
  keep_plan(result, f, 1e-12);
  return result;
}

Matrix<double> within(const Sample& sample, double p) {
  const std::size_t n = sample.n();
  require_memory(checked_product({n, n, sizeof(double)}, "inner distances"),
                 "the inner distances of a sample", "use fewer points");
  Matrix<double> points(n, sample.d()), distances(n, n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t k = 0; k < sample.d(); ++k) points(i, k) = sample.points.at(i, k);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t l = 0; l < i; ++l) {
      double square = 0;
      for (std::size_t k = 0; k < sample.d(); ++k) square += std::pow(points(i, k) - points(l, k), 2);
      distances(i, l) = distances(l, i) = std::pow(square, p / 2);
    }
  return distances;
}

void check_matrix(const char* which, View<const double> distances) {
  if (distances.rows == 0 || distances.rows != distances.cols)
    throw RequestError(Complaint{fmt::format("gromov: distances within {}", which),
                                 fmt::format("{} x {}", distances.rows, distances.cols), "a square matrix"});
  for (std::size_t i = 0; i < distances.rows; ++i)
    for (std::size_t l = 0; l <= i; ++l)
      if (!(std::isfinite(distances(i, l)) && std::abs(distances(i, l)) < 1e150 &&
            distances(i, l) == distances(l, i)))
        throw RequestError(
            Complaint{fmt::format("gromov: distances within {}", which),
                      fmt::format("{} and {} between rows {} and {}", distances(i, l), distances(l, i), i, l),
                      "the same finite number, whose square is finite"});
}

}  // namespace

GromovResult gromov_wasserstein(const Sample& x, const Sample& y, const GromovOptions& options) {
  check_samples("gromov", {x.points, {}}, {x.points, {}}, {});
  check_samples("gromov", {y.points, {}}, {y.points, {}}, {});
  if (!(options.p > 0 && std::isfinite(options.p)))
    throw RequestError(Complaint{"gromov: p", fmt::format("{}", options.p), "a number above 0"});
  const Matrix<double> c = within(x, options.p), d = within(y, options.p);
  return gromov_wasserstein(c.view(), d.view(), x.weights, y.weights, options);
}

GromovResult gromov_wasserstein(View<const double> within_x, View<const double> within_y,
                                std::span<const double> a, std::span<const double> b,
                                const GromovOptions& options) {
  check_matrix("X", within_x), check_matrix("Y", within_y);
  transport::check_weights("first sample", a, within_x.rows, false);
  transport::check_weights("second sample", b, within_y.rows, false);
  if (!(options.epsilon >= 0 && std::isfinite(options.epsilon)))
    throw RequestError(
        Complaint{"gromov: epsilon", fmt::format("{}", options.epsilon), "a finite number, at least 0"});
  const Problem problem(within_x, within_y, a, b);
  if (options.epsilon > 0) return by_entropy(problem, options);
  GromovResult spread = by_conditional_gradient(problem, options, problem.a * problem.b.transpose());
  GromovResult sorted = by_conditional_gradient(problem, options, by_eccentricity(problem));
  return spread.value <= sorted.value ? spread : sorted;
}

}  // namespace pushforward
