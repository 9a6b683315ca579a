// SPDX-License-Identifier: Apache-2.0
//
// A layer: y = f(x; parameters), row by row or over the batch.
//
// A layer owns parameters and never activations. What backward needs besides x and y goes out through `Saved`
// and comes back, so one layer may be applied to several batches (a critic to real and to generated points)
// before any backward. Let L = ⟨dy, f(x)⟩: backward *writes* dL/dx unless dx is not wanted, and *adds*
// dL/dparameters if asked.
//
// A gradient penalty needs the derivative of a derivative. With v held constant, v·∇ₓf(x) is the derivative
// of f along v, so a layer that may stand in a penalised critic also has a *tangent* pass, ty = J·tx with J
// the Jacobian at x, and that pass has its own backward (gradient_penalty.hpp says how the two make the
// penalty's exact gradient). With L = ⟨dty, J(x; θ)·tx⟩ + ⟨dy, f(x; θ)⟩:
//   dtx = Jᵀ·dty      dx = Jᵀ·dy + ∂⟨dty, J·tx⟩/∂x      dθ += ∂L/∂θ.
// Where f is piecewise linear the second term of dx is 0 (almost everywhere), and nothing is computed for it.
//
// Letters: B rows of a batch, I inputs, O outputs.
#pragma once

#include <any>
#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pushforward/activation.hpp"
#include "pushforward/fields.hpp"
#include "pushforward/initial.hpp"
#include "pushforward/random.hpp"
#include "pushforward/shape.hpp"
#include "pushforward/spec.hpp"
#include "pushforward/tensor.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

/// A block of numbers that a model learns (or keeps: running statistics), living in an arena.
struct Parameter {
  std::string name;  ///< "encoder.0.weight"
  std::size_t rows = 0, cols = 0;
  Initial initial{};  ///< how it begins
  std::size_t fan_in = 0, fan_out = 0;
  bool trained = true;              ///< false: kept, saved and resumed, moved by no optimiser
  bool decays = true;               ///< weight decay applies (weights yes, biases no)
  View<float> value{}, gradient{};  ///< bound by the arena; gradient is null where trained is false

  std::size_t size() const { return rows * cols; }
};

/// How a pass runs: training or inference, and where in the space of draws (for dropout and other noise).
struct Pass {
  bool training = false;
  Draw draw{};
  Precision precision = Precision::f32;
};

/// What forward hands to backward besides x and y, and room for backward's own scratch. Buffers keep their
/// memory between steps.
class Saved {
 public:
  /// Buffer number i with this shape; contents survive as long as the shape stays.
  Tensor& at(std::size_t i, std::size_t rows, std::size_t cols) {
    if (buffers_.size() <= i) buffers_.resize(i + 1);
    if (buffers_[i].rows() != rows || buffers_[i].cols() != cols) buffers_[i].resize(rows, cols);
    return buffers_[i];
  }
  const Tensor& at(std::size_t i) const { return buffers_[i]; }

 private:
  std::vector<Tensor> buffers_;
};

class Layer {
 public:
  virtual ~Layer() = default;
  /// Told its name, "critic.2", once it stands in a network: a layer that draws puts it into its stream, so
  /// that two layers of a network, or two networks, never share numbers.
  virtual void named(std::string_view /*name*/) {}
  /// "dense 784→400, relu": for summaries and errors.
  virtual std::string describe() const = 0;
  virtual RowShape output_shape() const = 0;
  /// Writes y (B × O).
  virtual void forward(View<const float> x, View<float> y, Saved& saved, const Pass& pass) const = 0;
  /// x, y and saved are those of the forward pass. Writes dx unless it is not wanted; adds to parameters'
  /// gradients if `parameters`. May use `saved` as scratch, but a second call gives the same result.
  virtual void backward(View<const float> x, View<const float> y, Saved& saved, View<const float> dy,
                        View<float> dx, bool parameters, const Pass& pass) = 0;
  /// Whether it has the tangent pass and its backward.
  virtual bool has_tangent() const { return false; }
  /// Writes ty = J·tx (B × O); x, y and saved are those of the forward pass, and the same draws apply
  /// (masks). WorkError where there is none.
  virtual void tangent(View<const float> x, View<const float> y, Saved& saved, View<const float> tx,
                       View<float> ty, const Pass& pass) const;
  /// The backward of the tangent pass (formula above). An empty dy means 0; writes dtx where wanted (a caller
  /// may know it already: it is the gradient that the ordinary backward of dty made) and adds to parameters'
  /// gradients if `parameters`. Returns whether dx is not zero; only then, and where wanted, it was written
  /// (a piecewise linear layer given no dy has none).
  virtual bool tangent_backward(View<const float> x, View<const float> y, Saved& saved, View<const float> tx,
                                View<const float> ty, View<const float> dy, View<const float> dty,
                                View<float> dx, View<float> dtx, bool parameters, const Pass& pass);
  virtual std::vector<Parameter*> parameters() { return {}; }
  /// Moves what is kept but not learnt (running statistics), after the step; most layers have nothing.
  virtual void update(const Saved& /*saved*/) {}
  /// Floating-point operations of one forward pass a row, for summaries.
  virtual double operations() const { return 0; }
};

