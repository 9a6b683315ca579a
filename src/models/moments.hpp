// SPDX-License-Identifier: Apache-2.0
//
// Mean and covariance of a data set, read a block of rows at a time.
//
// Problem: principal components need the D × D covariance of n rows; 60000 digits as doubles are 376 MB, and
// Σxxᵀ − nμμᵀ loses its digits when the mean is far from zero.
// Idea: one pass for the mean (float64), a second over blocks of rows that are centred *before* any product.
// Rows that are float64 stay float64 throughout. Of many columns of bytes or float32 a block's Gram matrix
// may be summed in the vector units' float32 (twice as fast, errors of 1e-7); blocks are added in float64.
// Cost: n·D² multiplications, D² + block·D numbers of memory.
#pragma once

#include <vector>

#include <Eigen/Dense>

#include "pushforward/data.hpp"

namespace pushforward {

using EigenMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

struct Moments {
  std::size_t n = 0;
  Eigen::VectorXd mean;    ///< D
  EigenMatrix covariance;  ///< D × D, divided by n (the maximum-likelihood one)
};

/// Calls visit(rows as float32, index of the first) on consecutive blocks of at most `block` rows.
template <class Visit>
void for_blocks(const Dataset& data, std::size_t block, Visit visit) {
  Tensor rows;
  std::vector<std::uint32_t> index;
  for (std::size_t begin = 0; begin < data.rows(); begin += block) {
    const std::size_t end = std::min(data.rows(), begin + block);
    index.resize(end - begin);
    for (std::size_t i = begin; i < end; ++i) index[i - begin] = static_cast<std::uint32_t>(i);
    rows.resize(end - begin, data.cols());
    data.gather(index, rows);
    visit(std::as_const(rows).view(), begin);
  }
}

/// Rows begin … end−1, scaled, in float64: nothing that the data hold is rounded.
EigenMatrix double_rows(const Dataset& data, std::size_t begin, std::size_t end);

/// Column means in float64.
Eigen::VectorXd column_means(const Dataset& data);

enum class Products {
  quick,  ///< float32 where rows are no float64 and many
  exact,  ///< float64, where variances of 1e-12 of the largest matter
};
Moments moments(const Dataset& data, Products products = Products::quick);

}  // namespace pushforward
