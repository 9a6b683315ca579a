// SPDX-License-Identifier: Apache-2.0
//
// A variational autoencoder of digits with a code of two numbers: its latent plane, and both terms of the
// bound.
//
//   ln p(x) ≥ E_q[ln p(x|z)] − KL[q(z|x) ‖ N(0, I)]
#include "latent.hpp"
#include "pushforward/random.hpp"

namespace pushforward::cli::walkthrough {
namespace {

constexpr std::size_t kCodes = 1000;

// Of the first draws in the page, which makes more by itself (web/src/figures/vae.ts).
Json noise(std::uint64_t seed) {
  std::vector<double> epsilon(12);
  fill_normal(epsilon, Draw{seed}.on("draws of a code"));
  return numbers(epsilon);
}

}  // namespace

Json vae_chapter(const Demonstration& demonstration) {
  const std::string data = demonstration.quick ? "mnist@0:10000" : "mnist",
                    epochs = demonstration.quick ? "12" : "30";
  Json curve = Json::array();
  const Training training = {"vae", data, {{"latent", "2"}, {"hidden", "256"}, {"epochs", epochs}}};
  const Run run = trained(training, demonstration, [&](const Run&, const Progress& progress) {
    if (!progress.epoch_end) return;
    Json point = {{"epoch", progress.epoch}, {"bound", -progress.losses.loss}};
    for (std::size_t i = 0; i < progress.losses.count; ++i)
      point[std::string(progress.losses.parts[i].name)] = progress.losses.parts[i].value;
    curve.push_back(point);
  });
  const Dataset test = load_data("mnist:test@0:1000");
  const Json figures = to_json(evaluate(*run.model, test, {.seed = demonstration.seed}));
  return {{"data", data},
          {"epochs", epochs},
          {"curve", curve},
          {"elbo", figures["elbo"]},
          {"kl", figures["kl"]},
          {"first_term", figures["elbo"].get<double>() + figures["kl"].get<double>()},
          {"decoder", decoder_of(run)},
          {"tried", decoded_by(run)},
          {"codes", codes_of(run, test, kCodes)},
          {"seed", demonstration.seed},
          {"noise", noise(demonstration.seed)},
          {"labels", Json(std::vector<int>(test.labels.begin(), test.labels.begin() + kCodes))},
          {"images", images_base64(std::as_const(test).floats(0, 100).view())}};
}

}  // namespace pushforward::cli::walkthrough
