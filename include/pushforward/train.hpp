// SPDX-License-Identifier: Apache-2.0
//
// The one training loop: shuffling, clipping, optimiser, schedule, moving average, early stopping, checkpoint
// and resume exist once, here.
//
// Every random choice is a function of (seed, stream, step), and a checkpoint holds parameters, moments,
// averages and counters, so a run that is killed and resumed ends in the same bits as one that never stopped.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "pushforward/learner.hpp"
#include "pushforward/optimizer.hpp"
#include "pushforward/run.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

/// The options that every trained model shares: epochs, steps, batch, rate, optimizer, schedule, warmup,
/// weight-decay, clip-norm, ema, validation, patience, checkpoint-every, log-every, precision, standardize,
/// threads, seed; and of networks: latent, hidden, network, activation, code-activation, output-activation,
/// initial, init. Models that monitor add monitor, monitor-every and watch. A solved model has its own
/// options and validation, standardize, threads and seed.
std::vector<OptionRow> training_options();
std::vector<OptionRow> network_options();
/// How the DATA argument of a training is read; recorded, so that a resumed run reads the same rows.
std::vector<OptionRow> data_options();
/// Those that a run may be given anew when it goes on (resume_run): they hold no state.
std::vector<OptionRow> resume_options();
/// All options of a model with their defaults.
Options options_of(const ModelEntry& model);

/// What happened in a step or at the end of an epoch, for progress and logs.
struct Progress {
  std::uint64_t step = 0, total_steps = 0;
  std::size_t epoch = 0, epochs = 0;
  bool epoch_end = false;
  Losses losses{};                     ///< of the step; at an epoch's end, its mean
  std::optional<Losses> validation{};  ///< at an epoch's end
  std::optional<Losses>
      monitor{};          ///< Monitored::monitor, at steps where it was taken; at an epoch's end the last
  std::string warning{};  ///< Monitored::warning, the first time that it says something
  double gradient_norm = 0;
  double seconds = 0;  ///< since the start of this call
  double samples_per_second = 0;
  std::string_view stage{};  ///< its name; empty for models that are not pre-trained
};

enum class Continue { yes, stop };  ///< stop: checkpoint and return, "interrupted"
using OnProgress = std::function<Continue(const Progress&)>;

/// Why a training stopped; one that diverges throws. `patience`: no better validation loss for --patience
/// epochs. `solved`: the model was solved when the run was made.
enum class Stopped { finished, solved, interrupted, patience };
std::string_view to_text(Stopped why);

/// Why and where a training stopped: never silent.
struct Summary {
  Stopped stopped = Stopped::finished;
  std::uint64_t steps = 0;
  std::size_t epochs = 0;
  double seconds = 0;
  double samples_per_second = 0;
  Losses last{};  ///< the mean of the last epoch that ended; loss is NaN where there is none
  std::optional<Losses> best_validation{};
  std::size_t best_epoch = 0;
};

/// Trains the model of `run` on `training` (as loaded, or through prepare_data; all rows, also those that
/// --validation SHARE holds out) from where the run stands to its end. `validation` (likewise) may be null.
/// Afterwards the model holds the weights that other commands use. Throws WorkError("diverged…") after
/// putting the run back to the last good checkpoint when a loss, a gradient or a weight is not finite.
Summary train(Run& run, const Dataset& training, const Dataset* validation,
              const OnProgress& on_progress = {});

}  // namespace pushforward
#pragma GCC visibility pop
