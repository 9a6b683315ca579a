// SPDX-License-Identifier: Apache-2.0
//
// Losses and heads of encoded tables (table_encoding.hpp): what a network's output means, block by block.
//
//   number     the mean of a Gaussian with one learned variance a column, ln v, or (no variances) a squared
//   error truth      a logit: cross-entropy category   logits of one of K: −ln softmax missing    a logit;
//   where the cell is missing, the number or truth value before it says nothing
//
// A generator's categories are drawn: straight-through Gumbel softmax [Jang, Gu & Poole; Maddison, Mnih &
// Teh, ICLR 2017]. With g = −ln(−ln u), the largest a + g is a draw of softmax(a); it goes on as one of K
// exactly, as the data are, and the gradient is that of softmax((a + g)/τ).
#pragma once

#include <span>
#include <vector>

#include "pushforward/models.hpp"
#include "pushforward/onnx.hpp"
#include "pushforward/random.hpp"
#include "pushforward/table_encoding.hpp"

namespace pushforward {

/// --blocks; empty where the rows are no table's.
std::vector<TableBlock> blocks_of(const DataOptions& options);
/// Whether they are numbers alone.
bool all_numbers(std::span<const TableBlock> blocks);

/// Σ −ln p(x|y) over rows and blocks. `log_variance` has one entry for each number of a row (empty: squared
/// errors in place of Gaussians); `squares`, where not null, receives (x−m)²/v of each number, −1 where it is
/// missing. Writes scale · the gradient in y where wanted.
double mixed_nll(std::span<const TableBlock> blocks, View<const float> y, View<const float> x,
                 std::span<const double> log_variance, View<float> gradient, float scale,
                 std::span<double> rows = {}, Tensor* squares = nullptr);
/// From output to E[x|y]: probabilities where there were logits.
void mixed_means(std::span<const TableBlock> blocks, View<const float> y, View<float> x);
/// The same as nodes: a softmax for each category, sigmoids, and the numbers as they are, side by side.
OnnxRows mixed_means(OnnxGraph& graph, std::span<const TableBlock> blocks, const OnnxRows& y);
/// Turns probabilities into draws: one of K is 1; numbers stay.
void draw_categories(std::span<const TableBlock> blocks, View<float> x, const Draw& draw);
/// The output that gives these means.
std::vector<float> mixed_bias(std::span<const TableBlock> blocks, std::span<const double> means);

/// The last layer of a generator of encoded tables.
class TableHead {
 public:
  explicit TableHead(std::vector<TableBlock> blocks) : blocks_(std::move(blocks)) {}

  bool any() const { return !all_numbers(blocks_); }
  /// Draws; keeps what backward() needs.
  View<const float> forward(View<const float> y, const Draw& draw);
  /// From the gradient in what forward() gave to that in y, in place.
  void backward(View<float> gradient) const;
  const std::vector<TableBlock>& blocks() const { return blocks_; }

 private:
  std::vector<TableBlock> blocks_;
  Tensor soft_, out_;
};

}  // namespace pushforward
