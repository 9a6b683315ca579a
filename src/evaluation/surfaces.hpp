// SPDX-License-Identifier: Apache-2.0
//
// What a distance thinks of the plane, as a surface: high where generated mass is wanted, low where there is
// too much of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pushforward/critic.hpp"
#include "pushforward/distance.hpp"
#include "pushforward/particles.hpp"
#include "pushforward/run.hpp"
#include "report/surface.hpp"

namespace pushforward {

/// A critic's last score (ln p/q of a classifier, else f) on a grid over `box`. `run`, where not null, says
/// in which units the critic sees points.
report::Surface critic_surface(Critic& critic, const Run* run, const report::Box& box);

/// The witness of a distance between generated points and data: minus its first variation, −δD/δq(z), which
/// is minus the gradient in the weight that a point at z would have. Grid points join q with weight 0, so any
/// distance with a gradient in weights has one: for squared MMD it is 2(E k(z, p) − E k(z, q)), up to a
/// constant. Both samples in the run's units (as `box`, if `run` is null).
report::Surface witness_surface(const Distance& distance, View<const float> generated, View<const float> data,
                                const Run* run, const report::Box& box);

/// The same at places of the line (g of them, in the data's units): D(x) of a classifier, else f; or the
/// witness.
std::vector<double> critic_on_line(Critic& critic, const Run* run, const std::vector<double>& places);
std::vector<double> witness_on_line(const Distance& distance, View<const float> generated,
                                    View<const float> data, const Run* run,
                                    const std::vector<double>& places);
/// Critic or witness of a run that generates points of the line, named ("D" or "f"); none where the distance
/// has neither.
struct LineFunction {
  std::string name;
  std::vector<double> values;
};
std::optional<LineFunction> line_function_of(const Run& run, View<const float> generated,
                                             View<const float> data, const std::vector<double>& places);

/// Critic or witness of a run that generates points of the plane: against these rows, both in the run's
/// units. None where the distance has neither.
std::optional<report::Surface> surface_of(const Run& run, View<const float> generated, View<const float> data,
                                          const report::Box& box);

/// The same of what particles flow down.
std::optional<LineFunction> line_function_of(const ParticleFlow& flow, const std::vector<double>& places);
std::optional<report::Surface> surface_of(const ParticleFlow& flow, const report::Box& box);

}  // namespace pushforward
