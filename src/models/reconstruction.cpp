// SPDX-License-Identifier: Apache-2.0
// One of two losses, chosen once.
#include "models/reconstruction.hpp"

#include <algorithm>

#include "ops/activation.hpp"
#include "pushforward/error.hpp"
#include "pushforward/losses.hpp"
#include "pushforward/option_table.hpp"

namespace pushforward {

OptionKind<ReconstructionError> loss_kind() {
  return word_of(OptionWords<ReconstructionError>{{"mse", ReconstructionError::mse},
                                                  {"bce", ReconstructionError::bce},
                                                  {"mixed", ReconstructionError::mixed}});
}

ReconstructionLoss::ReconstructionLoss(ReconstructionError loss, const NetworkOptions& network,
                                       const DataOptions& data)
    : bce_(loss == ReconstructionError::bce), output_activation_("linear") {
  const std::string wanted = network.output_activation.value_or("");
  if (bce_ && !wanted.empty() && wanted != "sigmoid")
    throw RequestError(Complaint{"--output-activation", wanted, "sigmoid with --loss bce"});
  if (!bce_ && !wanted.empty()) output_activation_ = wanted;
  if (loss != ReconstructionError::mixed) return;
  blocks_ = blocks_of(data);
  if (blocks_.empty()) throw RequestError(Complaint{"--loss", "mixed", "a table for it, or --loss mse"});
  if (output_activation_ != "linear")
    throw RequestError(Complaint{"--output-activation", wanted, "linear with --loss mixed"});
}

double ReconstructionLoss::operator()(View<const float> y, View<const float> x, View<float> gradient,
                                      float scale, std::span<double> rows) const {
  if (mixed()) return mixed_nll(blocks_, y, x, {}, gradient, scale, rows);
  return bce_ ? cross_entropy_logits(y, x, gradient, scale, rows)
              : squared_error(y, x, gradient, scale, rows);
}

void ReconstructionLoss::finish(View<const float> y, View<float> x) const {
  if (mixed())
    mixed_means(blocks_, y, x);
  else if (bce_)
    activate(parse_activation("sigmoid"), y.span(), x.span());
  else if (y.data != x.data)
    std::copy_n(y.data, y.size(), x.data);
}

OnnxRows ReconstructionLoss::finish(OnnxGraph& graph, const OnnxRows& y) const {
  if (mixed()) return mixed_means(graph, blocks_, y);
  return bce_ ? graph.each("Sigmoid", y) : y;
}

}  // namespace pushforward
