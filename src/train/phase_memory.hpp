// SPDX-License-Identifier: Apache-2.0
//
// A phase of a model with its own slice of the arena and its own optimiser.
//
// All of a phase's parameters lie side by side, because models list them phase by phase; so a phase is moved
// by one sweep over one stretch of memory, and no optimiser touches another's parameters.
#pragma once

#include <vector>

#include "train/checkpoint.hpp"
#include "train/plan.hpp"

namespace pushforward {

struct PhaseMemory {
  Phase phase;
  View<float> values, gradients;
  double rate = 0;
};

/// Elements begin … end−1 of one row.
inline View<float> part(View<float> flat, std::size_t begin, std::size_t end) {
  return {flat.data + begin, 1, end - begin};
}

/// Finds every phase's slice and makes its optimiser (in `state`, in place of what was there). RequestError
/// when a phase's parameters do not lie side by side.
std::vector<PhaseMemory> slice_phases(Run& run, const std::vector<Phase>& phases, const TrainPlan& plan,
                                      TrainState& state);

}  // namespace pushforward
