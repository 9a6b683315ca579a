// SPDX-License-Identifier: Apache-2.0
//
// Optimisers as one fused sweep over the arena, schedules, clipping and the moving average of weights.
//
// A SPEC names an optimiser: sgd:momentum=0.9,nesterov=yes (and
// later=0.99,from=1000,over=5000: a momentum that rises) · rmsprop:decay=0.99,eps=1e-8 · adagrad ·
// adam:beta1=0.9,beta2=0.999,eps=1e-8 · adamw. Letters: g gradient, θ parameter, r rate, λ weight decay.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "pushforward/spec.hpp"
#include "pushforward/tensor.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

class Optimizer {
 public:
  virtual ~Optimizer() = default;
  /// Moves values[i] for one step and sets gradients to zero in the same sweep. `gradient_scale` multiplies
  /// every gradient first (clipping). Step counts from 1. Returns √Σg² of the gradients as they came in
  /// (before `gradient_scale`), which costs nothing here: a caller that does not clip needs no pass of its
  /// own.
  virtual double step(View<float> values, View<float> gradients, double rate, double gradient_scale,
                      std::uint64_t step) = 0;
  /// The moments, for checkpoints: views that are written on resume. Named "momentum", "first", "second", …
  virtual std::vector<std::pair<std::string, View<float>>> state() = 0;
};

/// An optimiser for `size` parameters; `decays` (size elements of 0 or 1, or empty for none) says where
/// weight decay acts: decoupled for adamw, added to the gradient elsewhere.
std::unique_ptr<Optimizer> make_optimizer(const Spec& spec, std::size_t size, double weight_decay,
                                          std::span<const float> decays);
/// Names and options, for help.
std::vector<std::string> optimizer_names();

/// The rate's factor at a step: constant · step:N,factor,times (÷10 every N by default) · cosine (to 0 over
/// all steps) · exponential:FACTOR,floor (a step) · stages:N,growth=3,factor=0.72 (stage i lasts N·growth^i
/// steps at factor^i); `warmup` steps rise linearly from 0 first, and the rest begins after them.
class Schedule {
 public:
  Schedule(const Spec& spec, std::uint64_t total_steps, std::uint64_t warmup);
  /// Factor at step (counted from 0).
  double operator()(std::uint64_t step) const;

 private:
  Spec spec_;
  std::uint64_t total_, warmup_;
  double a_ = 0, b_ = 0, growth_ = 1, times_ = 0, floor_ = 0;

  double stage(double s) const;
};

/// √Σg², in float64.
double norm(View<const float> values);
/// average ← decay·average + (1−decay)·values.
void exponential_average(View<float> average, View<const float> values, double decay);

}  // namespace pushforward
#pragma GCC visibility pop
