// SPDX-License-Identifier: Apache-2.0
//
// A family of toys with one free number θ, and θ learnt by descending a distance to data.
//
//   q_θ = the toy with its option at θ;  θ ← θ − rate · dD(p, q_θ)/dθ,  dD/dθ = Σ_j ⟨∂D/∂y_j, ∂y_j/∂θ⟩
//
// Row j of a toy is a function of (seed, j, θ), so that ∂y_j/∂θ is a difference at the same seed. For the
// parallel lines [Arjovsky, Chintala & Bottou, "Wasserstein GAN", 2017, Example 1] it is (1, 0).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "pushforward/arena.hpp"
#include "pushforward/critic.hpp"
#include "pushforward/data.hpp"
#include "pushforward/distance.hpp"
#include "pushforward/optimizer.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

/// "toy:lines:theta", "toy:gaussian:d=1,mean=theta": the option whose value is theta.
class ThetaFamily {
 public:
  /// RequestError where no option, or more than one, is theta, or the toy does not depend on it.
  explicit ThetaFamily(const std::string& text);

  const std::string& option() const { return option_; }
  /// The first n rows of the toy at θ.
  Tensor rows(double theta, std::size_t n, std::uint64_t seed) const;
  /// dD/dθ from ∂D/∂y_j at these rows.
  double derivative(double theta, std::uint64_t seed, View<const double> slopes) const;

 private:
  std::string toy_, option_;
  std::vector<std::string> others_;
};

struct ThetaOptions {
  double start = 1.5, rate = 0.02, critic_rate = 0.002;
  std::size_t steps = 300, batch = 64, critic_steps = 10;
  std::uint64_t seed = 0;
};

/// What was seen at a step, before θ moved: a distance on the step's batches, or a critic's loss.
struct ThetaStep {
  double theta = 0, loss = 0, slope = 0;
};

/// Refuses a distance that cannot be descended to these data: without a gradient, or not defined for them.
void check_learnable(const Spec& distance, const Dataset& data, const ThetaOptions& options);
/// Plain gradient descent, so that the gradient's size shows; a learned distance updates its critic
/// critic_steps times before each step (Adam). θ is where it is after 0, 1, … steps.
std::vector<ThetaStep> learn_theta(const ThetaFamily& family, const Dataset& data, const Spec& distance,
                                   const ThetaOptions& options);

}  // namespace pushforward
#pragma GCC visibility pop
