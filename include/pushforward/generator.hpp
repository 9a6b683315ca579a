// SPDX-License-Identifier: Apache-2.0
//
// A generator with any distance plugged in, for a distance of your own.
//
// `train generator --distance SPEC` makes the distance from the registry; here it is an object, so that one
// that no registry knows trains just as well.
#pragma once

#include <memory>

#include "pushforward/distance.hpp"
#include "pushforward/models.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

/// x = G(z), trained to make `distance` between G(z) and the data small (options.plug.distance is not read).
/// RequestError where the distance has no gradient.
std::unique_ptr<Model> make_generator(const GeneratorOptions& options, RowShape data,
                                      std::unique_ptr<Distance> distance, const Facts& facts);

}  // namespace pushforward
#pragma GCC visibility pop
