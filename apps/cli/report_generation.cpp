// SPDX-License-Identifier: Apache-2.0
#include "report_generation.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "pushforward/critic.hpp"
#include "pushforward/scores.hpp"
#include "report/surface.hpp"
#include "surfaces.hpp"

namespace pushforward::cli {
namespace {

constexpr std::size_t kImages = 100, kPoints = 2000, kModeSamples = 2500, kBins = 40;

void add_points(report::Page& page, const Run& run, const Dataset& original, const Common& common) {
  const Tensor rows = samples_of(run, common.seed).rows(kPoints);
  const Tensor behind = original.floats(0, std::min(original.rows(), kPoints));
  const report::Box box = report::box_of(rows, behind);
  Tensor generated(kPoints, 2);
  run.model->generate(generated, Draw{common.seed}.on("sample"), false);
  const Dataset prepared = prepare_data(run, original);
  const auto surface =
      surface_of(run, generated, prepared.floats(0, std::min(prepared.rows(), kPoints)), box);
  report::ScatterOptions options;
  options.behind = behind, options.box = &box, options.surface = surface ? &*surface : nullptr;
  page.section("Samples", "Generated points over the data, in grey.");
  page.image(report::scatter(rows, options), "A scatter of generated points over the data",
             fmt::format("{} draws from the model; seed {}.{}", rows.rows(), common.seed,
                         surface ? " Tints and lines: the critic, or the witness of the distance; blue where "
                                   "it wants more points, orange where there are too many."
                                 : ""));
}

// Shares of the values in equal bins, at their middles.
report::Curve histogram(const std::string& name, const std::vector<double>& values, double low, double high) {
  report::Curve curve{name, {}, std::vector<double>(kBins, 0), {}};
  const double width = (high - low) / static_cast<double>(kBins);
  for (std::size_t b = 0; b < kBins; ++b) curve.x.push_back(low + (static_cast<double>(b) + 0.5) * width);
  for (double value : values) {
    const auto bin = static_cast<std::size_t>(std::clamp((value - low) / width, 0.0, kBins - 1.0));
    curve.y[bin] += 1 / static_cast<double>(values.size());
  }
  return curve;
}

std::vector<double> first_scores(Critic& critic, View<const float> points) {
  Tensor scores(points.rows, critic.score_names().size());
  critic.score(points, scores);
  std::vector<double> first(points.rows);
  for (std::size_t i = 0; i < first.size(); ++i) first[i] = static_cast<double>(scores(i, 0));
  return first;
}

}  // namespace

void add_samples(report::Page& page, const Run& run, const Dataset& original, const Common& common) {
  if (!run.model->generates()) return;
  if (!run.shape.image && run.shape.size() == 2) return add_points(page, run, original, common);
  if (!run.shape.image) return;
  const Tensor rows = samples_of(run, common.seed).rows(kImages);
  page.section("Samples", "Nobody drew these: the network made them from noise.");
  page.image(report::image_grid(rows, run.shape, {.columns = 20}), "A grid of generated samples",
             fmt::format("{} draws from the model, means of p(x|z); seed {}.", rows.rows(), common.seed));
}

void add_modes(report::Page& page, const Run& run, const Dataset& original, const Common& common) {
  if (!run.model->generates() || original.modes.centres.empty() || !(original.modes.sd > 0)) return;
  const Tensor rows = samples_of(run, common.seed).rows(kModeSamples);
  const ModeScores scores = score_modes(rows.view(), original.modes);
  const std::vector<double> counts(scores.histogram.begin(), scores.histogram.end());
  const auto k = static_cast<double>(counts.size());
  page.section("Modes", fmt::format("{} of {} modes have a sample within three standard deviations; {:.1f} % "
                                    "of the samples are that near one. KL from the histogram to the uniform "
                                    "one: {:.4g} nats of at most {:.4g}.",
                                    scores.covered, counts.size(), 100 * scores.high_quality,
                                    scores.reverse_kl, std::log(k)));
  page.plot(report::bar_plot(counts, kModeSamples / k, "Samples at each mode", "mode"),
            fmt::format("{} samples at their nearest modes; the line is an equal share.", kModeSamples));
}

void add_critic(report::Page& page, const Run& run, const Dataset& data, const Common& common) {
  Critic* critic = run.model->critic();
  const bool packed = run.options.known("pack") && run.options.text("pack") != "1";
  if (critic == nullptr || packed) return;
  const std::size_t n = std::min(data.rows(), kPoints);
  Tensor generated(n, run.shape.size());
  run.model->generate(generated, Draw{common.seed}.on("sample"), false);
  const std::vector<double> real = first_scores(*critic, data.floats(0, n)),
                            made = first_scores(*critic, generated);
  double low = HUGE_VAL, high = -HUGE_VAL;
  for (const auto* values : {&real, &made})
    for (double value : *values) low = std::min(low, value), high = std::max(high, value);
  if (!(high > low)) return;
  const std::string name = critic->score_names().front();
  const std::vector<report::Curve> curves = {histogram("real", real, low, high),
                                             histogram("generated", made, low, high)};
  page.section("The critic", "What it was taught to tell apart, and how well it still does.");
  page.plot(report::line_plot(curves, "Histogram of the critic's scores", name, "share"),
            fmt::format("Shares of {} real and {} generated rows by the critic's {}, in {} bins. Where the "
                        "curves agree, it cannot tell them apart.",
                        n, n, name == "d" ? "D(x)" : "f(x)", kBins));
}

}  // namespace pushforward::cli
