// SPDX-License-Identifier: Apache-2.0
//
// All parameters of a model in one block of memory, gradients and optimiser moments in parallel blocks: one
// fused optimiser sweep, one checkpoint blob, one moving average.
#pragma once

#include <string>
#include <vector>

#include "pushforward/layer.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

class Arena {
 public:
  Arena() = default;
  Arena(Arena&&) = default;
  Arena& operator=(Arena&&) = default;

  /// Gives every parameter its place (each begins on a 64-byte boundary; padding stays 0) and initialises it
  /// from its `initial` and the draw (a stream of its own a parameter, by name). Trained ones come
  /// first.
  void bind(std::vector<Parameter*> parameters, const Draw& draw);

  const std::vector<Parameter*>& parameters() const { return parameters_; }
  /// Trained and kept parameters together; padding included.
  View<float> values() { return values_.view(); }
  View<float> gradients() { return gradients_.view(); }  ///< of the trained part
  std::size_t trained_size() const { return gradients_.size(); }
  /// Where a parameter begins in values() (and, if trained, in gradients()).
  std::size_t offset(const Parameter& parameter) const;

 private:
  std::vector<Parameter*> parameters_;
  Tensor values_, gradients_;
};

/// Fills `parameter.value` as its `initial` says.
void initialise(Parameter& parameter, const Draw& draw);

}  // namespace pushforward
#pragma GCC visibility pop
