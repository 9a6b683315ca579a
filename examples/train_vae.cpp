// SPDX-License-Identifier: Apache-2.0
//
// A variational autoencoder trained from C++, in memory: eight Gaussians on a ring, a two-dimensional code.
//
// The options are those of the command line, as structs; the loop is the command line's too.
#include <cstdio>

#include <pushforward/data.hpp>
#include <pushforward/models.hpp>

int main() {
  using namespace pushforward;
  const Dataset data = load_data("toy:8gaussians:n=4000");
  const VaeOptions vae = {.network = {.latent = 2, .hidden = {64, 64}},
                          .likelihood = {.kind = LikelihoodKind::gaussian_learned},
                          .training = {.epochs = 5}};
  Run run = create_run("", vae, data);  // an empty path: no files
  const Summary summary = train(run, data, nullptr, [](const Progress& progress) {
    if (progress.epoch_end) std::printf("epoch %zu: loss %.4f\n", progress.epoch, progress.losses.loss);
    return Continue::yes;
  });

  Tensor samples(5, 2);
  generate(*run.model, samples, Draw{.seed = 1}, false);
  for (std::size_t i = 0; i < samples.rows(); ++i)
    std::printf("(%.3f, %.3f)\n", samples(i, 0), samples(i, 1));
  return summary.stopped == Stopped::finished ? 0 : 1;
}
