// SPDX-License-Identifier: Apache-2.0
//
// What a user sees of a training: first what was read and decided, then a line an epoch, a bar between, and
// at the end what came of it.
#pragma once

#include <chrono>
#include <string>

#include "animation.hpp"
#include "progress.hpp"
#include "pushforward/train.hpp"
#include "train/still_falling.hpp"

namespace pushforward::cli {

/// What train() is to call. Lines go to standard error, with `json` an object an epoch to standard output.
class TrainingTeller {
 public:
  /// `decided` is the first line, to which the length of a step is added once it is known. `animation` may be
  /// null.
  TrainingTeller(const Run& run, std::string decided, bool json, bool quiet, TrainingAnimation* animation);

  Continue operator()(const Progress& progress);
  /// Whether a step was told.
  bool begun() const { return begun_; }
  bool still_falls() const { return blocks_.still_falls(); }
  const LateEstimate& late_estimate() const { return late_; }

 private:
  using Clock = std::chrono::steady_clock;
  void tell_decisions(const Progress& progress);

  const Run& run_;
  std::string decided_;
  bool json_, begun_ = false, decided_told_ = false;
  TrainingAnimation* animation_;
  ProgressBar bar_;
  std::string monitored_;
  LossBlocks blocks_;
  LateEstimate late_;
  Clock::time_point last_;
};

}  // namespace pushforward::cli
