// SPDX-License-Identifier: Apache-2.0
// Slices and optimisers; weight decay is told where it acts by a flag an element.
#include "train/phase_memory.hpp"

#include <algorithm>

#include "pushforward/error.hpp"

namespace pushforward {
namespace {

std::pair<std::size_t, std::size_t> slice_of(const Run& run, const Phase& phase) {
  std::size_t begin = run.arena.trained_size(), end = 0, sum = 0;
  constexpr std::size_t line = kAlignment / sizeof(float);
  for (const Parameter* parameter : phase.parameters) {
    const std::size_t size = (parameter->size() + line - 1) / line * line;
    begin = std::min(begin, run.arena.offset(*parameter));
    end = std::max(end, run.arena.offset(*parameter) + size);
    sum += size;
  }
  if (phase.parameters.empty() || end - begin != sum)
    throw RequestError(Complaint{"phase " + phase.name, "parameters that do not lie side by side",
                                 "parameters() to list them phase by phase"});
  return {begin, end};
}

// 1 for every element of a parameter that decays.
std::vector<float> decay_flags(const Run& run, const Phase& phase, std::size_t begin, std::size_t end) {
  std::vector<float> flags(end - begin, 0.0f);
  for (const Parameter* p : phase.parameters)
    if (p->decays)
      std::fill_n(flags.begin() + static_cast<std::ptrdiff_t>(run.arena.offset(*p) - begin), p->size(), 1.0f);
  return flags;
}

}  // namespace

std::vector<PhaseMemory> slice_phases(Run& run, const std::vector<Phase>& phases, const TrainPlan& plan,
                                      TrainState& state) {
  std::vector<PhaseMemory> out;
  state.phase_names.clear(), state.optimizers.clear();
  for (const Phase& phase : phases) {
    const auto [begin, end] = slice_of(run, phase);
    const std::vector<float> flags =
        plan.weight_decay > 0 ? decay_flags(run, phase, begin, end) : std::vector<float>{};
    state.phase_names.push_back(phase.name);
    state.optimizers.push_back(
        make_optimizer(phase.optimizer.value_or(plan.optimizer), end - begin, plan.weight_decay, flags));
    out.push_back({phase, part(run.arena.values(), begin, end), part(run.arena.gradients(), begin, end),
                   phase.rate.value_or(plan.rate)});
  }
  return out;
}

}  // namespace pushforward
