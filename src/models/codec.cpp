// SPDX-License-Identifier: Apache-2.0
// Networks by --network, --hidden, --activation and --initial.
#include "models/codec.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/whole_number.hpp"
#include "layers/mirror.hpp"
#include "layers/named_network.hpp"
#include "ops/activation.hpp"
#include "pushforward/error.hpp"
#include "pushforward/layers.hpp"

namespace pushforward {
namespace {

LayerPlan dense(std::size_t units, const std::string& activation) {
  DenseOptions options{.units = units};
  if (activation != "linear") options.activation = parse_activation_kind(activation);
  return options;
}

// The body with --hidden's layers behind it.
std::vector<LayerPlan> whole_body(const NetworkOptions& options, BodyRole role) {
  std::vector<LayerPlan> layers = network_body(options, role);
  for (const std::size_t units : *options.hidden) layers.push_back(dense(units, *options.activation));
  return layers;
}

void finish_with(std::vector<LayerPlan>& layers, const std::string& activation) {
  if (activation != "linear") layers.push_back(ActivationOptions{parse_activation_kind(activation)});
}

Network built(RowShape input, const std::vector<LayerPlan>& layers, const NetworkOptions& options,
              const std::string& name) {
  Network network = build_network(input, layers, read_initial(*options.initial));
  network.name_parameters(name);
  return network;
}

Network dense_encoder(const NetworkOptions& options, RowShape data, std::size_t outputs,
                      const std::string& output_activation) {
  Network network =
      dense_network(data, *options.hidden, outputs, *options.activation, output_activation, *options.initial);
  network.name_parameters("encoder");
  return network;
}

Network dense_decoder(const NetworkOptions& options, std::size_t latent, std::size_t outputs,
                      const std::string& output_activation) {
  std::vector<std::size_t> hidden = *options.hidden;
  std::reverse(hidden.begin(), hidden.end());
  Network network = dense_network({.width = latent}, hidden, outputs, *options.activation, output_activation,
                                  *options.initial);
  network.name_parameters("decoder");
  return network;
}

void check_tied(const NetworkOptions& options) {
  if (!dense_body(options))
    throw RequestError(Complaint{"--tied", "--network " + body_of(options), "--network mlp beside it"});
}

}  // namespace

const OptionTable<NetworkOptions>& option_table(const NetworkOptions&) {
  using O = NetworkOptions;
  static const auto table =
      OptionTable<O>("network")
          .add("latent", &O::latent, "size of the code", count_of(1, kMostUnits))
          .add("hidden", &O::hidden,
               "sizes of hidden layers, mirrored in the decoder: 400,400; none = a single linear map each "
               "way, and the default behind another --network",
               sizes_of(1, kMostUnits))
          .add("network", &O::network,
               "mlp, conv, dcgan, resnet, or layers: 'conv 32 4x4/2, relu, conv 64 4x4/2, relu, dense 256'; "
               "the decoder mirrors them",
               body_kind())
          .add("activation", &O::activation,
               "of hidden layers: relu, leaky-relu, elu, selu, gelu, silu, softplus, tanh, sigmoid, linear",
               one_of(activation_names()))
          .add("code-activation", &O::code_activation, "of the code", one_of(activation_names()))
          .add("output-activation", &O::output_activation,
               "of the output (default: sigmoid for cross-entropy, else linear)", one_of(activation_names()))
          .add("initial", &O::initial,
               "weights: fan-in (U ±1/√in, biases too), he, lecun, xavier, orthogonal, normal:sd=S, "
               "uniform:a=A",
               any_text())
          .add("init", &O::init,
               "start from the weights of this run, or of a safetensors file, such as a PyTorch state_dict",
               any_text())
          .add("names", &O::names,
               "TOML file that says which array of --init FILE is which parameter (docs/data.md)",
               any_text());
  return table;
}

std::string body_of(const NetworkOptions& options) { return options.network.value_or("mlp"); }

bool dense_body(const NetworkOptions& options) { return is_dense_body(body_of(options), "--network"); }

std::vector<LayerPlan> network_body(const NetworkOptions& options, BodyRole role) {
  if (dense_body(options)) return {};
  return named_network(body_of(options), *options.activation, role);
}

Network make_encoder(const NetworkOptions& options, RowShape data, std::size_t outputs,
                     const std::string& output_activation) {
  if (dense_body(options)) return dense_encoder(options, data, outputs, output_activation);
  std::vector<LayerPlan> layers = whole_body(options, BodyRole::reads);
  layers.push_back(dense(outputs, output_activation));
  return built(data, layers, options, "encoder");
}

Network make_mirror(const NetworkOptions& options, std::size_t latent, RowShape data,
                    const std::string& output_activation, std::size_t parts, const std::string& name,
                    BodyRole role) {
  const std::vector<LayerPlan> body = whole_body(options, role);
  const RowShape code = build_network(data, body).output_shape();
  std::vector<LayerPlan> layers = {dense(code.size(), "linear")};
  if (code.image) layers.push_back(ReshapeOptions{code.height, code.width, code.channels});
  const std::vector<LayerPlan> back = mirrored(data, body, data.channels * parts, true);
  layers.insert(layers.end(), back.begin(), back.end());
  if (parts > 1) layers.push_back(StackChannelsOptions{parts});
  finish_with(layers, output_activation);
  return built({.width = latent}, layers, options, name);
}

Network make_decoder(const NetworkOptions& options, std::size_t latent, RowShape data,
                     const std::string& output_activation, std::size_t parts) {
  if (dense_body(options)) return dense_decoder(options, latent, data.size() * parts, output_activation);
  return make_mirror(options, latent, data, output_activation, parts, "decoder", BodyRole::reads);
}

Network make_image_network(const NetworkOptions& options, RowShape data,
                           const std::string& output_activation) {
  std::vector<LayerPlan> layers = network_body(options, BodyRole::reads);
  const std::vector<LayerPlan> back = mirrored(data, layers, data.channels, false);
  layers.insert(layers.end(), back.begin(), back.end());
  finish_with(layers, output_activation);
  return built(data, layers, options, "network");
}

Network make_tied_decoder(const NetworkOptions& options, Network& encoder,
                          const std::string& output_activation) {
  check_tied(options);
  Network network(encoder.output_shape());
  for (std::size_t i = encoder.depth(); i-- > 0;) {
    const std::string activation = i == 0 ? output_activation : *options.activation;
    network.add(make_tied_dense(*encoder.layer(i).parameters().front(), {parse_activation_kind(activation)}));
  }
  network.name_parameters("decoder");
  return network;
}

Phase fit_phase(std::vector<Parameter*> parameters) {
  std::erase_if(parameters, [](const Parameter* p) { return !p->trained; });
  return {.name = "fit", .parameters = std::move(parameters)};
}

std::string first_not_finite(const Trace& trace, const std::string& network) {
  for (std::size_t i = 0; i < trace.outputs.size(); ++i)
    for (const float v : trace.outputs[i].span())
      if (!std::isfinite(v)) return fmt::format("{}.{}", network, i);
  return {};
}

// Values far beyond 1 are brought to one scale as well: a network begins with weights for numbers about 1.
void check_unit_range(const Dataset& data, const std::string& what, const std::string& option) {
  constexpr double kFar = 10;
  const auto [low, high] = data.range();
  if (low >= 0 && high <= 1) return;
  const bool far = std::max(-low, high) > kFar;
  throw RequestError(Complaint{what, fmt::format("data from {} to {}", low, high), "values in 0…1",
                               fmt::format("{}{} takes any data", option, far ? " --standardize" : "")});
}

}  // namespace pushforward
