// SPDX-License-Identifier: Apache-2.0
//
// The generative moment matching network: a generator against the maximum mean discrepancy.
//
//   min_G MMD²(G#ζ, p), biased, or its root (--root), by M generated and B real points a step
//
// [Li, Swersky & Zemel, "Generative moment matching networks", ICML 2015; Dziugaite, Roy & Ghahramani, UAI
// 2015]. A V-statistic's gradient is that of the U-statistic but for the self-terms, which have none. The
// published program sums kernels exp(−d²/2s) with s = 2, 5, 10, 20, 40, 80, which are bandwidths √s here;
// they are made for 784 pixels in 0…1, so the default is the median of the pooled distances at the first
// step.
#include "models/generator_base.hpp"
#include "models/registry.hpp"

namespace pushforward {

ModelEntry gmmn_entry() {
  return {.name = "gmmn",
          .title = "Generative moment matching network: a generator against MMD",
          .formula = "min_G MMD²(G(z), data), z uniform",
          .source = "Li, Swersky & Zemel, ICML 2015",
          .options = with_defaults(generator_options(), {{"distance", "mmd:estimator=biased"},
                                                         {"noise-distribution", "uniform"},
                                                         {"latent", "10"},
                                                         {"hidden", "64,256,256,1024"},
                                                         {"batch", "500"}}),
          .examples =
              "  pushforward train gmmn mnist -o runs/gmmn --distance mmd:estimator=biased,root=yes\n"
              "  pushforward train gmmn toy:moons -o runs/moons --steps 5000\n",
          .make = make_named_generator,
          .settle = settle_generator,
          .settle_on = settle_generator_on};
}

}  // namespace pushforward
