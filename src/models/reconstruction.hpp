// SPDX-License-Identifier: Apache-2.0
//
// How far what came back is from what was asked for: --loss mse, bce or mixed.
//
//   mse   Σ (x − y)²
//   mixed squared errors of a table's numbers, cross-entropy of its categories (mixed.hpp)
//   bce   −Σ [x ln s(y) + (1−x) ln(1 − s(y))], on logits y: the sigmoid s is part of the loss, and the
//   network
//         ends without it
#pragma once

#include <span>
#include <string>

#include "models/mixed.hpp"
#include "pushforward/onnx.hpp"
#include "pushforward/tensor.hpp"

namespace pushforward {

class ReconstructionLoss {
 public:
  /// By --loss and --output-activation; RequestError where the two do not go together.
  ReconstructionLoss(ReconstructionError loss, const NetworkOptions& network, const DataOptions& data);

  bool cross_entropy() const { return bce_; }
  /// Of a table with more than numbers: targets are not centred, and what comes out may be drawn.
  bool mixed() const { return !blocks_.empty(); }
  /// Turns the probabilities that finish() gave into categories.
  void draw(View<float> x, const Draw& draw) const { draw_categories(blocks_, x, draw); }
  /// Of the network's last layer.
  const std::string& output_activation() const { return output_activation_; }
  /// Sum over rows and features; writes scale · its gradient where wanted (losses.hpp).
  double operator()(View<const float> y, View<const float> x, View<float> gradient, float scale,
                    std::span<double> rows = {}) const;
  /// From what the network puts out to data: the sigmoid of logits, else y as it is. `x` may be y itself.
  void finish(View<const float> y, View<float> x) const;
  OnnxRows finish(OnnxGraph& graph, const OnnxRows& y) const;

 private:
  bool bce_;
  std::string output_activation_;
  std::vector<TableBlock> blocks_{};
};

/// mse, bce or mixed.
OptionKind<ReconstructionError> loss_kind();

}  // namespace pushforward
