// SPDX-License-Identifier: Apache-2.0
//
// A velocity field v(x, t), or v(x, t | c): a dense network on a row and what it is told of the time and of
// the row's condition.
//
//   --time plain        t itself
//   --time fourier:K    t, cos πkt and sin πkt for k = 1 … K: waves of a half turn and shorter over 0 … 1, so
//   that a
//                       small network bends with time as readily as with place [Tancik et al., "Fourier
//                       features let networks learn high frequency functions", NeurIPS 2020]
//
// Letters: B rows, D features, T numbers that stand for the time.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "models/condition_input.hpp"
#include "pushforward/models.hpp"
#include "pushforward/network.hpp"
#include "pushforward/onnx.hpp"

namespace pushforward {

class VelocityField {
 public:
  /// By --hidden, --activation, --initial, --norm, --time and --condition.
  VelocityField(const FlowOptions& options, RowShape shape);

  std::vector<Parameter*> parameters() { return network_.parameters(); }
  std::vector<Fields> summary() { return network_.summary(); }
  std::string not_finite() const;
  void update() { network_.update(trace_); }

  /// What the rows of the calls that follow are told.
  ToldConditions& told() { return told_; }
  const ToldConditions& told() const { return told_; }
  /// v at each row's own time (B of them), B × D; it lives until the next call.
  View<const float> at(View<const float> x, std::span<const float> times, const Pass& pass);
  /// Adds the parameters' gradients of ⟨dv, v⟩ of the last call.
  void backward(View<const float> dv, const Pass& pass);

  /// v at one time for all rows, in float64 as an integrator has them.
  void at(View<const double> x, double time, View<double> v);
  /// Row by row, ⟨e, ∂v/∂x · e⟩ of the last call for directions e (B × D).
  void curvature_along(View<const float> e, std::span<double> out);

  /// Nodes from x (B × D) and t (B × 1) to v.
  OnnxRows write(OnnxGraph& graph, const OnnxRows& x, const OnnxRows& t) const;

 private:
  void put(std::size_t row, float* features, double time) const;

  std::size_t features_, waves_ = 0;  // D, K
  ToldConditions told_;
  Network network_;
  Trace trace_;
  Tensor input_, direction_;
};

/// plain (no waves), or fourier:K.
OptionKind<std::size_t> time_kind();

}  // namespace pushforward
