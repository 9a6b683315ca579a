// SPDX-License-Identifier: Apache-2.0
//
// Entropic barycentres of histograms on a grid: see barycenter.hpp.
//
// Plan k is e^(f_k(x)) K(x,y) e^(g_k(y)), K = exp(−‖x−y‖²/ε). A round makes its first margin μ_k, takes
// ν = d Π_k (K e^(f_k))^λ_k, and makes all second margins ν; debiased, d ← √(d ν / K d), else d = 1. After a
// round the second margins are ν exactly, so what is said of convergence is how far the first are from μ_k.
//
// Everything is kept in logarithms. K e^g along one axis is a matrix product of exp(g − max g): what such a
// factor loses is below 1e-308 of the largest, so a sum that comes out above kLeast has all its digits, and
// the others, far from all mass, are summed in logarithms one by one.
#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <Eigen/Core>

#include "core/memory.hpp"
#include "core/summation.hpp"
#include "pushforward/barycenter.hpp"
#include "pushforward/error.hpp"
#include "pushforward/threads.hpp"
#include "transport/barycenter_input.hpp"

namespace pushforward {
namespace {

constexpr double kLeast = 1e-250;
constexpr double kLeastEpsilon = 1e-6;  // below, potentials have no digits left for margins
constexpr double kBlur = 0.002;  // ε of the longest side's square: a blur of about a thirtieth of the side
constexpr double kMinusInfinity = -std::numeric_limits<double>::infinity();

using Table = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Cells = std::vector<double>;

// The kernel along an axis.
struct AxisKernel {
  Table values, logs;

  // exp(−(i−j)²/ε), times (i−j)² where plans' costs are wanted.
  AxisKernel(std::size_t side, double epsilon, bool costs) {
    const auto n = static_cast<Eigen::Index>(side);
    values.resize(n, n), logs.resize(n, n);
    for (Eigen::Index i = 0; i < n; ++i)
      for (Eigen::Index j = 0; j < n; ++j) {
        const double square = static_cast<double>((i - j) * (i - j));
        logs(i, j) = costs ? std::log(square) - square / epsilon : -square / epsilon;
        values(i, j) = std::exp(logs(i, j));
      }
  }
};

// ln Σ_j exp(kernel_ij + in_j), in_j being `stride` apart.
double log_sum(const AxisKernel& kernel, Eigen::Index i, const double* in, std::size_t stride) {
  double most = kMinusInfinity;
  const Eigen::Index n = kernel.logs.cols();
  const auto term = [&](Eigen::Index j) {
    return kernel.logs(i, j) + in[static_cast<std::size_t>(j) * stride];
  };
  for (Eigen::Index j = 0; j < n; ++j) most = std::max(most, term(j));
  if (!std::isfinite(most)) return most;
  double sum = 0;
  for (Eigen::Index j = 0; j < n; ++j) sum += std::exp(term(j) - most);
  return most + std::log(sum);
}

class Grid {
 public:
  Grid(std::span<const std::size_t> sides, double epsilon) : sides_(sides.begin(), sides.end()) {
    for (const std::size_t side : sides_)
      kernels_.emplace_back(side, epsilon, false), costs_.emplace_back(side, epsilon, true);
  }

  std::size_t axes() const { return sides_.size(); }

  // ln K e^in; with `cost` an axis, ln of (K times the squared distance along that axis) e^in.
  Cells apply(Cells in, std::size_t cost = static_cast<std::size_t>(-1)) const {
    Cells out(in.size());
    std::size_t inner = in.size();
    for (std::size_t axis = 0; axis < sides_.size(); ++axis) {
      inner /= sides_[axis];
      along(axis == cost ? costs_[axis] : kernels_[axis], sides_[axis], inner, in, out);
      in.swap(out);
    }
    return in;
  }

