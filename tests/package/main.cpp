// SPDX-License-Identifier: Apache-2.0
// Uses the installed library only, through its public headers: trains a small model, measures a distance with
// its gradient, runs a test, and says which version it found.
#include <cmath>
#include <cstdio>

#include <pushforward/distance.hpp>
#include <pushforward/error.hpp>
#include <pushforward/models.hpp>
#include <pushforward/two_sample.hpp>
#include <pushforward/version.hpp>

using namespace pushforward;

int main() {
  const Dataset moons = load_data("toy:moons:n=200");
  Run run = create_run("",
                       VaeOptions{.network = {.latent = 2},
                                  .likelihood = {.kind = LikelihoodKind::gaussian_learned},
                                  .training = {.steps = 5}},
                       moons);
  const Summary summary = train(run, moons, nullptr);

  Tensor drawn(100, 2);
  generate(*run.model, drawn, Draw{.seed = 1}, true);
  Matrix<double> gradient(100, 2);
  const Tensor data = moons.floats(0, 200);
  const Reading w2 = make_distance({"w2"})->measure({drawn}, {data}, {.points = gradient});
  try {
    make_distance({"w3"});
  } catch (const RequestError& error) {  // thrown in the library, caught here
    std::printf("%s\n", error.what());
  }
  std::printf("pushforward %s: %llu steps, loss %.3g, W2 %.3g\n", version(),
              static_cast<unsigned long long>(summary.steps), summary.last.loss, *w2.value);
  return summary.steps == 5 && *w2.value > 0 && std::isfinite(gradient(0, 0)) ? 0 : 1;
}
