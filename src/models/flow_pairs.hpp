// SPDX-License-Identifier: Apache-2.0
//
// What a step of flow matching learns from: source points, and the rows of data that they go to.
//
// A coupling batch of the step's own size couples the step's rows with as many source points. A larger one
// serves several steps: every ⌊C/B⌋ steps, C rows of the training data (each as often as any other) and C
// source points are coupled at once, and the steps take B pairs each. It is a function of the seed and the
// step alone, so that a run that goes on in the middle of one makes the same pairs anew.
//
// Letters: B rows of a step, C of a coupling batch, D features.
#pragma once

#include <optional>
#include <vector>

#include "models/flow_coupling.hpp"
#include "models/flow_source.hpp"
#include "pushforward/learner.hpp"

namespace pushforward {

class FlowPairs {
 public:
  /// By --source, --coupling, --coupling-batch and --batch.
  FlowPairs(const FlowOptions& options, std::size_t features);

  FlowSource& source() { return source_; }
  const FlowSource& source() const { return source_; }
  /// Whether a row's pair does not depend on the other rows.
  bool row_wise() const { return coupling_.independent(); }
  /// What a coupling batch larger than a step's takes its rows from; it must outlive the training.
  void learn_from(const Dataset& training) { training_ = &training; }
  /// Pairs for the rows of `batch`; they live until the next call.
  struct Rows {
    View<const float> from, to;
    View<const float> told{};  ///< conditions of `to`; none where the step's rows have none
  };
  Rows of(View<const float> batch, const Step& step);

 private:
  void couple_many(std::uint64_t group, std::uint64_t seed);
  void gather(std::uint64_t group, std::uint64_t seed);
  void couple(View<const float> to, View<const float> conditions, const Draw& draw);

  FlowSource source_;
  FlowCoupling coupling_;
  std::size_t batch_, coupled_;
  const Dataset* training_ = nullptr;
  std::optional<std::uint64_t> group_{};  // that from_ and to_ hold
  Tensor from_, rows_, to_, told_;
};

}  // namespace pushforward
