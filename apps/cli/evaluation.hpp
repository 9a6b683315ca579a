// SPDX-License-Identifier: Apache-2.0
//
// All figures of one run on one DATA: what `evaluate` prints, and what `compare` puts side by side.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "generation.hpp"
#include "pushforward/model.hpp"
#include "run_argument.hpp"

namespace pushforward::cli {

/// L of the ELBO and K of the importance-sampled NLL: from here on a row takes minutes.
inline constexpr std::size_t kMostDraws = 10'000, kMostImportance = 1'000'000;

struct EvaluatedRows {
  Dataset original;                  ///< in its own units
  Dataset data;                      ///< in the run's
  std::string name;                  ///< the DATA argument
  bool held_out = true;              ///< not the rows that were trained on
  std::optional<Dataset> inputs{};   ///< of pairs: their noisy halves, in the run's units
  std::vector<std::string> files{};  ///< of pictures: a row's file
};
/// The run's own rows where no DATA is named: the held-out ones if there are any, and a note which. `noisy`,
/// where not empty, is the DATA argument of the other halves of pairs.
EvaluatedRows rows_for(const Run& run, const RunArguments& arguments, const Common& common,
                       const std::string& noisy = {});

/// What was trained on, without the rows that --validation holds out.
Dataset trained_rows(const Run& run);

/// What the model says of itself on these rows: "squared_error", "elbo", …
Fields model_figures(const Run& run, const EvaluatedRows& rows, EvaluateOptions options,
                     const Common& common);

/// Refuses what can be asked of generating models only.
void want_generator(const Run& run, const GenerationOptions& options);

/// How good rows are that `source` generates, measured in `space` (or where options.features says). `run`,
/// where not null, knows its training rows.
struct Generation {
  Fields figures{};
  Distances distances{};
};
Generation score_generation(const SampleSource& source, const EvaluatedRows& rows, Space space,
                            const Run* run, const GenerationOptions& options, const Common& common);

}  // namespace pushforward::cli
