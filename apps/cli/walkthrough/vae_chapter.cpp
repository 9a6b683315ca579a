// SPDX-License-Identifier: Apache-2.0
//
// A variational autoencoder of digits with a code of two numbers: its latent plane, and both terms of the
// bound.
//
//   ln p(x) ≥ E_q[ln p(x|z)] − KL[q(z|x) ‖ N(0, I)]
#include <cmath>

#include "training.hpp"

namespace pushforward::cli::walkthrough {
namespace {

constexpr std::size_t kCodes = 1000, kTried = 3;

Json encoded(const Run& run, const Dataset& data) {
  const Tensor rows = data.floats(0, kCodes);
  Tensor means(kCodes, 2), variances(kCodes, 2);
  encode(*run.model, rows, means, nullptr);
  code_variance(*run.model, rows, variances);
  Json list = Json::array();
  for (std::size_t i = 0; i < kCodes; ++i) {
    const std::vector<double> z = {means(i, 0), means(i, 1), std::sqrt(variances(i, 0)),
                                   std::sqrt(variances(i, 1))};
    list.push_back(rounded(z, 4));
  }
  return list;
}

// Codes and their pictures, for the test that compares the page's decoder with the program's.
Json decoded(const Run& run) {
  Tensor z(kTried, 2), x(kTried, run.shape.size());
  for (std::size_t i = 0; i < kTried; ++i)
    z(i, 0) = static_cast<float>(i) - 1, z(i, 1) = 0.5F * static_cast<float>(i);
  decode(*run.model, z, x, nullptr);
  Json list = Json::array();
  for (std::size_t i = 0; i < kTried; ++i) {
    const std::vector<double> row(x.row(i), x.row(i) + x.cols());
    list.push_back({{"z", {z(i, 0), z(i, 1)}}, {"x", rounded(row, 6)}});
  }
  return list;
}

Json decoder(const Run& run) {
  const View<const float> first = weights_of(run, "decoder.0.weight"),
                          second = weights_of(run, "decoder.1.weight");
  return {{"hidden", first.rows},
          {"pixels", second.rows},
          {"weight0", floats_base64(first)},
          {"bias0", floats_base64(weights_of(run, "decoder.0.bias"))},
          {"weight1", floats_base64(second)},
          {"bias1", floats_base64(weights_of(run, "decoder.1.bias"))}};
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
          {"reconstruction", -figures["elbo"].get<double>() - figures["kl"].get<double>()},
          {"decoder", decoder(run)},
          {"tried", decoded(run)},
          {"codes", encoded(run, test)},
          {"labels", Json(std::vector<int>(test.labels.begin(), test.labels.begin() + kCodes))},
          {"images", images_base64(std::as_const(test).floats(0, 100).view())}};
}

}  // namespace pushforward::cli::walkthrough
