// SPDX-License-Identifier: Apache-2.0
//
// The Critic of every learned distance: a network of one output with an objective plugged in.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "critics/critic_lipschitz.hpp"
#include "critics/critic_objective.hpp"
#include "critics/critic_options.hpp"
#include "layers/gradient_penalty.hpp"
#include "layers/onnx_layers.hpp"
#include "pushforward/critic.hpp"

namespace pushforward {

/// What f says of points, as a mean of terms with its variance: E r over real or E g over generated ones.
struct TermMoments {
  double mean = 0, variance = 0;  ///< of a single term
  std::size_t count = 0;
  double share_above = 0;  ///< of points with v above the objective's threshold
};
TermMoments term_moments(Objective::Function term, std::span<const float> values, double threshold);

class NetworkCritic final : public Critic, public OnnxMap {
 public:
  /// `reading`, where it is not the objective itself, says what `read` reads off the fitted network.
  NetworkCritic(const CriticSettings& options, const Objective& objective, const Objective& reading,
                RowShape point, std::size_t pack);

  std::vector<Parameter*> parameters() override { return network_.parameters(); }
  Losses accumulate(View<const float> real, View<const float> generated, const Pass& pass) override;
  void after_step() override;
  double generator_loss(View<const float> generated, View<float> gradient, const Pass& pass) override;
  Reading read(View<const float> real, View<const float> generated) override;
  /// The same without a word on what it is worth.
  Reading read_plainly(View<const float> real, View<const float> generated);
  std::vector<std::string> score_names() const override;
  void score(View<const float> points, View<float> scores) override;
  std::vector<Fields> summary() override { return network_.summary(); }
  std::string diagnose() const override;
  OnnxRows write(OnnxGraph& graph, const OnnxRows& x) const override {
    return write_network(graph, network_, x);
  }

  /// v of each input (pack points), as inference has it.
  void values(View<const float> points, std::span<float> v);
  /// What holds f's slopes down, as divide_by_slope takes it.
  double slope_bound(const ValuedPoints& x, const ValuedPoints& y);
  const Objective& objective() const { return objective_; }
  const Objective& reading() const { return reading_; }
  Network& network() { return network_; }

 private:
  View<const float> packed(View<const float> points) const;
  std::size_t check_batch(View<const float> real, View<const float> generated) const;
  void place(View<const float> points, View<float> to, const Draw& draw);
  double descend(View<const float> values, Objective::Function term, double weight, View<float> slopes,
                 std::size_t& above) const;
  double add_penalty(std::size_t rows, const Pass& pass);

  CriticSettings options_;
  Objective objective_, reading_;
  std::size_t pack_;
  Network network_;
  bool together_;  // no layer looks at other rows of its batch
  Trace traces_[2], generator_trace_, reading_trace_;
  PenaltyTrace penalty_;
  Tensor batch_, slopes_, shares_, interpolates_, generator_batch_, generator_slopes_;
};

}  // namespace pushforward
