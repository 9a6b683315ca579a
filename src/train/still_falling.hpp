// SPDX-License-Identifier: Apache-2.0
//
// Whether a training that has ended would have gone on to learn.
//
// The steps' losses are averaged in equal blocks; over the second half of these a straight line is fitted
// [least squares]. The loss still falls where the line's slope is below 0 by more than three of its standard
// errors, and would bring, over as many steps again, more than a fiftieth of all that was gained. A stage of
// pre-training has another loss than the next one, so that each begins anew.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pushforward {

/// Of a learned distance: the mean of what its critic made of the last tenth of the steps. Below 0, where no
/// distance is, the critic had lost the generator, and the game has no result.
class LateEstimate {
 public:
  void see(std::uint64_t step, std::uint64_t total_steps, double estimate);
  bool impossible() const { return count_ > 0 && !(mean() >= -kChance); }
  double mean() const { return sum_ / count_; }

 private:
  static constexpr double kChance = 1;  // what a batch of few points may be below 0 by
  double sum_ = 0, count_ = 0;
};

class LossBlocks {
 public:
  /// The loss of a step (the first is 1), of so many in all.
  void see(std::uint64_t step, std::uint64_t total_steps, double loss, std::string_view stage = {});
  bool still_falls() const;

 private:
  static constexpr std::size_t kBlocks = 40;
  struct Block {
    double sum = 0, count = 0;
  };
  std::vector<Block> blocks_{};
  std::uint64_t begin_ = 0;  // steps before the first one seen of this stage
  std::string stage_{};
};

}  // namespace pushforward
