// SPDX-License-Identifier: Apache-2.0
// Generators by --network, --hidden, --norm, --activation and --initial.
#include "models/generator_network.hpp"

#include "models/codec.hpp"
#include "pushforward/error.hpp"

namespace pushforward {

namespace {

std::string output_activation(const Options& options) {
  return options.has("output-activation") ? options.text("output-activation") : "linear";
}

// The mirror of a body: a dense layer, then what undoes its convolutions [Radford, Metz & Chintala, ICLR
// 2016].
Network mirror(const Options& options, std::size_t latent, RowShape output) {
  if (options.text("norm") != "none")
    throw RequestError(Complaint{"--norm", options.text("norm"),
                                 "none with --network " + options.text("network"),
                                 "write the norm among the layers: 'conv 64 4x4/2, batch-norm, relu'"});
  return make_mirror(options, latent, output, output_activation(options), 1, "generator", BodyRole::makes);
}

}  // namespace

Network make_generator_network(const Options& options, std::size_t latent, RowShape output) {
  if (!dense_body(options)) return mirror(options, latent, output);
  Network network =
      dense_chain({.width = latent}, {.hidden = options.sizes("hidden"),
                                      .outputs = output.size(),
                                      .activation = options.text("activation"),
                                      .output_activation = output_activation(options),
                                      .initial = options.text("initial"),
                                      .norm = options.word("norm", {"none", "batch", "layer"})});
  network.name_parameters("generator");
  return network;
}

}  // namespace pushforward
