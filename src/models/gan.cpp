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

void settle_on_images(GeneratorOptions& o, const Dataset& training) {
  settle_generator_on(o, training);
  const bool plain = *o.network.network == "mlp" && o.code.empty();
  if (!training.shape.image || !plain || o.plug.distance.given()) return;
  Spec looks_through{"jsd-critic",
                     {{"loss", "non-saturating"}, {"dropout", "0.5"}, {"input-dropout", "0.2"}}};
  if (!o.plug.critic_activation.given()) looks_through.options.emplace_back("activation", "leaky-relu");
  o.plug.distance = std::move(looks_through);
  o.norm.unless_given("batch");
  o.plug.instance_noise.unless_given(0.3);
}

}  // namespace

ModelEntry gan_entry() {
  ModelEntry row = generator_row(Recipe::gan);
  row.title = "Generative adversarial network: a generator against a discriminator";
  row.formula = "min_G max_D E ln D(x) + E ln(1 − D(G(z))), by default with −ln D(G(z)) for G";
  row.source = "Goodfellow et al., NeurIPS 2014";
  row.examples =
      "  pushforward train gan mnist -o runs/gan --epochs 50 --ema 0.999\n"
      "  pushforward train gan mnist -o runs/dcgan --network dcgan --epochs 10\n"
      "  pushforward train gan toy:8gaussians -o runs/ring --latent 2 --pack 2\n"
      "  pushforward train gan mnist -o runs/minimax --distance jsd-critic:loss=minimax\n";
  row.settle_on = settled_by(option_table(GeneratorOptions{.recipe = Recipe::gan}), settle_on_images);
  return row;
}

}  // namespace pushforward
