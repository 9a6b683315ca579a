// SPDX-License-Identifier: Apache-2.0
//
// The weight of a dense map, plain or divided by its largest singular value.
#pragma once

#include <vector>

#include "pushforward/layer.hpp"

namespace pushforward {

/// W, units × inputs, and what a product multiplies by: W itself, or Ŵ = W/σ with σ = ‖Wᵀu‖, u a kept unit
/// vector. Uses slots 0 … kSlots−1 of a layer's Saved.
class DenseWeight {
 public:
  static constexpr std::size_t kSlots = 4;

  DenseWeight(std::size_t units, std::size_t inputs, const Initial& initial, bool spectral);

  bool spectral() const { return spectral_; }
  /// For the parameters(): the weight, and u after the layer's others.
  Parameter& weight() { return weight_; }
  const Parameter& weight() const { return weight_; }
  Parameter& left() { return left_; }

  /// The factor of this pass; forward asks for it first.
  View<const float> make(Saved& saved) const;
  /// The same again, in backward and tangent passes.
  View<const float> value(const Saved& saved) const;
  /// dW += the gradient through Ŵ = daᵀ·x.
  void add_gradient(View<const float> x, View<const float> da, Saved& saved, const Pass& pass);
  /// Power iterations on u, after the step.
  void update();

 private:
  bool spectral_;
  Parameter weight_{}, left_{};
  Tensor right_{}, next_{};  // scratch of update
};

/// σ = ‖Wᵀu‖/‖u‖ by the book, for twins.
double spectral_twin(const Matrix<double>& weight, const Matrix<double>& left);

}  // namespace pushforward
