// SPDX-License-Identifier: Apache-2.0
#include "train/training_data.hpp"

#include <fmt/format.h>

#include "core/whole_number.hpp"
#include "data/noise.hpp"
#include "data/parts.hpp"
#include "pushforward/condition.hpp"
#include "pushforward/error.hpp"
#include "pushforward/threads.hpp"
#include "train/places.hpp"
#include "train/plan.hpp"

namespace pushforward {

LoadOptions load_options(const Options& options, std::uint64_t seed) {
  return {.label_column = options.text("label-column"),
          .header = options.text("header"),
          .columns = options.text("columns"),
          .drop = options.text("drop"),
          .schema_file = options.text("schema"),
          .schema = {},
          .mixed = true,
          .labels_file = options.text("labels"),
          .resize = options.text("resize"),
          .grey = options.yes("grey"),
          .seed = seed};
}

PictureOptions picture_options(const Options& options) {
  return {.fit = options.text("fit"),
          .skip_broken = options.yes("skip-broken"),
          .layout = options.text("layout")};
}

Dataset load_silently(const std::string& argument, const LoadOptions& load, const PictureOptions& pictures) {
  return load_named_rows(argument, load, pictures).data;
}

TrainingData load_training_data(const std::string& argument, const Options& options, const LoadRows& load) {
  return complete_training_data(
      load(argument, load_options(options, options.seed("seed")), picture_options(options)), options, load);
}

TrainingData load_training_data(const Run& run, const LoadRows& load) {
  LoadOptions as_then = load_options(run.options, run.options.seed("seed"));
  if (run.encoding) as_then.schema = whole_schema(run), as_then.schema_file.clear();
  Dataset training = load(known_data(run), as_then, picture_options(run.options));
  check_training_data(run, training);
  return complete_training_data(std::move(training), run.options, load);
}

TrainingData complete_training_data(Dataset training, const Options& options, const LoadRows& load) {
  const PictureOptions pictures = picture_options(options);
  const std::uint64_t seed = options.seed("seed");
  TrainingData data{std::move(training)};
  const bool share = validation_rows(options, data.training.rows()) > 0;
  if (holds_out(options) && !share) {
    LoadOptions like = load_options(options, seed + 1);
    like.labels_file.clear();  // --labels go with the training data
    if (data.training.schema) like.schema = data.training.schema, like.schema_file.clear();
    const std::string& held_out = options.text("validation");
    PictureOptions other = pictures;
    if (!data::is_array(data::parse_argument(held_out).source)) other.layout.clear();
    data.validation = load(held_out, like, other);
  }
  if (options.known("noisy") && options.has("noisy")) {
    LoadOptions like = load_options(options, seed);
    like.labels_file.clear();
    data.inputs = load(options.text("noisy"), like, pictures);
    check_pairs(data.training, *data.inputs);
    if (data.validation)
      throw RequestError(Complaint{"--validation", options.text("validation"),
                                   "a share of the pairs that --noisy makes", "--validation 0.1"});
  }
  return data;
}

Options options_given(const ModelEntry& model, const std::map<std::string, std::string>& given) {
  Options options = options_of(model);
  for (const auto& [name, value] : given) options.set(name, value);
  set_threads(static_cast<int>(options.count("threads", 0, kMostThreads)));
  options.set_count("threads", static_cast<std::size_t>(threads()));
  return options;
}

Summary train_on(Run& run, TrainingData data, const OnProgress& on_progress) {
  if (data.inputs) run.inputs = std::move(*data.inputs);
  if (run.conditions) run.inputs = conditions_of(run, data.training);
  if (run.conditions && data.validation) run.validation_inputs = conditions_of(run, *data.validation);
  if (!run.standardization.empty())
    check_data(run, data.training, data.validation ? &*data.validation : nullptr);
  const Dataset training = prepare_data(run, std::move(data.training));
  if (data.validation) data.validation = prepare_data(run, std::move(*data.validation));
  return train(run, training, data.validation ? &*data.validation : nullptr, on_progress);
}

}  // namespace pushforward
