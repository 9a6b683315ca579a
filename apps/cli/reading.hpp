// SPDX-License-Identifier: Apache-2.0
// A distance's reading as the command line shows it.
#pragma once

#include "command.hpp"
#include "pushforward/distance.hpp"
#include "pushforward/floor.hpp"

namespace pushforward::cli {

/// A reading's fields in the order of CLI.md: metric, estimator, value, standard_error, unit, n, m, d,
/// seconds, what the distance adds (gap, converged, parts, …), options.
Fields reading_fields(const std::string& metric, const Reading& reading, const Sample& x, const Sample& y,
                      double seconds);
/// Makes the distance that `spec` names, measures and times it; a bar shows how far one that is learned is.
Fields read_distance(const Spec& spec, const Sample& x, const Sample& y, const Common& common);
/// Sets "floor" and "times_floor" (absent for a floor of 0) beside the value.
void add_floor(Fields& reading, const Floor& floor);
/// For people: "mmd  0.00123 ± 0.00004 (squared MMD): 9 times the floor", then the floor, estimator, sizes
/// and options below it.
void print_reading(const Fields& reading);

}  // namespace pushforward::cli
