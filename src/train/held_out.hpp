// SPDX-License-Identifier: Apache-2.0
//
// The rows that a training is judged by and never learns from: data of their own (--validation DATA), or the
// last rows of the training data (--validation SHARE), or none.
//
// Draws depend on the row alone, so that every epoch faces the same ones and what moves is the model.
#pragma once

#include <cstdint>
#include <vector>

#include "pushforward/data.hpp"
#include "pushforward/learner.hpp"
#include "train/plan.hpp"

namespace pushforward {

class HeldOut {
 public:
  /// `own` may be null; `inputs` are the other halves of `training`'s rows, or empty; `own_inputs` are own's.
  HeldOut(const Dataset& training, const Dataset* own, const Dataset& inputs, const Dataset& own_inputs,
          const TrainPlan& plan);

  bool any() const { return own_ != nullptr || plan_.held_out > 0; }
  /// They are the rows from first() on of data(); all training rows where there are none.
  const Dataset& data() const { return own() ? *own_ : training_; }
  /// The other halves of data()'s rows.
  const Dataset& inputs() const { return own() ? own_inputs_ : inputs_; }
  std::size_t first() const { return own() || plan_.held_out == 0 ? 0 : plan_.rows; }
  /// A copy of them.
  Dataset rows() const;
  /// The mean of Learner::validate over them. `learnt` are the rows of data(), or what learnt_from() makes of
  /// them; `step` says where the training stands, and its pass is not used.
  Losses mean_loss(Learner& learner, const Dataset& learnt, Step step);

 private:
  bool own() const { return own_ != nullptr; }
  static constexpr std::size_t kBatch = 500;

  const Dataset& training_;
  const Dataset* own_;
  const Dataset &inputs_, &own_inputs_;
  const TrainPlan& plan_;
  std::vector<std::uint32_t> index_{};  // of a block of rows
  Tensor batch_{}, input_batch_{};
};

}  // namespace pushforward
