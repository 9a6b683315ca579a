// SPDX-License-Identifier: Apache-2.0
//
// Layers as structs:
//
//   Network network({.height = 28, .width = 28, .image = true});
//   network.add(ConvolutionOptions{.channels = 32, .kernel = {4, 4}, .stride = {2, 2}})
//       .add(DenseOptions{.units = 10});
//
// What each computes stands in its row, layer_entry(DenseOptions{}), and in src/layers. A value out of bounds
// is a RequestError that names the field, as in a SPEC. Another type of options is a layer, too, as soon as
// layer_entry() of it gives a row.
#pragma once

#include <optional>

#include "pushforward/activation.hpp"
#include "pushforward/extent.hpp"
#include "pushforward/initial.hpp"
#include "pushforward/layer.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

/// dense: y = f(x·Wᵀ + b).
struct DenseOptions {
  std::size_t units = 0;                         ///< outputs; must be given
  std::optional<Activation::Kind> activation{};  ///< f (linear)
  std::optional<double> slope{};                 ///< of leaky-relu below 0 (0.01), of elu (1)
  bool bias = true;                              ///< whether there is b
  std::optional<Initial> initial{};              ///< how W begins (fan-in, which sets b alike)
  bool spectral = false;                         ///< W divided by its largest singular value
};
/// maxout: the largest of some dense maps.
struct MaxoutOptions {
  std::size_t units = 0;             ///< outputs; must be given
  std::size_t pieces = 2;            ///< dense maps a unit
  bool bias = true;                  ///< whether there is b
  std::optional<Initial> initial{};  ///< how W begins (fan-in, which sets b alike)
  bool spectral = false;             ///< W divided by its largest singular value
};
/// activation: y = f(x).
struct ActivationOptions {
  Activation::Kind f = Activation::Kind::relu;
  std::optional<double> slope{};  ///< of leaky-relu below 0 (0.01), of elu (1)
};
/// dropout: in training some numbers are 0.
struct DropoutOptions {
  double rate = 0.5;  ///< share of them, below 1
};
/// batch-norm: by the batch's mean and variance.
struct BatchNormOptions {
  double momentum = 0.9;  ///< what the running mean and variance keep at each step
  double epsilon = 1e-5;  ///< added to the variance
};
/// layer-norm: by each row's mean and variance.
struct LayerNormOptions {
  double epsilon = 1e-5;  ///< added to the variance
};
/// group-norm: by those of groups of an image's channels.
struct GroupNormOptions {
  std::size_t groups = 8;
  double epsilon = 1e-5;  ///< added to the variance
};

/// convolution: y = f(x ∗ w + b).
struct ConvolutionOptions {
  std::size_t channels = 0;         ///< of the output; must be given
  Extent kernel{3, 3}, stride{};    ///< pixels, and from patch to patch
  std::optional<Extent> padding{};  ///< zeros on either side; none: ⌈size/stride⌉ pixels come out
  Extent dilation{};                ///< pixels from tap to tap
  std::size_t groups = 1;           ///< of channels that do not see each other
  bool bias = true;                 ///< whether there is b
  std::optional<Activation::Kind> activation{};  ///< f: linear, relu or leaky_relu
  std::optional<double> slope{};                 ///< of leaky-relu below 0 (0.01)
  std::optional<Initial> initial{};              ///< how w begins (fan-in)
};
/// transposed-convolution: its adjoint, from output to input.
struct TransposedConvolutionOptions {
  std::size_t channels = 0;
  Extent kernel{3, 3}, stride{};
  std::optional<Extent> padding{};
  Extent dilation{};
  std::size_t groups = 1;
  bool bias = true;
  std::optional<Activation::Kind> activation{};
  std::optional<double> slope{};
  std::optional<Initial> initial{};
  std::optional<Extent> output_padding{};  ///< rows and columns more below and right, less than the stride
};
/// residual: y = f(F(x) + x), F two convolutions with norms.
struct ResidualOptions {
  enum class Norm { group, batch, none };

  std::size_t channels = 0;       ///< of the output; must be given
  Extent kernel{3, 3}, stride{};  ///< of both convolutions, of the first
  Norm norm = Norm::group;
  std::size_t groups = 8;  ///< (their greatest common divisor with the channels)
  Activation::Kind activation = Activation::Kind::relu;  ///< f: relu or leaky_relu
  std::optional<double> slope{};                         ///< of leaky-relu below 0 (0.01)
  std::optional<Initial> initial{};                      ///< how weights begin (fan-in)
};

/// max-pool: the largest number of a window.
struct MaxPoolOptions {
  enum class Undo { upsample, unpool };

  Extent kernel{2, 2};
  std::optional<Extent> stride{};   ///< (the kernel's size)
  std::optional<Extent> padding{};  ///< pixels on either side; only those inside count
  Extent dilation{};
  Undo undo = Undo::upsample;  ///< by which layer a decoder mirrors it
};
/// average-pool: the mean of a window.
struct AveragePoolOptions {
  Extent kernel{2, 2};
  std::optional<Extent> stride{}, padding{};
  Extent dilation{};
};
/// upsample: an image made larger by repeating pixels or by lines between them.
struct UpsampleOptions {
  enum class Mode { nearest, bilinear };

  Extent scale{2, 2};            ///< how many times larger
  std::optional<Extent> size{};  ///< the size itself
  Mode mode = Mode::nearest;
};
/// unpool: an image made larger by zeros.
struct UnpoolOptions {
  Extent scale{2, 2};            ///< how many times larger
  std::optional<Extent> size{};  ///< the size itself
};

/// flatten: an image as a vector.
struct FlattenOptions {};
/// reshape: a vector as an image.
struct ReshapeOptions {
  std::size_t height = 0, width = 0, channels = 0;  ///< must be given
};
/// stack-channels: groups of channels as images one below the other.
struct StackChannelsOptions {
  std::size_t parts = 2;
};

/// Their rows.
const LayerEntry& layer_entry(const DenseOptions&);
const LayerEntry& layer_entry(const MaxoutOptions&);
const LayerEntry& layer_entry(const ActivationOptions&);
const LayerEntry& layer_entry(const DropoutOptions&);
const LayerEntry& layer_entry(const BatchNormOptions&);
const LayerEntry& layer_entry(const LayerNormOptions&);
const LayerEntry& layer_entry(const GroupNormOptions&);
const LayerEntry& layer_entry(const ConvolutionOptions&);
const LayerEntry& layer_entry(const TransposedConvolutionOptions&);
const LayerEntry& layer_entry(const ResidualOptions&);
const LayerEntry& layer_entry(const MaxPoolOptions&);
const LayerEntry& layer_entry(const AveragePoolOptions&);
const LayerEntry& layer_entry(const UpsampleOptions&);
const LayerEntry& layer_entry(const UnpoolOptions&);
const LayerEntry& layer_entry(const FlattenOptions&);
const LayerEntry& layer_entry(const ReshapeOptions&);
const LayerEntry& layer_entry(const StackChannelsOptions&);

/// The decoder's half of a tied autoencoder: y = g(x·W + c) where `weight` (O′ × I′) is the weight of a dense
/// layer with O′ units, which keeps owning it and must outlive this layer; x is B × O′, y is B × I′. The
/// gradient is added to that same parameter; parameters() lists only the bias c.
std::unique_ptr<Layer> make_tied_dense(Parameter& weight, const ActivationOptions& activation);

}  // namespace pushforward
#pragma GCC visibility pop
