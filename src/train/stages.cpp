// SPDX-License-Identifier: Apache-2.0
// Epochs of stages into steps.
#include "train/stages.hpp"

#include <limits>

#include <fmt/format.h>

#include "pushforward/error.hpp"

namespace pushforward {

std::vector<StagePlan> plan_stages(Model& model, TrainPlan& plan) {
  std::vector<StagePlan> out;
  std::uint64_t step = 0;
  auto* staged = as<Staged>(model);
  for (Stage& stage : staged != nullptr ? staged->pretraining() : std::vector<Stage>{}) {
    if (stage.epochs < 1 || stage.epochs > std::numeric_limits<std::uint32_t>::max())
      throw RequestError(
          Complaint{"stage " + stage.name, fmt::format("{} epochs", stage.epochs), "1 to 4294967295"});
    const std::uint64_t length = stage.epochs * plan.steps_per_epoch;
    out.push_back({std::move(stage.name), step, step + length, Schedule(plan.schedule, length, plan.warmup),
                   std::move(stage.phases)});
    step += length;
    plan.epochs += stage.epochs;
  }
  out.push_back({step > 0 ? "fine-tuning" : "", step, step + plan.total_steps,
                 Schedule(plan.schedule, plan.total_steps, plan.warmup), learner(model).phases()});
  plan.total_steps += step;
  return out;
}

std::size_t stage_at(const std::vector<StagePlan>& stages, std::uint64_t step) {
  std::size_t i = 0;
  while (i + 1 < stages.size() && step >= stages[i].end) ++i;
  return i;
}

}  // namespace pushforward
