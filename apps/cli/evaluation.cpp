// SPDX-License-Identifier: Apache-2.0
#include "evaluation.hpp"

#include <memory>

#include <fmt/format.h>

#include "output.hpp"
#include "progress.hpp"
#include "pushforward/condition.hpp"

namespace pushforward::cli {
namespace {

EvaluatedRows told_own_rows(const Run& run, const Common& common) {
  EvaluatedRows rows = own_rows(run);
  note(fmt::format("no DATA given: {} of {}", rows.held_out ? "the validation rows" : "the training data",
                   run.data_name),
       common.quiet);
  return rows;
}

}  // namespace

Listener listener(const Common& common) {
  const bool quiet = common.quiet;
  return {.note = [quiet](const std::string& sentence) { note(sentence, quiet); },
          .begin = [quiet](const std::string& what) -> Listener::Bar {
            const auto bar = std::make_shared<ProgressBar>(what, quiet);
            return [bar](double done, const std::string& detail) { bar->update(done, detail); };
          }};
}

EvaluatedRows rows_for(const Run& run, const RunArguments& arguments, const Common& common,
                       const std::string& noisy) {
  if (arguments.data.empty()) return told_own_rows(run, common);
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

}  // namespace pushforward::cli
