// SPDX-License-Identifier: Apache-2.0
// Networks by --network, --hidden, --activation and --initial.
#include "models/codec.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "pushforward/error.hpp"

namespace pushforward {
namespace {

void check_kind(const Options& options) { options.word("network", {"mlp"}); }

}  // namespace

Network make_encoder(const Options& options, RowShape data, std::size_t outputs,
                     const std::string& output_activation) {
  check_kind(options);
  Network network = dense_network(data, options.sizes("hidden"), outputs, options.text("activation"),
                                  output_activation, options.text("initial"));
  network.name_parameters("encoder");
  return network;
}

Network make_decoder(const Options& options, std::size_t latent, std::size_t outputs,
                     const std::string& output_activation) {
  check_kind(options);
  std::vector<std::size_t> hidden = options.sizes("hidden");
  std::reverse(hidden.begin(), hidden.end());
  Network network = dense_network({.width = latent}, hidden, outputs, options.text("activation"),
                                  output_activation, options.text("initial"));
  network.name_parameters("decoder");
  return network;
}

Network make_tied_decoder(const Options& options, Network& encoder, const std::string& output_activation) {
  Network network(encoder.output_shape());
  for (std::size_t i = encoder.depth(); i-- > 0;) {
    const std::string activation = i == 0 ? output_activation : options.text("activation");
    network.add(
        make_tied_dense(*encoder.layer(i).parameters().front(), {"dense", {{"activation", activation}}}));
  }
  network.name_parameters("decoder");
  return network;
}

std::string first_not_finite(const Trace& trace, const std::string& network) {
  for (std::size_t i = 0; i < trace.outputs.size(); ++i)
    for (const float v : trace.outputs[i].span())
      if (!std::isfinite(v)) return fmt::format("{}.{}", network, i);
  return {};
}

void check_unit_range(const Dataset& data, const std::string& what) {
  const auto [low, high] = data.range();
  if (low >= 0 && high <= 1) return;
  throw RequestError(Complaint{what, fmt::format("data from {} to {}", low, high), "values in 0…1",
                               "--likelihood gaussian:learned (vae, iwae) or --loss mse (ae) take any data"});
}

}  // namespace pushforward
