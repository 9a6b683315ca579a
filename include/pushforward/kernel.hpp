// SPDX-License-Identifier: Apache-2.0
//
// Kernels on R^d and sums of them over two samples, in O(n d) memory.
//
// A kernel k(x, y) compares two points; the mean of k over pairs compares two samples (the maximum mean
// discrepancy, the energy distance). r = ‖x − y‖ (Euclidean); several bandwidths mean the sum of the kernels.
//
//   gaussian    Σ_b exp(−r² / 2σ_b²)
//   laplacian   Σ_b exp(−‖x − y‖₁ / σ_b)
//   imq         Σ_b (1 + r²/σ_b²)^(−1/2)            inverse multiquadric
//   rq          Σ_b (1 + r²/(2aσ_b²))^(−a)          rational quadratic
//   polynomial  (x·y/d + 1)³                        of the kernel inception distance [Bińkowski et al., 2018]
//   energy      −r                                  conditionally positive definite [Sejdinovic et al., 2013]
#pragma once

#include <span>
#include <vector>

#include "pushforward/sample.hpp"
#include "pushforward/tensor.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

enum class KernelFamily { gaussian, laplacian, imq, rq, polynomial, energy };

struct Kernel {
  KernelFamily family = KernelFamily::gaussian;
  std::vector<double> bandwidths{};  ///< σ_b > 0, in the data's unit; unused by polynomial and energy
  double shape = 1;                  ///< a > 0, of rq

  bool has_bandwidth() const { return family != KernelFamily::polynomial && family != KernelFamily::energy; }
};

/// k(x, y) in double precision, as its formula stands above. x and y have d elements each.
double kernel_value(const Kernel& kernel, std::span<const double> x, std::span<const double> y);

/// out += scale · ∂k(x, y)/∂x. At x = y the energy and Laplacian kernels have no derivative: 0 is taken.
void add_kernel_gradient(const Kernel& kernel, std::span<const double> x, std::span<const double> y,
                         double scale, std::span<double> out);

/// Sums of a kernel over the pairs of two samples; w and v are the samples' weights, or all 1 where they have
/// none.
struct KernelSums {
  std::vector<double> xx;  ///< n: Σ_{l≠i} w_l k(x_i, x_l)
  std::vector<double> yy;  ///< m: Σ_{l≠j} v_l k(y_j, y_l)
  std::vector<double> xy;  ///< n: Σ_j v_j k(x_i, y_j)
  std::vector<double> yx;  ///< m: Σ_i w_i k(x_i, y_j)
};

/// Gradients with the sums: points(i, ·) = within · Σ_{l≠i} w_l ∂₁k(x_i, x_l) + across · Σ_j v_j ∂₁k(x_i,
/// y_j), ∂₁ being the derivative in the first argument.
struct KernelGradient {
  View<double> points{};  ///< n × d; null = not wanted
  double within = 1, across = -1;
};

/// Computes the sums in tiles, on all threads, in an order that depends on n, m and d only; memory O((n + m)
/// d). Samples in float64, weighted ones and small ones (n + m ≤ 1024) are summed in double precision
/// throughout; large float32 samples in float32 tiles (gaussian, laplacian, imq and energy kernels) whose
/// sums are double, to about 10⁻⁷ of MMD². The sums do not depend on whether a gradient is wanted. Cost:
/// (n²/2 + nm + m²/2)(d multiply-adds + the kernel); with a gradient about twice that.
KernelSums kernel_sums(const Kernel& kernel, const Sample& x, const Sample& y,
                       const KernelGradient& gradient = {});

/// The median of distances between pooled points, the usual bandwidth [Gretton et al., JMLR 2012, section 8].
struct MedianDistance {
  double value = 0;        ///< > 0
  std::size_t points = 0;  ///< of the pool that were used
  bool fallback = false;   ///< the median was 0 (more than half of all pairs coincide): see median_distance
};

/// Median over the pairs of different rows of the pool (x above y). Exact up to 2048 rows; of a larger pool
/// the 2048 rows ⌊(t + ½) N / 2048⌋ are taken. Where the median is 0 the mean distance stands in, and 1 where
/// that is 0 too. `l1` measures ‖x − y‖₁ instead of ‖x − y‖.
MedianDistance median_distance(const Points& x, const Points& y, bool l1 = false);

}  // namespace pushforward
#pragma GCC visibility pop
