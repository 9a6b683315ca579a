// SPDX-License-Identifier: Apache-2.0
//
// The unbiased MMD² of many relabellings of one pool, by many kernels, without a stored kernel matrix.
//
// As in kernel_permutation.hpp, with s the signs of a relabelling, K̃ a kernel's matrix without its diagonal
// and R = K̃1, every estimate follows from Q = sᵀK̃s, L = sᵀR and T = 1ᵀR. There one kernel's matrix is kept; a
// collection of twenty kernels would keep twenty. Here a stripe of 240 × 48 pairs is computed (their
// distances once, then each kernel's exponential), meets all sign vectors of the batch, and is forgotten. A
// batch of 256 relabellings does 256 multiply-adds with a pair that cost d of them and an exponential, so
// that what is computed again for each batch is the smaller part, and memory is O(n) for each relabelling of
// a batch and each kernel.
//
// Precision as there: kernel values less about their mean, in float32 for pools above 512 rows, summed in
// float32 within a stripe and in double beyond.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "pushforward/kernel.hpp"

namespace pushforward {

/// One kernel of a collection.
struct CollectedKernel {
  KernelFamily family = KernelFamily::gaussian;  ///< gaussian or laplacian
  double bandwidth = 1;
};

class KernelCollection {
 public:
  virtual ~KernelCollection() = default;
  virtual std::size_t size() const = 0;
  /// values(b, k) = the unbiased MMD² by kernel k of the pool's rows orders(b, 0 … n−1) against the others.
  virtual void unbiased(View<const std::uint32_t> orders, View<double> values) const = 0;
  /// Σ over pairs of different rows of the pool, (i, l) and (l, i), of k(z_i, z_l)².
  virtual double sum_of_squares(std::size_t kernel) const = 0;
  /// How far rounding may move a value of `unbiased` by this kernel.
  virtual double rounding(std::size_t kernel) const = 0;
};

/// The pool is x above y; weights are refused by the caller.
std::unique_ptr<KernelCollection> collect_kernels(const std::vector<CollectedKernel>& kernels,
                                                  const Sample& x, const Sample& y);

}  // namespace pushforward
