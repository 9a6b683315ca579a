// SPDX-License-Identifier: Apache-2.0
// Unbiased MMD² by many kernels over relabellings, against the sums that define it, pair by pair.
#include "kernels/kernel_collection.hpp"

#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "pushforward/random.hpp"
#include "pushforward/threads.hpp"

namespace pushforward {
namespace {

const std::vector<CollectedKernel> kKernels = {{KernelFamily::gaussian, 0.5},
                                               {KernelFamily::laplacian, 3},
                                               {KernelFamily::gaussian, 4},
                                               {KernelFamily::laplacian, 0.7},
                                               {KernelFamily::gaussian, 1.3}};

template <class T>
Matrix<T> pool_of(std::size_t rows, std::size_t d) {
  Matrix<T> pool(rows, d);
  fill_normal(pool.span(), Draw{rows, stream_id("collection")}, T{0}, T{1});
  for (std::size_t i = rows / 2; i < rows; ++i) pool(i, 0) += T(0.3);
  return pool;
}

template <class T>
double value_of(const CollectedKernel& kernel, const Matrix<T>& pool, std::size_t i, std::size_t l) {
  std::vector<double> a(pool.cols()), b(pool.cols());
  for (std::size_t k = 0; k < pool.cols(); ++k)
    a[k] = static_cast<double>(pool(i, k)), b[k] = static_cast<double>(pool(l, k));
  return kernel_value({kernel.family, {kernel.bandwidth}, 1}, a, b);
}

// k of every two rows of the pool, 0 on the diagonal.
template <class T>
Matrix<double> matrix_of(const CollectedKernel& kernel, const Matrix<T>& pool) {
  Matrix<double> values(pool.rows(), pool.rows());
  for (std::size_t a = 0; a < pool.rows(); ++a)
    for (std::size_t b = 0; b < a; ++b) values(a, b) = values(b, a) = value_of(kernel, pool, a, b);
  return values;
}

double plain_mmd(const Matrix<double>& kernel, std::span<const std::uint32_t> order, std::size_t n) {
  const auto N = static_cast<double>(n), M = static_cast<double>(kernel.rows() - n);
  double mmd = 0;
  for (std::size_t a = 0; a < kernel.rows(); ++a)
    for (std::size_t b = 0; b < kernel.rows(); ++b) {
      const double k = kernel(order[a], order[b]);
      mmd += a < n && b < n ? k / (N * (N - 1)) : a >= n && b >= n ? k / (M * (M - 1)) : -k / (N * M);
    }
  return mmd;
}

template <class T>
void expect_as_defined(std::size_t n, std::size_t m, std::size_t d, double tolerance) {
  const Matrix<T> pool = pool_of<T>(n + m, d);
  const View<const T> rows = pool.view();
  const Sample x{Points(rows.slice(0, n))}, y{Points(rows.slice(n, n + m))};
  const auto kernels = collect_kernels(kKernels, x, y);
  Matrix<std::uint32_t> orders(11, n + m);  // more than a group of sign vectors
  Matrix<double> values(11, kKernels.size());
  std::iota(orders.row(0), orders.row(1), 0u);
  for (std::size_t b = 1; b < orders.rows(); ++b)
    fill_permutation({orders.row(b), n + m}, Draw{7}.on("orders").at(b));
  kernels->unbiased(orders.view(), values.view());
  for (std::size_t k = 0; k < kKernels.size(); ++k) {
    const Matrix<double> matrix = matrix_of(kKernels[k], pool);
    double squares = 0;
    for (const double value : matrix.span()) squares += value * value;
    EXPECT_NEAR(kernels->sum_of_squares(k), squares, 1e-5 * squares) << k;
    for (const std::size_t b : {0, 1, 10}) {
      const double wanted = plain_mmd(matrix, {orders.row(b), n + m}, n);
      EXPECT_NEAR(values(b, k), wanted, tolerance) << n << " " << m << " " << d << ", kernel " << k;
      EXPECT_LE(std::abs(values(b, k) - wanted), kernels->rounding(k)) << k;
    }
  }
}

// In double, a sum of n² terms below 1: n² ε / n² beside the pool's size. In float32, values are off by
// 6·10⁻⁸ of the kernel's spread each, at random.
TEST(KernelCollection, IsTheUnbiasedMmdOfEveryRelabelling) {
  expect_as_defined<double>(2, 2, 1, 1e-13);
  expect_as_defined<double>(2, 3, 2, 1e-13);
  expect_as_defined<double>(47, 50, 3, 1e-13);
  expect_as_defined<double>(100, 49, 9, 1e-13);
  expect_as_defined<double>(300, 260, 2, 6e-8);  // stored in float32
  expect_as_defined<double>(600, 20, 5, 1e-13);  // uneven: in double
  expect_as_defined<float>(560, 530, 7, 6e-8);   // computed in float32
}

TEST(KernelCollection, GivesTheSameBitsOnAnyBatch) {
  const Matrix<double> pool = pool_of<double>(640, 3);
  const View<const double> rows = pool.view();
  const auto kernels =
      collect_kernels(kKernels, {Points(rows.slice(0, 320))}, {Points(rows.slice(320, 640))});
  Matrix<std::uint32_t> orders(20, 640);
  for (std::size_t b = 0; b < 20; ++b) fill_permutation({orders.row(b), 640}, Draw{b});
  Matrix<double> together(20, kKernels.size()), alone(1, kKernels.size());
  kernels->unbiased(orders.view(), together.view());
  for (const std::size_t b : {0, 9, 19}) {
    kernels->unbiased(orders.view().slice(b, b + 1), alone.view());
    for (std::size_t k = 0; k < kKernels.size(); ++k) EXPECT_EQ(alone(0, k), together(b, k));
  }
}

}  // namespace
}  // namespace pushforward
