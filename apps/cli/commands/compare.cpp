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

#include "data/digest.hpp"
#include "endings.hpp"
#include "evaluation.hpp"
#include "io/atomic_file.hpp"
#include "output.hpp"
#include "pages/figure_rows.hpp"
#include "pages/rows_seen.hpp"
#include "pages/trainings.hpp"
#include "pushforward/error.hpp"
#include "pushforward/scores.hpp"
#include "result_pages.hpp"
#include "written.hpp"

namespace pushforward::cli {
namespace {

using namespace pages;

constexpr std::size_t kPictured = 64, kScattered = 2000;

struct CompareArguments : RunArguments {
  std::vector<std::string> runs;
  EvaluateOptions options{};
  GenerationArguments generation{.options = {.floors = true}};
};

struct Compared {
  std::string name;
  Run run;
  EvaluatedRows rows;
  Fields figures;
  Generation generation;
};

// What tells the runs apart: the last pieces of their paths, or all of them where those repeat; a number
// where one run is given again.
std::vector<std::string> names_of(const std::vector<std::string>& paths) {
  std::vector<std::string> names;
  for (const std::string& path : paths) {
    std::filesystem::path piece(path);
    if (!piece.has_filename()) piece = piece.parent_path();
    names.push_back(piece.filename().string());
  }
  const auto distinct = [](const std::vector<std::string>& all) {
    return std::set<std::string>(all.begin(), all.end()).size();
  };
  if (distinct(names) != distinct(paths)) names = paths;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (const auto before =
            std::count(paths.begin(), paths.begin() + static_cast<std::ptrdiff_t>(i), paths[i]))
      names[i] += fmt::format(" ({})", before + 1);
  return names;
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
  EvaluateOptions options = arguments.options;
  options.seed = common.seed;
  one.figures = model_figures(one.run, one.rows, options, listener(common));
  if (!can<Generative>(*one.run.model)) return;
  one.generation =
      score_generation(samples_of(one.run, common.seed, one.rows.inputs ? &*one.rows.inputs : nullptr),
                       one.rows, space, &one.run, arguments.generation.wanted(common), listener(common));
  for (const Field& field : one.generation.figures) one.figures.push_back(field);
}

// Figures as rows of a table.

Json rows_of(const Compared& one) {
  Json rows = Json::array({{{"name", "model"},
                            {"about", ""},
                            {"better", ""},
                            {"cells", Json::array({{{"text", one.run.entry->name}}})}}});
  for (const Json& more :
       {figure_rows(one.figures), figure_rows(one.generation.readings, one.generation.specs)})
    for (const Json& row : more) rows.push_back(row);
  return rows;
}

// A row a figure, a column a run; a figure that a run lacks is an empty cell.
Json table_of(const std::vector<Compared>& all) {
  Json table = Json::array();
  for (std::size_t r = 0; r < all.size(); ++r) merge_rows(table, rows_of(all[r]), r);
  return table;
}

void print_figures(const std::vector<Compared>& all, const Json& table) {
  std::vector<std::string> header = {"figure"};
  for (const Compared& one : all) header.push_back(one.name);
  std::vector<std::vector<std::string>> lines;
  for (const Json& row : table) {
    lines.push_back({row["name"]});
    for (const Json& cell : row["cells"]) lines.back().push_back(cell_text(cell));
  }
  print_table(header, lines);
}

Json json_of(const Compared& one) {
  Json object = {{"run", one.run.path}, {"model", one.run.entry->name}, {"rows", one.rows.data.rows()}};
  object.update(to_json(one.figures));
  if (!one.generation.readings.empty()) object["distances"] = Json::array();
  for (const Fields& reading : one.generation.readings) object["distances"].push_back(to_json(reading));
  return object;
}

// Pictures.

bool is_picture(const Run& run) {
  return run.shape.image && (run.shape.channels == 1 || run.shape.channels == 3);
}

// As many of the run's own as there are: samples, or what comes back of the data.
Tensor rows_shown(const Compared& one, std::size_t n, const Common& common) {
  if (can<Generative>(*one.run.model)) return samples_of(one.run, common.seed).rows(n);
  Tensor back(std::min(n, one.rows.data.rows()), one.run.shape.size());
  reconstruct(*one.run.model, one.rows.data.floats(0, back.rows()), back, nullptr);
  restore_units(one.run, back);
  return back;
}

// Originals beside what came back of them.
Tensor with_originals(const Dataset& original, const Tensor& back) {
  const Tensor before = original.floats(0, back.rows());
  Tensor pairs(2 * back.rows(), back.cols());
  for (std::size_t i = 0; i < back.rows(); ++i) {
    std::copy_n(before.row(i), pairs.cols(), pairs.row(2 * i));
    std::copy_n(back.row(i), pairs.cols(), pairs.row(2 * i + 1));
  }
  return pairs;
}

Json picture_of_run(const Compared& one, const Common& common) {
  const bool generates = can<Generative>(*one.run.model);
  const Tensor rows = generates ? rows_shown(one, kPictured, common)
                                : with_originals(one.rows.original, rows_shown(one, kPictured / 2, common));
  return images_block(rows.view(), one.run.shape, {.columns = 8, .group = generates ? 0u : 2u}, one.name,
                      one.name);
}

Json cloud_of_run(const Compared& one, const Common& common) {
  const Tensor behind = one.rows.original.floats(0, std::min(one.rows.original.rows(), kScattered));
  const Tensor rows = rows_shown(one, kScattered, common);
  return plane_block({{"the data", behind.view(), {}, true}, {one.name, rows.view()}},
                     {.title = one.name, .alternative = one.name + " over the data", .caption = ""});
}

void add_pictures(Page& page, const std::vector<Compared>& all, const Common& common) {
  const Run& first = all[0].run;
  const bool picture = is_picture(first);
  if (!picture && (!is_plane(first.shape) || first.encoding)) return;
  const Dataset& data = all[0].rows.original;
  Json blocks = Json::array();
  if (picture)
    blocks.push_back(images_block(data.floats(0, std::min(kPictured, data.rows())).view(), first.shape,
                                  {.columns = 8}, "the data", "the data: " + data.name));
  for (const Compared& one : all)
    if (can<Generative>(*one.run.model) || can<Encodes>(*one.run.model))
      blocks.push_back(picture ? picture_of_run(one, common) : cloud_of_run(one, common));
  page.section("Side by side",
               "Samples of what generates; originals beside their reconstructions of what only encodes.");
  page.add(beside_block(std::move(blocks),
                        fmt::format("Seed {}; the same noise for every run of the same code.", common.seed)));
}

// Of tables: how far each run's columns are off, the worst first.
void add_gaps(Page& page, const std::vector<Compared>& all, const Common& common) {
  std::vector<std::string> header = {"column"};
  std::vector<std::pair<double, std::vector<std::string>>> lines;
  for (const Compared& one : all) {
    const SampleSource source = samples_of(one.run, common.seed);
    if (!can<Generative>(*one.run.model) || !source.table) continue;
    const ColumnTable data = column_table("the data", one.rows.original),
                      made = column_table(one.name, source.table(data.cells.rows()));
    if (!same_columns(data, made)) continue;
    if (lines.empty())
      for (const TableColumn& column : data.columns) lines.push_back({0, {column.name}});
    if (lines.size() != data.columns.size()) continue;
    header.push_back(one.name);
    for (std::size_t c = 0; c < lines.size(); ++c) {
      const double gap = column_gap(data, made, c);
      lines[c].first = std::max(lines[c].first, gap), lines[c].second.push_back(fmt::format("{:.2g}", gap));
    }
  }
  if (lines.empty()) return;
  std::stable_sort(lines.begin(), lines.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<std::vector<std::string>> rows;
  for (auto& [gap, line] : lines) rows.push_back(std::move(line));
  page.section(
      "Column by column",
      "How far each column of samples is from the data's: the largest difference of distribution "
      "functions, or of shares; 0 is the same, 1 has nothing in common. A run's own report shows them.");
  page.add(table_block(header, rows));
}

// Whose losses mean the same: of one model, and one distance where it trains with one.
std::string kind_of(const Run& run) {
  const bool distance = run.options.known("distance") && run.options.has("distance");
  return run.entry->name + (distance ? " " + run.options.text("distance") : "");
}

void add_curves(Page& page, const std::vector<Compared>& all) {
  std::vector<std::string> names, models, paths;
  std::vector<const Fields*> figures;
  for (const Compared& one : all) {
    names.push_back(one.name), models.push_back(kind_of(one.run)), paths.push_back(one.run.path);
    figures.push_back(&one.figures);
  }
  if (Json lists = list_charts(names, figures); !lists.empty()) {
    page.section("Step by step");
    page.add(beside_block(std::move(lists), "Figures that are lists, in their order."));
  }
  add_trainings(page, names, models, paths);
}

void add_differences(Page& page, const std::vector<Compared>& all) {
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
  page.add(table_block(header, rows));
}

// What each run was trained on: whether a figure flatters it.
Json trained_block(const std::vector<Compared>& all, const std::string& data) {
  std::vector<std::pair<std::string, std::string>> rows;
  for (const Compared& one : all)
    rows.emplace_back(one.name,
                      fmt::format("{} on {}{}", one.run.entry->title, one.run.data_name,
                                  one.run.data_name == data ? ": these rows, which flatters it" : ""));
  return facts_block(rows);
}

Page page_of(const std::vector<Compared>& all, const Json& table, const CompareArguments& arguments,
             const Common& common) {
  Page page(fmt::format("{} runs on {}", all.size(), arguments.data),
            "The same rows, the same distances, side by side.");
  const std::string where = arguments.generation.options.features.empty()
                                ? "in the first run's units"
                                : "on the codes of " + arguments.generation.options.features;
  std::vector<std::string> names;
  for (const Compared& one : all) names.push_back(one.name);
  page.section("Which is better?");
  page.add(figures_block(
      names, table,
      fmt::format("On {} rows of {}; distances between {} generated rows and as many of these, "
                  "{}. The best of a row is bold. A floor is what the same distance reads "
                  "between two halves of the data.",
                  all[0].rows.data.rows(), arguments.data, arguments.generation.options.samples, where)));
  page.add(trained_block(all, arguments.data));
  add_pictures(page, all, common);
  add_gaps(page, all, common);
  add_curves(page, all);
  add_differences(page, all);
  return page;
}

// Runs are compared on the same rows; without --data those are the runs' own, which must agree.
void check_same_rows(const std::vector<Compared>& all) {
  const std::uint64_t wanted = digest_of(all[0].rows.original);
  for (const Compared& one : all)
    if (digest_of(one.rows.original) != wanted)
      throw RequestError(Complaint{"compare",
                                   fmt::format("runs on other rows: {} on {}, {} on {}", all[0].name,
                                               all[0].rows.name, one.name, one.rows.name),
                                   "the same rows for all", "--data DATA names them"});
}

// All of them opened and scored.
std::vector<Compared> scored(CompareArguments& arguments, const Common& common) {
  if (const std::string& protocol = arguments.generation.options.parzen; !protocol.empty())
    parzen_widths(protocol);
  const GenerationOptions generation =
      arguments.generation.wanted(common);  // refuses before anything is read
  const std::vector<std::string> names = names_of(arguments.runs);
  std::vector<Compared> all;
  all.reserve(arguments.runs.size());  // units_of() keeps a reference to the first run
  for (std::size_t r = 0; r < names.size(); ++r)
    all.push_back(open_compared(arguments, arguments.runs[r], names[r], common));
  if (arguments.data.empty()) check_same_rows(all), arguments.data = all[0].rows.name;
  const bool generates = std::any_of(all.begin(), all.end(),
                                     [](const Compared& one) { return can<Generative>(*one.run.model); });
  if (!generates) want_generator(all[0].run, generation);
  const Space space = units_of(all[0].run);
  if (generates) check_generation(all[0].rows, space, generation);
  for (Compared& one : all) score(one, space, arguments, common);
  note_scores(generation, common);
  return all;
}

void compare(CompareArguments arguments, const Common& common) {
  check_output(arguments.output, {".html"}, common.force);
  const std::vector<Compared> all = scored(arguments, common);
  const Json table = table_of(all);
  io::write_file(arguments.output, page_of(all, table, arguments, common).html());
  if (common.json) {
    Json runs = Json::array();
    for (const Compared& one : all) runs.push_back(json_of(one));
    return tell_written(arguments.output, {{"data", arguments.data}, {"seed", common.seed}, {"runs", runs}},
                        common);
  }
  print_figures(all, table);
  note(arguments.output + " written; open it in a browser", common.quiet);
}

}  // namespace

pages::Page compare_page(const std::vector<std::string>& runs, const std::string& data,
                         const Common& common) {
  CompareArguments arguments;
  arguments.runs = runs, arguments.data = data;
  const std::vector<Compared> all = scored(arguments, common);
  return page_of(all, table_of(all), arguments, common);
}

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
            add_weights(line, *arguments);
            line.text("--data", arguments->data,
                      "What all are measured against (default: the runs' own data, their held-out rows "
                      "where they have some)",
                      {.type = "DATA"});
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
