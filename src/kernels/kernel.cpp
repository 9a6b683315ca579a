// SPDX-License-Identifier: Apache-2.0
// Kernels pair by pair, as their formulas stand, and the median heuristic.
//
// The pairwise forms serve estimators that visit each point once (linear-time MMD) and, in the tests, are the
// oracle of the tiles.
#include "pushforward/kernel.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/kernel_panels.hpp"

namespace pushforward {
namespace {

double squared_distance(std::span<const double> x, std::span<const double> y) {
  double sum = 0;
  for (std::size_t k = 0; k < x.size(); ++k) sum += (x[k] - y[k]) * (x[k] - y[k]);
  return sum;
}

double absolute_distance(std::span<const double> x, std::span<const double> y) {
  double sum = 0;
  for (std::size_t k = 0; k < x.size(); ++k) sum += std::abs(x[k] - y[k]);
  return sum;
}

double polynomial_base(std::span<const double> x, std::span<const double> y) {
  double sum = 0;
  for (std::size_t k = 0; k < x.size(); ++k) sum += x[k] * y[k];
  return sum / static_cast<double>(x.size()) + 1;
}

// Σ_b of one bandwidth's value; r2 is r².
template <class Term>
double sum_over(const Kernel& kernel, const Term& term) {
  double sum = 0;
  for (const double sigma : kernel.bandwidths) sum += term(sigma);
  return sum;
}

// c with ∂k/∂x = c · (x − y), for the kernels of r².
double radial_derivative(const Kernel& kernel, double r2) {
  const double a = kernel.shape;
  switch (kernel.family) {
    case KernelFamily::gaussian:
      return sum_over(kernel, [&](double s) { return -std::exp(-r2 / (2 * s * s)) / (s * s); });
    case KernelFamily::imq:
      return sum_over(kernel, [&](double s) { return -std::pow(1 + r2 / (s * s), -1.5) / (s * s); });
    case KernelFamily::rq:
      return sum_over(kernel,
                      [&](double s) { return -std::pow(1 + r2 / (2 * a * s * s), -a - 1) / (s * s); });
    case KernelFamily::energy:
      return r2 > 0 ? -1 / std::sqrt(r2) : 0;
    case KernelFamily::laplacian:
    case KernelFamily::polynomial:
      break;
  }
  return 0;
}

// ---- The median ---------------------------------------------------------------------------------

constexpr std::size_t kMostRows = 2048;

// The rows of the pool that the median is taken over.
Matrix<double> pool_rows(const Points& x, const Points& y) {
  const std::size_t total = x.n() + y.n(), rows = std::min(total, kMostRows);
  Matrix<double> pool(rows, x.d());
  for (std::size_t t = 0; t < rows; ++t) {
    const std::size_t i = (2 * t + 1) * total / (2 * rows);
    for (std::size_t k = 0; k < x.d(); ++k) pool(t, k) = i < x.n() ? x.at(i, k) : y.at(i - x.n(), k);
  }
  return pool;
}

// Distances of all pairs of different rows, a tile at a time.
std::vector<double> pair_distances(const Matrix<double>& pool, bool l1) {
  using namespace kernels;
  PreparedKernel<double> kernel;
  kernel.tile.kernel = PairKernel::energy;
  kernel.tile.form = l1 ? PairForm::absolute : PairForm::squared;
  const Panels<double> panels = pack(Sample{Points(pool.view())}, kernel);
  std::vector<double> distances;
  distances.reserve(panels.n * (panels.n - 1) / 2);
  alignas(64) double values[kPanel * kPanel];
  for (std::size_t p = 0; p < panels.count(); ++p)
    for (std::size_t a = 0; a <= p; ++a) {
      Tile<double> tile;
      tile.rows = panels.panel(a), tile.columns = panels.panel(p), tile.d = panels.d;
      tile_values(kernel.tile, tile, values);
      for (std::size_t j = 0; j < kPanel; ++j)
        for (std::size_t i = 0; i < kPanel && p * kPanel + i < panels.n; ++i)
          if (a * kPanel + j < p * kPanel + i) distances.push_back(-values[j * kPanel + i]);
    }
  if (l1)
    for (double& distance : distances) distance *= distance;
  return distances;
}

double median_of(std::vector<double>& values) {
  const std::size_t half = values.size() / 2;
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(half), values.end());
  if (values.size() % 2 == 1) return values[half];
  return (values[half] +
          *std::max_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(half))) /
         2;
}

}  // namespace

double kernel_value(const Kernel& kernel, std::span<const double> x, std::span<const double> y) {
  const double a = kernel.shape;
  switch (kernel.family) {
    case KernelFamily::polynomial:
      return std::pow(polynomial_base(x, y), 3);
    case KernelFamily::energy:
      return -std::sqrt(squared_distance(x, y));
    case KernelFamily::laplacian: {
      const double r = absolute_distance(x, y);
      return sum_over(kernel, [&](double s) { return std::exp(-r / s); });
    }
    case KernelFamily::gaussian:
    case KernelFamily::imq:
    case KernelFamily::rq:
      break;
  }
  const double r2 = squared_distance(x, y);
  if (kernel.family == KernelFamily::gaussian)
    return sum_over(kernel, [&](double s) { return std::exp(-r2 / (2 * s * s)); });
  if (kernel.family == KernelFamily::imq)
    return sum_over(kernel, [&](double s) { return 1 / std::sqrt(1 + r2 / (s * s)); });
  return sum_over(kernel, [&](double s) { return std::pow(1 + r2 / (2 * a * s * s), -a); });
}

void add_kernel_gradient(const Kernel& kernel, std::span<const double> x, std::span<const double> y,
                         double scale, std::span<double> out) {
  if (kernel.family == KernelFamily::polynomial) {
    const double base = polynomial_base(x, y);
    for (std::size_t k = 0; k < x.size(); ++k)
      out[k] += scale * 3 * base * base * y[k] / static_cast<double>(x.size());
    return;
  }
  if (kernel.family == KernelFamily::laplacian) {
    const double r = absolute_distance(x, y);
    const double slope = sum_over(kernel, [&](double s) { return -std::exp(-r / s) / s; });
    for (std::size_t k = 0; k < x.size(); ++k)
      out[k] += scale * slope * static_cast<double>((x[k] > y[k]) - (x[k] < y[k]));
    return;
  }
  const double slope = scale * radial_derivative(kernel, squared_distance(x, y));
  for (std::size_t k = 0; k < x.size(); ++k) out[k] += slope * (x[k] - y[k]);
}

MedianDistance median_distance(const Points& x, const Points& y, bool l1) {
  MedianDistance result;
  const Matrix<double> pool = pool_rows(x, y);
  result.points = pool.rows();
  std::vector<double> distances = pair_distances(pool, l1);
  result.value = distances.empty() ? 0 : median_of(distances);
  if (result.value > 0) return result;
  result.fallback = true;
  double sum = 0;
  for (const double distance : distances) sum += distance;
  result.value = sum > 0 ? sum / static_cast<double>(distances.size()) : 1;
  return result;
}

}  // namespace pushforward