 private:
  // Blocks of side × inner numbers, one behind the other.
  static void along(const AxisKernel& kernel, std::size_t side, std::size_t inner, const Cells& in,
                    Cells& out) {
    const std::size_t block = side * inner, blocks = in.size() / block;
    if (inner == 1) return along_rows(kernel, side, blocks, in, out);
    Table shifted(static_cast<Eigen::Index>(side), static_cast<Eigen::Index>(inner));
    std::vector<double> most(inner);
    for (std::size_t b = 0; b < blocks; ++b) {
      const double* from = in.data() + b * block;
      most.assign(inner, kMinusInfinity);
      for (std::size_t i = 0; i < side; ++i)
        for (std::size_t c = 0; c < inner; ++c) most[c] = std::max(most[c], from[i * inner + c]);
      for (std::size_t i = 0; i < side; ++i)
        for (std::size_t c = 0; c < inner; ++c)
          shifted.data()[i * inner + c] = scaled(from[i * inner + c], most[c]);
      const Table sums = kernel.values * shifted;
      double* to = out.data() + b * block;
      for (std::size_t i = 0; i < side; ++i)
        for (std::size_t c = 0; c < inner; ++c) {
          const double sum = sums.data()[i * inner + c];
          to[i * inner + c] = sum > kLeast ? most[c] + std::log(sum)
                                           : log_sum(kernel, static_cast<Eigen::Index>(i), from + c, inner);
        }
    }
  }

  // The last axis: each row is a block.
  static void along_rows(const AxisKernel& kernel, std::size_t side, std::size_t rows, const Cells& in,
                         Cells& out) {
    Table shifted(static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(side));
    std::vector<double> most(rows);
    for (std::size_t r = 0; r < rows; ++r) {
      const double* from = in.data() + r * side;
      most[r] = *std::max_element(from, from + side);
      for (std::size_t c = 0; c < side; ++c) shifted.data()[r * side + c] = scaled(from[c], most[r]);
    }
    const Table sums = shifted * kernel.values;  // symmetric
    for (std::size_t e = 0; e < in.size(); ++e) {
      const std::size_t r = e / side;
      const double sum = sums.data()[e];
      out[e] = sum > kLeast ? most[r] + std::log(sum)
                            : log_sum(kernel, static_cast<Eigen::Index>(e % side), in.data() + r * side, 1);
    }
  }

  static double scaled(double log, double most) { return std::isfinite(most) ? std::exp(log - most) : 0; }

  std::vector<std::size_t> sides_;
  std::vector<AxisKernel> kernels_, costs_;
};

// What belongs to one histogram: its masses and potentials, and K e^f, K e^g.
struct Plan {
  Cells mass, log_mass, f, g, of_f, of_g;
  double share = 0, error = 0;

  Plan(const double* row, std::size_t cells, double lambda)
      : mass(row, row + cells), log_mass(cells), f(cells, 0.0), g(cells, 0.0), share(lambda) {
    CompensatedSum sum;
    for (const double m : mass) sum.add(m);
    for (std::size_t c = 0; c < cells; ++c)
      mass[c] /= sum.value(), log_mass[c] = mass[c] > 0 ? std::log(mass[c]) : kMinusInfinity;
  }

  // How far the first margin is from the masses; then makes it equal.
  void read_margin(const Grid& grid) {
    of_g = grid.apply(g);
    CompensatedSum off;
    for (std::size_t c = 0; c < mass.size(); ++c) off.add(std::abs(mass[c] - std::exp(f[c] + of_g[c])));
    error = off.value();
  }
  void match(const Grid& grid) {
    for (std::size_t c = 0; c < mass.size(); ++c) f[c] = log_mass[c] - of_g[c];
    of_f = grid.apply(f);
  }
  double cost(const Grid& grid) const {
    CompensatedSum sum;
    for (std::size_t axis = 0; axis < grid.axes(); ++axis) {
      const Cells along = grid.apply(g, axis);
      for (std::size_t c = 0; c < mass.size(); ++c)
        if (mass[c] > 0) sum.add(std::exp(f[c] + along[c]));
    }
    return sum.value();
  }
};

void check_histogram(View<const double> histograms, std::size_t k) {
  double sum = 0;
  for (std::size_t c = 0; c < histograms.cols; ++c) {
    const double mass = histograms(k, c);
    if (!(mass >= 0 && std::isfinite(mass)))
      throw RequestError(Complaint{fmt::format("barycenter: histogram {}", k + 1),
                                   fmt::format("a mass of {} in cell {} (counting from 0)", mass, c),
                                   "a finite number, at least 0"});
    sum += mass;
  }
  if (!(sum > 0 && std::isfinite(sum)))
    throw RequestError(Complaint{fmt::format("barycenter: histogram {}", k + 1),
                                 fmt::format("masses that sum to {}", sum), "a finite sum above 0"});
}

void check(View<const double> histograms, std::span<const std::size_t> sides,
           const GridBarycenterOptions& options) {
  std::size_t cells = sides.empty() ? 0 : 1;
  for (const std::size_t side : sides) cells = checked_product({cells, side}, "the cells of a grid");
  if (cells == 0 || cells != histograms.cols)
    throw RequestError(
        Complaint{"barycenter: grid",
                  fmt::format("sides {}, {} masses a histogram", fmt::join(sides, "x"), histograms.cols),
                  "sides whose product is the number of masses"});
  if (options.epsilon != 0 && !(options.epsilon >= kLeastEpsilon && std::isfinite(options.epsilon)))
    throw RequestError(
        Complaint{"barycenter: epsilon", fmt::format("{}", options.epsilon),
                  fmt::format("at least {} squared cells, or 0 for the default", kLeastEpsilon),
                  "the smaller, the more steps; debiased, it is sharp at any"});
  if (options.iterations == 0) throw RequestError(Complaint{"barycenter: iterations", "0", "at least 1"});
  if (!(options.tolerance >= 0 && std::isfinite(options.tolerance)))
    throw RequestError(Complaint{"barycenter: tolerance", fmt::format("{}", options.tolerance),
                                 "a finite number, at least 0"});
  for (std::size_t k = 0; k < histograms.rows; ++k) check_histogram(histograms, k);
}

double default_epsilon(std::span<const std::size_t> sides) {
  const auto longest = static_cast<double>(*std::max_element(sides.begin(), sides.end()));
  return kBlur * longest * longest;
}

// ν and the debiasing d, in logarithms.
struct Middle {
  Cells nu, d;
  double error = 0;  // of the debiasing

