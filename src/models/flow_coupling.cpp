// SPDX-License-Identifier: Apache-2.0
// Couplings by the transport solvers.
#include "models/flow_coupling.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "pushforward/error.hpp"
#include "pushforward/option_table.hpp"
#include "pushforward/sinkhorn.hpp"
#include "pushforward/transport.hpp"

namespace pushforward {
namespace {

std::vector<std::uint32_t> in_order(std::size_t n) {
  std::vector<std::uint32_t> all(n);
  std::iota(all.begin(), all.end(), 0u);
  return all;
}

// Equal weights: an optimal vertex is a permutation.
std::vector<std::uint32_t> exact_pairs(View<const float> x0, View<const float> x1) {
  const TransportResult result = solve_transport({.points = x0}, {.points = x1});
  std::vector<std::uint32_t> to(x0.rows, 0);
  for (const TransportArc& arc : result.plan) to[arc.source] = arc.sink;
  return to;
}

// Rows with their conditions behind them, `scale` times.
Tensor beside(View<const float> rows, View<const float> conditions, double scale) {
  Tensor out(rows.rows, rows.cols + conditions.cols);
  for (std::size_t i = 0; i < rows.rows; ++i) {
    float* to = std::copy_n(rows.row(i), rows.cols, out.row(i));
    for (std::size_t k = 0; k < conditions.cols; ++k)
      to[k] = static_cast<float>(scale * static_cast<double>(conditions(i, k)));
  }
  return out;
}

double squared(const float* a, const float* b, std::size_t d) {
  double sum = 0;
  for (std::size_t k = 0; k < d; ++k) {
    const double difference = static_cast<double>(a[k]) - static_cast<double>(b[k]);
    sum += difference * difference;
  }
  return sum;
}

}  // namespace

OptionKind<FlowOptions::Coupling> coupling_kind() {
  using Coupling = FlowOptions::Coupling;
  static const std::vector<std::string> words = {"independent", "exact", "sinkhorn"};
  return {.read = [](const OptionText& text) -> Coupling {
            const Spec spec = parse_spec(text.text, text.where);
            SpecReader read(spec);
            Coupling out{static_cast<Coupling::Kind>(find_option_word({spec.name, text.where}, words))};
            if (out.kind == Coupling::Kind::sinkhorn) out.eps = read.positive("eps", out.eps);
            read.finish();
            return out;
          },
          .text = [](const Coupling& value, char) -> std::string {
            const std::string word = words[static_cast<std::size_t>(value.kind)];
            return value.kind == Coupling::Kind::sinkhorn ? fmt::format("{}:eps={}", word, value.eps) : word;
          },
          .check = [](const Coupling& value,
                      const std::string& where) { positive_number().check(value.eps, where + ":eps"); }};
}

std::vector<std::uint32_t> FlowCoupling::pairs(View<const float> x0, View<const float> x1,
                                               const Draw& draw) const {
  return pairs(x0, x1, {}, draw);
}

double least_cost(View<const float> x0, View<const float> x1, View<const float> conditions) {
  const double mean = mean_cost({.points = x0}, {.points = x1}, 2);
  const double scale = std::sqrt(kConditionWeight * mean);
  const std::vector<std::uint32_t> to =
      exact_pairs(beside(x0, conditions, scale), beside(x1, conditions, scale));
  double sum = 0;
  for (std::size_t i = 0; i < x0.rows; ++i) sum += squared(x0.row(i), x1.row(to[i]), x0.cols);
  return sum / static_cast<double>(x0.rows);
}

std::vector<std::uint32_t> FlowCoupling::pairs(View<const float> x0, View<const float> x1,
                                               View<const float> conditions, const Draw& draw) const {
  if (independent()) return in_order(x0.rows);
  const bool told = conditions.cols > 0;
  const double mean = told || kind_ == Kind::sinkhorn ? mean_cost({.points = x0}, {.points = x1}, 2) : 0;
  if (!told) return solve(x0, x1, mean, draw);
  const double scale = std::sqrt(kConditionWeight * mean);
  const Tensor from = beside(x0, conditions, scale), to = beside(x1, conditions, scale);
  return solve(from, to, mean, draw);
}

std::vector<std::uint32_t> FlowCoupling::solve(View<const float> x0, View<const float> x1, double mean,
                                               const Draw& draw) const {
  return kind_ == Kind::exact ? exact_pairs(x0, x1) : entropic(x0, x1, mean, draw);
}

// Row i goes to j with probability P_ij / Σ_j P_ij, P_ij ∝ exp((g_j − C_ij)/ε).
std::vector<std::uint32_t> FlowCoupling::entropic(View<const float> x0, View<const float> x1, double mean,
                                                  const Draw& draw) const {
  const double epsilon = eps_ * mean;
  std::vector<std::uint32_t> to = in_order(x0.rows);
  if (!(epsilon > 0)) return to;  // all points coincide
  const SinkhornResult result =
      sinkhorn({.points = x0}, {.points = x1}, {.epsilon = epsilon, .p = 2, .tolerance = 1e-3});
  std::vector<double> sums(x1.rows);
  for (std::size_t i = 0; i < x0.rows; ++i) {
    double sum = 0;
    for (std::size_t j = 0; j < x1.rows; ++j) {
      const double cost = squared(x0.row(i), x1.row(j), x0.cols);
      sums[j] = sum += std::exp((result.f[i] + result.g[j] - cost) / epsilon);
    }
    const double place = uniform01(draw, static_cast<std::uint32_t>(i)) * sum;
    const auto found = std::upper_bound(sums.begin(), sums.end(), place);
    to[i] = static_cast<std::uint32_t>(
        std::min<std::ptrdiff_t>(found - sums.begin(), static_cast<std::ptrdiff_t>(x1.rows) - 1));
  }
  return to;
}

}  // namespace pushforward
