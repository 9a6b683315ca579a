// SPDX-License-Identifier: Apache-2.0
//
// A distance as something to descend: the plug between a network and any Distance.
//
// Problem: a closed-form distance D(data, generated) is measured, with a gradient in the generated points; a
// learned one owns a network that is trained in turn and has a loss of its own for the generator. A model
// should not care. Idea: one object that holds either, gives the loss and its gradient in float32 points, and
// keeps what must survive a checkpoint: the critic's parameters, and the numbers that the distance fixed from
// the data (a median bandwidth, the scale of ε). Those are rounded to float32 when they are fixed, and the
// rounded ones are used from the first step on, so that a resumed run has the same bits.
//
// Letters: B real and M generated points of D features.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pushforward/critic.hpp"
#include "pushforward/distance.hpp"
#include "pushforward/layer.hpp"
#include "pushforward/learner.hpp"
#include "pushforward/models.hpp"
#include "pushforward/step_losses.hpp"

namespace pushforward {

class DistancePlug {
 public:
  /// `name` stands in errors and before what is kept. RequestError, which lists the distances that have one,
  /// where the distance has no gradient in points.
  DistancePlug(std::unique_ptr<Distance> distance, const Facts& facts, const std::string& name,
               RowShape point, std::size_t pack);

  bool learned() const { return critic_ != nullptr; }
  Critic& critic() { return *critic_; }
  const Critic& critic() const { return *critic_; }
  const Distance& distance() const { return *distance_; }
  /// Learnt ones first (none without a critic), then what is kept.
  std::vector<Parameter*> parameters();
  /// The critic's learnt parameters.
  std::vector<Parameter*> learnt();
  /// Rows that both samples must be a multiple of, and their least number.
  std::size_t pack() const { return pack_; }
  std::size_t least_rows() const { return least_; }
  /// What compares rows with each other, or "": a critic's loss is a mean over them (RowWise).
  std::string across_rows() const {
    if (!critic_) return "a distance that compares all rows, which is not learned";
    return pack_ > 1 ? "--pack, which shows a critic several rows at once" : "";
  }

  /// Fixes what the distance derives from data. Once, on parameters that are in their arena.
  void freeze(View<const float> generated, View<const float> real);
  /// The loss that the generated points (M × D) descend against the real ones (B × D), and its gradient
  /// (M × D, written where wanted). NaN for points that are not finite.
  double loss(View<const float> generated, View<const float> real, View<float> gradient, const Pass& pass);
  /// The distance itself: measured, or as the critic sees it.
  Reading read(View<const float> generated, View<const float> real);
  /// That reading as evaluate prints it: "training_distance", or, of a critic, which is no distance before it
  /// has arrived, "training_estimate" with what it is worth ("…_bound", "…_note") and the exact W₁ beside it
  /// where it stands for that.
  Fields figures(View<const float> generated, View<const float> real);

 private:
  void thaw();

  std::unique_ptr<Distance> distance_;
  std::unique_ptr<Critic> critic_;
  Parameter frozen_;  ///< how many numbers, then the numbers
  bool thawed_ = false;
  std::size_t pack_, least_;
  Matrix<double> gradient_{};
};

/// How a learned distance is trained: --critic-steps, --critic-rate and --critic-optimizer, which are refused
/// where it is none.
struct CriticTraining {
  std::size_t steps = 1;
  std::optional<double> rate{};
  std::optional<OptimizerOptions> optimizer{};

  Phase phase(std::vector<Parameter*> parameters) const;
};
CriticTraining critic_training(const PlugOptions& options, bool learned);
/// --critic-hidden where a learned distance leaves it open.
void settle_critic(PlugOptions& plug);
/// Whether a SPEC has an option.
bool says(const Spec& spec, std::string_view key);

/// The SPEC of --distance with what other options say of it (--critic-hidden, --instance-noise, …) put in.
/// RequestError where one of them is given and the distance is not learned, or the SPEC says it, too.
Spec plugged_spec(const PlugOptions& plug);

}  // namespace pushforward
