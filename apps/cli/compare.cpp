// SPDX-License-Identifier: Apache-2.0
//
// pushforward compare: several runs on the same data, in one table and on one page.
//
// All runs are scored on the same rows, by the same distances, in the same space: the first run's units, or
// an autoencoder's codes. Figures that only some of the runs have leave gaps in the table. The page shows the
// data and each run's samples (reconstructions, where it does not generate) side by side, every number of the
// trainings with a curve a run, and the options in which the runs differ.
#include <algorithm>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "endings.hpp"
#include "evaluation.hpp"
#include "figure_plots.hpp"
#include "history.hpp"
#include "io/atomic_file.hpp"
#include "output.hpp"
#include "pushforward/error.hpp"
#include "pushforward/scores.hpp"
#include "report/page.hpp"

namespace pushforward::cli {
namespace {

constexpr std::size_t kPictured = 64, kScattered = 2000;
constexpr std::size_t kLongestName = 18;  // beside a curve

struct CompareArguments : RunArguments {
  std::vector<std::string> runs;
  EvaluateOptions options{};
  GenerationOptions generation{};
};

struct Compared {
  std::string name;
  Run run;
  EvaluatedRows rows;
  Fields figures;
  Distances distances;
};

// What tells the runs apart: the last pieces of their paths, or all of them where those repeat.
std::vector<std::string> names_of(const std::vector<std::string>& paths) {
  std::vector<std::string> names;
  for (const std::string& path : paths) {
    std::filesystem::path piece(path);
    if (!piece.has_filename()) piece = piece.parent_path();
    names.push_back(piece.filename().string());
  }
  return std::set<std::string>(names.begin(), names.end()).size() == names.size() ? names : paths;
}

Compared open_compared(const CompareArguments& arguments, const std::string& path, const std::string& name,
                       const Common& common) {
  RunArguments own = arguments;
  own.run = path;
  Run run = open(own);
  EvaluatedRows rows = rows_for(run, own, common);
  return {name, std::move(run), std::move(rows), {}, {}};
}

void score(Compared& one, const Space& space, const CompareArguments& arguments, const Common& common) {
  one.figures = model_figures(one.run, one.rows, arguments.options, common);
  if (!one.run.model->generates()) return;
  Generation found = score_generation(samples_of(one.run, common.seed), one.rows, space, &one.run,
                                      arguments.generation, common);
  for (Field& field : found.figures) one.figures.push_back(std::move(field));
  one.distances = std::move(found.distances);
}

// Figures as rows of a table.

Cells column_of(const Compared& one) {
  Cells cells = {{"model", one.run.entry->name}};
  for (Cells more : {cells_of(one.figures), cells_of(one.distances.readings, one.distances.specs)})
    cells.insert(cells.end(), more.begin(), more.end());
  return cells;
}

struct Table {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
};

// A row a figure, a column a run; a figure that a run lacks is an empty cell.
Table table_of(const std::vector<Compared>& all) {
  Table table{{"figure"}, {}};
  for (std::size_t r = 0; r < all.size(); ++r) {
    table.header.push_back(all[r].name);
    std::size_t after = 0;  // new figures go behind the one before them
    for (const auto& [figure, text] : column_of(all[r])) {
      auto found = std::find_if(table.rows.begin(), table.rows.end(),
                                [&name = figure](const auto& row) { return row[0] == name; });
      if (found == table.rows.end())
        found = table.rows.insert(table.rows.begin() + static_cast<std::ptrdiff_t>(after), {figure});
      after = static_cast<std::size_t>(found - table.rows.begin()) + 1;
      found->resize(r + 1);
      found->push_back(text);
    }
    for (auto& row : table.rows) row.resize(r + 2);
  }
  return table;
}

Json json_of(const Compared& one) {
  Json object = {{"run", one.run.path}, {"model", one.run.entry->name}, {"rows", one.rows.data.rows()}};
  object.update(to_json(one.figures));
  if (!one.distances.readings.empty()) object["distances"] = Json::array();
  for (const Fields& reading : one.distances.readings) object["distances"].push_back(to_json(reading));
  return object;
}

// Pictures.

bool drawable(const Run& run) { return run.shape.image || run.shape.size() == 2; }

report::Image draw(View<const float> rows, RowShape shape, std::size_t group, View<const float> behind) {
  if (shape.image) return report::image_grid(rows, shape, {.columns = 8, .group = group, .smallest = 40});
  report::ScatterOptions options;
  options.behind = behind, options.size = 480;
  return report::scatter(rows, options);
}

report::Image picture_of_run(const Compared& one, const Common& common) {
  const bool image = one.run.shape.image;
  const std::size_t n = image ? kPictured : kScattered;
  const Tensor behind = one.rows.original.floats(0, std::min(one.rows.original.rows(), kScattered));
  if (one.run.model->generates())
    return draw(samples_of(one.run, common.seed).rows(n), one.run.shape, 0, behind);
  const std::size_t count = std::min(image ? n / 2 : n, one.rows.data.rows());
  Tensor back(count, one.run.shape.size());
  one.run.model->reconstruct(one.rows.data.floats(0, count), back, nullptr);
  restore_units(one.run, back);
  if (!image) return draw(back, one.run.shape, 0, behind);
  const Tensor before = one.rows.original.floats(0, count);
  Tensor pairs(2 * count, back.cols());
  for (std::size_t i = 0; i < count; ++i) {
    std::copy_n(before.row(i), pairs.cols(), pairs.row(2 * i));
    std::copy_n(back.row(i), pairs.cols(), pairs.row(2 * i + 1));
  }
  return draw(pairs, one.run.shape, 2, {});
}

void add_pictures(report::Page& page, const std::vector<Compared>& all, const Common& common) {
  if (!drawable(all[0].run)) return;
  const Dataset& data = all[0].rows.original;
  const std::size_t n = all[0].run.shape.image ? kPictured : kScattered;
  std::vector<report::Page::Named> pictures = {
      {"the data: " + data.name, draw(data.floats(0, std::min(n, data.rows())), all[0].run.shape, 0, {})}};
  for (const Compared& one : all)
    if (one.run.model->generates() || one.run.model->encodes())
      pictures.push_back({one.name, picture_of_run(one, common)});
  page.section("Side by side",
               "Samples of what generates; originals beside their reconstructions of what only encodes.");
  page.images(pictures, fmt::format("Seed {}; the same noise for every run of the same code.", common.seed));
}

// Curves: a plot a number, a curve a run.

std::string short_name(const std::string& name) {
  return name.size() <= kLongestName ? name : "…" + name.substr(name.size() - kLongestName + 1);
}

using Part = std::vector<report::Curve> History::*;

Plots curve_plots(const std::vector<Compared>& all, const std::vector<History>& histories, Part part,
                  const std::string& x_label) {
  std::vector<std::string> keys;
  Plots plots;
  for (const History& history : histories)
    for (const report::Curve& curve : history.*part)
      if (curve.x.size() > 1 && std::find(keys.begin(), keys.end(), curve.name) == keys.end())
        keys.push_back(curve.name);
  for (const std::string& key : keys) {
    std::vector<report::Curve> curves;
    for (std::size_t r = 0; r < all.size(); ++r)  // a run without it keeps its colour for the next plot
      if (const report::Curve* curve = find_curve(histories[r].*part, key))
        curves.push_back({short_name(all[r].name), curve->x, curve->y, r});
    plots.push_back({key, report::line_plot(curves, key, x_label, key, true)});
  }
  return plots;
}

void add_trainings(report::Page& page, const std::vector<Compared>& all) {
  std::vector<History> histories;
  histories.reserve(all.size());
  for (const Compared& one : all) histories.push_back(read_history(one.run.path));
  const auto monitored = curve_plots(all, histories, &History::monitored, "step"),
             losses = curve_plots(all, histories, &History::epochs, "epoch");
  if (monitored.empty() && losses.empty()) return;
  page.section("Training");
  if (!monitored.empty())
    page.plots(
        monitored,
        "Closed-form distances from generated to held-out rows, by the step; variety is their spread over "
        "that of the data, 1 when alike.");
  if (!losses.empty())
    page.plots(losses, "What each run descended, by the epoch. Losses of different kinds do not compare.");
}

void add_lists(report::Page& page, const std::vector<Compared>& all) {
  std::vector<std::string> names;
  std::vector<const Fields*> figures;
  for (const Compared& one : all) names.push_back(short_name(one.name)), figures.push_back(&one.figures);
  const Plots plots = list_plots(names, figures);
  if (plots.empty()) return;
  page.section("Step by step");
  page.plots(plots, "Figures that are lists, in their order.");
}

void add_differences(report::Page& page, const std::vector<Compared>& all) {
  std::vector<std::string> header = {"option"};
  std::vector<std::string> names;
  for (const Compared& one : all) {
    header.push_back(one.name);
    for (const OptionRow& row : one.run.options.rows())
      if (std::find(names.begin(), names.end(), row.name) == names.end()) names.push_back(row.name);
  }
  std::vector<std::vector<std::string>> rows;
  for (const std::string& name : names) {
    std::vector<std::string> row = {"--" + name};
    for (const Compared& one : all)
      row.push_back(one.run.options.known(name) ? one.run.options.text(name) : "");
    if (std::adjacent_find(row.begin() + 1, row.end(), std::not_equal_to<>()) != row.end())
      rows.push_back(std::move(row));
  }
  if (rows.empty()) return;
  page.section("In what they differ");
  page.table(header, rows);
}

std::string page_text(const std::vector<Compared>& all, const Table& table, const CompareArguments& arguments,
                      const Common& common) {
  report::Page page(fmt::format("{} runs on {}", all.size(), arguments.data),
                    "The same rows, the same distances, side by side.");
  const std::string where = arguments.generation.features.empty()
                                ? "in the first run's units"
                                : "on the codes of " + arguments.generation.features;
  page.section("Figures",
               fmt::format("{} rows of {}; distances between {} generated rows and as many of these, {}.",
                           all[0].rows.data.rows(), arguments.data, arguments.generation.samples, where));
  page.table(table.header, table.rows);
  add_pictures(page, all, common);
  add_lists(page, all);
  add_trainings(page, all);
  add_differences(page, all);
  return page.html();
}

void compare(const CompareArguments& arguments, const Common& common) {
  check_output(arguments.output, {".html"}, common.force);
  if (!arguments.generation.parzen.empty()) parzen_widths(arguments.generation.parzen);
  specs_of(arguments.generation);  // refuses before anything is read
  const std::vector<std::string> names = names_of(arguments.runs);
  std::vector<Compared> all;
  all.reserve(arguments.runs.size());  // units_of() keeps a reference to the first run
  for (std::size_t r = 0; r < names.size(); ++r)
    all.push_back(open_compared(arguments, arguments.runs[r], names[r], common));
  if (std::none_of(all.begin(), all.end(), [](const Compared& one) { return one.run.model->generates(); }))
    want_generator(all[0].run, arguments.generation);
  const Space space = units_of(all[0].run);
  for (Compared& one : all) score(one, space, arguments, common);
  note_scores(arguments.generation, common);
  const Table table = table_of(all);
  io::write_file(arguments.output, page_text(all, table, arguments, common));
  if (common.json) {
    Json list = Json::array();
    for (const Compared& one : all) list.push_back(json_of(one));
    print_json(list);
  } else {
    print_table(table.header, table.rows);
  }
  note(arguments.output + " written; open it in a browser", common.quiet);
}

}  // namespace

Command compare_command() {
  return {.name = "compare",
          .summary = "Several runs on the same data, in one table and on one page",
          .group = "Train and use a network",
          .examples =
              "  pushforward compare gan wgan gmmn --data mnist:test -o compare.html\n"
              "  pushforward compare gan wgan --data mnist:test -m mmd,frechet --features ae -o codes.html\n"
              "  pushforward compare runs/* --data toy:8gaussians -m w1,prdc --json -o ring.html",
          .declare = [](CommandLine& line, const Common& common) -> std::function<void()> {
            auto arguments = std::make_shared<CompareArguments>();
            line.texts("RUN", arguments->runs, "Run directories that train made", {.required = true});
            line.text("--weights", arguments->weights,
                      "last, best or ema; by default the moving average, of the best epoch with "
                      "--patience, else the last",
                      {.type = ""});
            line.text("--data", arguments->data, "What all are measured against",
                      {.required = true, .type = "DATA"});
            add_data_options(line, arguments->load, arguments->pictures);
            add_generation_options(line, arguments->generation);
            line.count("--draws", arguments->options.draws, "Draws L of the ELBO", {.most = kMostDraws});
            line.count("--importance", arguments->options.importance,
                       "Also the NLL by this many importance samples", {.most = kMostImportance});
            add_output(line, *arguments, "The page to write");
            return [arguments, &common] { compare(*arguments, common); };
          },
          .parse_and_run = {},
          .first_words = {},
          .smaller = "fewer --samples, --draws or rows (DATA@0:1000) take less"};
}

}  // namespace pushforward::cli
