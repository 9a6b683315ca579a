// SPDX-License-Identifier: Apache-2.0
// Generators by --network, --hidden, --norm, --activation and --initial.
#include "models/generator_network.hpp"

namespace pushforward {

Network make_generator_network(const Options& options, std::size_t latent, RowShape output) {
  options.word("network", {"mlp"});
  Network network = dense_chain(
      {.width = latent},
      {.hidden = options.sizes("hidden"),
       .outputs = output.size(),
       .activation = options.text("activation"),
       .output_activation = options.has("output-activation") ? options.text("output-activation") : "linear",
       .initial = options.text("initial"),
       .norm = options.word("norm", {"none", "batch", "layer"})});
  network.name_parameters("generator");
  return network;
}

}  // namespace pushforward
