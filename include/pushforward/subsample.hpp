// SPDX-License-Identifier: Apache-2.0
//
// A measurement on a few rows in place of all: for samples so large that all of them would take too long.
//
// Rows are spread evenly: subsample r of R takes rows r, r + s, r + 2s, … with the stride s = ⌊n/N⌋, N rows
// each, so that a file that is ordered in any slow way is seen from end to end and no two subsamples share a
// row. The reading is the mean of the R values, with
//
//   standard error = √(Σ_r (D_r − D̄)² / (R (R − 1))),
//
// what is left of chance between subsamples; a bias of the estimator at N rows stays (floor.hpp shows it).
#pragma once

#include "pushforward/distance.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

/// Some rows of a sample, owned, in its own precision. Weights are divided by the sum of those taken:
/// RequestError where that is 0.
class RowsOf {
 public:
  RowsOf(const Sample& sample, std::span<const std::uint32_t> rows);
  Sample sample() const { return {in_floats_ ? Points(floats_.view()) : Points(doubles_.view()), weights_}; }

 private:
  bool in_floats_;
  Matrix<float> floats_;
  Matrix<double> doubles_;
  std::vector<double> weights_;
};

/// `count` rows first, first + stride, … of `sample`; all of it where it has no more.
RowsOf evenly_spread(const Sample& sample, std::size_t count, std::size_t first = 0);

struct SubsampleOptions {
  std::size_t rows = 20'000;  ///< N, of each sample
  std::size_t most = 4;       ///< subsamples at most; as many as n/N and m/N allow
};

/// D on subsamples, as above; `value` is their mean. With one subsample the reading is its own. Adds to
/// `extra`: "sampled_rows" N, "subsamples" R. Samples that have no more than N rows are measured whole.
Reading measure_subsamples(const Distance& distance, const Sample& x, const Sample& y,
                           const SubsampleOptions& options = {});

}  // namespace pushforward
#pragma GCC visibility pop
