// SPDX-License-Identifier: Apache-2.0
//
// A batch of B rows in S slices, shared among ranks.
//
//   ∇ mean over B rows = Σ_s (rows of s)/B · ∇ mean over s's rows,   added as slice_sums.hpp says
//
// or, where a model pools its points (row_wise.hpp): all points meet, each rank compares them, and goes back
// through its own.
//
// Slice s of step t draws as step t + 2⁴⁰·s would: noise belongs to a row of the batch, whoever has it.
#pragma once

#include <string_view>
#include <vector>

#include "parallel/slice_sums.hpp"
#include "pushforward/row_wise.hpp"
#include "pushforward/run.hpp"
#include "train/plan.hpp"

namespace pushforward {

/// Whether a training with this plan is cut into slices at all. Refuses, in one sentence, a model whose loss
/// is no mean over rows, and fewer slices than ranks or more than rows.
/// A model that pools says how many rows a step needs at least.
bool is_sliced(const Run& run, TrainPlan& plan);

class SlicedBatch {
 public:
  explicit SlicedBatch(const TrainPlan& plan) : sums_(plan.slices) {}

  /// As Model::accumulate on all `rows` rows of the step, of which `batch` has this rank's. What is in
  /// `gradients` afterwards, and the losses, are alike on every rank.
  Losses accumulate(Model& model, std::size_t phase, View<const float> batch, std::size_t rows,
                    const OwnSlices& own, const Step& step, View<float> gradients);

 private:
  static constexpr std::size_t kNumbers = 2 + std::tuple_size_v<decltype(Losses::parts)>;

  Losses together(const OwnSlices& own);
  Losses pooled(Pooled& model, View<const float> batch, std::size_t rows, const OwnSlices& own,
                const Step& step, View<float> gradients);
  void meet(View<const float> mine, std::size_t rows, const OwnSlices& own, Tensor& all) const;

  SliceSums sums_;
  std::vector<double> mine_{}, all_{};  // of a slice: how many parts, the loss, the parts, times its share
  Losses named_{};                      // as a slice of this rank had them last
  Tensor points_{}, all_points_{}, all_rows_{}, slopes_{};
};

}  // namespace pushforward
