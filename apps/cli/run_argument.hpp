// SPDX-License-Identifier: Apache-2.0
//
// RUN arguments: opening a run, giving it DATA in the units that it was trained on, and using it batch by
// batch.
#pragma once

#include <string>

#include "command.hpp"
#include "data_argument.hpp"
#include "pushforward/apply.hpp"
#include "pushforward/run.hpp"

namespace pushforward::cli {

/// Options that every command on a run has.
struct RunArguments {
  std::string run, data, output, weights = "automatic", solver{};
  std::string place{};  ///< --data: where the run's own data are now
  std::size_t solver_steps = 0;
  LoadOptions load{};
  PictureOptions pictures{.fit = "", .skip_broken = false};  ///< "" = as the run's training data
};

/// Adds --weights last|best|ema.
void add_weights(CommandLine& line, RunArguments& arguments);
/// Adds RUN, and --weights.
void add_run(CommandLine& line, RunArguments& arguments);
/// Adds DATA and its options.
void add_data(CommandLine& line, RunArguments& arguments, bool required);
/// Adds --data: the run's own data, where they have moved.
void add_place(CommandLine& line, RunArguments& arguments);
void add_output(CommandLine& line, RunArguments& arguments, const std::string& help);
/// Adds --solver and, where --steps means nothing else, that: how a flow is integrated.
void add_solver(CommandLine& line, RunArguments& arguments, bool steps = true);

/// With the solver that was asked for.
Run open(const RunArguments& arguments);
/// How DATA is read: as asked, else as the run's training data were.
LoadOptions load_like(const Run& run, const RunArguments& arguments, const Common& common);
PictureOptions pictures_like(const Run& run, const RunArguments& arguments);
/// DATA in the run's units; RequestError when its rows have another shape. `original`, where not null, is
/// what was loaded, and `names` the files of pictures.
Dataset load_for(const Run& run, const RunArguments& arguments, const Common& common,
                 Dataset* original = nullptr, std::vector<std::string>* names = nullptr);
}  // namespace pushforward::cli
