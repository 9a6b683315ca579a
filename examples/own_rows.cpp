// SPDX-License-Identifier: Apache-2.0
//
// Data of one's own, in memory: rows from a function, flow matching, and how far its samples are.
#include <cmath>
#include <cstdio>

#include <pushforward/distance.hpp>
#include <pushforward/models.hpp>
#include <pushforward/random.hpp>
#include <pushforward/rows.hpp>

int main() {
  using namespace pushforward;
  const Draw noise{.seed = 1};
  const auto spiral = [&](std::size_t row, std::span<float> out) {
    const double angle = 10 * uniform01(noise, static_cast<std::uint32_t>(row));
    out[0] = static_cast<float>(angle * std::cos(angle)),
    out[1] = static_cast<float>(angle * std::sin(angle));
  };
  const Dataset data = data_from(4000, {.width = 2}, spiral, {.name = "spiral", .columns = {"x", "y"}});

  const FlowOptions flow = {.training = {.steps = 500, .standardize = true}};
  Run run = create_run("", flow, data);  // an empty path: no files
  train(run, data, nullptr);

  Tensor samples(2000, 2);
  generate(*run.model, samples, noise.on("samples"), false);
  restore_units(run, samples);
  const Tensor half = data.floats(0, 2000), other = data.floats(2000, 4000);
  const auto w1 = [&](const Tensor& points) {
    return *make_distance({"w1"})->measure({Points(half.view())}, {Points(points.view())}).value;
  };
  std::printf("w1 of samples to data: %.3f; of two halves of the data: %.3f\n", w1(samples), w1(other));
}
