// SPDX-License-Identifier: Apache-2.0
//
// Wasserstein barycentres: the distribution that lies nearest to several, each with its share.
//
//   min_ν F(ν) = Σ_k λ_k W_p^p(ν, μ_k),   λ ≥ 0, Σ λ = 1
//
// [Agueh & Carlier, SIAM J. Math. Anal. 43, 2011.] Of two measures at p = 2 it is McCann's interpolation, of
// a measure's translates the translate by their mean. Three ways, by where the answer may live:
//
//   the line      exact: its quantile function is the mean of theirs (p = 2) or their median (p = 1), taken
//                 where any of them steps. N points of K measures in all take N log N + N·K.
//   free support  n points of weights w, moved to where their mass goes on average, by exact plans each time
//                 [Cuturi & Doucet, ICML 2014; Álvarez-Esteban, del Barrio, Cuesta-Albertos & Matrán, J.
//                 Math. Anal. Appl. 441, 2016]: x_i ← Σ_k λ_k Σ_j f^k_ij y_j / w_i. F falls at every step, by
//                 at least Σ_i w_i ‖x_i − x_i'‖². The problem is not convex in x: what is found is a fixed
//                 point, and `bound` says how far from the best of all measures it can be.
//   a grid        histograms on the same cells, with entropy: min Σ_k λ_k OT_ε(ν, μ_k), by iterative Bregman
//                 projections [Benamou, Carlier, Cuturi, Nenna & Peyré, SIAM J. Sci. Comput. 37, 2015], in
//                 logarithms where numbers would vanish, an axis after the other because exp(−‖x−y‖²/ε) is a
//                 product. ε blurs: the debiased one does not [Janati, Cuturi & Gramfort, ICML 2020].
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "pushforward/sample.hpp"
#include "pushforward/tensor.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

/// Told after each step: how many are done, and the figure that they bring down.
using OnBarycenterStep = std::function<void(std::size_t step, double figure)>;

/// Points with weights, and how good they are.
struct Barycenter {
  Matrix<double> points{};
  std::vector<double> weights{};  ///< above 0, summing to 1
  double value = 0;               ///< F of these points
  /// What no measure can be below: Σ_{k<l} λ_k λ_l W_2²(μ_k, μ_l) by the plans' duals (p = 2), else `value`
  /// where it is exact.
  double bound = 0;
  double gap = 0;           ///< (value − bound) / value, at least 0; 0 where value = 0
  double plan_gap = 0;      ///< the largest duality gap of the plans that value is made of
  double stationarity = 0;  ///< Σ w_i ‖x_i − x_i'‖², what a further step moves; 0 at a fixed point
  bool converged = true;
  std::size_t iterations = 0;
  std::string method{};
};

/// On the line, d = 1; p is 1 or 2. Shares of any positive sum; none: equal ones. Atoms come in order, each
/// place once. Throws RequestError for no measure, more than one column, points that are not finite, weights
/// that do not sum to 1, shares that are negative or all 0, and another p.
Barycenter line_barycenter(std::span<const Sample> measures, std::span<const double> shares = {},
                           double p = 2);

struct FreeBarycenterOptions {
  std::vector<double> shares{};  ///< as above
  /// How many points of equal weight; 0 = as many as it takes for two measures (the atoms of their plan,
  /// which is exact), else the points and weights of the measure with the largest share.
  std::size_t size = 0;
  View<const double> start{};    ///< points of equal weight to begin from, instead of `size`
  std::size_t iterations = 100;  ///< at most
  double tolerance = 1e-9;       ///< converged: stationarity ≤ tolerance · value
  bool bound = true;             ///< one more plan for each pair of measures
  std::uint64_t seed = 0;        ///< of the rows that `size` points begin at
  OnBarycenterStep told{};       ///< with F
};

/// In any dimension, p = 2. Throws RequestError as above, and for measures of different widths.
Barycenter free_barycenter(std::span<const Sample> measures, const FreeBarycenterOptions& options = {});

struct GridBarycenterOptions {
  std::vector<double> shares{};
  double epsilon = 0;  ///< in squared cells; 0 = 0.002 times the longest side's square
  bool debias = false;
  std::size_t iterations = 10000;  ///< at most
  double tolerance = 1e-6;         ///< converged: marginal_error ≤ tolerance
  OnBarycenterStep told{};         ///< with marginal_error
};

struct GridBarycenter {
  std::vector<double> masses{};  ///< a cell each, summing to 1
  double cost = 0;               ///< Σ λ_k ⟨f^k, ‖x−y‖²⟩ in squared cells, without entropy
  double marginal_error = 0;     ///< the largest Σ |f^k 1 − μ_k|; debiased, also what d K d lacks of ν
  bool converged = false;
  std::size_t iterations = 0;
  double epsilon = 0;  ///< that was used
};

/// Histograms as rows on a grid of these sides (their product is the number of columns), one apart; masses of
/// any positive sum. Throws RequestError for negative or infinite masses, an empty histogram, sides that do
/// not fit, ε < 0 and shares as above.
GridBarycenter grid_barycenter(View<const double> histograms, std::span<const std::size_t> sides,
                               const GridBarycenterOptions& options = {});

}  // namespace pushforward
#pragma GCC visibility pop
