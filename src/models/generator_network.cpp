// SPDX-License-Identifier: Apache-2.0
// Generators by --network, --hidden, --norm, --activation and --initial.
#include "models/generator_network.hpp"

#include "models/codec.hpp"
#include "pushforward/error.hpp"

namespace pushforward {

namespace {

std::string output_activation(const NetworkOptions& options) {
  return options.output_activation.value_or("linear");
}

// The mirror of a body: a dense layer, then what undoes its convolutions [Radford, Metz & Chintala, ICLR
// 2016].
Network mirror(const NetworkOptions& options, const std::string& norm, std::size_t latent, RowShape output) {
  if (norm != "none")
    throw RequestError(Complaint{"--norm", norm, "none with --network " + body_of(options),
                                 "write the norm among the layers: 'conv 64 4x4/2, batch-norm, relu'"});
  return make_mirror(options, latent, output, output_activation(options), 1, "generator", BodyRole::makes);
}

}  // namespace

Network make_generator_network(const NetworkOptions& options, const std::string& norm, std::size_t latent,
                               RowShape output) {
  if (!dense_body(options)) return mirror(options, norm, latent, output);
  Network network = dense_chain({.width = latent}, {.hidden = *options.hidden,
                                                    .outputs = output.size(),
                                                    .activation = *options.activation,
                                                    .output_activation = output_activation(options),
                                                    .initial = *options.initial,
                                                    .norm = norm});
  network.name_parameters("generator");
  return network;
}

}  // namespace pushforward
