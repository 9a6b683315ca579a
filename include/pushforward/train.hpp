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
#include <variant>
#include <vector>

#include "pushforward/learner.hpp"
#include "pushforward/optimizer.hpp"
#include "pushforward/preset.hpp"
#include "pushforward/run.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

template <class T>
class OptionTable;  // option_table.hpp

/// What --precision says: arithmetic of matrix products; automatic is whichever is faster on this processor,
/// measured once and kept (small networks: f32).
enum class Arithmetic { automatic, f32, bf16 };
/// Rows that a training is judged by: this share of the data's last ones, or DATA that train() is given.
using ValidationRows = std::variant<double, std::string>;

/// How a model is trained: what every one shares. A preset is the model's own to choose.
struct TrainOptions {
  Preset<std::size_t> epochs = usual(20);  ///< passes over the training data
  Preset<std::size_t> steps{};             ///< updates of the model, in place of epochs
  Preset<std::size_t> batch = usual(128);  ///< observations a step
  Preset<double> rate = usual(0.001);      ///< learning rate
  Preset<OptimizerOptions> optimizer = usual(AdamOptions{});
  Preset<ScheduleOptions> schedule = usual(ConstantSchedule{});  ///< of the rate
  std::size_t warmup = 0;   ///< steps over which the rate (in a VAE the KL term's weight, too) rises from 0
  double weight_decay = 0;  ///< λ of ½λ‖W‖², on weights and not on biases; decoupled for adamw
  double clip_norm = 0;     ///< gradients of larger norm are scaled down to this one; 0 = never
  Preset<double> ema = usual(0.0);      ///< decay of a moving average of the weights; 0 = none
  Preset<ValidationRows> validation{};  ///< rows that are held out; none unless given
  std::size_t patience = 0;             ///< stop after so many epochs without a better validation; 0 = never
  Preset<std::size_t> checkpoint_every = usual(0);  ///< steps; 0 = every epoch
  std::size_t log_every = 0;                        ///< steps; 0 = none besides one an epoch
  Preset<Arithmetic> precision = usual(Arithmetic::automatic);
  Preset<bool> standardize{};  ///< columns to mean 0 and deviation 1, undone on output (tables: yes)
  std::size_t threads = 0;     ///< of the pool; 0 = the processors that this process may use
  Preset<std::size_t> slices = usual(1);  ///< parts of a batch, whose gradients are added in order
  std::uint64_t seed = 0;                 ///< of everything random
};
const OptionTable<TrainOptions>& option_table(const TrainOptions&);

/// How the DATA argument of a training is read, for the program; recorded, so that a resumed run reads the
/// same rows.
struct DataOptions {
  std::string label_column{}, header{}, columns{}, drop{}, schema{};
  std::optional<NumberScale> scaling{};  ///< of a table's numbers (quantile for generative networks)
  std::string blocks{};                  ///< set by create_run: what the numbers of an encoded row are
  std::string labels{}, layout{}, resize{}, fit = "crop";
  bool skip_broken = false, grey = false;
};
const OptionTable<DataOptions>& option_table(const DataOptions&);

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
