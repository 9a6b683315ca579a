// SPDX-License-Identifier: Apache-2.0
//
// Grids of bandwidths for tests that try many kernels, taken from the distances within a pool.
//
// A test's level holds exactly if its kernels do not know the labels. So distances are between all rows of
// the pool, and where there are too many the rows are chosen by their own values (those with the smallest
// hash), never by their places.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/kernel_collection.hpp"
#include "pushforward/distances.hpp"
#include "pushforward/option_table.hpp"
#include "pushforward/sample.hpp"

namespace pushforward {

/// Distances of two different rows, above 0 and ascending; {1} where all rows are equal.
struct PoolDistances {
  std::vector<double> euclidean, absolute;  ///< ‖x − y‖ and ‖x − y‖₁
};
/// Between at most 500 rows of the pool.
PoolDistances pool_distances(const Points& x, const Points& y);

/// The value below which a share of the ascending `values` lies: values[⌊share · count⌋].
double quantile_of(const std::vector<double>& values, double share);

/// `count` ≥ 2 numbers from `low` to `high`: in equal ratios, or at equal distances.
std::vector<double> ratio_grid(double low, double high, std::size_t count);
std::vector<double> even_grid(double low, double high, std::size_t count);

/// The options of a grid as they were used.
Fields kernel_grid_fields(const KernelGridOptions& grid);
/// "gaussian, bandwidth 0.35".
std::string kernel_text(const CollectedKernel& kernel);

/// XXH64 of both samples' values.
std::uint64_t hash_of(const Sample& x, const Sample& y);

}  // namespace pushforward
