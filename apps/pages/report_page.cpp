// SPDX-License-Identifier: Apache-2.0
#include "pages/report_page.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "pages/figure_rows.hpp"
#include "pages/report_autoencoders.hpp"
#include "pages/report_generation.hpp"
#include "pages/rows_seen.hpp"
#include "pages/trainings.hpp"
#include "pushforward/apply.hpp"
#include "pushforward/condition.hpp"
#include "pushforward/latent_plane.hpp"

namespace pushforward::pages {
namespace {

constexpr std::size_t kMostRows = 5000;  // evaluated
constexpr std::size_t kPictures = 40;    // pairs shown
constexpr std::size_t kScattered = 2000, kManifold = 20;

using Rows = std::vector<std::pair<std::string, std::string>>;

bool is_picture(const Run& run) {
  return run.shape.image && (run.shape.channels == 1 || run.shape.channels == 3);
}

// What the rows were to the model, in a sentence.
std::string told_rows(const Run& run, const EvaluatedRows& rows) {
  const bool own = rows.name == run.data_name;
  const std::string which = !rows.held_out ? "the rows that it was trained on: figures flatter it"
                            : own          ? "held out of the training"
                                           : "while it was trained on " + run.data_name;
  return fmt::format("{} rows of {}, {}.", rows.original.rows(), rows.name, which);
}

Json distances_rows(const Generation& found) { return figure_rows(found.readings, found.specs); }

// The largest multiple of a floor, in a sentence.
std::string verdict(const Json& rows) {
  double most = 0;
  std::string by;
  for (const Json& row : rows)
    if (row["cells"][0].contains("times") && row["cells"][0]["times"].is_number())
      if (const double times = row["cells"][0]["times"]; times > most) most = times, by = row["name"];
  if (by.empty()) return "";
  if (most <= 1)
    return "By these distances samples are as near the data as one half of the data is to the other.";
  return fmt::format(
      "Between samples and data, {} reads {:.{}f} times what it reads between two halves of the data.", by,
      most, most < 10 ? 1 : 0);
}

const Dataset* inputs_of(const EvaluatedRows& rows) { return rows.inputs ? &*rows.inputs : nullptr; }

void add_figures(Page& page, const Run& run, const EvaluatedRows& rows, const PageOptions& how) {
  const Fields figures = model_figures(run, rows, {.seed = how.seed}, how.listener);
  Json all = figure_rows(figures);
  Json distances = Json::array();
  if (can<Generative>(*run.model)) {
    GenerationOptions options;
    options.floors = true, options.seed = how.seed;
    const Generation found = score_generation(samples_of(run, how.seed, inputs_of(rows)), rows, units_of(run),
                                              &run, options, how.listener);
    distances = distances_rows(found);
    for (const Json& more : {figure_rows(found.figures), distances})
      for (const Json& row : more) all.push_back(row);
  }
  page.section("Is it good?", verdict(distances));
  page.add(figures_block({}, std::move(all),
                         "On " + told_rows(run, rows) +
                             " A floor is what the same distance reads between two halves of the data."));
}

void add_reconstructions(Page& page, const Run& run, const Dataset& data, const Dataset& original,
                         const Dataset* conditions) {
  if (!can<Encodes>(*run.model) || !(is_picture(run) || (is_plane(run.shape) && !run.encoding))) return;
  const std::size_t n =
      run.shape.image ? std::min(kPictures, data.rows()) : std::min(kScattered, data.rows());
  Tensor results(n, run.shape.size());
  if (conditions != nullptr) tell(run, *conditions, 0, n);
  reconstruct(*run.model, data.floats(0, n), results, nullptr);
  restore_units(run, results);
  const Tensor before = original.floats(0, n);
  page.section("Reconstructions", run.shape.image
                                      ? "Each observation, and beside it what came back through the code."
                                      : "What came back through the code, over the data in gray.");
  if (!run.shape.image)
    return page.add(
        plane_block({{"the data", before.view(), {}, true}, {"came back", std::as_const(results).view()}},
                    {.alternative = "Reconstructed points over the data", .caption = ""}));
  Tensor pairs(2 * n, run.shape.size());
  for (std::size_t i = 0; i < n; ++i) {
    std::copy_n(before.row(i), pairs.cols(), pairs.row(2 * i));
    std::copy_n(results.row(i), pairs.cols(), pairs.row(2 * i + 1));
  }
  page.add(images_block(
      std::as_const(pairs).view(), run.shape, {.columns = 16, .group = 2},
      "Pairs of images: original and reconstruction",
      fmt::format("Left of each pair: rows 0 to {} of {}; right: their reconstructions.", n - 1, data.name)));
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
  const auto* generative = as<Generative>(*run.model);
  return generative != nullptr && generative->normal_prior();
}

std::string label_told(const Run& run, const Dataset& conditions) {
  if (!run.conditions || run.conditions->columns()) return "";
  const Tensor one = conditions.floats(0, 1);
  const auto place = std::max_element(one.row(0), one.row(0) + one.cols()) - one.row(0);
  return fmt::format(" All are told label {}.", run.conditions->labels()[static_cast<std::size_t>(place)]);
}

void add_manifold(Page& page, const Run& run) {
  if (!is_picture(run) || !normal_prior(run)) return;
  const Dataset told = drawn_conditions(run, 1, {}, 0);
  tell(run, told, 0, 1);
  page.section("The latent plane", "Decoded images over the plane of codes: neighbors look alike.");
  const Tensor rows = decode_plane(run, {.grid = kManifold});
  page.add(
      images_block(rows.view(), run.shape, {.columns = kManifold},
                   "A square of decoded images that change smoothly from cell to cell",
                   fmt::format("{0} × {0} codes at equal shares of the prior (Gaussian quantiles), the first "
                               "coordinate to the right, the second upwards.{1}",
                               kManifold, label_told(run, told))));
}

void add_codes(Page& page, const Run& run, const Dataset* rows, const Dataset* conditions) {
  if (code_size(*run.model) != 2) return;
  add_manifold(page, run);
  if (!can<Encodes>(*run.model) || rows == nullptr) return;
  const Dataset& data = *rows;
  const std::size_t n = std::min(data.rows(), kScattered);
  const Dataset some = data.slice(0, n);
  const Tensor codes = encode_rows(run, some, {}, conditions);
  page.section("Where the data lie in it");
  page.add(plane_block(
      {{"codes", codes.view(), some.labels}},
      {.alternative = "Two-dimensional codes",
       .caption = fmt::format("Codes (means) of {} rows of {}{}.", n, data.name,
                              data.labels.empty() ? ""
                              : run.conditions    ? ", colored by label"
                                                  : ", colored by label; the model never saw the labels"),
       .x_label = "z₁",
       .y_label = "z₂",
       .label_names = label_names(data)}));
}

// Of tables: how near generated rows come to single records.
void add_closest(Page& page, const Run& run, const EvaluatedRows& rows, const PageOptions& how) {
  if (!can<Generative>(*run.model) || run.shape.image) return;
  const SampleSource source = samples_of(run, how.seed, inputs_of(rows));
  const std::size_t n = std::min(rows.original.rows(), kScattered);
  const Space space = units_of(run);
  const Dataset data = space(rows.original.slice(0, n));
  Dataset made = source.table ? source.table(n) : rows.original.slice(0, n);
  if (!source.table) made.rows_data = source.rows(n), made.scale = 1;
  const Dataset samples = space(std::move(made));
  Json chart;
  if (rows.held_out)
    or_leave_out(
        "the distance to the closest training record",
        [&] { chart = closest_block(samples, space(trained_rows(run, rows)), &data); }, how.listener);
  if (chart.is_null()) chart = closest_block(samples, data, nullptr);
  if (chart.is_null()) return;
  page.section("Closest record", "Whether samples are copies: copies would pile up at 0.");
  page.add(beside_block(Json::array({std::move(chart)}),
                        rows.held_out ? "From generated and from held-out rows to their closest training row."
                                      : "From generated rows to their closest row of the data."));
}

void add_about(Page& page, const Run& run) {
  page.section("What this run is");
  std::size_t parameters = 0;
  for (const Parameter* parameter : run.model->parameters()) parameters += parameter->size();
  page.add(facts_block({{"model", fmt::format("{} — {}", run.entry->name, run.entry->title)},
                        {"objective", run.entry->formula},
                        {"source", run.entry->source},
                        {"data", run.data_name},
                        {"a row", run.shape.text()},
                        {"parameters", fmt::format("{}", parameters)}}));
  Rows layers;
  for (const Fields& layer : run.model->summary()) {
    std::string rest;
    for (std::size_t i = 1; i < layer.size(); ++i)
      rest += (i > 1 ? ", " : "") + layer[i].key + " " + short_text(layer[i].value);
    if (!layer.empty()) layers.emplace_back(short_text(layer[0].value), rest);
  }
  page.add(folded_block("The network, layer by layer", layers));
  Rows options;
  for (const OptionRow& row : run.options.rows())
    if (run.options.has(row.name)) options.emplace_back("--" + row.name, run.options.text(row.name));
  page.add(folded_block("Every option that was used", options));
}

// The first kMostRows of them.
EvaluatedRows first_rows(const Run& run, EvaluatedRows rows) {
  if (rows.original.rows() > kMostRows) {
    std::vector<std::uint32_t> first(kMostRows);
    std::iota(first.begin(), first.end(), 0u);
    rows.original = rows.original.select(first);
    if (rows.inputs) rows.inputs = rows.inputs->select(first);
  }
  rows.data = prepare_data(run, rows.original);
  return rows;
}

}  // namespace

std::string report_data(const Run& run) {
  if (run.options.known("noisy") && run.options.has("noisy")) return "";  // their other halves are its own
  const std::string& name = run.data_name;
  return name == "mnist" || name == "fashion-mnist" ? name + ":test" : "";
}

Page report_page(const Run& run, std::optional<EvaluatedRows> rows, const PageOptions& how) {
  if (rows) rows = first_rows(run, std::move(*rows));
  Page page(fmt::format("{} on {}", run.entry->name, run.data_name),
            run.entry->title + (rows ? ". Read: " + told_rows(run, *rows) : "."));
  if (rows) add_figures(page, run, *rows, how);
  add_stages(page, run);
  const Dataset* seen = rows && rows->inputs ? &*rows->inputs : nullptr;
  if (rows) add_denoised(page, run, rows->data, seen, how);
  add_samples(page, run, rows ? &rows->original : nullptr, how);
  if (rows) add_modes(page, run, rows->original, how);
  if (rows) add_reconstructions(page, run, rows->data, rows->original, seen);
  add_codes(page, run, rows ? &rows->data : nullptr, seen);
  if (rows) add_closest(page, run, *rows, how);
  add_training(page, run.path);
  if (rows) add_critic(page, run, rows->data, how);
  add_about(page, run);
  return page;
}

}  // namespace pushforward::pages
