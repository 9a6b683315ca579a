// SPDX-License-Identifier: Apache-2.0
//
// Encoders and decoders from options, the same way for every model that has them.
//
// --hidden lists the encoder's sizes from data to code; the decoder mirrors them. "none" leaves a single
// linear map each way. --activation is that of hidden layers; the last layer's is the caller's.
//
// --network names another body than dense layers: conv, dcgan, resnet or a text (network.hpp). The encoder is
// that body, --hidden's dense layers (none unless asked for) and a dense code; the decoder is its mirror
// (layers/mirror.hpp), so that an image comes out in the size that went in.
#pragma once

#include <string>

#include "layers/named_network.hpp"
#include "pushforward/learner.hpp"
#include "pushforward/models.hpp"
#include "pushforward/network.hpp"

namespace pushforward {

/// --network, where nothing has been decided mlp.
std::string body_of(const NetworkOptions& options);
/// Whether --network is the plain one, of dense layers.
bool dense_body(const NetworkOptions& options);
/// The layers of --network before the code, without --hidden's; empty for mlp.
std::vector<LayerPlan> network_body(const NetworkOptions& options, BodyRole role);

Network make_encoder(const NetworkOptions& options, RowShape data, std::size_t outputs,
                     const std::string& output_activation);
/// From a code to rows like `data`, `parts` of them one behind the other (means and log-variances: 2).
Network make_decoder(const NetworkOptions& options, std::size_t latent, RowShape data,
                     const std::string& output_activation, std::size_t parts = 1);
/// From `latent` numbers to rows like `data` by the mirror of --network (not mlp): a decoder or a generator,
/// whose parameters `name` precedes.
Network make_mirror(const NetworkOptions& options, std::size_t latent, RowShape data,
                    const std::string& output_activation, std::size_t parts, const std::string& name,
                    BodyRole role);
/// The decoder that shares the encoder's weights: y = g(x·W + c), from the last layer to the first. The
/// encoder must outlive it.
Network make_tied_decoder(const NetworkOptions& options, Network& encoder,
                          const std::string& output_activation);

/// From images to images of the same shape: the body of --network and its mirror, without a dense code
/// between. Where the body is convolutional throughout, so is this: make it again for images of another size
/// and share_parameters().
Network make_image_network(const NetworkOptions& options, RowShape data,
                           const std::string& output_activation);

/// The only phase of a model: those of `parameters` that an optimiser moves (running statistics are not).
Phase fit_phase(std::vector<Parameter*> parameters);

/// "encoder.2" for the first layer whose last output holds a number that is not finite, or "".
std::string first_not_finite(const Trace& trace, const std::string& network);

/// Refuses data outside 0…1, which cross-entropy and the Bernoulli likelihood cannot mean. `option` is what
/// takes any data instead ("--loss mse").
void check_unit_range(const Dataset& data, const std::string& what, const std::string& option);

}  // namespace pushforward
