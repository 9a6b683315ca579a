// SPDX-License-Identifier: Apache-2.0
//
// Particles that follow the gradient of a distance to data: what each distance wants of points, no network
// between; and particles that a velocity field carries, which was fitted beforehand.
//
//   x_i ← x_i − r·n·∂D(x, y)/∂x_i          dx_i/dt = v(x_i, t), t from 0 to 1
#include "pushforward/particles.hpp"

#include <cmath>

#include <fmt/format.h>

#include "pushforward/flow.hpp"
#include "pushforward/transport.hpp"
#include "training.hpp"

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

double w1(View<const float> points, const Tensor& data) {
  return solve_transport(Sample{Points(points)}, Sample{data}, {.p = 1}).value;
}

std::size_t frames_of(const Demonstration& demonstration) { return demonstration.quick ? 60 : 100; }

// Where all begin.
Tensor beginning(const Dataset& data, const Demonstration& demonstration) {
  const ParticleFlow flow(parse_spec("energy"), data, {.particles = kParticles, .seed = demonstration.seed});
  Tensor points(kParticles, 2);
  std::copy_n(flow.points().data, points.size(), points.data());
  return points;
}

Json moved(const Mover& mover, const Dataset& data, const Tensor& held_out,
           const Demonstration& demonstration, double from, double to) {
  const std::size_t frames = frames_of(demonstration);
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

// A velocity field is fitted to pairs of rows from where the others begin and rows of the data; time is a
// frame's share of the film.
Json carried(Tensor points, const Tensor& held_out, const Demonstration& demonstration, double from,
             double to) {
  const Run run = trained({"flow",
                           kData,
                           {{"source", "toy:gaussian:d=2,n=5000,scale=0.25"},
                            {"hidden", "64,64"},
                            {"monitor", "none"},
                            {"rate", "0.01"},
                            {"schedule", "cosine"},
                            {"steps", demonstration.quick ? "2000" : "6000"}},
                           from,
                           to},
                          demonstration);
  auto& flow = *as<FlowModel>(*run.model);
  const auto frames = static_cast<double>(frames_of(demonstration));
  Json result = {{"spec", "flow"}, {"frames", Json::array()}};
  std::vector<double> distances;
  for (double frame = 0; frame <= frames; ++frame) {
    if (frame > 0) flow.carry(points.view(), (frame - 1) / frames, frame / frames);
    result["frames"].push_back(thousandths(std::as_const(points).view()));
    distances.push_back(w1(std::as_const(points).view(), held_out));
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
  const auto count = static_cast<double>(movers().size() + 1);
  for (std::size_t i = 0; i < movers().size(); ++i)
    result["movers"][movers()[i].id] =
        moved(movers()[i], data, held_out, demonstration, static_cast<double>(i) / count,
              static_cast<double>(i + 1) / count);
  result["movers"]["flow"] =
      carried(beginning(data, demonstration), held_out, demonstration, (count - 1) / count, 1);
  return result;
}

}  // namespace pushforward::cli::walkthrough
