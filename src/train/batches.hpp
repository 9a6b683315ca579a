// SPDX-License-Identifier: Apache-2.0
//
// Which rows a step sees: a random order an epoch, cut into batches.
//
//   epoch e, step s:  rows  permutation(seed, "shuffle", e)[(s mod S)·B …],  S steps an epoch
//
// A phase that is repeated within a step sees other rows each time: the same order, further on.
#pragma once

#include <vector>

#include "parallel/slice_sums.hpp"
#include "pushforward/data.hpp"
#include "pushforward/random.hpp"
#include "train/plan.hpp"

namespace pushforward {

class Batches {
 public:
  explicit Batches(const TrainPlan& plan) : plan_(plan), order_(plan.rows) { index_.reserve(plan.batch); }

  /// Fills `batch` with the rows of this step and repeat, as far as they belong to these slices; returns how
  /// many rows all slices have.
  std::size_t gather(const Dataset& data, std::uint64_t step, std::size_t repeat, const OwnSlices& own,
                     Tensor& batch);

 private:
  const TrainPlan& plan_;
  std::vector<std::uint32_t> order_, index_{};
  std::size_t epoch_ = SIZE_MAX;
};

}  // namespace pushforward
