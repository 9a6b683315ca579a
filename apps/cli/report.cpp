// SPDX-License-Identifier: Apache-2.0
// pushforward report: one self-contained page about a run.
#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "endings.hpp"
#include "evaluation.hpp"
#include "figure_plots.hpp"
#include "history.hpp"
#include "io/atomic_file.hpp"
#include "latent_plane.hpp"
#include "output.hpp"
#include "pushforward/error.hpp"
#include "report/page.hpp"
#include "report_autoencoders.hpp"
#include "report_generation.hpp"
#include "run_argument.hpp"

namespace pushforward::cli {
namespace {

constexpr std::size_t kMostRows = 5000;  // evaluated and scattered
constexpr std::size_t kPictures = 40;    // pairs shown

using Rows = std::vector<std::pair<std::string, std::string>>;

Plots plot_each(const std::vector<report::Curve>& curves, const std::string& x_label) {
  Plots plots;
  for (const report::Curve& curve : curves)
    if (curve.x.size() > 1)
      plots.push_back(
          {curve.name, report::line_plot(std::span(&curve, 1), curve.name, x_label, curve.name, true)});
  return plots;
}

void add_curves(report::Page& page, const Run& run) {
  const History history = read_history(run.path);
  std::vector<report::Curve> losses, parts;
  for (const report::Curve& curve : history.epochs)
    (curve.name == "loss" || curve.name == "validation_loss" ? losses : parts).push_back(curve);
  std::erase_if(losses, [](const report::Curve& curve) { return curve.x.size() < 2; });
  const Plots monitored = plot_each(history.monitored, "step"), rest = plot_each(parts, "epoch");
  if (losses.empty() && monitored.empty() && rest.empty()) return;
  page.section("Training");
  if (!losses.empty())
    page.plot(report::line_plot(losses, "Loss", "epoch", "loss"),
              "The loss, mean over observations, at the end of each epoch.");
  if (!monitored.empty())
    page.plots(
        monitored,
        "What the loss means: closed-form distances from generated to held-out rows, by the step; variety is "
        "the spread of generated rows over that of the data, 1 when alike.");
  if (!rest.empty()) page.plots(rest, "Its parts, at the end of each epoch.");
}

void add_figures(report::Page& page, const Run& run, const EvaluatedRows& rows, const Common& common) {
  const Fields figures = model_figures(run, rows, {}, common);
  Cells cells = cells_of(figures);
  if (run.model->generates()) {
    const GenerationOptions options;
    const Generation found =
        score_generation(samples_of(run, common.seed), rows, units_of(run), &run, options, common);
    for (Cells more : {cells_of(found.figures), cells_of(found.distances.readings, found.distances.specs)})
      cells.insert(cells.end(), more.begin(), more.end());
  }
  page.section("Figures", fmt::format("On {} rows of {}; per observation, summed over features.",
                                      rows.data.rows(), rows.name));
  page.table(cells);
}

report::Image draw_rows(View<const float> rows, RowShape shape, std::size_t columns, std::size_t group,
                        View<const float> behind) {
  if (shape.image) return report::image_grid(rows, shape, {.columns = columns, .group = group});
  report::ScatterOptions options;
  options.behind = behind;
  return report::scatter(rows, options);
}

bool drawable(const Run& run) { return run.shape.image || run.shape.size() == 2; }

void add_reconstructions(report::Page& page, const Run& run, const Dataset& data, const Dataset& original) {
  if (!run.model->encodes() || !drawable(run)) return;
  const std::size_t n = run.shape.image ? std::min(kPictures, data.rows()) : std::min(kMostRows, data.rows());
  Tensor results(n, run.shape.size());
  run.model->reconstruct(data.floats(0, n), results, nullptr);
  restore_units(run, results);
  const Tensor before = original.floats(0, n);
  page.section("Reconstructions", run.shape.image
                                      ? "Each observation, and beside it what came back through the code."
                                      : "What came back through the code, over the data in grey.");
  if (!run.shape.image) {
    page.image(draw_rows(results, run.shape, 0, 0, before), "Reconstructed points over the data", "");
    return;
  }
  Tensor pairs(2 * n, run.shape.size());
  for (std::size_t i = 0; i < n; ++i) {
    std::copy_n(before.row(i), pairs.cols(), pairs.row(2 * i));
    std::copy_n(results.row(i), pairs.cols(), pairs.row(2 * i + 1));
  }
  page.image(
      draw_rows(pairs, run.shape, 16, 2, {}), "Pairs of images: original and reconstruction",
      fmt::format("Left of each pair: rows 0 to {} of {}; right: their reconstructions.", n - 1, data.name));
}

std::vector<std::string> label_names(const Dataset& data) {
  if (!data.label_names.empty()) return data.label_names;
  const auto most = data.labels.empty() ? -1 : *std::max_element(data.labels.begin(), data.labels.end());
  std::vector<std::string> names;
  for (int label = 0; label <= most; ++label) names.push_back(fmt::format("{}", label));
  return names;
}

// The plane's codes are at quantiles of a normal prior; a generator may have another.
bool normal_prior(const Run& run) {
  return !run.options.known("noise-distribution") || run.options.text("noise-distribution") == "normal";
}

void add_codes(report::Page& page, const Run& run, const Dataset& data) {
  if (run.model->latent() != 2) return;
  if (run.model->generates() && run.shape.image && normal_prior(run)) {
    page.section("The latent plane", "Decoded images over the plane of codes: neighbours look alike.");
    Tensor rows = decode_plane(run, {.grid = 20});
    page.image(report::image_grid(rows, run.shape, {.columns = 20, .gap = 0, .smallest = 28}),
               "A square of decoded images that change smoothly from cell to cell",
               "20 × 20 codes at equal shares of the prior (Gaussian quantiles), the first coordinate to the "
               "right, the "
               "second upwards.");
  }
  if (!run.model->encodes()) return;
  const Tensor codes = encode_rows(run, data);
  page.section("Where the data lie in it");
  report::ScatterOptions options;
  options.labels = data.labels;
  options.legend = false;
  const std::vector<std::string> names = label_names(data);
  if (!names.empty() && names.size() <= 20) page.legend(names);
  page.image(report::scatter(codes, options), "A scatter of two-dimensional codes coloured by label",
             fmt::format("Codes (means) of {} rows of {}{}.", data.rows(), data.name,
                         data.labels.empty() ? "" : ", coloured by label; the model never saw the labels"));
}

void add_about(report::Page& page, const Run& run) {
  page.section("What this run is");
  std::size_t parameters = 0;
  for (const Parameter* parameter : run.model->parameters()) parameters += parameter->size();
  page.table({{"model", fmt::format("{} — {}", run.entry->name, run.entry->title)},
              {"objective", run.entry->formula},
              {"source", run.entry->source},
              {"data", run.data_name},
              {"a row", run.shape.text()},
              {"parameters", fmt::format("{}", parameters)}});
  Rows layers;
  for (const Fields& layer : run.model->summary()) {
    std::string rest;
    for (std::size_t i = 1; i < layer.size(); ++i)
      rest += (i > 1 ? ", " : "") + layer[i].key + " " + short_text(layer[i].value);
    if (!layer.empty()) layers.emplace_back(short_text(layer[0].value), rest);
  }
  if (!layers.empty()) page.folded_table("The network, layer by layer", layers);
  Rows options;
  for (const OptionRow& row : run.options.rows())
    if (run.options.has(row.name)) options.emplace_back("--" + row.name, run.options.text(row.name));
  page.folded_table("Every option that was used", options);
}

// Held-out rows where there are any: MNIST's test images for a run on MNIST's training images, say.
std::string default_data(const Run& run) {
  if (run.options.known("noisy") && run.options.has("noisy")) return "";  // their other halves are its own
  const std::string& name = run.data_name;
  return name == "mnist" || name == "fashion-mnist" ? name + ":test" : "";
}

void report_run(RunArguments arguments, const Common& common) {
  check_output(arguments.output, {".html"}, common.force);
  const Run run = open(arguments);
  if (arguments.data.empty()) arguments.data = default_data(run);
  EvaluatedRows rows = rows_for(run, arguments, common);
  Dataset& original = rows.original;
  if (original.rows() > kMostRows) {
    std::vector<std::uint32_t> first(kMostRows);
    std::iota(first.begin(), first.end(), 0u);
    original = original.select(first);
    if (rows.inputs) rows.inputs = rows.inputs->select(first);
  }
  rows.data = prepare_data(run, original);
  const Dataset& data = rows.data;
  report::Page page(fmt::format("{} on {}", run.entry->name, run.data_name), run.entry->title);
  const Dataset* seen = rows.inputs ? &*rows.inputs : nullptr;
  add_figures(page, run, rows, common);
  add_stages(page, run);
  add_denoised(page, run, data, seen, common);
  add_samples(page, run, original, common);
  add_modes(page, run, original, common);
  add_reconstructions(page, run, data, original);
  add_codes(page, run, data);
  add_curves(page, run);
  add_critic(page, run, data, common);
  add_about(page, run);
  io::write_file(arguments.output, page.html());
  note(arguments.output + " written; open it in a browser", common.quiet);
}

}  // namespace

Command report_command() {
  return {.name = "report",
          .summary = "One self-contained page about a run",
          .group = "Train and use a network",
          .examples =
              "  pushforward report run -o report.html\n"
              "  pushforward report run mnist:test -o report.html",
          .declare = [](CommandLine& line, const Common& common) -> std::function<void()> {
            auto arguments = std::make_shared<RunArguments>();
            add_run(line, *arguments);
            add_data(line, *arguments, false);
            add_output(line, *arguments, "The page to write");
            return [arguments, &common] { report_run(*arguments, common); };
          }};
}

}  // namespace pushforward::cli
