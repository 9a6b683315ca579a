// SPDX-License-Identifier: Apache-2.0
//
// A chain of layers, and the memory of one pass through it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pushforward/layer.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

/// What one pass leaves behind for its backward: activations, what layers saved, and gradients between
/// layers. One Trace a batch in flight; reused from step to step, so that nothing is allocated once each
/// batch shape has been seen.
struct Trace {
  View<const float> input{};
  std::vector<Tensor> outputs;  ///< of each layer
  std::vector<Saved> saved;
  std::vector<Tensor> gradients;  ///< of the loss with respect to each layer's input
  std::vector<Tensor> tangents;   ///< of each layer's output, along the direction of the last tangent pass
  std::vector<Tensor> second;     ///< of the tangent pass's backward, with respect to each layer's input

  View<const float> output() const { return outputs.empty() ? input : outputs.back().view(); }
};

class Network {
 public:
  Network() = default;
  explicit Network(RowShape input) : input_(input) {}

  /// Appends a layer made from a struct, DenseOptions{.units = 400} (layers.hpp), or from a SPEC,
  /// "dense:units=400,activation=relu".
  Network& add(const LayerPlan& plan);
  Network& add(const Spec& spec);
  Network& add(std::unique_ptr<Layer> layer);
  /// Puts `prefix` and the layer's number before the names of all parameters: "encoder.0.weight".
  void name_parameters(std::string_view prefix);

  RowShape input_shape() const { return input_; }
  RowShape output_shape() const;
  std::size_t inputs() const { return input_.size(); }
  std::size_t outputs() const { return output_shape().size(); }
  std::size_t depth() const { return layers_.size(); }
  Layer& layer(std::size_t i) { return *layers_[i]; }
  const Layer& layer(std::size_t i) const { return *layers_[i]; }

  /// Runs x through; the result is trace.output(). x must stay alive until backward.
  View<const float> forward(View<const float> x, Trace& trace, const Pass& pass) const;
  /// Backpropagates dy (of the same shape as the output); writes dx where wanted, adds parameter gradients if
  /// asked.
  void backward(Trace& trace, View<const float> dy, View<float> dx, bool parameters, const Pass& pass);

  /// Whether every layer has a tangent pass; otherwise the description of the first that has none.
  bool has_tangent(std::string* lacking = nullptr) const;
  /// The derivative of the last forward along tx (B × I): ty = J·tx, B × O. tx must stay alive until
  /// tangent_backward.
  View<const float> tangent(Trace& trace, View<const float> tx, const Pass& pass) const;
  /// Adds to the parameters' gradients ∂⟨dty, J(x; θ)·tx⟩/∂θ, where trace.gradients are those that
  /// backward(trace, dty, dx, …) left: Jᵀ·dty is not computed twice.
  void tangent_backward(Trace& trace, View<const float> tx, View<const float> dty, const Pass& pass);

  std::vector<Parameter*> parameters();
  void update(const Trace& trace);
  /// A line a layer: what it is, its output shape, parameters and operations.
  std::vector<Fields> summary();

 private:
  RowShape input_;
  std::vector<std::unique_ptr<Layer>> layers_;
};

/// What an MLP is made of, hidden layer by hidden layer: dense (or maxout), normalisation, activation,
/// dropout.
struct DenseChain {
  std::vector<std::size_t> hidden{};
  std::size_t outputs = 1;
  std::string activation = "relu";  ///< of hidden layers
  std::string output_activation = "linear";
  std::string initial = "fan-in";
  std::string norm = "none";  ///< none, batch or layer: between a hidden layer's product and its activation
  std::size_t pieces = 0;     ///< > 0: hidden layers are maxout of that many pieces, without activation
  double input_dropout = 0;   ///< share of the input that is dropped
  double dropout = 0;         ///< share of each hidden layer's output
  bool spectral = false;      ///< every weight divided by its largest singular value
};
Network dense_chain(RowShape input, const DenseChain& chain);

/// Dense layers through `hidden` sizes to `outputs`, every hidden one with `activation`, the last with
/// `output_activation`.
Network dense_network(RowShape input, const std::vector<std::size_t>& hidden, std::size_t outputs,
                      const std::string& activation, const std::string& output_activation,
                      const std::string& initial);

}  // namespace pushforward
#pragma GCC visibility pop
