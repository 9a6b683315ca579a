// SPDX-License-Identifier: Apache-2.0
//
// A discriminator as a likelihood: what D is worth on points whose labels are known.
//
// With label 1 for points of p (X) and 0 for points of q (Y), ln q(y|x) = y ln D(x) + (1−y) ln(1−D(x)), and
//
//   L = Σ_{y=1} ln D(x) + Σ_{y=0} ln(1−D(x)),   cross-entropy = −L/n
//
// [Goodfellow et al., NeurIPS 2014, section 3: the discriminator maximises L.] With both labels counting
// half, ln 2 + ½(mean ln D + mean ln(1−D)) is a Jensen–Shannon divergence's lower bound.
#pragma once

#include <span>
#include <vector>

#include "pushforward/fields.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

/// `logits` are ln D/(1−D), `ones` says which points are of X. "points", "of_x", "log_likelihood" (nats),
/// "cross_entropy", "accuracy", "calibration_error" (ten bins of D, each |mean D − share of ones| weighted by
/// its points), "mean_d", and "jsd" where both labels occur.
Fields label_likelihood(std::span<const double> logits, const std::vector<bool>& ones);

}  // namespace pushforward
#pragma GCC visibility pop
