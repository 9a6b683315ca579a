// SPDX-License-Identifier: Apache-2.0
//
// Estimators of the squared maximum mean discrepancy, MMD² = E k(x,x′) + E k(y,y′) − 2E k(x,y).
//
//   biased     all pairs, weighted; a V-statistic: the squared distance of the two mean embeddings, ≥ 0
//   [Gretton
//              et al., "A kernel two-sample test", JMLR 13, 2012, eq. 5]
//   unbiased   pairs of different points only; a U-statistic, may be negative [eq. 3]
//   linear     mean over consecutive pairs of k(x₁,x₂) + k(y₁,y₂) − k(x₁,y₂) − k(x₂,y₁): O(n) [Lemma 14]
//   block      mean of the unbiased estimate over consecutive blocks: O(n · block) [Zaremba, Gretton &
//   Blaschko, "B-test",
//              NeurIPS 2013]
#pragma once

#include <optional>

#include "pushforward/distance.hpp"
#include "pushforward/kernel.hpp"

namespace pushforward {

struct MmdEstimate {
  double value = 0;
  std::optional<double> standard_error{};
  std::size_t used = 0;  ///< points of each sample that entered, where an estimator leaves some out; else 0
};

/// Σ_il w_i w_l k + Σ v_j v_l k − 2 Σ w_i v_j k. Gradients in points and weights.
MmdEstimate biased_mmd(const Kernel& kernel, const Sample& x, const Sample& y, const Gradient& grad);

/// Its standard error is the delete-one jackknife's [Arvesen, Ann. Math. Statist. 40, 1969], for n, m ≥ 3:
/// consistent where the distributions differ, and too large rather than too small where they do not.
MmdEstimate unbiased_mmd(const Kernel& kernel, const Sample& x, const Sample& y, const Gradient& grad);

/// Standard error: that of a mean of independent terms. min(n, m) points are used, an odd one is left out.
MmdEstimate linear_mmd(const Kernel& kernel, const Sample& x, const Sample& y, const Gradient& grad);

/// ⌊min(n, m)/block⌋ blocks of `block` ≥ 2 points; standard error as for independent blocks, from two on.
MmdEstimate block_mmd(const Kernel& kernel, const Sample& x, const Sample& y, std::size_t block,
                      const Gradient& grad);

/// How far rounding may move any of these estimates on relabellings of the samples. They sum kernel values,
/// and |k(x,y)| is at most the mean of k(x,x) and k(y,y); of the kernel −‖x−y‖, that of twice the distances
/// from the pool's mean.
double kernel_rounding(const Kernel& kernel, const Sample& x, const Sample& y);

/// Adds to a reading of such an estimate, where its value is below that rounding, the bound ("rounding") and
/// a "note". Of a `root` the square counts.
void tell_rounding(const Kernel& kernel, const Sample& x, const Sample& y, bool root, Reading& reading);

/// The energy distance on the line, 2∫(F − G)² by sorting, with its gradients: O((n + m) log(n + m)).
double energy_on_line(const Sample& x, const Sample& y, const Gradient& grad);

}  // namespace pushforward
