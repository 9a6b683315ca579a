// SPDX-License-Identifier: Apache-2.0
#include "distance_score.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "data/parts.hpp"
#include "data_argument.hpp"
#include "endings.hpp"
#include "io/csv.hpp"
#include "pushforward/critic.hpp"
#include "pushforward/error.hpp"
#include "pushforward/label_likelihood.hpp"
#include "rows_output.hpp"
#include "table_output.hpp"

namespace pushforward::cli {
namespace {

std::vector<std::string> learned_names() {
  std::vector<std::string> names;
  for (const DistanceEntry& entry : distances())
    if (entry.facts.learned) names.push_back(entry.name);
  return names;
}

// Which label is X's: what was said, what X selects (DATA[LABEL]), or 1.
std::string label_of_x(const ScoreRequest& request, const SampleOptions& samples) {
  if (!request.label_x.empty()) return request.label_x;
  for (const data::Suffix& suffix : data::parse_argument(samples.x).suffixes)
    if (const auto* only = std::get_if<data::OnlyLabels>(&suffix); only && only->labels.size() == 1)
      return only->labels[0];
  return "1";
}

std::vector<bool> ones_of(const Dataset& points, const ScoreRequest& request, const SampleOptions& samples) {
  const std::string wanted = label_of_x(request, samples);
  std::vector<bool> ones;
  for (const std::int32_t label : points.labels)
    ones.push_back((points.label_names.empty()
                        ? fmt::format("{}", label)
                        : points.label_names[static_cast<std::size_t>(label)]) == wanted);
  if (std::find(ones.begin(), ones.end(), true) == ones.end())
    throw RequestError(Complaint{"--score " + points.name, fmt::format("no row with label {}", wanted),
                                 "the label of X's rows", "--label-x LABEL names it"});
  return ones;
}

Fields likelihood_of(const Tensor& scores, const std::vector<bool>& ones) {
  std::vector<double> logits(scores.rows());
  for (std::size_t i = 0; i < logits.size(); ++i) logits[i] = static_cast<double>(scores(i, 1));
  return label_likelihood(logits, ones);
}

void check_shape(const Dataset& points, const Dataset& x) {
  if (points.cols() != x.cols())
    throw RequestError(Complaint{"--score " + points.name, fmt::format("{} columns", points.cols()),
                                 fmt::format("{}, as in '{}'", x.cols(), x.name)});
}

}  // namespace

void check_score(const ScoreRequest& request, const std::vector<Spec>& specs, const SampleOptions& samples,
                 bool force) {
  if (!request.wanted()) return;
  const bool labelled =
      !request.labels.empty() || !request.label_x.empty() || !samples.load.label_column.empty();
  if (request.points.empty())
    throw RequestError(Complaint{request.output.empty() ? "--labels" : "-o", "no --score POINTS",
                                 "--score POINTS beside it", "a reading goes to standard output"});
  if (request.output.empty() && !labelled)
    throw RequestError(Complaint{"--score", "no output", "-o SCORES.csv beside it, or labels"});
  if (specs.size() != 1 || !facts_of(specs[0]).learned) {
    const std::string got = specs.size() == 1 ? specs[0].name : fmt::format("{} distances", specs.size());
    throw RequestError(Complaint{"--score", got, "one learned distance",
                                 fmt::format("-m with one of {}", fmt::join(learned_names(), ", "))});
  }
  if (!request.output.empty()) check_output(request.output, table_endings(), force);
}

Reading fit_and_score(const Distance& distance, const SamplePair& pair, const ScoreRequest& request,
                      const SampleOptions& samples, std::uint64_t seed) {
  LoadOptions load = load_for(request.points, samples.load, samples.sources());
  load.seed = seed + 2, load.labels_file = request.labels;
  const Dataset data = load_data(request.points, load);
  check_shape(data, pair.x_data());
  Matrix<double> storage;
  const Points points = data.points(storage);
  check_samples("--score", {points}, {points}, {});
  const std::unique_ptr<FittedCritic> critic = distance.fit(pair.x(), pair.y());
  const std::vector<std::string> names = critic->score_names();
  Tensor scores(points.n(), names.size());
  critic->score(points, scores);
  Reading reading = critic->reading();
  if (!data.labels.empty() && names[0] == "d")
    reading.extra.emplace_back("likelihood", likelihood_of(scores, ones_of(data, request, samples)));
  else if (!request.labels.empty() || !request.label_x.empty())
    throw RequestError(Complaint{"--score", data.labels.empty() ? "points without labels" : "a critic f",
                                 "labels, and a discriminator that has a likelihood",
                                 "-m jsd-critic --labels FILE or --label-column NAME"});
  if (request.output.empty()) return reading;
  if (is_text_table(request.output))
    io::write_csv(request.output, std::as_const(scores).view(), names);
  else
    write_rows(request.output, scores, {.shape = {.width = names.size()}});
  return reading;
}

}  // namespace pushforward::cli
