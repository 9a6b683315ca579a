// SPDX-License-Identifier: Apache-2.0
//
// The learning rate's factor at a step.
//
//   constant             1
//   step:N,factor=0.1    factor^⌊s/N⌋; times=1 lets it fall once only
//   exponential:F        F^s, but not below floor=0
//   cosine               ½(1 + cos πs/S), S the steps in all [Loshchilov & Hutter, ICLR 2017, without
//                        restarts]
//   stages:N,growth=3,factor=0.72   factor^i in stage i, which lasts N·growth^i steps [Burda, Grosse &
//                        Salakhutdinov, ICLR 2016: growth 3, factor 10^(−1/7)]
//
// A warm-up of W steps comes first, (s+1)/W, and the schedule then begins at its own step 0.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "pushforward/optimizer.hpp"
#include "pushforward/option_table.hpp"

namespace pushforward {
namespace {

// Factors at step s of a schedule that has `length` steps.
double factor_of(const ConstantSchedule&, double, double) { return 1; }

double factor_of(const StepSchedule& o, double s, double) {
  const double falls = std::floor(s / static_cast<double>(o.every));
  return std::pow(o.factor, o.times > 0 ? std::min(falls, static_cast<double>(o.times)) : falls);
}

double factor_of(const CosineSchedule&, double s, double length) {
  return 0.5 * (1 + std::cos(std::numbers::pi * std::min(1.0, s / length)));
}

double factor_of(const ExponentialSchedule& o, double s, double) {
  return std::max(o.floor, std::pow(o.factor, s));
}

// The largest i with N(1 + g + … + g^(i−1)) ≤ s.
double factor_of(const StagesSchedule& o, double s, double) {
  double i = 0, length = static_cast<double>(o.first);
  for (double end = length; end <= s; end += length) length *= o.growth, ++i;
  return std::pow(o.factor, i);
}

}  // namespace

const OptionTable<ConstantSchedule>& option_table(const ConstantSchedule&) {
  static const OptionTable<ConstantSchedule> table("constant");
  return table;
}

const OptionTable<StepSchedule>& option_table(const StepSchedule&) {
  static const auto table =
      OptionTable<StepSchedule>("step")
          .add("", &StepSchedule::every, "steps between falls", count_of(1))
          .add("factor", &StepSchedule::factor, "of each fall", number_of(0, 1))
          .add("times", &StepSchedule::times, "how often it falls; 0 = without end", count_of());
  return table;
}

const OptionTable<CosineSchedule>& option_table(const CosineSchedule&) {
  static const OptionTable<CosineSchedule> table("cosine");
  return table;
}

const OptionTable<ExponentialSchedule>& option_table(const ExponentialSchedule&) {
  static const auto table =
      OptionTable<ExponentialSchedule>("exponential")
          .add("", &ExponentialSchedule::factor, "of a step", number_of(0, 1))
          .add("floor", &ExponentialSchedule::floor, "the lowest factor in all", number_of(0, 1));
  return table;
}

const OptionTable<StagesSchedule>& option_table(const StagesSchedule&) {
  static const auto table =
      OptionTable<StagesSchedule>("stages")
          .add("", &StagesSchedule::first, "steps of the first stage", count_of(1))
          .add("factor", &StagesSchedule::factor, "of a stage", number_of(0, 1))
          .add("growth", &StagesSchedule::growth, "of the stages' lengths", number_of(1, 1e6));
  return table;
}

const OptionChoice<ScheduleOptions>& schedules() {
  static const OptionChoice<ScheduleOptions> choice("schedule");
  return choice;
}

Schedule::Schedule(const ScheduleOptions& options, std::uint64_t total_steps, std::uint64_t warmup)
    : options_(options), total_(total_steps), warmup_(warmup) {
  schedules().check(options);
}

Schedule::Schedule(const Spec& spec, std::uint64_t total_steps, std::uint64_t warmup)
    : Schedule(schedules().read(spec), total_steps, warmup) {}

double Schedule::operator()(std::uint64_t step) const {
  if (step < warmup_) return static_cast<double>(step + 1) / static_cast<double>(warmup_);
  const double length = total_ > warmup_ ? static_cast<double>(total_ - warmup_) : 1;
  const auto s = static_cast<double>(step - warmup_);
  return std::visit([=](const auto& options) { return factor_of(options, s, length); }, options_);
}

}  // namespace pushforward
