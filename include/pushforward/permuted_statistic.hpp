// SPDX-License-Identifier: Apache-2.0
// What a permutation test asks of a distance: its values over many relabellings of one pool of points.
#pragma once

#include <cstdint>
#include <span>

#include "pushforward/tensor.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

/// The same distance over many relabellings of one pool of points, for a permutation test: whatever can be
/// computed once for the pool is (a kernel matrix).
class PermutedStatistic {
 public:
  virtual ~PermutedStatistic() = default;
  /// values[b] = D of the pool's rows orders(b, 0 … n−1) against orders(b, n … n+m−1). The pool is x above y,
  /// and each row of `orders` a permutation of 0 … n+m−1. May be called from several threads.
  virtual void measure(View<const std::uint32_t> orders, std::span<double> values) const = 0;
};

}  // namespace pushforward
#pragma GCC visibility pop
