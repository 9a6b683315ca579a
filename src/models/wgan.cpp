// SPDX-License-Identifier: Apache-2.0
//
// The Wasserstein GAN: a generator against a critic that is held to slope 1.
//
//   min_G max_f E f(x) − E f(G(z)),  f 1-Lipschitz: W₁ by Kantorovich and Rubinstein
//
// [Arjovsky, Chintala & Bottou, ICML 2017]: weights clipped (`w1-critic:lipschitz=clip+0.01`, RMSProp at
// 5e-5); by default the gradient penalty of Gulrajani, Ahmed, Arjovsky, Dumoulin & Courville [NeurIPS 2017]
// with their settings: weight 10, 5 critic steps, Adam at 1e-4 with β = (0.5, 0.9). Or spectral norms
// [Miyato, Kataoka, Koyama & Yoshida, ICLR 2018].
#include "models/generator_base.hpp"
#include "models/registry.hpp"

namespace pushforward {

ModelEntry wgan_entry() {
  ModelEntry row = generator_row(Recipe::wgan);
  row.title = "Wasserstein GAN: a generator against a critic of bounded slope";
  row.formula = "min_G max_f E f(x) − E f(G(z)), f 1-Lipschitz";
  row.source = "Arjovsky, Chintala & Bottou, ICML 2017; Gulrajani et al., NeurIPS 2017";
  row.examples =
      "  pushforward train wgan mnist -o runs/wgan --epochs 50 --ema 0.999\n"
      "  pushforward train wgan mnist -o runs/convolutions --network dcgan --epochs 10\n"
      "  pushforward train wgan toy:8gaussians:scale=1.414 -o runs/ring --latent 2 --hidden 512,512,512 "
      "--critic-hidden 512,512,512 --distance w1-critic:lipschitz=penalty+0.1 --steps 10000\n";
  return row;
}

}  // namespace pushforward
