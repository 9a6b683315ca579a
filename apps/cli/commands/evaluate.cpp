// SPDX-License-Identifier: Apache-2.0
// pushforward evaluate: how good a model is on data that it was not trained on.
#include <algorithm>

#include <fmt/format.h>

#include "data/parts.hpp"
#include "endings.hpp"
#include "evaluation.hpp"
#include "io/atomic_file.hpp"
#include "io/csv.hpp"
#include "output.hpp"
#include "pushforward/error.hpp"
#include "pushforward/roc.hpp"
#include "pushforward/scores.hpp"
#include "reading.hpp"
#include "rows_output.hpp"
#include "table_output.hpp"

namespace pushforward::cli {
namespace {

struct EvaluateArguments : RunArguments {
  EvaluateOptions options{};
  GenerationArguments generation{};
  std::string scores, anomaly, noisy;
};

std::vector<bool> rows_labelled(const Dataset& rows, const std::string& list) {
  if (rows.labels.empty())
    throw RequestError(Complaint{"--anomaly", "data without labels", "labels", "--labels FILE"});
  std::vector<std::int32_t> wanted;
  for (const std::string& piece : split(list, ','))
    wanted.push_back(data::label_called(rows, piece, "--anomaly"));
  std::vector<bool> strange;
  for (std::int32_t label : rows.labels)
    strange.push_back(std::find(wanted.begin(), wanted.end(), label) != wanted.end());
  return strange;
}

void write_scores(const std::string& path, const std::vector<double>& scores, const Dataset& data,
                  const std::vector<std::string>& files) {
  const char tab = io::separator_of(path);
  std::string text = files.empty() ? "" : fmt::format("file{}", tab);
  text += data.labels.empty() ? "score\n" : fmt::format("score{}label\n", tab);
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (!files.empty()) io::append_cell(text, files[i], tab), text += tab;
    text += data.labels.empty() ? fmt::format("{}\n", scores[i])
                                : fmt::format("{}{}{}\n", scores[i], tab, data.labels[i]);
  }
  io::write_file(path, text);
}

// For people, too: no figure that means nothing is printed.
void check_numbers(const Fields& figures) {
  for (const Field& field : figures) to_json(field.value);
}

void print_result(const Fields& figures, const std::vector<Fields>& distances, const Common& common) {
  if (common.json) {
    Json object = to_json(figures);
    if (!distances.empty()) object["distances"] = Json::array();
    for (const Fields& reading : distances) object["distances"].push_back(to_json(reading));
    return print_json(object);
  }
  check_numbers(figures);
  for (const Fields& reading : distances) check_numbers(reading);
  print_fields(figures);
  for (const Fields& reading : distances) print_reading(reading);
}

// Each row's own score, into a file or against labels.
void add_scores(Fields& figures, const Run& run, const EvaluatedRows& rows,
                const EvaluateArguments& arguments, const Common& common) {
  if (arguments.scores.empty() && arguments.anomaly.empty()) return;
  const std::vector<bool> strange =
      arguments.anomaly.empty() ? std::vector<bool>{} : rows_labelled(rows.data, arguments.anomaly);
  EvaluateOptions options = arguments.options;
  options.seed = common.seed;
  if (rows.inputs) options.inputs = &*rows.inputs;
  const std::vector<double> scores = score_rows(run, rows.data, options);
  if (!arguments.scores.empty()) write_scores(arguments.scores, scores, rows.data, rows.files);
  if (!strange.empty()) figures.emplace_back("roc_auc", roc_auc(scores, strange));
}

// A file of samples in place of RUN: only what can be said of samples.
void evaluate_samples(const EvaluateArguments& arguments, const Common& common) {
  if (arguments.data.empty())
    throw RequestError(Complaint{"evaluate", "samples without DATA", "what to score them against"});
  LoadOptions load = arguments.load;
  load.seed = common.seed + 1;
  const SampleSource source = samples_of(load_data(arguments.run, load));
  load.seed = common.seed;
  EvaluatedRows rows;
  rows.original = load_data(arguments.data, load), rows.name = arguments.data;
  if (source.shape.size() != rows.original.cols())
    throw RequestError(Complaint{arguments.run, fmt::format("rows of {}", source.shape.text()),
                                 fmt::format("{}, as {}", rows.original.shape.text(), arguments.data)});
  const Space space = [](Dataset data) { return data; };
  const Generation found =
      score_generation(source, rows, space, nullptr, arguments.generation.wanted(common), listener(common));
  note_scores(arguments.generation.options, common);
  Fields figures = {{"rows", rows.original.rows()}};
  figures.insert(figures.end(), found.figures.begin(), found.figures.end());
  print_result(figures, found.readings, common);
}

void evaluate(const EvaluateArguments& arguments, const Common& common) {
  if (!arguments.scores.empty()) check_output(arguments.scores, text_table_endings(), common.force);
  if (!arguments.generation.options.parzen.empty()) parzen_widths(arguments.generation.options.parzen);
  if (stands_for_a_run(arguments.run)) return evaluate_samples(arguments, common);
  const Run run = open(arguments);
  const GenerationOptions generation = arguments.generation.wanted(common);
  want_generator(run, generation);
  const EvaluatedRows rows = rows_for(run, arguments, common, arguments.noisy);
  EvaluateOptions options = arguments.options;
  options.seed = common.seed;
  Evaluation all = pushforward::evaluate(run, rows, options, generation, listener(common));
  add_scores(all.figures, run, rows, arguments, common);
  note_scores(generation, common);
  print_result(all.figures, all.distances, common);
}

}  // namespace

Command evaluate_command() {
  return {
      .name = "evaluate",
      .summary = "How good a model is on data",
      .group = "Train and use a network",
      .examples =
          "  pushforward evaluate run mnist:test\n"
          "  pushforward evaluate run mnist:test --importance 5000        importance-sampled NLL\n"
          "  pushforward evaluate run 'mnist:test@0:1000' --json\n"
          "  pushforward evaluate run mnist:test --anomaly 7 --scores scores.csv\n"
          "  pushforward evaluate gan toy:8gaussians                      modes covered, high quality\n"
          "  pushforward evaluate gan mnist:test -m mmd,prdc --features ae --parzen gan\n"
          "  pushforward evaluate samples.npy mnist:test --parzen gan     samples stand for a run",
      .declare = [](CommandLine& line, const Common& common) -> std::function<void()> {
        auto arguments = std::make_shared<EvaluateArguments>();
        add_run(line, *arguments);
        add_data(line, *arguments, false);
        add_place(line, *arguments);
        line.count("--draws", arguments->options.draws, "Draws L of the ELBO", {.most = kMostDraws});
        line.count("--importance", arguments->options.importance,
                   "Also the NLL by this many importance samples (5000 is usual)", {.most = kMostImportance});
        add_solver(line, *arguments);
        add_generation_options(line, arguments->generation);
        line.text("--scores", arguments->scores, "Write each row's own score",
                  {.type = "FILE.csv", .written = true});
        line.text("--noisy", arguments->noisy, "For a run on pairs: the noisy halves of DATA, row by row");
        line.text("--anomaly", arguments->anomaly,
                  "Labels of strange rows, by name or number: print the score's ROC AUC");
        return [arguments, &common] { evaluate(*arguments, common); };
      },
      .parse_and_run = {},
      .first_words = {},
      .smaller = "fewer --samples, --draws or rows (DATA@0:1000) take less"};
}

}  // namespace pushforward::cli
