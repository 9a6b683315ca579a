// SPDX-License-Identifier: Apache-2.0
//
// A training cut into stages: those of the model's pre-training, then the training proper.
//
//   steps    0 … b1−1    b1 … b2−1    …    bK … total−1
//   learns   stage 1     stage 2           phases()
//
// A stage lasts whole epochs. Its rate follows the schedule (with its warm-up) over the stage's own steps,
// and its moments begin at 0: a rate that has fallen to nothing, or moments of another loss, are no start for
// what comes next. Counters, shuffles and draws go on, so that a step's number alone says where a run stands,
// and a kill at a border costs nothing.
#pragma once

#include <string>
#include <vector>

#include "pushforward/optimizer.hpp"
#include "train/plan.hpp"

namespace pushforward {

struct StagePlan {
  std::string name;  ///< empty in a model without pre-training
  std::uint64_t begin = 0, end = 0;
  Schedule schedule;
  std::vector<Phase> phases;
};

/// All stages in order, the training proper last. Adds the epochs of pre-training to the plan's totals.
std::vector<StagePlan> plan_stages(Model& model, TrainPlan& plan);

/// The stage that `step` belongs to; the last one when all is done.
std::size_t stage_at(const std::vector<StagePlan>& stages, std::uint64_t step);

}  // namespace pushforward
