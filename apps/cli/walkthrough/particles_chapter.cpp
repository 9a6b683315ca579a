// SPDX-License-Identifier: Apache-2.0
//
// Particles that follow the gradient of a distance to data: what each distance wants of points, no network
// between.
//
//   x_i ← x_i − r·n·∂D(x, y)/∂x_i
#include "pushforward/particles.hpp"

#include <cmath>

#include <fmt/format.h>

#include "chapter.hpp"
#include "pushforward/transport.hpp"

namespace pushforward::cli::walkthrough {
namespace {

constexpr const char* kData = "toy:8gaussians:n=2000";
constexpr std::size_t kParticles = 200;

// A network follows moving points with a delay: where one is fitted, points move less in a step.
struct Mover {
  std::string id, spec;
  double rate = 1;
  std::size_t steps = 2;  // in a frame
};

const std::vector<Mover>& movers() {
  static const std::vector<Mover> list = {{"mmd", "mmd:estimator=biased,bandwidth=0.1+0.5+2"},
                                          {"sinkhorn", "sinkhorn:eps=0.05"},
                                          {"critic", "w1-critic:hidden=64+64", 0.25, 6},
                                          {"discriminator", "jsd-critic:hidden=64+64", 0.5, 4}};
  return list;
}

// Whole thousandths, x and y in turns: a picture shows no more.
Json thousandths(View<const float> points) {
  Json list = Json::array();
  for (std::size_t i = 0; i < points.rows; ++i)
    for (std::size_t k = 0; k < points.cols; ++k)
      list.push_back(std::lround(1000 * static_cast<double>(points(i, k))));
  return list;
}

double w1(View<const float> points, const Tensor& data) {
  return solve_transport(Sample{Points(points)}, Sample{data}, {.p = 1}).value;
}

Json moved(const Mover& mover, const Dataset& data, const Tensor& held_out,
           const Demonstration& demonstration, double from, double to) {
  const std::size_t frames = demonstration.quick ? 60 : 100;
  ParticleFlow flow(parse_spec(mover.spec), data,
                    {.particles = kParticles,
                     .rate = mover.rate,
                     .steps = mover.steps * frames,
                     .seed = demonstration.seed});
  Json result = {{"spec", mover.spec}, {"frames", Json::array()}};
  std::vector<double> distances;
  for (std::size_t frame = 0; frame <= frames; ++frame) {
    demonstration.progress(from + (to - from) * static_cast<double>(frame) / static_cast<double>(frames));
    for (std::size_t step = 0; frame > 0 && step < mover.steps; ++step) flow.step();
    result["frames"].push_back(thousandths(flow.points()));
    distances.push_back(w1(flow.points(), held_out));
  }
  result["w1"] = rounded(distances), result["last"] = distances.back();
  return result;
}

}  // namespace

Json particles_chapter(const Demonstration& demonstration) {
  const Dataset data = load_data(kData, {.seed = demonstration.seed});
  const Tensor held_out = load_data("toy:8gaussians:n=200", {.seed = demonstration.seed + 1}).floats(0, 200);
  const Tensor other = load_data("toy:8gaussians:n=200", {.seed = demonstration.seed + 2}).floats(0, 200);
  Json result = {{"data", thousandths(std::as_const(held_out).view())},
                 {"floor", w1(std::as_const(other).view(), held_out)}};
  const auto count = static_cast<double>(movers().size());
  for (std::size_t i = 0; i < movers().size(); ++i)
    result["movers"][movers()[i].id] =
        moved(movers()[i], data, held_out, demonstration, static_cast<double>(i) / count,
              static_cast<double>(i + 1) / count);
  return result;
}

}  // namespace pushforward::cli::walkthrough
