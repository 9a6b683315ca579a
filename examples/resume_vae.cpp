// SPDX-License-Identifier: Apache-2.0
//
// A run of its own: trained from typed options, gone on with, evaluated with the numbers that
// `pushforward evaluate` prints, and its samples measured beside the data, with a gradient.
//
//   example_resume_vae [RUN]
#include <cstdio>
#include <filesystem>

#include <pushforward/distances.hpp>
#include <pushforward/evaluate.hpp>
#include <pushforward/models.hpp>

int main(int count, char** arguments) {
  using namespace pushforward;
  const std::string path = count > 1 ? arguments[1] : "example_resume_vae.run";
  std::filesystem::remove_all(path);
  const Dataset data = load_data("toy:moons:n=500");
  Run begun = create_run(path,
                         VaeOptions{.network = {.latent = 2, .hidden = {32}},
                                    .likelihood = {.kind = LikelihoodKind::gaussian_learned},
                                    .training = {.epochs = 4, .rate = 0.003, .threads = 1}},
                         data);
  train(begun, data, nullptr,
        [](const Progress& at) { return at.epoch < 2 ? Continue::yes : Continue::stop; });

  Run run = resume_run(path);
  const Summary summary = train(run, data, nullptr);
  const Fields figures = evaluate(run, rows_of(run, data, data.name)).figures;
  std::printf("%zu epochs, elbo %.17g\n", summary.epochs, number_of(figures, "elbo"));

  const Tensor drawn = samples_of(run, 0).rows(500), real = data.floats(0, 500);
  Matrix<double> gradient(500, 2);
  const Reading w2 =
      make_distance(WassersteinOptions{.p = 2})->measure({drawn}, {real}, {.points = gradient});
  std::printf("w2 %.17g, moved by (%.3g, %.3g) at the first sample\n", *w2.value, gradient(0, 0),
              gradient(0, 1));
  return summary.epochs == 4 && *w2.value > 0 ? 0 : 1;
}
