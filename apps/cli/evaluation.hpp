// SPDX-License-Identifier: Apache-2.0
//
// The rows that commands judge a run on, and what they tell while they do.
#pragma once

#include <string>

#include "generation_options.hpp"
#include "pushforward/evaluate.hpp"
#include "run_argument.hpp"

namespace pushforward::cli {

/// L of the ELBO and K of the importance-sampled NLL: from here on a row takes minutes.
inline constexpr std::size_t kMostDraws = 10'000, kMostImportance = 1'000'000;

/// Notes and bars on standard error.
Listener listener(const Common& common);

/// The run's own rows where no DATA is named, and a note which. `noisy`, where not empty, is the DATA
/// argument of the other halves of pairs.
EvaluatedRows rows_for(const Run& run, const RunArguments& arguments, const Common& common,
                       const std::string& noisy = {});

}  // namespace pushforward::cli
