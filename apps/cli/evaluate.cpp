// SPDX-License-Identifier: Apache-2.0
// pushforward evaluate: how good a model is on data that it was not trained on.
#include <algorithm>

#include <fmt/format.h>

#include "io/atomic_file.hpp"
#include "output.hpp"
#include "progress.hpp"
#include "pushforward/distance.hpp"
#include "pushforward/error.hpp"
#include "reading.hpp"
#include "roc.hpp"
#include "run_argument.hpp"

namespace pushforward::cli {
namespace {

struct EvaluateArguments : RunArguments {
  EvaluateOptions options{};
  std::string scores, anomaly, metrics = "mmd,sliced";
  std::size_t samples = 2000;
};

// The run's own rows where no DATA is named: the held-out ones if there are any.
Dataset own_rows(const Run& run, const Common& common) {
  OwnRows own = load_own_rows(run.data_name, run.options);
  note(fmt::format("no DATA given: {} of {}", own.held_out ? "the validation rows" : "the training data",
                   run.data_name),
       common.quiet);
  return prepare_data(run, std::move(own.data));
}

std::vector<bool> rows_labelled(const Dataset& data, const std::string& list) {
  if (data.labels.empty())
    throw RequestError(Complaint{"--anomaly", "data without labels", "labels", "--labels FILE"});
  std::vector<std::int32_t> wanted;
  for (const std::string& piece : split(list, ',')) {
    const auto named = std::find(data.label_names.begin(), data.label_names.end(), piece);
    wanted.push_back(named != data.label_names.end()
                         ? static_cast<std::int32_t>(named - data.label_names.begin())
                         : static_cast<std::int32_t>(parse_count(piece, "--anomaly")));
  }
  std::vector<bool> strange;
  for (std::int32_t label : data.labels)
    strange.push_back(std::find(wanted.begin(), wanted.end(), label) != wanted.end());
  return strange;
}

void write_scores(const std::string& path, const std::vector<double>& scores, const Dataset& data) {
  std::string text = data.labels.empty() ? "score\n" : "score,label\n";
  for (std::size_t i = 0; i < scores.size(); ++i)
    text += data.labels.empty() ? fmt::format("{}\n", scores[i])
                                : fmt::format("{},{}\n", scores[i], data.labels[i]);
  io::write_file(path, text);
}

// Readings of as many generated rows as `samples` against as many of DATA (its first ones).
std::vector<Fields> distances_to(const Run& run, const Dataset& data, const EvaluateArguments& arguments,
                                 const Common& common) {
  Tensor generated(arguments.samples, run.shape.size());
  run.model->generate(generated, Draw{common.seed}.on("sample"), false);
  const Tensor real = data.floats(0, std::min(data.rows(), arguments.samples));
  const Points p(real.view()), q(std::as_const(generated).view());
  std::vector<Fields> readings;
  for (const Spec& spec : parse_spec_list(arguments.metrics, "-m"))
    readings.push_back(read_distance(spec, {p}, {q}, common.seed));
  return readings;
}

void print_result(const Fields& figures, const std::vector<Fields>& distances, const Common& common) {
  if (common.json) {
    Json object = to_json(figures);
    if (!distances.empty()) object["distances"] = Json::array();
    for (const Fields& reading : distances) object["distances"].push_back(to_json(reading));
    return print_json(object);
  }
  print_fields(figures);
  for (const Fields& reading : distances) print_reading(reading);
}

void evaluate(const EvaluateArguments& arguments, const Common& common) {
  if (!arguments.scores.empty()) check_output(arguments.scores, common.force);
  const Run run = open(arguments);
  const Dataset data = arguments.data.empty() ? own_rows(run, common) : load_for(run, arguments, common);
  const std::vector<bool> strange =
      arguments.anomaly.empty() ? std::vector<bool>{} : rows_labelled(data, arguments.anomaly);

  EvaluateOptions options = arguments.options;
  options.seed = common.seed;
  ProgressBar bar("evaluating " + run.entry->name, common.quiet);
  options.progress = [&](double done) { bar.update(done, ""); };
  std::optional<Dataset> training;
  if (run.model->latent() > 0 &&
      !run.model->generates()) {  // principal angles are measured against training data
    training = prepare_data(run, load_training_data(run.data_name, run.options).training);
    options.training = &*training;
  }
  Fields figures = {{"rows", data.rows()}};
  for (Field& field : run.model->evaluate(data, options)) figures.push_back(std::move(field));
  if (!arguments.scores.empty() || !strange.empty()) {
    const std::vector<double> scores = run.model->scores(data, options);
    if (!arguments.scores.empty()) write_scores(arguments.scores, scores, data);
    if (!strange.empty()) figures.emplace_back("roc_auc", roc_auc(scores, strange));
  }
  const std::vector<Fields> distances =
      run.model->generates() ? distances_to(run, data, arguments, common) : std::vector<Fields>{};
  print_result(figures, distances, common);
}

}  // namespace

Command evaluate_command() {
  return {.name = "evaluate",
          .summary = "How good a model is on data",
          .group = "Train and use a network",
          .examples =
              "  pushforward evaluate run mnist:test\n"
              "  pushforward evaluate run mnist:test --importance 5000        importance-sampled NLL\n"
              "  pushforward evaluate run 'mnist:test@0:1000' --json\n"
              "  pushforward evaluate run mnist:test --anomaly 7 --scores scores.csv",
          .declare = [](CLI::App& app, const Common& common) -> std::function<void()> {
            auto arguments = std::make_shared<EvaluateArguments>();
            add_run(app, *arguments);
            add_data(app, *arguments, false);
            app.add_option("--draws", arguments->options.draws, "Draws L of the ELBO")->capture_default_str();
            app.add_option("--importance", arguments->options.importance,
                           "Also the NLL by this many importance samples (5000 is usual)");
            app.add_option("-m,--metrics", arguments->metrics, "Distances of generated rows to DATA")
                ->capture_default_str();
            app.add_option("--samples", arguments->samples, "Generated rows for them")->capture_default_str();
            app.add_option("--scores", arguments->scores, "Write each row's own score to this CSV");
            app.add_option("--anomaly", arguments->anomaly,
                           "Labels of strange rows: print the score's ROC AUC");
            return [arguments, &common] { evaluate(*arguments, common); };
          }};
}

}  // namespace pushforward::cli
