// SPDX-License-Identifier: Apache-2.0
//
// What is seen of a training besides its loss: monitored distances, and warnings that are said once.
//
// Always the same rows, evenly spaced, and the same draws: what moves is the model. A measurement belongs to
// the step after which it was taken, so a resumed run repeats it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pushforward/learner.hpp"

namespace pushforward {

class Watcher {
 public:
  /// Monitored::monitor on at most 500 rows of `data` from `first` on, and the other halves of them, where
  /// there are any; nothing of a model that is not Monitored.
  void measure(Model& model, const Dataset& data, const Dataset& inputs, std::size_t first, Step step);
  /// Whether the last measurement was taken after so many steps.
  bool measured_at(std::uint64_t step) const { return last_ && at_ == step; }
  const std::optional<Losses>& last() const { return last_; }
  /// One of the last measurement's parts; NaN where it has none of that name.
  double value(std::string_view name) const;
  /// What the model warns of, with its step, if it has not been said; else "".
  std::string warning(const Model& model, const Losses& seen, std::uint64_t step);

 private:
  Tensor rows_{}, inputs_{};
  std::optional<Losses> last_{};
  std::uint64_t at_ = 0;
  std::vector<std::string> said_{};
};

}  // namespace pushforward
