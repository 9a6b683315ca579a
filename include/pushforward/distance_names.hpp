// SPDX-License-Identifier: Apache-2.0
//
// What people call distances: names in any case, and those that other programs give them.
#pragma once

#include <string_view>
#include <vector>

#include "pushforward/spec.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

/// A SPEC under the name of its row in distances(): "FID" becomes "frechet" and "kid"
/// "mmd:kernel=polynomial". RequestError that names the nearest one where there is none. make_distance() and
/// facts_of() take either.
Spec distance_meant(Spec spec);
/// The same of a comma-separated list; `where` names it in errors.
std::vector<Spec> parse_distances(std::string_view text, std::string_view where = "distances");

}  // namespace pushforward
#pragma GCC visibility pop
