// SPDX-License-Identifier: Apache-2.0
// Distances within a pool, and grids between two of them: see pool_bandwidths.hpp.
#include "distances/pool_bandwidths.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "core/hash.hpp"

namespace pushforward {
namespace {

constexpr std::size_t kMostRows = 500;

void add_row(Hash64& hash, const Points& points, std::size_t i) {
  for (std::size_t k = 0; k < points.d(); ++k) {
    const double value = points.at(i, k) + 0.0;  // −0 is 0
    hash.update(&value, sizeof value);
  }
}

Matrix<double> whole_pool(const Points& x, const Points& y) {
  Matrix<double> pool(x.n() + y.n(), x.d());
  for (std::size_t i = 0; i < pool.rows(); ++i)
    for (std::size_t k = 0; k < pool.cols(); ++k) pool(i, k) = i < x.n() ? x.at(i, k) : y.at(i - x.n(), k);
  return pool;
}

// The rows with the smallest hashes; equal rows have equal ones, so that it does not matter which are taken.
Matrix<double> chosen_rows(const Points& x, const Points& y) {
  const Matrix<double> pool = whole_pool(x, y);
  if (pool.rows() <= kMostRows) return pool;
  std::vector<std::uint64_t> hashes;
  for (std::size_t i = 0; i < pool.rows(); ++i) {
    Hash64 hash;
    add_row(hash, Points(pool.view()), i);
    hashes.push_back(hash.value());
  }
  std::vector<std::size_t> order(pool.rows());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::nth_element(order.begin(), order.begin() + kMostRows, order.end(),
                   [&](std::size_t a, std::size_t b) { return hashes[a] < hashes[b]; });
  Matrix<double> rows(kMostRows, pool.cols());
  for (std::size_t i = 0; i < kMostRows; ++i) std::copy_n(pool.row(order[i]), pool.cols(), rows.row(i));
  return rows;
}

void settle(std::vector<double>& distances) {
  std::erase_if(distances, [](double distance) { return !(distance > 0); });
  std::sort(distances.begin(), distances.end());
  if (distances.empty()) distances = {1};
}

}  // namespace

PoolDistances pool_distances(const Points& x, const Points& y) {
  const Matrix<double> rows = chosen_rows(x, y);
  PoolDistances out;
  for (std::size_t i = 0; i < rows.rows(); ++i)
    for (std::size_t l = 0; l < i; ++l) {
      double squares = 0, sum = 0;
      for (std::size_t k = 0; k < rows.cols(); ++k) {
        const double apart = rows(i, k) - rows(l, k);
        squares += apart * apart, sum += std::abs(apart);
      }
      out.euclidean.push_back(std::sqrt(squares)), out.absolute.push_back(sum);
    }
  settle(out.euclidean), settle(out.absolute);
  return out;
}

double quantile_of(const std::vector<double>& values, double share) {
  const auto place = static_cast<std::size_t>(share * static_cast<double>(values.size()));
  return values[std::min(place, values.size() - 1)];
}

std::vector<double> ratio_grid(double low, double high, std::size_t count) {
  std::vector<double> grid;
  const double steps = static_cast<double>(count - 1);
  for (std::size_t i = 0; i < count; ++i)
    grid.push_back(low * std::pow(high / low, static_cast<double>(i) / steps));
  return grid;
}

std::vector<double> even_grid(double low, double high, std::size_t count) {
  std::vector<double> grid;
  const double steps = static_cast<double>(count - 1);
  for (std::size_t i = 0; i < count; ++i) grid.push_back(low + (high - low) * static_cast<double>(i) / steps);
  return grid;
}

namespace {

using Kernels = KernelGridOptions::Kernels;
const OptionWords<Kernels> kKernelWords = {
    {"both", Kernels::both}, {"laplacian", Kernels::laplacian}, {"gaussian", Kernels::gaussian}};

}  // namespace

const OptionTable<KernelGridOptions>& option_table(const KernelGridOptions&) {
  static const auto table =
      OptionTable<KernelGridOptions>("kernel grid")
          .add("kernels", &KernelGridOptions::kernels,
               "laplacian exp(−‖·‖₁/σ), gaussian exp(−r²/2σ²), or both", word_of(kKernelWords))
          .add("bandwidths", &KernelGridOptions::bandwidths,
               "bandwidths of each, on a grid between distances of the pool", count_of(2, 1000));
  return table;
}

Fields kernel_grid_fields(const KernelGridOptions& grid) {
  return {{"kernels", word_for(kKernelWords, grid.kernels)}, {"bandwidths", grid.bandwidths}};
}

std::string kernel_text(const CollectedKernel& kernel) {
  return fmt::format("{}, bandwidth {:.4g}",
                     kernel.family == KernelFamily::laplacian ? "laplacian" : "gaussian", kernel.bandwidth);
}

std::uint64_t hash_of(const Sample& x, const Sample& y) {
  Hash64 hash;
  for (const Sample* sample : {&x, &y}) {
    const std::size_t size[2] = {sample->n(), sample->d()};
    hash.update(size, sizeof size);
    for (std::size_t i = 0; i < sample->n(); ++i) add_row(hash, sample->points, i);
  }
  return hash.value();
}

}  // namespace pushforward
