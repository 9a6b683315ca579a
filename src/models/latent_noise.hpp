// SPDX-License-Identifier: Apache-2.0
//
// Where latents come from: N(0, I), or U(−A, A) in every coordinate.
#pragma once

#include "pushforward/models.hpp"
#include "pushforward/random.hpp"
#include "pushforward/tensor.hpp"

namespace pushforward {

class LatentNoise {
 public:
  explicit LatentNoise(const LatentDistribution& of) : uniform_(of.uniform) {}
  void fill(View<float> z, const Draw& draw) const;
  bool normal() const { return !uniform_; }

 private:
  std::optional<double> uniform_;  // A
};
/// normal, or uniform:A.
OptionKind<LatentDistribution> latent_kind();

}  // namespace pushforward
