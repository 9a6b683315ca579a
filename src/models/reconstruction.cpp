// SPDX-License-Identifier: Apache-2.0
// One of two losses, chosen once.
#include "models/reconstruction.hpp"

#include <algorithm>

#include "ops/activation.hpp"
#include "pushforward/error.hpp"
#include "pushforward/losses.hpp"

namespace pushforward {

ReconstructionLoss::ReconstructionLoss(const Options& options)
    : bce_(options.word("loss", {"mse", "bce"}) == "bce"), output_activation_("linear") {
  const std::string& wanted = options.text("output-activation");
  if (bce_ && !wanted.empty() && wanted != "sigmoid")
    throw RequestError(Complaint{"--output-activation", wanted, "sigmoid with --loss bce"});
  if (!bce_ && !wanted.empty()) output_activation_ = wanted;
}

double ReconstructionLoss::operator()(View<const float> y, View<const float> x, View<float> gradient,
                                      float scale, std::span<double> rows) const {
  return bce_ ? cross_entropy_logits(y, x, gradient, scale, rows)
              : squared_error(y, x, gradient, scale, rows);
}

void ReconstructionLoss::finish(View<const float> y, View<float> x) const {
  if (bce_)
    activate(parse_activation("sigmoid", -1), y.span(), x.span());
  else if (y.data != x.data)
    std::copy_n(y.data, y.size(), x.data);
}

}  // namespace pushforward
