// SPDX-License-Identifier: Apache-2.0
//
// Chains layers: forward through all of them, backward through all of them, activations kept in the Trace.
#include "pushforward/network.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/memory.hpp"
#include "layers/named_network.hpp"
#include "pushforward/error.hpp"
#include "pushforward/layers.hpp"

namespace pushforward {
namespace {

void check_width(std::string_view what, std::size_t got, std::size_t wanted) {
  if (got != wanted)
    throw RequestError(
        Complaint{"network", fmt::format("{} of {} columns", what, got), fmt::format("{}", wanted)});
}

double parameter_count(Layer& layer) {
  double count = 0;
  for (const Parameter* p : layer.parameters()) count += static_cast<double>(p->size());
  return count;
}

}  // namespace

Network& Network::add(const LayerPlan& plan) { return add(make_layer(plan, output_shape())); }
Network& Network::add(const Spec& spec) { return add(read_layer(spec)); }

Network& Network::add(std::unique_ptr<Layer> layer) {
  const RowShape y = layer->output_shape();
  checked_product({y.height, y.width, y.channels, sizeof(float)},
                  fmt::format("a row of {} from {}", y.text(), layer->describe()));
  layer->named(std::to_string(depth()));
  layers_.push_back(std::move(layer));
  return *this;
}

void Network::name_parameters(std::string_view prefix) {
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    layers_[i]->named(fmt::format("{}.{}", prefix, i));
    for (Parameter* p : layers_[i]->parameters()) p->name = fmt::format("{}.{}.{}", prefix, i, p->name);
  }
}

RowShape Network::output_shape() const { return layers_.empty() ? input_ : layers_.back()->output_shape(); }

View<const float> Network::forward(View<const float> x, Trace& trace, const Pass& pass) const {
  check_width("an input", x.cols, inputs());
  trace.input = x;
  trace.outputs.resize(depth());
  trace.saved.resize(depth());
  for (std::size_t i = 0; i < depth(); ++i) {
    trace.outputs[i].resize(x.rows, layers_[i]->output_shape().size());
    layers_[i]->forward(i == 0 ? x : trace.outputs[i - 1].view(), trace.outputs[i], trace.saved[i], pass);
  }
  return trace.output();
}

void Network::backward(Trace& trace, View<const float> dy, View<float> dx, bool parameters,
                       const Pass& pass) {
  check_width("a gradient", dy.cols, outputs());
  trace.gradients.resize(depth());
  for (std::size_t i = depth(); i-- > 0;) {
    const View<const float> x = i == 0 ? trace.input : trace.outputs[i - 1].view();
    if (i > 0) trace.gradients[i].resize(x.rows, x.cols);
    const View<float> to = i == 0 ? dx : trace.gradients[i].view();
    layers_[i]->backward(x, trace.outputs[i], trace.saved[i], dy, to, parameters, pass);
    dy = to;
  }
  if (depth() == 0 && dx.wanted()) std::copy_n(dy.data, dy.size(), dx.data);
}

bool Network::has_tangent(std::string* lacking) const {
  for (const auto& layer : layers_)
    if (!layer->has_tangent()) {
      if (lacking) *lacking = layer->describe();
      return false;
    }
  return true;
}

View<const float> Network::tangent(Trace& trace, View<const float> tx, const Pass& pass) const {
  check_width("a direction", tx.cols, inputs());
  trace.tangents.resize(depth());
  for (std::size_t i = 0; i < depth(); ++i) {
    const View<const float> x = i == 0 ? trace.input : trace.outputs[i - 1].view();
    trace.tangents[i].resize(tx.rows, trace.outputs[i].cols());
    layers_[i]->tangent(x, trace.outputs[i], trace.saved[i], tx, trace.tangents[i], pass);
    tx = trace.tangents[i];
  }
  return tx;
}

// From the last layer to the first. `second` carries what a curved layer's slope depends on, downwards; it
// stays empty behind a chain of piecewise linear ones.
void Network::tangent_backward(Trace& trace, View<const float> tx, View<const float> dty, const Pass& pass) {
  trace.second.resize(depth());
  View<const float> dy{};
  for (std::size_t i = depth(); i-- > 0;) {
    const View<const float> x = i == 0 ? trace.input : trace.outputs[i - 1].view();
    if (i > 0) trace.second[i].resize(x.rows, x.cols);
    const View<float> to = i == 0 ? View<float>{} : trace.second[i].view();
    const bool curved = layers_[i]->tangent_backward(
        x, trace.outputs[i], trace.saved[i], i == 0 ? tx : trace.tangents[i - 1].view(), trace.tangents[i],
        dy, i + 1 == depth() ? dty : trace.gradients[i + 1].view(), to, {}, true, pass);
    dy = curved ? View<const float>(to) : View<const float>{};
  }
}

std::vector<Parameter*> Network::parameters() {
  std::vector<Parameter*> all;
  for (const auto& layer : layers_)
    for (Parameter* p : layer->parameters()) all.push_back(p);
  return all;
}

void Network::update(const Trace& trace) {
  for (std::size_t i = 0; i < depth(); ++i) layers_[i]->update(trace.saved[i]);
}

std::vector<Fields> Network::summary() {
  std::vector<Fields> lines;
  for (const auto& layer : layers_)
    lines.push_back({{"layer", layer->describe()},
                     {"output", layer->output_shape().text()},
                     {"parameters", static_cast<long long>(parameter_count(*layer))},
                     {"operations", layer->operations()}});
  return lines;
}

Network dense_chain(RowShape input, const DenseChain& chain) {
  Network network(input);
  append_dense_chain(network, chain);
  return network;
}

void append_dense_chain(Network& network, const DenseChain& chain) {
  const Initial initial = read_initial(chain.initial);
  const Activation::Kind hidden = parse_activation_kind(chain.activation);
  const auto drop = [&](double rate) {
    if (rate > 0) network.add(DropoutOptions{rate});
  };
  const auto dense = [&](std::size_t units, Activation::Kind f, bool bias) {
    network.add(DenseOptions{
        .units = units, .activation = f, .bias = bias, .initial = initial, .spectral = chain.spectral});
  };
  drop(chain.input_dropout);
  for (const std::size_t units : chain.hidden) {
    if (chain.pieces > 0) {
      network.add(MaxoutOptions{
          .units = units, .pieces = chain.pieces, .initial = initial, .spectral = chain.spectral});
    } else if (chain.norm == "none") {
      dense(units, hidden, true);
    } else {  // the normalisation has a shift of its own, and would take a bias out again
      dense(units, Activation::Kind::linear, false);
      network.add(chain.norm == "batch" ? LayerPlan(BatchNormOptions{}) : LayerPlan(LayerNormOptions{}));
      network.add(ActivationOptions{hidden});
    }
    drop(chain.dropout);
  }
  dense(chain.outputs, parse_activation_kind(chain.output_activation), true);
}

Network dense_network(RowShape input, const std::vector<std::size_t>& hidden, std::size_t outputs,
                      const std::string& activation, const std::string& output_activation,
                      const std::string& initial) {
  return dense_chain(input, {.hidden = hidden,
                             .outputs = outputs,
                             .activation = activation,
                             .output_activation = output_activation,
                             .initial = initial});
}

}  // namespace pushforward
