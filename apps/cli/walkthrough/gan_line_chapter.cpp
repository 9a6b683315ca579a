// SPDX-License-Identifier: Apache-2.0
//
// A GAN on the line, step by step: both densities, the discriminator, and where it pushes generated points.
#include <cmath>

#include "evaluation/surfaces.hpp"
#include "pushforward/distance.hpp"
#include "training.hpp"

namespace pushforward::cli::walkthrough {
namespace {

constexpr const char* kData = "toy:gaussian:d=1,mean=2,n=5000";
constexpr std::uint64_t kSteps = 1200, kEvery = 15;
constexpr std::size_t kPoints = 400;

// Shares of points in cells of width 0.25 from −4 to 6, as a density.
std::vector<double> histogram(View<const float> points) {
  std::vector<double> density(40, 0.0);
  for (std::size_t i = 0; i < points.rows; ++i) {
    const double cell = std::floor((static_cast<double>(points(i, 0)) + 4) / 0.25);
    if (cell >= 0 && cell < 40)
      density[static_cast<std::size_t>(cell)] += 4 / static_cast<double>(points.rows);
  }
  return density;
}

struct Frames {
  std::vector<double> steps, w1;
  Json densities = Json::array(), discriminators = Json::array(), pushes = Json::array();
};

// Where arrows stand.
const std::vector<double>& arrow_places() {
  static const std::vector<double> list = evenly(-3.6, 5.2, 12);
  return list;
}

// d ln D/dx at the arrows: the way of −ln D, the generator's loss, down.
std::vector<double> pushes(const Run& run, View<const float> generated, View<const float> real) {
  constexpr double kStep = 0.01;
  std::vector<double> beside;
  for (const double x : arrow_places()) beside.push_back(x - kStep), beside.push_back(x + kStep);
  const auto d = line_function_of(run, generated, real, beside)->values;
  std::vector<double> slopes;
  for (std::size_t i = 0; i < arrow_places().size(); ++i)
    slopes.push_back((std::log(d[2 * i + 1]) - std::log(d[2 * i])) / (2 * kStep));
  return slopes;
}

void see(Frames& frames, const Run& run, std::uint64_t step, const Dataset& data,
         const std::vector<double>& places) {
  Tensor generated(kPoints, 1);
  generate(*run.model, generated, Draw{run.options.seed("seed")}.on("walkthrough"), false);
  const View<const float> points = std::as_const(generated).view();
  const auto function = line_function_of(run, points, data.floats(0, kPoints), places);
  frames.steps.push_back(static_cast<double>(step));
  frames.w1.push_back(*make_distance({"w1"})->measure({data.floats(0, kPoints)}, {generated}).value);
  frames.densities.push_back(rounded(histogram(points), 4));
  frames.discriminators.push_back(rounded(function->values, 4));
  frames.pushes.push_back(rounded(pushes(run, points, data.floats(0, kPoints)), 3));
}

}  // namespace

Json gan_line_chapter(const Demonstration& demonstration) {
  const Dataset data = load_data(kData, {.seed = demonstration.seed});
  const std::vector<double> places = evenly(-4, 6, 101);
  Frames frames;
  const Training training = {"gan",
                             kData,
                             {{"latent", "4"},
                              {"hidden", "32"},
                              {"critic-hidden", "32"},
                              {"rate", "0.002"},
                              {"critic-steps", "2"},
                              {"monitor", "none"},
                              {"steps", std::to_string(kSteps)}}};
  trained(training, demonstration, [&](const Run& run, const Progress& progress) {
    if (!progress.epoch_end && progress.step % kEvery == 0) see(frames, run, progress.step, data, places);
  });
  return {{"places", rounded(places)},
          {"real", rounded(histogram(std::as_const(data).floats(0, data.rows()).view()), 4)},
          {"steps", numbers(frames.steps)},
          {"w1", rounded(frames.w1)},
          {"first_w1", frames.w1.front()},
          {"last_w1", frames.w1.back()},
          {"densities", frames.densities},
          {"discriminators", frames.discriminators},
          {"arrows", rounded(arrow_places())},
          {"pushes", frames.pushes}};
}

}  // namespace pushforward::cli::walkthrough
