// SPDX-License-Identifier: Apache-2.0
//
// The generative adversarial network: a generator against a discriminator's cross-entropy.
//
//   max_D E ln D(x) + E ln(1 − D(G(z))), then G ascends −E ln(1 − D(G(z))) (minimax: min_G of the same game)
//   or descends −E ln D(G(z)) (non-saturating: the same fixed point, a gradient that does not die while D
//   wins)
//
// [Goodfellow, Pouget-Abadie, Mirza, Xu, Warde-Farley, Ozair, Courville & Bengio, "Generative adversarial
// nets", NeurIPS 2014]. At the optimal D the minimax game is −ln 4 + 2·JSD. Rate and momentum as in DCGAN
// [Radford, Metz & Chintala, ICLR 2016]: Adam at 0.0002 with β₁ = 0.5. --pack lets the discriminator see
// several points at once [Lin et al., "PacGAN", NeurIPS 2018].
//
// On images, plain dense networks do not hold the game: the discriminator tells every pixel's exact zeros
// from a sigmoid's small numbers, wins within ten epochs, and the generator falls to one picture (MNIST: MMD²
// on an autoencoder's codes 0.84). So where nothing else is asked for, it looks through dropout and instance
// noise [Sønderby et al., ICLR 2017] and the generator has batch norm (0.015 after five epochs).
#include "models/generator_base.hpp"
#include "models/registry.hpp"

namespace pushforward {
namespace {

void settle_on_images(Options& options, const Dataset& training) {
  settle_generator_on(options, training);
  const bool plain = options.text("network") == "mlp" && !options.has("code");
  if (!training.shape.image || !plain || options.given("distance")) return;
  const bool shaped = options.given("critic-activation");
  options.set("distance", std::string("jsd-critic:loss=non-saturating,dropout=0.5,input-dropout=0.2") +
                              (shaped ? "" : ",activation=leaky-relu"));
  if (!options.given("norm")) options.set("norm", "batch");
  if (!options.given("instance-noise")) options.set("instance-noise", "0.3");
}

}  // namespace

ModelEntry gan_entry() {
  return {.name = "gan",
          .title = "Generative adversarial network: a generator against a discriminator",
          .formula = "min_G max_D E ln D(x) + E ln(1 − D(G(z))), by default with −ln D(G(z)) for G",
          .source = "Goodfellow et al., NeurIPS 2014",
          .options = with_defaults(generator_options(), {{"distance", "jsd-critic:loss=non-saturating"},
                                                         {"latent", "64"},
                                                         {"batch", "128"},
                                                         {"rate", "0.0002"},
                                                         {"optimizer", "adam:beta1=0.5"}}),
          .examples =
              "  pushforward train gan mnist -o runs/gan --epochs 50 --ema 0.999\n"
              "  pushforward train gan mnist -o runs/dcgan --network dcgan --epochs 10\n"
              "  pushforward train gan toy:8gaussians -o runs/ring --latent 2 --pack 2\n"
              "  pushforward train gan mnist -o runs/minimax --distance jsd-critic:loss=minimax\n",
          .make = make_named_generator,
          .settle = settle_generator,
          .settle_on = settle_on_images};
}

}  // namespace pushforward
