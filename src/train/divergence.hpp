// SPDX-License-Identifier: Apache-2.0
//
// A training that ran away: how it is seen, where it began, and what to do next.
#pragma once

#include <string>

#include "pushforward/error.hpp"
#include "train/checkpoint.hpp"
#include "train/good_checkpoint.hpp"

namespace pushforward {

/// Thrown inside of the loop, which puts the run back before anybody else hears of it.
struct Diverged {
  std::string what;  ///< "a loss of inf"
};

/// Where and how, for the message.
struct Divergence {
  std::string what;
  std::uint64_t step = 0;
  bool moved = false;  ///< an optimiser was at work since the last checkpoint was read
};

/// What is thrown then: the run can go on, as the message says.
class WentBack final : public WorkError {
 public:
  using WorkError::WorkError;
};

/// Puts a run (with a directory) back to its last good checkpoint, its weights included, and throws the
/// WentBack that says so and what to do next.
[[noreturn]] void go_back(Run& run, GoodCheckpoint& good, const Divergence& divergence);

/// Whether every weight, average and moment is finite.
bool is_finite(Run& run, TrainState& state);
/// Whether a weight is not finite, or weights are so large that what is computed of them may not be.
bool has_run_away(Run& run);

}  // namespace pushforward
