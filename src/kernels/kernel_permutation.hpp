// SPDX-License-Identifier: Apache-2.0
//
// Kernel statistics of many relabellings of one pool, from one kernel matrix and one product with sign
// vectors.
//
// With s_i = 1 for rows labelled x and −1 for y, K̃ the kernel matrix of the pool with an empty diagonal, R =
// K̃1:
//   Q = sᵀK̃s,  L = sᵀR,  T = 1ᵀR:   S_xx = (T + 2L + Q)/4,  S_yy = (T − 2L + Q)/4,  S_xy = (T − Q)/4,
// from which both estimators of MMD² follow, for any n and m. A product of K̃ with many sign vectors at once
// runs at the speed of a matrix product, and symmetry halves it.
//
// A constant taken off K̃ beforehand cancels exactly in every estimate (each is a contrast), and takes the
// rounding errors of the sums along: kernel values are computed in the samples' precision, shifted by about
// their mean in double precision, and only then rounded to float32 for pools above 512 rows. Values agree
// with a measurement to about 10⁻⁷ of the spread of the permuted ones.
//
// Rejected: gathering permuted kernel matrices (2 GB of traffic for a thousand permutations of 2000 points),
// a product for each permutation alone (memory-bound).
#pragma once

#include <memory>

#include "pushforward/kernel.hpp"
#include "pushforward/permuted_statistic.hpp"

namespace pushforward {

struct KernelStatistic {
  bool biased = true;  ///< the V-statistic, else the U-statistic
  bool root = false;   ///< its root, with the sign kept
};

/// Null for pools above 8192 rows (a matrix of 134 MB): measure again instead, which streams. Refuses weights
/// by returning null too: a weight belongs to a point, and relabelled ones would not sum to 1.
std::unique_ptr<PermutedStatistic> kernel_permutation(const Kernel& kernel, const Sample& x, const Sample& y,
                                                      const KernelStatistic& statistic);

}  // namespace pushforward
