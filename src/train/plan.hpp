// SPDX-License-Identifier: Apache-2.0
//
// What the training options come to for a data set of a given size: checked once, before anything is made.
#pragma once

#include <cstdint>
#include <string_view>

#include "pushforward/options.hpp"
#include "pushforward/train.hpp"

namespace pushforward {

struct TrainPlan {
  std::size_t rows = 0;      ///< trained on (the first ones)
  std::size_t held_out = 0;  ///< of the same data (the last ones)
  std::size_t batch = 0, steps_per_epoch = 0, epochs = 0;
  std::size_t least_rows = 1;  ///< of a step: more than one where a layer takes moments over the batch
  std::uint64_t total_steps = 0, warmup = 0, checkpoint_every = 0, log_every = 0;
  double rate = 0, weight_decay = 0, clip_norm = 0, ema = 0;
  std::size_t patience = 0;
  std::uint64_t monitor_every = 0;  ///< 0 = never
  std::string watch{};              ///< the monitored distance that decides which weights are best, or ""
  OptimizerOptions optimizer{};
  ScheduleOptions schedule{};
  Precision precision = Precision::f32;
  int threads = 0;
  std::size_t slices = 1;  ///< of a batch, whose gradients are added up in a fixed order
  std::uint64_t seed = 0;
};

/// Whether a run with these options standardises these data: as --standardize says, else tables only.
bool standardizes(const Options& options, const Dataset& data);

/// Whether --validation names data or a share above 0.
bool holds_out(const Options& options);

/// Whether --validation says a share, and not DATA.
bool is_share(std::string_view text);

/// --hidden means "none" behind a network other than mlp, unless it was asked for.
void settle_network(Options& options);

/// RequestError that names the option where one does not suit.
TrainPlan plan_training(const Options& options, std::size_t rows);

/// The fewest rows that a step can learn from: 2 (of each --pack) where a batch norm takes moments over them,
/// for a row that is normalized by itself is its shift, whatever it was. Refuses a --batch below that.
std::size_t least_rows(const Run& run, const TrainPlan& plan);

}  // namespace pushforward
