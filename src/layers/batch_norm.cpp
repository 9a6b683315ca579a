// SPDX-License-Identifier: Apache-2.0
//
// Batch normalisation [Ioffe & Szegedy, ICML 2015]: every feature, or every channel of an image over all its
// pixels, by the batch's mean and variance in training and by running ones at inference,
//   x̂ = (x − μ)/√(σ² + ε),  y = x̂ ⊙ γ + β.
// In training μ and σ² depend on x, too: with means over the batch's n numbers of a feature,
//   dx = γ/√(σ²+ε) ⊙ (dy − mean(dy) − x̂ ⊙ mean(dy ⊙ x̂)),  dγ += Σ dy ⊙ x̂,  dβ += Σ dy.
//
// The running ones are kept parameters, moved by update() after the step: m·running + (1 − m)·batch, m = 0.9,
// the variance as the estimate of the population's, n/(n−1) times the batch's. A layer that is applied to two
// batches in a step normalises each by its own, and only the batch whose Saved update() is given moves them.
//
// It has no tangent pass: a row's output depends on the other rows, so "the gradient at this point", which a
// penalty is about, does not exist [Gulrajani et al. 2017]. Cost: two passes over memory for the moments, one
// for y; backward two.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "layers/layer_row.hpp"
#include "layers/onnx_layers.hpp"
#include "ops/norm_kernels.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

// Slot 0: numbers a channel, in these rows; slot 1: n of a training pass, or 0.
enum SavedSlot : std::size_t { kChannels, kCount };
enum Row : std::size_t { kMean, kVariance, kInverse, kFactor, kFirst, kSecond, kRowCount };

std::size_t channels_of(RowShape shape) { return shape.image ? shape.channels : shape.size(); }

class BatchNorm : public Layer, public OnnxMap {
 public:
  BatchNorm(const BatchNormOptions& options, RowShape shape)
      : options_(options), shape_(shape), channels_(channels_of(shape)) {
    const auto make = [&](const char* name, double value, bool trained) {
      return Parameter{.name = name,
                       .rows = 1,
                       .cols = channels_,
                       .initial = ConstantInitial{value},
                       .trained = trained,
                       .decays = false};
    };
    scale_ = make("scale", 1, true), shift_ = make("shift", 0, true);
    mean_ = make("running_mean", 0, false), variance_ = make("running_variance", 1, false);
  }

  std::string describe() const override { return fmt::format("batch norm {}", channels_); }
  RowShape output_shape() const override { return shape_; }

  void forward(View<const float> x, View<float> y, Saved& saved, const Pass& pass) const override {
    const View<const float> flat = by_channel(x);
    const View<float> c = saved.at(kChannels, kRowCount, channels_);
    if (pass.training) {
      check(flat.rows);
      vectors::column_moments(flat, c.row(kMean), c.row(kVariance));
    } else {
      std::copy_n(mean_.value.data, channels_, c.row(kMean));
      std::copy_n(variance_.value.data, channels_, c.row(kVariance));
    }
    saved.at(kCount, 1, 1)(0, 0) = pass.training ? static_cast<float>(flat.rows) : 0;
    for (std::size_t j = 0; j < channels_; ++j) {
      c(kInverse, j) =
          static_cast<float>(1 / std::sqrt(static_cast<double>(c(kVariance, j)) + options_.epsilon));
      c(kFactor, j) = c(kInverse, j) * scale_.value(0, j);
    }
    vectors::scale_columns(flat, c.row(kMean), c.row(kFactor), shift_.value.data, by_channel(y));
  }

  void backward(View<const float> x, View<const float>, Saved& saved, View<const float> dy, View<float> dx,
                bool parameters, const Pass& pass) override {
    const View<const float> flat = by_channel(x), flat_dy = by_channel(dy);
    const View<float> c = saved.at(kChannels, kRowCount, channels_);
    vectors::column_sums(flat, c.row(kMean), c.row(kInverse), flat_dy, c.row(kFirst), c.row(kSecond));
    if (parameters)
      for (std::size_t j = 0; j < channels_; ++j) {
        shift_.gradient(0, j) += c(kFirst, j);
        scale_.gradient(0, j) += c(kSecond, j);
      }
    if (!dx.wanted()) return;
    // Means over the batch; at inference μ and σ² are constants and take nothing away.
    const float factor = pass.training ? 1 / static_cast<float>(flat.rows) : 0;
    for (const std::size_t row : {kFirst, kSecond})
      for (std::size_t j = 0; j < channels_; ++j) c(row, j) *= factor;
    vectors::columns_backward(flat, c.row(kMean), c.row(kInverse), c.row(kFactor), c.row(kFirst),
                              c.row(kSecond), flat_dy, by_channel(dx));
  }

