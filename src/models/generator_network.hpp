// SPDX-License-Identifier: Apache-2.0
//
// The network that pushes noise forward onto data, from options.
//
// --hidden lists its sizes from noise to data (an encoder's are listed from data to code). --norm stands
// between a hidden layer's product and its activation; --output-activation is the last layer's.
#pragma once

#include "pushforward/models.hpp"
#include "pushforward/network.hpp"

namespace pushforward {

/// A network from `latent` numbers to a row of `output`, its parameters named "generator.N.…".
Network make_generator_network(const NetworkOptions& options, const std::string& norm, std::size_t latent,
                               RowShape output);

}  // namespace pushforward
