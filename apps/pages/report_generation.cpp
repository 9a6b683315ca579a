// SPDX-License-Identifier: Apache-2.0
#include "pages/report_generation.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "evaluation/surfaces.hpp"
#include "pages/rows_seen.hpp"
#include "pushforward/condition.hpp"
#include "pushforward/critic.hpp"
#include "pushforward/learner.hpp"
#include "pushforward/scores.hpp"
#include "report/surface.hpp"

namespace pushforward::pages {
namespace {

constexpr std::size_t kImages = 100, kPoints = 2000, kModeSamples = 2500, kBins = 40;
constexpr std::size_t kTableRows = 5000, kSurest = 20, kMostLabels = 20, kALabel = 10;

void add_bare_points(Page& page, const Run& run, const PageOptions& how) {
  const Tensor rows = samples_of(run, how.seed).rows(kPoints);
  page.section("Samples", "Generated points.");
  page.add(plane_block({{"generated", rows.view()}},
                       {.alternative = "Generated points",
                        .caption = fmt::format("{} draws from the model; seed {}.", rows.rows(), how.seed)}));
}

void add_points(Page& page, const Run& run, const Dataset* data, const PageOptions& how) {
  if (data == nullptr) return add_bare_points(page, run, how);
  const Dataset& original = *data;
  const Tensor rows = samples_of(run, how.seed).rows(kPoints);
  const Tensor behind = original.floats(0, std::min(original.rows(), kPoints));
  const report::Box box = report::box_of(rows, behind);
  Tensor generated(kPoints, 2);
  tell(run, drawn_conditions(run, generated.rows(), {}, how.seed), 0, generated.rows());
  generate(*run.model, generated, Draw{how.seed}.on("sample"), false);
  const Dataset prepared = prepare_data(run, original);
  const auto surface =
      surface_of(run, generated, prepared.floats(0, std::min(prepared.rows(), kPoints)), box);
  page.section("Samples", "Generated points over the data, in gray.");
  page.add(
      plane_block({{"the data", behind.view(), {}, true}, {"generated", rows.view()}},
                  {.title = "",
                   .alternative = "Generated points over the data",
                   .caption = fmt::format("{} draws from the model; seed {}.{}", rows.rows(), how.seed,
                                          surface ? " Tints and lines: the critic, or the witness of the "
                                                    "distance; blue where it wants more points, orange "
                                                    "where there are too many."
                                                  : ""),
                   .surface = surface ? &*surface : nullptr}));
}

std::vector<double> first_scores(Critic& critic, View<const float> points) {
  Tensor scores(points.rows, critic.score_names().size());
  critic.score(points, scores);
  std::vector<double> first(points.rows);
  for (std::size_t i = 0; i < first.size(); ++i) first[i] = static_cast<double>(scores(i, 0));
  return first;
}

// A line of images for each of the first labels.
void add_labels(Page& page, const Run& run, const PageOptions& how) {
  const std::size_t labels = std::min(run.conditions->labels().size(), kMostLabels);
  Dataset conditions;
  Tensor told(labels * kALabel, run.conditions->width());
  for (std::size_t i = 0; i < told.rows(); ++i) told(i, i / kALabel) = 1;
  conditions.rows_data = std::move(told);
  const Tensor rows = samples_of(run, how.seed, &conditions).rows(labels * kALabel);
  const auto names = run.conditions->labels().begin();
  page.section("Samples", "Nobody drew these: the network made them from noise, told a label a line.");
  page.add(images_block(
      rows.view(), run.shape, {.columns = kALabel}, "A line of generated samples for each label",
      fmt::format("Labels {}; seed {}.", fmt::join(names, names + static_cast<std::ptrdiff_t>(labels), ", "),
                  how.seed)));
}

void add_table(Page& page, const SampleSource& source, const Dataset& original) {
  const std::size_t n = std::min(original.rows(), kTableRows);
  const Dataset rows = source.table ? source.table(n) : Dataset{};
  if (!source.table && original.cols() != source.shape.size()) return;
  Dataset made = rows;
  if (!source.table) made = original, made.rows_data = source.rows(n), made.scale = 1;
  add_columns(page, column_table("the data", original), column_table("samples", made));
}

// The generated rows that the critic takes for real with most certainty, and for generated.
void add_surest(Page& page, const Run& run, const Tensor& generated, const std::vector<double>& scores) {
  if (!run.shape.image || (run.shape.channels != 1 && run.shape.channels != 3) || scores.size() < 2 * kSurest)
    return;
  std::vector<std::uint32_t> order(scores.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return scores[a] > scores[b]; });
  const auto some = [&](std::size_t first) {
    Tensor rows(kSurest, generated.cols());
    for (std::size_t i = 0; i < kSurest; ++i)
      std::copy_n(generated.row(order[first + i]), rows.cols(), rows.row(i));
    restore_units(run, rows);
    return rows;
  };
  page.add(images_block(some(0).view(), run.shape, {.columns = kSurest}, "Samples with the highest scores",
                        "The samples that it takes for real with most certainty."));
  page.add(images_block(some(order.size() - kSurest).view(), run.shape, {.columns = kSurest},
                        "Samples with the lowest scores", "And those that it is surest are made."));
}

}  // namespace

