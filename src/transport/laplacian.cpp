// SPDX-License-Identifier: Apache-2.0
#include "transport/laplacian.hpp"

namespace pushforward::entropic {
namespace {

// Takes out the last node, k; returns its pivot, the sum of its weights.
double eliminate(std::size_t k, Matrix<double>& weights, std::vector<double>& y) {
  const double* to = weights.row(k);
  double pivot = 0;
  for (std::size_t i = 0; i < k; ++i) pivot += to[i];
  if (!(pivot > 0)) return 0;
  for (std::size_t i = 0; i < k; ++i) {
    const double share = to[i] / pivot;
    if (share == 0) continue;
    y[i] += share * y[k];
    double* row = weights.row(i);
    for (std::size_t j = 0; j < i; ++j) row[j] += share * to[j];
  }
  return pivot;
}

}  // namespace

std::vector<double> solve_laplacian(Matrix<double>& weights, std::vector<double> y) {
  const std::size_t n = y.size();
  std::vector<double> pivots(n, 0), x(n, 0);
  for (std::size_t k = n; k-- > 1;) pivots[k] = eliminate(k, weights, y);
  for (std::size_t k = 1; k < n; ++k) {
    if (!(pivots[k] > 0)) continue;
    double sum = y[k];
    for (std::size_t i = 0; i < k; ++i) sum += weights(k, i) * x[i];
    x[k] = sum / pivots[k];
  }
  return x;
}

}  // namespace pushforward::entropic
