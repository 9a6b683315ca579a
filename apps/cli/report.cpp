// SPDX-License-Identifier: Apache-2.0
// pushforward report: one self-contained page about a run.
#include <algorithm>
#include <fstream>
#include <map>
#include <numeric>

#include <fmt/format.h>

#include "io/atomic_file.hpp"
#include "latent_plane.hpp"
#include "output.hpp"
#include "progress.hpp"
#include "pushforward/error.hpp"
#include "report/page.hpp"
#include "report_autoencoders.hpp"
#include "run_argument.hpp"

namespace pushforward::cli {
namespace {

constexpr std::size_t kMostRows = 5000;  // evaluated and scattered
constexpr std::size_t kPictures = 40;    // pairs shown

using Rows = std::vector<std::pair<std::string, std::string>>;

// metrics.jsonl: a curve for every number that epochs report, in the order of their first appearance.
std::vector<report::Curve> curves_of(const std::string& run_path) {
  std::vector<report::Curve> curves;
  std::map<std::string, std::size_t> place;
  std::ifstream file(run_path + "/metrics.jsonl");
  for (std::string line; std::getline(file, line);) {
    const Json object = Json::parse(line, nullptr, false);
    if (!object.is_object() || !object.contains("epoch")) continue;
    for (const auto& [key, value] : object.items()) {
      if (!value.is_number() || key == "epoch" || key == "step" || key == "seconds" ||
          key == "samples_per_second" || key == "rate" || key == "gradient_norm")
        continue;
      const auto [found, fresh] = place.emplace(key, curves.size());
      if (fresh) curves.push_back({key, {}, {}});
      curves[found->second].x.push_back(object["epoch"].get<double>());
      curves[found->second].y.push_back(value.get<double>());
    }
  }
  return curves;
}

void add_curves(report::Page& page, const Run& run) {
  const std::vector<report::Curve> curves = curves_of(run.path);
  if (curves.empty() || curves[0].x.size() < 2) return;
  page.section("Training");
  std::vector<report::Curve> losses, parts;
  for (const report::Curve& curve : curves)
    (curve.name == "loss" || curve.name == "validation_loss" ? losses : parts).push_back(curve);
  page.plot(report::line_plot(losses, "Loss", "epoch", "loss"),
            "The loss, mean over observations, at the end of each epoch.");
  for (const report::Curve& part : parts)
    page.plot(report::line_plot(std::span(&part, 1), part.name, "epoch", part.name),
              "Of that: " + part.name + ".");
}

void add_figures(report::Page& page, const Run& run, const Dataset& data, const Dataset* inputs,
                 const Common& common) {
  EvaluateOptions options;
  options.seed = common.seed;
  options.inputs = inputs;
  ProgressBar bar("evaluating", common.quiet);
  options.progress = [&](double done) { bar.update(done, ""); };
  Rows rows;
  for (const Field& field : run.model->evaluate(data, options))
    rows.emplace_back(field.key, short_text(field.value));
  page.section("Figures", fmt::format("On {} rows of {}; per observation, summed over features.", data.rows(),
                                      data.name));
  page.table(rows);
}

report::Image draw_rows(View<const float> rows, RowShape shape, std::size_t columns, std::size_t group,
                        View<const float> behind) {
  if (shape.image) return report::image_grid(rows, shape, {.columns = columns, .group = group});
  report::ScatterOptions options;
  options.behind = behind;
  return report::scatter(rows, options);
}

bool drawable(const Run& run) { return run.shape.image || run.shape.size() == 2; }

void add_samples(report::Page& page, const Run& run, const Dataset& original, const Common& common) {
  if (!run.model->generates() || !drawable(run)) return;
  Tensor rows(run.shape.image ? 100 : 2000, run.shape.size());
  run.model->generate(rows, Draw{common.seed}.on("sample"), false);
  restore_units(run, rows);
  const Tensor behind = original.floats(0, std::min<std::size_t>(original.rows(), 2000));
  page.section("Samples", run.shape.image ? "Nobody drew these: the network made them from noise."
                                          : "Generated points over the data, in grey.");
  page.image(draw_rows(rows, run.shape, 20, 0, behind), "A grid of generated samples",
             fmt::format("{} draws from the model, means of p(x|z); seed {}.", rows.rows(), common.seed));
}

void add_reconstructions(report::Page& page, const Run& run, const Dataset& data, const Dataset& original) {
  if (run.model->latent() == 0 || !drawable(run)) return;
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

void add_codes(report::Page& page, const Run& run, const Dataset& data) {
  if (run.model->latent() != 2) return;
  if (run.model->generates() && run.shape.image) {
    page.section("The latent plane", "Decoded images over the plane of codes: neighbours look alike.");
    Tensor rows = decode_plane(run, {.grid = 20});
    page.image(report::image_grid(rows, run.shape, {.columns = 20, .gap = 0, .smallest = 28}),
               "A square of decoded images that change smoothly from cell to cell",
               "20 × 20 codes at equal shares of the prior (Gaussian quantiles), the first coordinate to the "
               "right, the "
               "second upwards.");
  }
  const Tensor codes = in_batches(
      data, 2, [&](View<const float> x, View<float> z, std::size_t) { run.model->encode(x, z, nullptr); });
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
  check_output(arguments.output, common.force);
  const Run run = open(arguments);
  if (arguments.data.empty()) arguments.data = default_data(run);
  Dataset original;
  std::optional<Dataset> inputs;  // of pairs
  if (arguments.data.empty()) {
    OwnRows own = load_own_rows(run.data_name, run.options);
    original = std::move(own.data), inputs = std::move(own.inputs);
    original.shape = run.shape;
  } else {
    load_for(run, arguments, common, &original);
  }
  if (original.rows() > kMostRows) {
    std::vector<std::uint32_t> first(kMostRows);
    std::iota(first.begin(), first.end(), 0u);
    original = original.select(first);
    if (inputs) inputs = inputs->select(first);
  }
  const Dataset data = prepare_data(run, original);
  report::Page page(fmt::format("{} on {}", run.entry->name, run.data_name), run.entry->title);
  const Dataset* seen = inputs ? &*inputs : nullptr;
  add_figures(page, run, data, seen, common);
  add_stages(page, run);
  add_denoised(page, run, data, seen, common);
  add_samples(page, run, original, common);
  add_reconstructions(page, run, data, original);
  add_codes(page, run, data);
  add_curves(page, run);
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
          .declare = [](CLI::App& app, const Common& common) -> std::function<void()> {
            auto arguments = std::make_shared<RunArguments>();
            add_run(app, *arguments);
            add_data(app, *arguments, false);
            add_output(app, *arguments, "The page to write");
            return [arguments, &common] { report_run(*arguments, common); };
          }};
}

}  // namespace pushforward::cli
