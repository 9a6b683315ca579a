// SPDX-License-Identifier: Apache-2.0
//
// A distance's reading as fields: what every command, page and file says of it, in one order.
#pragma once

#include <span>
#include <string>

#include "pushforward/distance.hpp"
#include "pushforward/fit.hpp"
#include "pushforward/floor.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

/// metric, estimator, value, standard_error, unit, n, m, d, seconds, what the distance adds (gap, converged,
/// parts, …), options.
Fields reading_fields(const std::string& metric, const Reading& reading, const Sample& x, const Sample& y,
                      double seconds);
/// Makes the distance that `spec` names, measures and times it; `tell`, where not empty, hears how far one
/// that is learned is.
Fields read_distance(const Spec& spec, const Sample& x, const Sample& y, std::uint64_t seed,
                     const OnFit& tell = {});
/// Makes every one of them and holds its facts against the samples, so that what one cannot measure is
/// refused before another has been measured for minutes.
void check_distances(std::span<const Spec> specs, const Sample& x, const Sample& y);
/// Sets "floor" and "times_floor" (absent for a floor of 0) beside the value.
void add_floor(Fields& reading, const Floor& floor);

}  // namespace pushforward
#pragma GCC visibility pop