  std::vector<Parameter*> parameters() override { return {&scale_, &shift_, &mean_, &variance_}; }

  void update(const Saved& saved) override {
    const auto n = static_cast<double>(saved.at(kCount)(0, 0));
    if (n == 0) return;  // of an inference pass
    const View<const float> c = saved.at(kChannels);
    for (std::size_t j = 0; j < channels_; ++j) {
      move(mean_.value(0, j), static_cast<double>(c(kMean, j)));
      move(variance_.value(0, j), static_cast<double>(c(kVariance, j)) * n / (n - 1));
    }
  }

  OnnxRows write(OnnxGraph& graph, const OnnxRows& x) const override {
    std::vector<std::string> inputs = {shape_.image ? graph.planes(x, shape_) : graph.rows(x)};
    for (const Parameter* p : {&scale_, &shift_, &mean_, &variance_})
      inputs.push_back(write_parameter(graph, *p, {static_cast<std::int64_t>(channels_)}));
    const std::string y = graph.add("BatchNormalization", std::move(inputs),
                                    {{"epsilon", static_cast<float>(options_.epsilon)}});
    return {y, shape_, shape_.image};
  }

 private:
  template <class T>
  View<T> by_channel(View<T> rows) const {
    return {rows.data, rows.rows * (shape_.size() / channels_), channels_};
  }
  void move(float& running, double batch) const {
    running = static_cast<float>(options_.momentum * static_cast<double>(running) +
                                 (1 - options_.momentum) * batch);
  }
  static void check(std::size_t rows) {
    if (rows < 2)
      throw RequestError(Complaint{"batch norm", "a training batch of one row", "two or more",
                                   "choose a batch that leaves no single row over, or layer norm"});
  }

  BatchNormOptions options_;
  RowShape shape_;
  std::size_t channels_;
  Parameter scale_{}, shift_{}, mean_{}, variance_{};
};

void inference_twin(const BatchNormOptions& options, RowShape input, View<const double> x,
                    std::span<const Matrix<double>> parameters, View<double> y) {
  const double epsilon = options.epsilon;
  const std::size_t channels = channels_of(input);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::size_t c = i % channels;
    y.data[i] =
        (x.data[i] - parameters[2](0, c)) / std::sqrt(parameters[3](0, c) + epsilon) * parameters[0](0, c) +
        parameters[1](0, c);
  }
}

void training_twin(const BatchNormOptions& options, RowShape input, View<const double> x,
                   std::span<const Matrix<double>> parameters, const Pass&, View<double> y) {
  const double epsilon = options.epsilon;
  const std::size_t channels = channels_of(input);
  const auto n = static_cast<double>(x.size() / channels);
  for (std::size_t c = 0; c < channels; ++c) {
    double mean = 0, variance = 0;
    for (std::size_t i = c; i < x.size(); i += channels) mean += x.data[i] / n;
    for (std::size_t i = c; i < x.size(); i += channels)
      variance += (x.data[i] - mean) * (x.data[i] - mean) / n;
    for (std::size_t i = c; i < x.size(); i += channels)
      y.data[i] =
          (x.data[i] - mean) / std::sqrt(variance + epsilon) * parameters[0](0, c) + parameters[1](0, c);
  }
}

}  // namespace

const LayerEntry& layer_entry(const BatchNormOptions&) {
  using O = BatchNormOptions;
  static const auto table = OptionTable<O>("batch-norm")
                                .add("momentum", &O::momentum,
                                     "what the running mean and variance keep at each step", number_of(0, 1))
                                .add("epsilon", &O::epsilon, "ε, added to the variance", positive_number());
  static const LayerEntry entry = layer_row(
      table, [](const O& options, RowShape input) { return std::make_unique<BatchNorm>(options, input); },
      {.formula = "y = (x − μ)/√(σ² + ε) ⊙ γ + β, μ and σ² of the batch (running ones at inference)",
       .source = "Ioffe & Szegedy, ICML 2015",
       .twin = by_options(inference_twin),
       .training_twin = by_options(training_twin),
       .trials = {{"batch-norm:epsilon=1", {.width = 2}},
                  {"batch-norm", {.width = 83}},
                  {"batch-norm:momentum=0.5,epsilon=0.01", image_shape(2, 3, 4)}},
       .examples = {{.inputs = 2,
                     .x = {5, 0, 1, 2},
                     .parameters = {{2, 1}, {1, 0}, {1, -1}, {3, 8}},
                     .y = {5, 1.0 / 3, 1, 1},
                     .by_hand = "at inference: (5−1)/√(3+1)·2+1 = 5, (0+1)/√(8+1) = 1/3; 0·2+1 = 1, 3/3 = "
                                "1"}},
       .centres = true});
  return entry;
}

}  // namespace pushforward
