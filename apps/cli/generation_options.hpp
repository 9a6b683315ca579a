// SPDX-License-Identifier: Apache-2.0
// Options of commands that judge what a run generates.
#pragma once

#include <string>

#include "command.hpp"
#include "pushforward/evaluate.hpp"

namespace pushforward::cli {

struct GenerationArguments {
  std::string metrics{};  ///< SPECs; empty for the defaults
  GenerationOptions options{};

  /// With the distances of `metrics`; RequestError where one is none.
  GenerationOptions wanted(const Common& common) const;
};
/// Declares -m, --samples, --features, --parzen, --parzen-validation and --training.
void add_generation_options(CommandLine& line, GenerationArguments& arguments);

/// Notes that belong beside the figures: what a Parzen score is worth.
void note_scores(const GenerationOptions& options, const Common& common);

/// Whether RUN is no run but DATA: a named set, a toy, a file.
bool stands_for_a_run(const std::string& argument);

}  // namespace pushforward::cli
