// SPDX-License-Identifier: Apache-2.0
//
// Optimal transport on the line.
//
// For a cost |x−y|^p with p ≥ 1 the optimal plan of two measures on the line is the monotone one: it matches
// quantile to quantile, W_p^p = ∫₀¹ |F⁻¹(t) − G⁻¹(t)|^p dt [Villani, "Topics in Optimal Transportation",
// theorem 2.18]. So it is found by sorting both samples and merging them: O((n+m) log(n+m)) time, O(n+m)
// memory, any weights, any sizes. The dual potentials come from walking along the plan's staircase: on sorted
// points the cost is a Monge array, for which the potentials of any monotone staircase are feasible [Hoffman
// 1963].
//
// float32 and float64 points are sorted as they are and subtracted in double precision.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "pushforward/sample.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

/// Points of the line with weights (non-negative, empty = 1/n each; divided by their sum).
template <class T>
struct LineSample {
  std::span<const T> points;
  std::span<const double> weights{};
};

/// Where to write gradients of W_p^p with respect to the first sample; empty = not wanted.
struct LineGradient {
  /// ∂/∂x_i = Σ_j P_ij p|x_i−y_j|^(p−1) sign(x_i−y_j); at p = 1 the term of a tie x_i = y_j is 0, one of its
  /// subgradients.
  std::span<double> points{};
  /// The dual potential u_i, defined up to a constant. Where it is not unique (partial sums of weights that
  /// coincide, as in equal weights) the mean of two extreme ones.
  std::span<double> weights{};
};

/// Buffers that repeated calls of the same size reuse.
template <class T>
struct LineWorkspace {
  Matrix<T> x_values, y_values;                 ///< sorted points where no order is wanted
  std::vector<T> x, y;                          ///< sorted points where it is
  std::vector<std::uint32_t> x_order, y_order;  ///< where they came from
  std::vector<double> x_sums, y_sums;           ///< partial sums of sorted weights
  std::vector<double> u, v;                     ///< potentials in sorted order
};

/// W_p^p(x, y), p ≥ 1. T is float or double. Points must be finite (not checked here); throws RequestError
/// for p < 1, an empty sample, or a cost that overflows.
template <class T>
double line_power(const LineSample<T>& x, const LineSample<T>& y, double p, LineWorkspace<T>& workspace,
                  const LineGradient& gradient = {});

/// The same for equally many points of equal weight, in their own memory: both are left sorted.
template <class T>
double sorted_line_power(std::span<T> x, std::span<T> y, double p);

/// The same for two samples with d = 1, in the precision that they have (mixed: double).
double one_dimensional_power(const Sample& x, const Sample& y, double p, const Gradient& gradient = {});

/// Refuses a W_p^p that is too small for float64 to hold its digits though the samples differ (W_1 says
/// whether they do): differences of 1e-160 have squares of 0.
void check_underflow(std::string_view where, double power, double p, bool differ);

/// A plan with its certificate.
struct OneDimensionalPlan {
  double power = 0;                 ///< W_p^p = Σ mass·|x_i−y_j|^p
  std::vector<std::uint32_t> i, j;  ///< at most n+m−1 pairs, in the order of the points
  std::vector<double> mass;         ///< > 0, summing to 1
  std::vector<double> u, v;  ///< n and m; u_i + v_j ≤ |x_i−y_j|^p, equal where mass flows; Σau = Σbv
};

/// The optimal plan and both dual potentials of two samples with d = 1.
OneDimensionalPlan one_dimensional_plan(const Sample& x, const Sample& y, double p);

}  // namespace pushforward
#pragma GCC visibility pop