void add_samples(Page& page, const Run& run, const Dataset* original, const PageOptions& how) {
  if (!can<Generative>(*run.model)) return;
  const SampleSource source = samples_of(run, how.seed);
  if (is_plane(run.shape) && !run.encoding) return add_points(page, run, original, how);
  if (!run.shape.image && original != nullptr) return add_table(page, source, *original);
  if (!run.shape.image) return;
  if (run.shape.channels != 1 && run.shape.channels != 3) return;
  if (run.conditions && !run.conditions->columns()) return add_labels(page, run, how);
  const Tensor rows = source.rows(kImages);
  page.section("Samples", "Nobody drew these: the network made them from noise.");
  page.add(images_block(rows.view(), run.shape, {}, "A grid of generated samples",
                        fmt::format("{} draws from the model; seed {}.", rows.rows(), how.seed)));
}

void add_modes(Page& page, const Run& run, const Dataset& original, const PageOptions& how) {
  if (!can<Generative>(*run.model) || original.modes.centres.empty() || !(original.modes.sd > 0)) return;
  const Tensor rows = samples_of(run, how.seed).rows(kModeSamples);
  const ModeScores scores = score_modes(rows.view(), original.modes);
  const std::vector<double> counts(scores.histogram.begin(), scores.histogram.end());
  const auto k = static_cast<double>(counts.size());
  page.section("Modes", fmt::format("{} of {} modes have a sample within three standard deviations; {:.1f} % "
                                    "of the samples are that near one. KL from the histogram to the uniform "
                                    "one: {:.4g} nats of at most {:.4g}.",
                                    scores.covered, counts.size(), 100 * scores.high_quality,
                                    scores.reverse_kl, std::log(k)));
  page.add(bars_block(counts, kModeSamples / k, "Samples at each mode", "mode", "an equal share"));
}

void add_critic(Page& page, const Run& run, const Dataset& data, const PageOptions& how) {
  Critic* critic = critic_of_rows(*run.model);
  if (critic == nullptr) return;
  const std::size_t n = std::min(data.rows(), kPoints);
  Tensor generated(n, run.shape.size());
  tell(run, drawn_conditions(run, generated.rows(), {}, how.seed), 0, generated.rows());
  generate(*run.model, generated, Draw{how.seed}.on("sample"), false);
  const std::vector<double> real = first_scores(*critic, data.floats(0, n)),
                            made = first_scores(*critic, generated);
  double low = HUGE_VAL, high = -HUGE_VAL;
  for (const auto* values : {&real, &made})
    for (double value : *values) low = std::min(low, value), high = std::max(high, value);
  if (!(high > low)) return;
  const std::string name = critic->score_names().front();
  const std::vector<Curve> curves = {share_curve("real", real, low, high, kBins),
                                     share_curve("generated", made, low, high, kBins)};
  page.section("The critic", "What it was taught to tell apart, and how well it still does.");
  page.add(beside_block(
      Json::array({curves_block(curves, "The critic's scores", name == "d" ? "D(x)" : "f(x)", "share")}),
      fmt::format(
          "Shares of {} real and {} generated rows by the critic's score, in {} bins. Where the curves "
          "agree, it cannot tell them apart.",
          n, n, kBins)));
  add_surest(page, run, generated, made);
}

}  // namespace pushforward::pages
