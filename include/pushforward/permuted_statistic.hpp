// SPDX-License-Identifier: Apache-2.0
// What a permutation test asks of a distance: its values over many relabellings of one pool of points.
#pragma once

#include <cstdint>
#include <span>

#include "pushforward/tensor.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

/// How far rounding may move a value over the relabellings of a pool: by `absolute`, or, with `root`, its
/// square by so much. It is derived from the terms that are summed: where they cancel, it is large beside the
/// value.
struct Rounding {
  double absolute = 0;
  bool root = false;
};

/// The same distance over many relabellings of one pool of points, for a permutation test: whatever can be
/// computed once for the pool is (a kernel matrix).
class PermutedStatistic {
 public:
  virtual ~PermutedStatistic() = default;
  /// values[b] = D of the pool's rows orders(b, 0 … n−1) against orders(b, n … n+m−1). The pool is x above y,
  /// and each row of `orders` a permutation of 0 … n+m−1. May be called from several threads.
  virtual void measure(View<const std::uint32_t> orders, std::span<double> values) const = 0;
  /// Of all values that `measure` may give.
  virtual Rounding rounding() const = 0;
};

}  // namespace pushforward
#pragma GCC visibility pop
