// SPDX-License-Identifier: Apache-2.0
// --noise-distribution.
#include "models/latent_noise.hpp"

#include "pushforward/error.hpp"

namespace pushforward {

LatentNoise::LatentNoise(const Options& options) {
  const Spec spec = options.spec("noise-distribution");
  SpecReader read(spec);
  if (spec.name != "normal" && spec.name != "uniform")
    throw unknown_word("--noise-distribution", spec.name, std::vector<std::string>{"normal", "uniform"});
  uniform_ = spec.name == "uniform";
  if (uniform_) half_width_ = static_cast<float>(read.positive("", 1));
  read.finish();
}

void LatentNoise::fill(View<float> z, const Draw& draw) const {
  if (uniform_)
    fill_uniform(z.span(), draw, -half_width_, half_width_);
  else
    fill_normal(z.span(), draw);
}

}  // namespace pushforward
