// SPDX-License-Identifier: Apache-2.0
//
// Two samples as one matrix, whose rows a permutation test relabels.
#pragma once

#include "pushforward/sample.hpp"

namespace pushforward {

/// x above y, in the precision S.
template <class S>
Matrix<S> pool_of(const Points& x, const Points& y) {
  Matrix<S> pool(x.n() + y.n(), x.d());
  for (std::size_t i = 0; i < pool.rows(); ++i)
    for (std::size_t k = 0; k < pool.cols(); ++k)
      pool(i, k) = static_cast<S>(i < x.n() ? x.at(i, k) : y.at(i - x.n(), k));
  return pool;
}

}  // namespace pushforward
