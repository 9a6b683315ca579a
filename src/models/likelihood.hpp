// SPDX-License-Identifier: Apache-2.0
//
// p(x|z): what a decoder's output means.
//
//   bernoulli           logits a: x_j ~ Bernoulli(sigmoid(a_j)); grey targets in 0…1 count as probabilities
//   gaussian:VARIANCE   means m: x ~ N(m, VARIANCE·I)
//   gaussian:learned    the same with one variance for all features, learnt: ln v = floor + softplus(h −
//                       floor)
//   gaussian:optimal    the same with the variance that serves a batch best, its mean squared error; what is
//                       kept is its moving average
//   gaussian:head       means and ln σ²(z), a pair a feature, from the network, bounded below in the same way
//
//   mixed               of an encoded table (mixed.hpp): means with a learned variance a column, logits of
//                       truth values and categories
//
// With --output-activation sigmoid the means of a Gaussian are s(m), in 0…1 as the data.
//
// The bound (--variance-floor) keeps a variance from collapsing onto features that never vary, whose
// likelihood has no upper limit.
#pragma once

#include <span>
#include <vector>

#include "models/mixed.hpp"
#include "pushforward/models.hpp"
#include "pushforward/onnx.hpp"

namespace pushforward {

class Likelihood {
 public:
  Likelihood(const LikelihoodOptions& options, const NetworkOptions& network, const DataOptions& data,
             std::size_t features);

  std::size_t outputs() const { return kind_ == Kind::gaussian_head ? 2 * features_ : features_; }
  bool bernoulli() const { return kind_ == Kind::bernoulli; }
  /// Whether the means are a sigmoid of the output.
  bool logits() const { return bernoulli() || squashed_; }
  std::vector<Parameter*> parameters();
  /// Refuses data that do not suit; starts a learned variance at the data's.
  void prepare(const Dataset& training);

  /// Σ −ln p(x|output) over rows and features; see losses.hpp for the other arguments. Where a gradient is
  /// wanted, the learned variance's is added too.
  double nll(View<const float> output, View<const float> x, View<float> gradient, float scale,
             std::span<double> rows = {});
  /// The gradient of scale · Σ weight_r · nll_r: multiplies rows of `gradient` (made by nll without the
  /// learned variance's, see weighted_nll) by their weights.
  double weighted_nll(View<const float> output, View<const float> x, View<float> gradient, float scale,
                      std::span<double> rows);
  void weight_rows(View<float> gradient, std::span<const double> rows, std::span<const double> weights,
                   float scale);

  /// What the last layer's bias must be for its output to be the training data's own mean and, of
  /// gaussian:head, variance, feature by feature (outputs() numbers).
  std::vector<float> data_bias(const Dataset& training) const;
  /// Var[x|output].
  void variances(View<const float> output, View<float> variance) const;
  /// E[x|output], or a draw of p(x|output).
  void means(View<const float> output, View<float> x) const;
  OnnxRows means(OnnxGraph& graph, const OnnxRows& output) const;
  void draw(View<const float> output, View<float> x, const Draw& draw) const;

  /// Of gaussian:optimal: what is kept follows the last batch's, slowly.
  void after_step();
  /// What looks at all rows of a batch at once (row_wise.hpp), or "".
  std::string across_rows() const;

  /// The variance of gaussian:VARIANCE, gaussian:learned and gaussian:optimal; 0 elsewhere.
  double variance() const;

 private:
  using Kind = LikelihoodKind;
  void prepare_mixed(const Dataset& training);
  void read_mixed(const std::string& output_activation);
  /// Of each number of a row.
  std::vector<double> log_variances() const;
  void learn_mixed(std::span<const double> weights, float scale);
  double log_variance() const;
  double log_variance_slope() const;  ///< d ln v / dh
  double head_log_variance(float h) const;
  /// The output with its means squashed, where they are.
  View<const float> bent(View<const float> output);
  void unbend(View<const float> bent, View<float> gradient) const;
  bool single_variance() const {
    return kind_ == Kind::gaussian || kind_ == Kind::gaussian_learned || kind_ == Kind::gaussian_optimal;
  }
  double optimal_log_variance(double squares, double rows) const;
  double weighted_optimum(std::span<const double> rows, std::span<const double> weights) const;

  std::size_t features_;
  Kind::Kind kind_ = Kind::bernoulli;
  bool squashed_ = false;
  double fixed_ = 1, floor_ = 0;
  Parameter raw_;                 ///< h; of gaussian:optimal ln v, a moving average
  double last_log_variance_ = 0;  ///< of the last batch
  std::vector<TableBlock> blocks_{};
  Tensor squares_;  ///< of the last mixed_nll
  Tensor bent_;
};

/// initial or data.
OptionKind<OutputBias> output_bias_kind();

}  // namespace pushforward
