// SPDX-License-Identifier: Apache-2.0
#include "train/divergence.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/shell_word.hpp"
#include "pushforward/train.hpp"

namespace pushforward {
namespace {

// Products of a few such factors overflow float32.
constexpr double kRunaway = 1e4;

bool finite(View<const float> values) {
  return std::ranges::all_of(values.span(), [](float v) { return std::isfinite(v); });
}

double largest(View<const float> values) {
  double most = 0;
  for (const float v : values.span()) most = std::max(most, std::abs(static_cast<double>(v)));
  return most;
}

double default_rate(const Run& run) {
  const Options fresh = options_of(*run.entry);
  return fresh.has("rate") ? fresh.number("rate", 0, 1e30) : 1e-3;
}

// The layer or parameter that a number which is not finite came from first: the model's own finding, else the
// first parameter with such a weight, else with such a gradient, else the one with the largest weight.
std::string place_of(const Run& run) {
  if (const auto* learner = as<Learner>(*run.model))
    if (std::string place = learner->diagnose(); !place.empty()) return place;
  for (const Parameter* p : run.arena.parameters())
    if (!finite(p->value)) return p->name;
  for (const Parameter* p : run.arena.parameters())
    if (p->gradient.data != nullptr && !finite(p->gradient))
      return fmt::format("the gradient of {}", p->name);
  const auto most = std::ranges::max_element(run.arena.parameters(), {},
                                             [](const Parameter* p) { return largest(p->value); });
  return fmt::format("{}, whose weights reach {:.3g}", (*most)->name, largest((*most)->value));
}

// A learning rate to try next, with its option: "--rate 0.001".
std::string lower_rate(const Run& run) {
  const auto next = [&](const std::string& name) {
    const double now = run.options.number(name, 0, 1e30), usual = default_rate(run);
    return fmt::format("--{} {:.3g}", name, std::min(usual, now / 10));
  };
  const bool critic = run.options.known("critic-rate") && run.options.has("critic-rate");
  return critic ? fmt::format("{} {}", next("rate"), next("critic-rate")) : next("rate");
}

std::string hint_for(const Run& run, const Divergence& divergence, std::uint64_t back_at) {
  if (!divergence.moved)
    return "no step was made: the weights or the data overflow as they are; bring the data to one scale "
           "(--standardize), or begin a new run with a lower --rate";
  if (run.path.empty()) return fmt::format("try {}, or clip with --clip-norm", lower_rate(run));
  return fmt::format("the run is back at step {}; go on with --resume {} {}", back_at, shell_word(run.path),
                     lower_rate(run));
}

}  // namespace

bool is_finite(Run& run, TrainState& state) {
  bool all = finite(run.arena.values()) && finite(state.average.view()) && finite(state.best.view());
  for (const auto& optimizer : state.optimizers)
    for (const auto& [name, moments] : optimizer->state()) all = all && finite(moments);
  return all;
}

bool has_run_away(Run& run) { return !finite(run.arena.values()) || largest(run.arena.values()) > kRunaway; }

void go_back(Run& run, GoodCheckpoint& good, const Divergence& divergence) {
  const std::string place = place_of(run);
  TrainState state;
  if (!run.path.empty())
    keep_files(run, [&] {
      good.restore();
      load_checkpoint(run, state);
      use_weights(run, state, Weights::automatic);
      save_model(run);
    });
  throw WentBack(Complaint{fmt::format("diverged at step {}", divergence.step),
                           fmt::format("{}, first in {}", divergence.what, place), "a finite number",
                           hint_for(run, divergence, state.step)});
}

}  // namespace pushforward
