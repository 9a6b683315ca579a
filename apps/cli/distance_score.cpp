// SPDX-License-Identifier: Apache-2.0
#include "distance_score.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "io/csv.hpp"
#include "pushforward/critic.hpp"
#include "pushforward/error.hpp"
#include "rows_output.hpp"

namespace pushforward::cli {
namespace {

std::vector<std::string> learned_names() {
  std::vector<std::string> names;
  for (const DistanceEntry& entry : distances())
    if (entry.facts.learned) names.push_back(entry.name);
  return names;
}

bool is_table(const std::string& path) { return path.ends_with(".csv") || path.ends_with(".tsv"); }

void check_shape(const Dataset& points, const Dataset& x) {
  if (points.cols() != x.cols())
    throw RequestError(Complaint{"--score " + points.name, fmt::format("{} columns", points.cols()),
                                 fmt::format("{}, as in '{}'", x.cols(), x.name)});
}

}  // namespace

void check_score(const ScoreRequest& request, const std::vector<Spec>& specs, bool force) {
  if (!request.wanted()) return;
  if (request.points.empty())
    throw RequestError(
        Complaint{"-o", request.output, "--score POINTS beside it", "a reading goes to standard output"});
  if (request.output.empty())
    throw RequestError(Complaint{"--score", "no output", "-o SCORES.csv beside it"});
  if (specs.size() != 1 || !facts_of(specs[0]).learned) {
    const std::string got = specs.size() == 1 ? specs[0].name : fmt::format("{} distances", specs.size());
    throw RequestError(Complaint{"--score", got, "one learned distance",
                                 fmt::format("-m with one of {}", fmt::join(learned_names(), ", "))});
  }
  if (!is_table(request.output) && !request.output.ends_with(".npy"))
    throw RequestError(Complaint{"-o", "'" + request.output + "'", "a name that ends in .csv, .tsv or .npy"});
  check_output(request.output, force);
}

Reading fit_and_score(const Distance& distance, const SamplePair& pair, const ScoreRequest& request,
                      LoadOptions load, std::uint64_t seed) {
  load.seed = seed + 2;
  const Dataset data = load_data(request.points, load);
  check_shape(data, pair.x_data());
  Matrix<double> storage;
  const Points points = data.points(storage);
  check_samples("--score", {points}, {points}, {});
  const std::unique_ptr<FittedCritic> critic = distance.fit(pair.x(), pair.y());
  const std::vector<std::string> names = critic->score_names();
  Tensor scores(points.n(), names.size());
  critic->score(points, scores);
  if (is_table(request.output))
    io::write_csv(request.output, std::as_const(scores).view(), names);
  else
    write_rows(request.output, scores, {.shape = {.width = names.size()}});
  return critic->reading();
}

}  // namespace pushforward::cli
