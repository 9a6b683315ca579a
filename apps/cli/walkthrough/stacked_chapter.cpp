// SPDX-License-Identifier: Apache-2.0
//
// A stacked autoencoder trained layer by layer: each new layer learns to give back the code of the one below
// through a virtual output layer, then the whole is tuned.
#include "training.hpp"

namespace pushforward::cli::walkthrough {
namespace {

constexpr std::size_t kShown = 10;

std::map<std::string, std::string> options_of_stack(bool pretrained, const std::string& epochs) {
  std::map<std::string, std::string> options = {
      {"hidden", "256,64"}, {"latent", "16"}, {"activation", "sigmoid"}, {"loss", "bce"}, {"epochs", epochs}};
  options["pretrain-epochs"] = pretrained ? epochs : "0";
  return options;
}

Json stages_of(const Run& run, const Dataset& test) {
  const Json figures = to_json(evaluate(*run.model, test, {}));
  return {
      {"squared_error", figures["squared_error"]},
      {"cross_entropy", figures["cross_entropy"]},
      {"stages", figures.contains("stage_squared_errors") ? figures["stage_squared_errors"] : Json::array()}};
}

std::string reconstructed(const Run& run, const Dataset& test) {
  Tensor y(kShown, test.cols());
  reconstruct(*run.model, test.floats(0, kShown), y, nullptr);
  return images_base64(std::as_const(y).view());
}

struct Curve {
  Json lines = Json::array();
  void add(const Progress& progress) {
    if (!progress.epoch_end) return;
    lines.push_back(
        {{"stage", std::string(progress.stage)}, {"epoch", progress.epoch}, {"loss", progress.losses.loss}});
  }
};

}  // namespace

Json stacked_chapter(const Demonstration& demonstration) {
  const std::string data = demonstration.quick ? "mnist@0:5000" : "mnist@0:20000",
                    epochs = demonstration.quick ? "12" : "30";
  const Dataset test = load_data("mnist:test@0:1000");
  Curve with, without;
  const Run stacked = trained({"sae", data, options_of_stack(true, epochs), 0, 0.6}, demonstration,
                              [&](const Run&, const Progress& progress) { with.add(progress); });
  const Run plain = trained({"sae", data, options_of_stack(false, epochs), 0.6, 1}, demonstration,
                            [&](const Run&, const Progress& progress) { without.add(progress); });
  return {{"data", data},
          {"epochs", epochs},
          {"curve", with.lines},
          {"plain_curve", without.lines},
          {"stacked", stages_of(stacked, test)},
          {"plain", stages_of(plain, test)},
          {"originals", images_base64(std::as_const(test).floats(0, kShown).view())},
          {"images", reconstructed(stacked, test)},
          {"plain_images", reconstructed(plain, test)}};
}

}  // namespace pushforward::cli::walkthrough
