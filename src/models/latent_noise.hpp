// SPDX-License-Identifier: Apache-2.0
//
// Where latents come from: N(0, I), or U(−A, A) in every coordinate.
#pragma once

#include "pushforward/options.hpp"
#include "pushforward/random.hpp"
#include "pushforward/tensor.hpp"

namespace pushforward {

class LatentNoise {
 public:
  /// --noise-distribution: normal, or uniform:A.
  explicit LatentNoise(const Options& options);
  void fill(View<float> z, const Draw& draw) const;
  bool normal() const { return !uniform_; }

 private:
  bool uniform_ = false;
  float half_width_ = 1;  // A
};

}  // namespace pushforward
