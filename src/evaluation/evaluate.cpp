// SPDX-License-Identifier: Apache-2.0
#include "pushforward/evaluate.hpp"

#include <numeric>

#include "evaluation/generation.hpp"
#include "pushforward/apply.hpp"
#include "pushforward/condition.hpp"
#include "pushforward/error.hpp"
#include "pushforward/read_distance.hpp"
#include "train/places.hpp"
#include "train/training_data.hpp"
#include "train/units.hpp"

namespace pushforward {
namespace {

// The held-out rows where there are any, else all. A share that is held out is the last rows.
EvaluatedRows original_rows(const Run& run, TrainingData loaded) {
  EvaluatedRows own;
  own.name = run.data_name, own.inputs = std::move(loaded.inputs);
  own.training = std::make_shared<const Dataset>(std::move(loaded.training));
  if (loaded.validation) {
    own.original = std::move(*loaded.validation), own.inputs.reset();
    return own;
  }
  const std::size_t rows = own.training->rows(), held_out = validation_rows(run.options, rows);
  own.original = *own.training, own.held_out = held_out > 0;
  if (held_out == 0) return own;
  std::vector<std::uint32_t> last(held_out);
  std::iota(last.begin(), last.end(), static_cast<std::uint32_t>(rows - held_out));
  own.original = own.original.select(last);
  if (own.inputs) own.inputs = own.inputs->select(last);
  return own;
}

EvaluatedRows judged_rows(const Run& run, TrainingData loaded) {
  EvaluatedRows own = original_rows(run, std::move(loaded));
  own.original.shape = written_shape(run);
  if (run.conditions) own.inputs = conditions_of(run, own.original);
  own.data = prepare_data(run, own.original);
  return own;
}

void append(Fields& to, Fields more) {
  for (Field& field : more) to.push_back(std::move(field));
}

Dataset all_training_rows(const Run& run, const EvaluatedRows& rows) {
  return rows.training ? *rows.training : load_training_data(run).training;
}

const Dataset* inputs_of(const EvaluatedRows& rows) { return rows.inputs ? &*rows.inputs : nullptr; }

}  // namespace

EvaluatedRows rows_of(const Run& run, Dataset original, std::string name) {
  EvaluatedRows rows;
  rows.held_out = name != run.data_name, rows.name = std::move(name);
  rows.data = prepare_rows(run, original);
  if (!run.encoding) original.shape = run.shape;
  rows.original = std::move(original);
  if (run.conditions) rows.inputs = conditions_of(run, rows.original);
  return rows;
}

EvaluatedRows own_rows(const Run& run) { return judged_rows(run, load_training_data(run)); }
EvaluatedRows own_rows(const Run& run, Dataset training) {
  check_training_data(run, training);
  return judged_rows(run, complete_training_data(std::move(training), run.options));
}

Dataset trained_rows(const Run& run, const EvaluatedRows& rows) {
  Dataset all = all_training_rows(run, rows);
  const std::size_t held_out = validation_rows(run.options, all.rows());
  if (held_out == 0) return all;
  std::vector<std::uint32_t> index(all.rows() - held_out);
  std::iota(index.begin(), index.end(), 0u);
  return all.select(index);
}

Fields model_figures(const Run& run, const EvaluatedRows& rows, EvaluateOptions options,
                     const Listener& listener) {
  options.inputs = inputs_of(rows);
  const Listener::Bar bar = listener.begin ? listener.begin("evaluating " + run.entry->name) : nullptr;
  if (bar) options.progress = [&bar](double done) { bar(done, ""); };
  std::optional<Dataset> training;
  if (code_size(*run.model) > 0 &&
      !can<Generative>(*run.model)) {  // principal angles are measured against training data
    const auto load = [&] {
      training = prepare_data(run, all_training_rows(run, rows));
      options.training = &*training;
    };
    or_leave_out("what is measured against the training data", load, listener);
  }
  return in_data_units(run, pushforward::evaluate(*run.model, rows.data, options));
}

void want_generator(const Run& run, const GenerationOptions& options) {
  const std::string asked = !options.parzen.empty()     ? "--parzen"
                            : !options.features.empty() ? "--features"
                                                        : "";
  if (!asked.empty() && !can<Generative>(*run.model))
    throw RequestError(Complaint{asked, run.entry->name + ", which does not generate", "a generative model",
                                 "a file of samples may stand for RUN"});
}

void check_generation(const EvaluatedRows& rows, const Space& space, const GenerationOptions& options) {
  if (options.distances.empty()) return;  // of the defaults, what cannot be is left out
  const Dataset real = (options.features.empty() ? space : codes_of(options.features))(
      first_rows(rows.original, options.samples));
  const Tensor x = real.floats(0, real.rows());
  check_distances(options.distances, {x.view()}, {x.view()});
}

namespace {

// Of distances that check_generation() let pass.
Generation checked_generation(const SampleSource& source, const EvaluatedRows& rows, Space space,
                              const Run* run, const GenerationOptions& options, const Listener& listener) {
  std::optional<Dataset> training;
  if (!options.training.empty()) {
    LoadOptions load;
    load.seed = options.seed;
    if (run && run->encoding) load.schema = whole_schema(*run), load.mixed = true;
    training = load_data(options.training, load);
  } else if (run && rows.held_out) {
    or_leave_out(
        "the memorisation check", [&] { training = trained_rows(*run, rows); }, listener);
  }
  if (!options.features.empty()) space = codes_of(options.features);
  const Against against = {rows.original, rows.name, training ? &*training : nullptr, std::move(space)};
  Generation found{generation_scores(source, against, options, listener), {}, {}};
  measure_generation(found, source, against, options, listener);
  return found;
}

}  // namespace

Generation score_generation(const SampleSource& source, const EvaluatedRows& rows, Space space,
                            const Run* run, const GenerationOptions& options, const Listener& listener) {
  check_generation(rows, space, options);
  return checked_generation(source, rows, std::move(space), run, options, listener);
}

Evaluation evaluate(const Run& run, const EvaluatedRows& rows, const EvaluateOptions& options,
                    const GenerationOptions& generation, const Listener& listener) {
  want_generator(run, generation);
  const Space space = units_of(run);
  if (can<Generative>(*run.model)) check_generation(rows, space, generation);
  Evaluation all{{{"rows", rows.data.rows()}}, {}};
  append(all.figures, model_figures(run, rows, options, listener));
  if (!can<Generative>(*run.model)) return all;
  Generation found = checked_generation(samples_of(run, generation.seed, inputs_of(rows)), rows, space, &run,
                                        generation, listener);
  append(all.figures, std::move(found.figures));
  all.distances = std::move(found.readings);
  return all;
}

}  // namespace pushforward
