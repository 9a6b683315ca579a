// SPDX-License-Identifier: Apache-2.0
//
// Everything that a training must remember, in one atomic file.
//
// checkpoint.safetensors holds, as float32 arrays: `parameters/NAME` (last step's), `optimizer/PHASE/MOMENT`,
// `average` (with --ema) and `best` (with validation), the last two laid out as the arena is; and as metadata
// the counters and the sums of the unfinished epoch, doubles as hexadecimal so that not a bit is lost. One
// file, one rename: parameters can never be of another step than their moments.
#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "io/safetensors.hpp"
#include "pushforward/learner.hpp"
#include "pushforward/optimizer.hpp"
#include "pushforward/run.hpp"

namespace pushforward {

/// Loss and its parts summed over the rows of an unfinished epoch.
struct EpochSums {
  double rows = 0, loss = 0;
  std::vector<std::string> names{};  ///< of the parts
  std::vector<double> parts{};

  void add(const Losses& losses, std::size_t rows_of_step);
  /// Their means. Parts are called as in `like` where it has as many (literals live longer than this object).
  Losses mean(const Losses& like) const;
  void clear();  ///< keeps names and memory
};

inline constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

/// What train() keeps between steps besides parameters.
struct TrainState {
  std::uint64_t step = 0;
  std::size_t metric_lines = 0;  ///< written to metrics.jsonl so far
  std::size_t best_epoch = 0;    ///< 0 = none yet
  double best_validation = 0;
  std::size_t epochs_without_gain = 0;
  EpochSums epoch{};
  double loss = kUnknown;             ///< of the last step
  double gradient_norm = 0;           ///< of the last step
  double last_epoch_loss = kUnknown;  ///< mean of the last epoch that ended
  double weights_norm = kUnknown;     ///< of all values
  std::string metrics_sum{};          ///< of the lines written so far, without their timings
  std::vector<std::unique_ptr<Optimizer>> optimizers{};  ///< one a phase
  std::vector<std::string> phase_names{};
  Tensor average{};  ///< of the trained part; empty without --ema
  Tensor best{};     ///< all values; empty until there is one
};

/// Runs `write`; where a folder has gone meanwhile, that is work that failed and not a wrong request.
void keep_files(const Run& run, const std::function<void()>& write);
/// Also notes the norm of the weights in `state`.
void save_checkpoint(Run& run, TrainState& state);
/// Fills counters and parameters, and moments where `make_optimizers`, called once the counters are known,
/// says that there are any (before a stage's first step there are none). RequestError when the file is
/// damaged or of other shapes.
void load_checkpoint(Run& run, TrainState& state, const std::function<bool()>& make_optimizers = {});

/// Parameters by name, for model.safetensors and checkpoint.safetensors.
io::NamedArrays named_parameters(const Run& run, const std::string& prefix);
void load_parameters(Run& run, const io::Safetensors& file, const std::string& prefix);

/// The weights that `which` names, into the model; automatic: the moving average where there is one, of the
/// best epoch with --patience, else the last. RequestError when the run has none of that kind.
void use_weights(Run& run, const TrainState& state, Weights which);
/// Writes model.safetensors from the parameters as they are now.
void save_model(const Run& run);

std::string checkpoint_path(const Run& run);
std::string good_path(const Run& run);
std::string model_path(const Run& run);
std::string metrics_path(const Run& run);

}  // namespace pushforward
