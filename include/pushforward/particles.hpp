// SPDX-License-Identifier: Apache-2.0
//
// Particles that flow down a distance: what a distance wants of points, without a network between.
#pragma once

#include <memory>

#include "pushforward/arena.hpp"
#include "pushforward/critic.hpp"
#include "pushforward/data.hpp"
#include "pushforward/distance.hpp"
#include "pushforward/optimizer.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

struct ParticleOptions {
  std::size_t particles = 400;
  double rate = 1;            ///< 1: particles move by 2 % of the data's spread in the first step, on average
  std::uint64_t steps = 300;  ///< over which the rate falls to a tenth, so that the end stands still
  std::uint64_t seed = 0;
};

/// x_i ← x_i − r·n·∂D(x, y)/∂x_i: Euler steps of the gradient flow of D over measures, against fresh rows y
/// of the data each step. A learned distance fits its critic a few steps before each of these. No particle
/// moves further than 5 % of the data's spread at once.
class ParticleFlow {
 public:
  /// RequestError where the distance has no gradient in points. The particles begin around the data's mean,
  /// Gaussian, with a quarter of their spread.
  ParticleFlow(const Spec& distance, const Dataset& data, const ParticleOptions& options);

  void step();
  View<const float> points() const { return particles_; }
  /// What moves them: the critic of a learned distance, else null; the distance; the rows that they were last
  /// measured against.
  Critic* critic() const { return critic_.get(); }
  const Distance& distance() const { return *distance_; }
  const Facts& facts() const { return facts_; }
  View<const float> rows() const { return batch_; }

 private:
  void start();
  void gather(std::string_view stream, std::uint64_t at, std::size_t rows);
  void fit_critic(std::size_t updates);
  void find_gradient();
  void move();

  const Dataset& data_;
  ParticleOptions options_;
  std::unique_ptr<Distance> distance_;
  Facts facts_;
  std::unique_ptr<Critic> critic_;
  Arena arena_;
  std::unique_ptr<Optimizer> optimizer_;
  Tensor particles_, batch_, slopes_;
  Matrix<double> gradient_;
  std::uint64_t step_ = 0, updates_ = 0;
  double spread_ = 0, rate_ = 0;
};

}  // namespace pushforward
#pragma GCC visibility pop
