// SPDX-License-Identifier: Apache-2.0
//
// The last checkpoint from which a training can go on, kept beside the last one (good.safetensors) until that
// has proved itself, and put in its place when the training diverges.
//
// A divergence shows too late: weights that have run away are finite for some steps, and no rate helps who
// goes on from there. A checkpoint is good when, after it,
//
//   a later step's loss ≤ the loss of the step that it was written after, and
//   rms(weights) ≤ 100·(1 + rms of the good one before it):
//
// a training that runs away raises its loss from step to step, or (where the loss saturates, as a critic's
// may) its weights, and never has either again. Noise decides in a step or two that an ordinary training has.
// Neither test needs the loss's scale or sign. The checkpoint that resume reads is always the last one, so
// that nothing of this changes a bit of a training that does not diverge. Files are links of one another and
// cost no copy.
#pragma once

#include <cstdint>

#include "train/checkpoint.hpp"

namespace pushforward {

class GoodCheckpoint {
 public:
  /// Where a training begins or goes on, at the checkpoint that `state` was read from.
  void open(Run& run, const TrainState& state);
  /// After a checkpoint was written.
  void written(const TrainState& state);
  /// After a step that went well.
  void see(double loss);
  /// At the end: with a last checkpoint that is no worse than it should be, the other file goes.
  void finish();
  /// Puts the good one in the place of the last. False where there is none other.
  bool restore();

 private:
  void keep() const;
  bool is_small(double norm) const;

  std::string good_{}, last_{};
  double size_ = 1;  // values in all
  double good_norm_ = kUnknown, waiting_loss_ = kUnknown, waiting_norm_ = kUnknown;
  bool waiting_ = false;  // the last checkpoint has not proved itself
};

}  // namespace pushforward
