// SPDX-License-Identifier: Apache-2.0
#include "run_argument.hpp"

#include <fmt/format.h>

#include "conditions.hpp"
#include "core/synonyms.hpp"
#include "data/parts.hpp"
#include "data_argument.hpp"
#include "output.hpp"
#include "pushforward/error.hpp"
#include "pushforward/flow.hpp"
#include "train/places.hpp"

namespace pushforward::cli {
namespace {

std::vector<std::string> weights_words() { return {"automatic", "last", "best", "ema"}; }

Weights weights_of(const std::string& word) {
  return static_cast<Weights>(find_word("--weights", word, weights_words()));
}

// --steps alone are Euler's.
Solver asked_solver(const RunArguments& arguments) {
  const std::string name = arguments.solver.empty() ? "euler" : arguments.solver;
  Solver solver = parse_solver(parse_spec(name, "--solver"));
  if (arguments.solver_steps == 0) return solver;
  if (solver.adaptive())
    throw RequestError(Complaint{"--steps", "--solver " + name + ", which chooses its own",
                                 "euler, heun or rk4 beside it", "dopri5:tolerance=T says how exact it is"});
  solver.steps = arguments.solver_steps;
  return solver;
}

void choose_solver(const Run& run, const RunArguments& arguments) {
  if (arguments.solver.empty() && arguments.solver_steps == 0) return;
  auto* flow = as<FlowModel>(*run.model);
  if (flow == nullptr)
    throw RequestError(Complaint{arguments.solver.empty() ? "--steps" : "--solver",
                                 run.entry->name + ", which integrates nothing", "a run of flow"});
  flow->set_solver(asked_solver(arguments));
}

}  // namespace

void add_weights(CommandLine& line, RunArguments& arguments) {
  line.text(
      "--weights", arguments.weights,
      "last, best or ema; by default the moving average, of the best epoch with --patience, else the last",
      {.type = "", .words = weights_words});
}

void add_run(CommandLine& line, RunArguments& arguments) {
  line.text("RUN", arguments.run, "A run directory that train made", {.required = true});
  add_weights(line, arguments);
}

void add_data(CommandLine& line, RunArguments& arguments, bool required) {
  line.text("DATA", arguments.data, "mnist:test, FILE.npy, FOLDER/, toy:NAME, …", {.required = required});
  add_data_options(line, arguments.load, arguments.pictures);
}

void add_place(CommandLine& line, RunArguments& arguments) {
  line.text("--data", arguments.place, "Where the run's own training data are now, if they have moved",
            {.type = "DATA", .group = "Data"});
}

void add_output(CommandLine& line, RunArguments& arguments, const std::string& help) {
  line.text("-o,--output", arguments.output, help, {.required = true, .type = "OUT", .written = true});
}

void add_solver(CommandLine& line, RunArguments& arguments, bool steps) {
  line.text(
      "--solver", arguments.solver,
      "Of a flow: euler, heun, rk4 (each with :steps=N) or dopri5:tolerance=T; by default the run's own",
      {.type = "SPEC"});
  if (steps)
    line.count("--steps", arguments.solver_steps, "Steps of euler, heun or rk4 [euler's]",
               {.most = 1'000'000});
}

Run open(const RunArguments& arguments) {
  Run run = open_run(arguments.run, weights_of(arguments.weights));
  choose_solver(run, arguments);
  if (!arguments.place.empty()) give_data(run, arguments.place);
  if (!run.remark.empty()) note(run.remark, false);
  return run;
}

LoadOptions load_like(const Run& run, const RunArguments& arguments, const Common& common) {
  LoadOptions load = arguments.load;
  load.seed = common.seed;
  const LoadOptions trained = load_options(run.options, common.seed);
  if (load.label_column.empty()) load.label_column = trained.label_column;
  if (load.header.empty()) load.header = trained.header;
  if (load.columns.empty()) load.columns = trained.columns;
  if (load.drop.empty()) load.drop = trained.drop;
  if (run.encoding) load.schema = whole_schema(run), load.mixed = true;
  if (load.resize.empty()) load.resize = trained.resize;
  load.grey = load.grey || trained.grey;
  return load;
}

PictureOptions pictures_like(const Run& run, const RunArguments& arguments) {
  PictureOptions pictures = arguments.pictures;
  const PictureOptions trained = picture_options(run.options);
  if (pictures.fit.empty()) pictures.fit = trained.fit;
  const bool array = data::is_array(data::parse_argument(arguments.data).source);
  if (pictures.layout.empty() && array) pictures.layout = trained.layout;
  pictures.skip_broken = pictures.skip_broken || trained.skip_broken;
  return pictures;
}

Dataset load_for(const Run& run, const RunArguments& arguments, const Common& common, Dataset* original,
                 std::vector<std::string>* names) {
  Dataset data = load_told(arguments.data, load_like(run, arguments, common), pictures_like(run, arguments),
                           common.quiet, names);
  if (original) {
    *original = data;
    if (!run.encoding) original->shape = run.shape;
  }
  return prepare_rows(run, std::move(data));
}

}  // namespace pushforward::cli