  explicit Middle(std::size_t cells) : nu(cells, 0.0), d(cells, 0.0) {}

  void take_mean(const std::vector<Plan>& plans) {
    nu = d;
    for (const Plan& plan : plans)
      for (std::size_t c = 0; c < nu.size(); ++c) nu[c] += plan.share * plan.of_f[c];
  }
  void debias(const Grid& grid) {
    const Cells of_d = grid.apply(d);
    CompensatedSum off;
    for (std::size_t c = 0; c < nu.size(); ++c) {
      off.add(std::abs(std::exp(d[c] + of_d[c]) - std::exp(nu[c])));
      d[c] = 0.5 * (d[c] + nu[c] - of_d[c]);
    }
    error = off.value();
  }
};

}  // namespace

GridBarycenter grid_barycenter(View<const double> histograms, std::span<const std::size_t> sides,
                               const GridBarycenterOptions& options) {
  const std::vector<double> shares = transport::checked_shares(options.shares, histograms.rows);
  check(histograms, sides, options);
  require_memory(checked_product({histograms.rows, histograms.cols, 8, sizeof(double)}, "potentials"),
                 "the potentials of a barycenter", "use fewer histograms or a coarser grid");
  GridBarycenter found{.epsilon = options.epsilon > 0 ? options.epsilon : default_epsilon(sides)};
  const Grid grid(sides, found.epsilon);
  std::vector<Plan> plans;
  for (std::size_t k = 0; k < histograms.rows; ++k)
    if (shares[k] > 0) plans.emplace_back(histograms.row(k), histograms.cols, shares[k]);
  const auto each = [&](const auto& work) {
    parallel_tasks(plans.size(), [&](std::size_t k) { work(plans[k]); });
  };
  Middle middle(histograms.cols);
  for (;;) {
    each([&](Plan& plan) { plan.read_margin(grid); });
    if (found.iterations > 0) {
      found.marginal_error = middle.error;
      for (const Plan& plan : plans) found.marginal_error = std::max(found.marginal_error, plan.error);
      if (options.told) options.told(found.iterations, found.marginal_error);
      found.converged = found.marginal_error <= options.tolerance;
    }
    if (found.converged || found.iterations >= options.iterations) break;
    each([&](Plan& plan) { plan.match(grid); });
    middle.take_mean(plans);
    each([&](Plan& plan) {
      for (std::size_t c = 0; c < plan.g.size(); ++c) plan.g[c] = middle.nu[c] - plan.of_f[c];
    });
    if (options.debias) middle.debias(grid);
    ++found.iterations;
  }
  std::vector<double> costs(plans.size());
  parallel_tasks(plans.size(), [&](std::size_t k) { costs[k] = plans[k].cost(grid); });
  for (std::size_t k = 0; k < plans.size(); ++k) found.cost += plans[k].share * costs[k];
  CompensatedSum sum;
  for (const double log : middle.nu) found.masses.push_back(std::exp(log)), sum.add(found.masses.back());
  for (double& mass : found.masses) mass /= sum.value();
  return found;
}

}  // namespace pushforward
