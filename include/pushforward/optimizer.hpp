// SPDX-License-Identifier: Apache-2.0
//
// Optimizers as one fused sweep over the arena, schedules, clipping and the moving average of weights.
//
// Made from a struct, make_optimizer(AdamOptions{.beta1 = 0.5}, …), or from a SPEC:
// sgd:momentum=0.9,nesterov=yes (and later=0.99,from=1000,over=5000: a momentum that rises) ·
// rmsprop:decay=0.99,eps=1e-8 · adagrad · adam:beta1=0.9,beta2=0.999,eps=1e-8 · adamw. Letters: g gradient, θ
// parameter, r rate, λ weight decay.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "pushforward/spec.hpp"
#include "pushforward/tensor.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

template <class T>
class OptionTable;  // option_table.hpp
template <class Variant>
class OptionChoice;

struct AdamOptions {
  double beta1 = 0.9;    ///< share of the past in the mean of gradients
  double beta2 = 0.999;  ///< share of the past in the mean of their squares
  double eps = 1e-8;     ///< added to the root of that mean
};
/// Adam whose weight decay acts beside the gradient.
struct AdamWOptions {
  double beta1 = 0.9, beta2 = 0.999, eps = 1e-8;
};
struct SgdOptions {
  double momentum = 0;            ///< share of the last update
  std::optional<double> later{};  ///< what momentum rises to (`momentum`)
  std::size_t from = 0;           ///< updates before it rises
  std::size_t over = 0;           ///< updates of the rise; 0 = a jump
  bool nesterov = false;          ///< the gradient at the point that momentum leads to
};
struct RmspropOptions {
  double decay = 0.99;  ///< share of the past in the mean of squares
  double eps = 1e-8;    ///< added to its root
};
struct AdagradOptions {
  double eps = 1e-10;  ///< added to the root of the sum of squares
};
using OptimizerOptions = std::variant<AdamOptions, AdamWOptions, SgdOptions, RmspropOptions, AdagradOptions>;

const OptionTable<AdamOptions>& option_table(const AdamOptions&);
const OptionTable<AdamWOptions>& option_table(const AdamWOptions&);
const OptionTable<SgdOptions>& option_table(const SgdOptions&);
const OptionTable<RmspropOptions>& option_table(const RmspropOptions&);
const OptionTable<AdagradOptions>& option_table(const AdagradOptions&);
/// All of them, by name.
const OptionChoice<OptimizerOptions>& optimizers();

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

/// An optimizer for `size` parameters; `decays` (size elements of 0 or 1, or empty for none) says where
/// weight decay acts: decoupled for adamw, added to the gradient elsewhere.
std::unique_ptr<Optimizer> make_optimizer(const OptimizerOptions& options, std::size_t size,
                                          double weight_decay, std::span<const float> decays);
std::unique_ptr<Optimizer> make_optimizer(const Spec& spec, std::size_t size, double weight_decay,
                                          std::span<const float> decays);

/// Factor 1.
struct ConstantSchedule {};
/// factor^⌊s/every⌋ at step s.
struct StepSchedule {
  std::size_t every = 1;  ///< steps between falls
  double factor = 0.1;    ///< of each fall
  std::size_t times = 0;  ///< how often it falls; 0 = without end
};
/// ½(1 + cos πs/S), S the steps in all.
struct CosineSchedule {};
/// factor^s, but not below `floor`.
struct ExponentialSchedule {
  double factor = 1;  ///< of a step
  double floor = 0;   ///< the lowest factor in all
};
/// factor^i in stage i, which lasts first·growth^i steps.
struct StagesSchedule {
  std::size_t first = 1;             ///< steps of the first stage
  double factor = 0.71968567300115;  ///< of a stage; 10^(−1/7)
  double growth = 3;                 ///< of the stages' lengths
};
using ScheduleOptions =
    std::variant<ConstantSchedule, StepSchedule, CosineSchedule, ExponentialSchedule, StagesSchedule>;

const OptionTable<ConstantSchedule>& option_table(const ConstantSchedule&);
const OptionTable<StepSchedule>& option_table(const StepSchedule&);
const OptionTable<CosineSchedule>& option_table(const CosineSchedule&);
const OptionTable<ExponentialSchedule>& option_table(const ExponentialSchedule&);
const OptionTable<StagesSchedule>& option_table(const StagesSchedule&);
/// All of them, by name: constant · step:N,factor,times · cosine · exponential:FACTOR,floor ·
/// stages:N,factor,growth.
const OptionChoice<ScheduleOptions>& schedules();

/// The rate's factor at a step; `warmup` steps rise linearly from 0 first, and the schedule begins after
/// them.
class Schedule {
 public:
  Schedule(const ScheduleOptions& options, std::uint64_t total_steps, std::uint64_t warmup);
  Schedule(const Spec& spec, std::uint64_t total_steps, std::uint64_t warmup);
  /// Factor at step (counted from 0).
  double operator()(std::uint64_t step) const;

 private:
  ScheduleOptions options_;
  std::uint64_t total_, warmup_;
};

/// √Σg², in float64.
double norm(View<const float> values);
/// average ← decay·average + (1−decay)·values.
void exponential_average(View<float> average, View<const float> values, double decay);

}  // namespace pushforward
#pragma GCC visibility pop
