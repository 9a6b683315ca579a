// SPDX-License-Identifier: Apache-2.0
#include "evaluation.hpp"

#include <numeric>

#include <fmt/format.h>

#include "conditions.hpp"
#include "output.hpp"
#include "progress.hpp"
#include "pushforward/error.hpp"
#include "run_rows.hpp"
#include "train/units.hpp"

namespace pushforward::cli {
namespace {

EvaluatedRows own_rows(const Run& run, const Common& common) {
  OwnRows own = load_own_rows(run);
  note(fmt::format("no DATA given: {} of {}", own.held_out ? "the validation rows" : "the training data",
                   run.data_name),
       common.quiet);
  own.data.shape = written_shape(run);
  if (run.conditions) own.inputs = conditions_of(run, own.data);
  return {own.data, prepare_data(run, own.data), run.data_name, own.held_out, std::move(own.inputs)};
}

}  // namespace

Dataset trained_rows(const Run& run) {
  Dataset all = load_training_data(run, true).training;
  const std::size_t held_out = validation_rows(run.options, all.rows());
  if (held_out == 0) return all;
  std::vector<std::uint32_t> index(all.rows() - held_out);
  std::iota(index.begin(), index.end(), 0u);
  return all.select(index);
}

EvaluatedRows rows_for(const Run& run, const RunArguments& arguments, const Common& common,
                       const std::string& noisy) {
  if (arguments.data.empty()) return own_rows(run, common);
  EvaluatedRows rows;
  rows.name = arguments.data, rows.held_out = arguments.data != run.data_name;
  rows.data = load_for(run, arguments, common, &rows.original, &rows.files);
  if (run.conditions) rows.inputs = conditions_of(run, rows.original);
  if (noisy.empty()) return rows;
  RunArguments halves = arguments;
  halves.data = noisy;
  rows.inputs = load_for(run, halves, common);
  return rows;
}

Fields model_figures(const Run& run, const EvaluatedRows& rows, EvaluateOptions options,
                     const Common& common) {
  options.seed = common.seed;
  if (rows.inputs) options.inputs = &*rows.inputs;
  ProgressBar bar("evaluating " + run.entry->name, common.quiet);
  options.progress = [&](double done) { bar.update(done, ""); };
  std::optional<Dataset> training;
  if (run.model->latent() > 0 &&
      !run.model->generates()) {  // principal angles are measured against training data
    const auto load = [&] {
      training = prepare_data(run, load_training_data(run, true).training);
      options.training = &*training;
    };
    or_leave_out("what is measured against the training data", load, common);
  }
  return in_data_units(run, run.model->evaluate(rows.data, options));
}

void want_generator(const Run& run, const GenerationOptions& options) {
  const std::string asked = !options.parzen.empty()     ? "--parzen"
                            : !options.features.empty() ? "--features"
                                                        : "";
  if (!asked.empty() && !run.model->generates())
    throw RequestError(Complaint{asked, run.entry->name + ", which does not generate", "a generative model",
                                 "a file of samples may stand for RUN"});
}

Generation score_generation(const SampleSource& source, const EvaluatedRows& rows, Space space,
                            const Run* run, const GenerationOptions& options, const Common& common) {
  std::optional<Dataset> training;
  if (!options.training.empty()) {
    LoadOptions load;
    load.seed = common.seed;
    if (run && run->encoding) load.schema = whole_schema(*run), load.mixed = true;
    training = load_data(options.training, load);
  } else if (run && rows.held_out)
    or_leave_out(
        "the memorisation check", [&] { training = trained_rows(*run); }, common);
  if (!options.features.empty()) space = codes_of(options.features);
  const Against against = {rows.original, rows.name, training ? &*training : nullptr, std::move(space)};
  return {generation_scores(source, against, options, common),
          generation_distances(source, against, options, common)};
}

}  // namespace pushforward::cli
