// SPDX-License-Identifier: Apache-2.0
//
// A denoising autoencoder: it sees pictures with noise, and is asked for the clean ones, so it cannot copy.
#include <numeric>

#include <fmt/format.h>

#include "data/noise.hpp"
#include "pushforward/image_quality.hpp"
#include "training.hpp"

namespace pushforward::cli::walkthrough {
namespace {

constexpr std::size_t kShown = 10;
constexpr double kLevels[] = {0.1, 0.2, 0.3, 0.4, 0.5};

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

Json at_level(const Run& run, const Tensor& clean, RowShape shape, double level, std::uint64_t seed) {
  Tensor noisy(clean.rows(), clean.cols()), back(clean.rows(), clean.cols());
  Noise(Noise::Kind::gaussian, level).apply_rows(clean.view(), noisy, noise_draw(seed), 0);
  reconstruct(*run.model, noisy, back, nullptr);
  const auto view = [](const Tensor& rows) { return rows.view(); };
  return {{"level", level},
          {"noisy_psnr", mean(psnr(view(noisy), clean.view()))},
          {"psnr", mean(psnr(view(back), clean.view()))},
          {"noisy_ssim", mean(ssim(view(noisy), clean.view(), shape))},
          {"ssim", mean(ssim(view(back), clean.view(), shape))},
          {"noisy", images_base64(view(noisy).slice(0, kShown))},
          {"denoised", images_base64(view(back).slice(0, kShown))}};
}

}  // namespace

Json denoising_chapter(const Demonstration& demonstration) {
  const std::string data = demonstration.quick ? "mnist@0:3000" : "mnist@0:20000",
                    epochs = demonstration.quick ? "15" : "30";
  const Training training = {"dae",
                             data,
                             {{"noise", "gaussian:0.3"},
                              {"network", "mlp"},
                              {"hidden", "256"},
                              {"latent", "64"},
                              {"epochs", epochs}}};
  const Run run = trained(training, demonstration);
  const Dataset test = load_data("mnist:test@0:500");
  const Tensor clean = test.floats(0, test.rows());
  Json levels = Json::array();
  for (const double level : kLevels)
    levels.push_back(at_level(run, clean, test.shape, level, demonstration.seed));
  return {{"data", data},
          {"epochs", epochs},
          {"levels", levels},
          {"originals", images_base64(clean.view().slice(0, kShown))}};
}

}  // namespace pushforward::cli::walkthrough