/// A worked example with a value computed by hand: parameters in the order of parameters(), row-major.
struct LayerExample {
  std::size_t inputs = 1;  ///< I
  std::vector<double> x;   ///< B × I
  std::vector<std::vector<double>> parameters;
  std::vector<double> y;  ///< B × O
  std::string by_hand;
};

struct LayerEntry;

/// A layer that is not made yet: its row and its options.
class LayerPlan {
 public:
  /// Of any type of options that has a row: network.add(DenseOptions{.units = 3}) (layers.hpp).
  template <class T>
  requires requires(const T& options) {
    { layer_entry(options) } -> std::same_as<const LayerEntry&>;
  }
  LayerPlan(T options) : entry_(&layer_entry(options)), options_(std::move(options)) {}
  /// As the row reads a SPEC. The row must outlive the plan.
  LayerPlan(const LayerEntry& entry, const Spec& spec);

  const LayerEntry& entry() const { return *entry_; }
  template <class T>
  const T& as() const {
    return std::any_cast<const T&>(options_);
  }
  template <class T>
  T& as() {
    return std::any_cast<T&>(options_);
  }
  template <class T>
  const T* find() const {
    return std::any_cast<T>(&options_);
  }

 private:
  const LayerEntry* entry_;
  std::any options_;
};

/// A layer's place in a network that is mirrored, and what is wanted of the way back.
struct Passage {
  RowShape input, output;
  std::size_t channels = 1;  ///< of what the way back gives in place of `input`
  bool bias = true;          ///< whether a bias there is of use
};

/// Where options keep the activation that rides on a layer's own pass over memory.
struct CarriedActivation {
  std::optional<Activation::Kind>& kind;
  std::optional<double>& slope;
};

/// A row of the registry: all that is known of a layer.
struct LayerEntry {
  std::string name{}, formula{}, source{};
  std::vector<OptionRow> options{};
  /// The options that a SPEC gives, checked.
  std::function<std::any(const Spec&)> read = [](const Spec&) { return std::any(); };
  /// Makes the layer for rows of this shape; refuses options that are out of bounds.
  std::function<std::unique_ptr<Layer>(const LayerPlan&, RowShape input)> make{};
  /// The plain double-precision twin of forward: y = f(x; parameters), B rows, at inference. The oracle of
  /// the conformance run.
  std::function<void(const LayerPlan&, RowShape input, View<const double> x,
                     std::span<const Matrix<double>> parameters, View<double> y)>
      twin{};
  /// The twin of a training pass, where that computes something else (batch statistics; masks, as a layer
  /// that was never named draws them); empty: `twin` serves both.
  std::function<void(const LayerPlan&, RowShape input, View<const double> x,
                     std::span<const Matrix<double>> parameters, const Pass&, View<double> y)>
      training_twin{};
  std::vector<std::pair<std::string, RowShape>>
      trials{};                          ///< SPECs and input shapes that the conformance run tries
  std::vector<LayerExample> examples{};  ///< of the first trial's SPEC

  // In a line of text (network_text.hpp): other names, and the options that a plain number and "4x4" are.
  std::vector<std::string> short_names{};
  std::string number{}, kernel{};

  // What building a network asks; empty: there is none.
  std::function<std::optional<Initial>*(LayerPlan&)> initial{};  ///< how its weights begin
  std::function<CarriedActivation(LayerPlan&)> activation{};     ///< where one may ride on it
  std::vector<Activation::Kind> carries{};                       ///< which; empty: any
  bool same_numbers = false;  ///< in the same order: an activation behind it may ride on what is before it
  bool centres = false;       ///< takes the mean out again: a bias before it is idle
  /// The way back through a layer that changes the shape: what comes from its output's shape to its input's.
  /// RequestError where there is none. Without this function a layer accompanies the one before it.
  std::function<std::vector<LayerPlan>(const LayerPlan&, const Passage&)> mirror{};
};

/// The table in src/layers/registry.cpp.
std::span<const LayerEntry> layers();
const LayerEntry& find_layer(std::string_view name);
/// The layer that a SPEC names.
LayerPlan read_layer(const Spec& spec);
std::unique_ptr<Layer> make_layer(const LayerPlan& plan, RowShape input);
std::unique_ptr<Layer> make_layer(const Spec& spec, RowShape input);

}  // namespace pushforward
#pragma GCC visibility pop
