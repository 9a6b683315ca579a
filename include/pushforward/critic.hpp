// SPDX-License-Identifier: Apache-2.0
//
// The network that a learned distance owns: a discriminator or a critic f, and the two games it is played in.
//
// A learned distance is a supremum over functions, D(p, q) = sup_f E_p a(f(x)) − E_q b(f(x)), and a network
// stands for the functions. To *measure*, f is fitted on one part of two samples and read on the other. To
// *train* a generator against it, two updates take turns: f descends its own loss on real and generated
// points (`accumulate`), then the generator descends its loss through f, whose parameters stay
// (`generator_loss`).
//
// Packing [Lin, Khetan, Fanti & Oh, "PacGAN", NeurIPS 2018]: f sees `pack` points at once, side by side in a
// row, so that it can tell too little variety. Rows are contiguous, so B points are B/pack inputs without a
// copy.
//
// Letters: B points of D features.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "pushforward/fields.hpp"
#include "pushforward/layer.hpp"
#include "pushforward/reading.hpp"
#include "pushforward/sample.hpp"
#include "pushforward/step_losses.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

class Critic {
 public:
  virtual ~Critic() = default;

  /// Learnt and kept ones (a power iteration's vector), with names that begin with "critic.".
  virtual std::vector<Parameter*> parameters() = 0;
  /// Adds the gradient of the loss that f descends to its parameters and returns it, with its parts:
  /// "critic" (the loss), "estimate" (of the distance, on this batch), "penalty", "accuracy", … where they
  /// exist. real and generated have equally many rows, a multiple of pack.
  virtual Losses accumulate(View<const float> real, View<const float> generated, const Pass& pass) = 0;
  /// After the optimiser moved f: weight clipping, power iteration, running statistics.
  virtual void after_step() = 0;
  /// The mean loss that a generator descends on its points (B × D), and, written where wanted, its gradient
  /// with respect to them. f's parameters and their gradients are left alone.
  virtual double generator_loss(View<const float> generated, View<float> gradient, const Pass& pass) = 0;

  /// The distance as f sees it on points that it was not fitted on: value, standard error, which bound it is.
  virtual Reading read(View<const float> real, View<const float> generated) = 0;
  /// What f says of each point: columns named by score_names() (B × their number): "d" (D(x), 0…1) and
  /// "log_ratio" (ln p/q) where f is a classifier, "f" otherwise. Only with pack 1.
  virtual std::vector<std::string> score_names() const = 0;
  virtual void score(View<const float> points, View<float> scores) = 0;

  /// A line a layer, for --summary.
  virtual std::vector<Fields> summary() = 0;
  /// "critic.2" where the last pass first left a number that is not finite, or "".
  virtual std::string diagnose() const = 0;
};

/// A critic that was fitted to a part of two samples in order to measure: what it read on the rest, and what
/// it says of new points.
class FittedCritic {
 public:
  virtual ~FittedCritic() = default;
  virtual const Reading& reading() const = 0;
  virtual std::vector<std::string> score_names() const = 0;
  /// Columns named by score_names() for n points; f in the unit of the reading's value.
  virtual void score(const Points& points, View<float> scores) = 0;
};

}  // namespace pushforward
#pragma GCC visibility pop
