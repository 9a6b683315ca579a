// SPDX-License-Identifier: Apache-2.0
//
// pushforward animate: particles that flow down a distance to data on the line or in the plane. (For a
// network's samples while it trains: train MODEL DATA --animate OUT.gif.)
#include <fmt/format.h>

#include "animation.hpp"
#include "data_options.hpp"
#include "output.hpp"
#include "progress.hpp"
#include "pushforward/distance_names.hpp"
#include "pushforward/error.hpp"
#include "pushforward/particles.hpp"
#include "run_argument.hpp"
#include "samples.hpp"
#include "written.hpp"

namespace pushforward::cli {
namespace {

struct AnimateArguments : RunArguments {
  std::string distance = "energy";
  ParticleOptions flow{};
  std::uint64_t steps = 300, frames = 60;
};

void animate(const AnimateArguments& arguments, const Common& common) {
  const Spec distance = distance_meant(parse_spec(arguments.distance, "--distance"));
  if (arguments.frames < 1 || arguments.steps < arguments.frames)
    throw RequestError(Complaint{"--frames", fmt::format("{}", arguments.frames),
                                 fmt::format("1 to --steps, {}", arguments.steps)});
  LoadOptions load = arguments.load;
  load.seed = common.seed;
  const Dataset data = load_data(arguments.data, load);
  check_animation(arguments.output, data.shape, common.force);
  ParticleOptions options = arguments.flow;
  options.seed = common.seed, options.steps = arguments.steps;
  ParticleFlow flow(distance, data, options);
  Animation animation(data);
  animation.reach(flow.points());
  const auto picture = [&] {
    if (animation.on_line())
      return animation.add_line(flow.points(), line_function_of(flow, animation.places()));
    const auto surface = surface_of(flow, animation.box());
    animation.add(flow.points(), surface ? &*surface : nullptr);
  };
  ProgressBar bar("animating", common.quiet);
  for (std::uint64_t step = 0; step <= arguments.steps; ++step) {
    if (step * arguments.frames / arguments.steps >= animation.frames()) picture();
    bar.update(static_cast<double>(step) / static_cast<double>(arguments.steps), "");
    if (step < arguments.steps) flow.step();
  }
  animation.write(arguments.output);
  tell_written(arguments.output,
               {{"frames", animation.frames()},
                {"steps", arguments.steps},
                {"distance", distance.text()},
                {"seed", common.seed}},
               common);
}

}  // namespace

Command animate_command() {
  return {
      .name = "animate",
      .summary = "Particles that flow down a distance to data on a line or plane, as an animated GIF",
      .group = "Show",
      .examples =
          "  pushforward animate toy:8gaussians -o ring.gif                          energy distance\n"
          "  pushforward animate toy:moons --distance mmd:estimator=biased -o moons.gif\n"
          "  pushforward animate toy:25gaussians --distance sinkhorn:p=1 -o grid.gif\n"
          "  pushforward animate toy:gaussian:d=1,mean=3 --distance jsd-critic -o line.gif    p, q and D\n"
          "  pushforward animate toy:swissroll --distance w1-critic -o roll.gif --steps 600",
      .declare = [](CommandLine& line, const Common& common) -> std::function<void()> {
        auto arguments = std::make_shared<AnimateArguments>();
        add_data(line, *arguments, true);
        add_output(line, *arguments, "The .gif to write");
        line.text("--distance", arguments->distance,
                  "What the particles flow down: any distance with a gradient; tints and lines show "
                  "its critic or witness where it has one, blue where mass is wanted",
                  {.type = "SPEC", .words = distances_with_gradient});
        line.count("--particles", arguments->flow.particles, "How many", {.least = 2, .most = 1000000});
        line.count("--steps", arguments->steps, "Steps of the flow", {.most = 1'000'000});
        line.count("--frames", arguments->frames, "Pictures taken on the way", {.most = 1000});
        line.number("--rate", arguments->flow.rate,
                    "Times 2 % of the data's spread, by which particles move in the first step",
                    {.least = 1e-6, .most = 1e6});
        return [arguments, &common] { animate(*arguments, common); };
      }};
}

}  // namespace pushforward::cli
