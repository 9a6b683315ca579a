// SPDX-License-Identifier: Apache-2.0
//
// Encoders and decoders from options, the same way for every model that has them.
//
// --hidden lists the encoder's sizes from data to code; the decoder mirrors them. "none" leaves a single
// linear map each way. --activation is that of hidden layers; the last layer's is the caller's.
#pragma once

#include <string>

#include "pushforward/network.hpp"
#include "pushforward/options.hpp"

namespace pushforward {

Network make_encoder(const Options& options, RowShape data, std::size_t outputs,
                     const std::string& output_activation);
Network make_decoder(const Options& options, std::size_t latent, std::size_t outputs,
                     const std::string& output_activation);
/// The decoder that shares the encoder's weights: y = g(x·W + c), from the last layer to the first. The
/// encoder must outlive it.
Network make_tied_decoder(const Options& options, Network& encoder, const std::string& output_activation);

/// "encoder.2" for the first layer whose last output holds a number that is not finite, or "".
std::string first_not_finite(const Trace& trace, const std::string& network);

/// Refuses data outside 0…1, which cross-entropy and the Bernoulli likelihood cannot mean.
void check_unit_range(const Dataset& data, const std::string& what);

}  // namespace pushforward
