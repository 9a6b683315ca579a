// SPDX-License-Identifier: Apache-2.0
//
// pushforward barycenter: the distribution that lies nearest to several.
#include <algorithm>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include "barycenter_output.hpp"
#include "command.hpp"
#include "data_argument.hpp"
#include "data_options.hpp"
#include "masses.hpp"
#include "output.hpp"
#include "progress.hpp"
#include "pushforward/barycenter.hpp"
#include "pushforward/error.hpp"
#include "samples.hpp"

namespace pushforward::cli {
namespace {

struct Request {
  std::vector<std::string> data, weights;
  std::string shares, start, output;
  LoadOptions load{};
  PictureOptions pictures{};
  bool normalize = false, grid = false, debias = false, bound = true;
  double p = 2, epsilon = 0, tolerance = 0;  // 0 = not given
  std::size_t size = 0, iterations = 0;      // 0 = not given
};

LoadOptions load_of(const Request& request, std::size_t k, std::uint64_t seed) {
  std::vector<std::string> all = request.data;
  all.push_back(request.start);
  LoadOptions load = load_for(k < request.data.size() ? request.data[k] : request.start, request.load, all);
  load.seed = seed + k;
  return load;
}

std::vector<double> shares_of(const Request& request) {
  return request.shares.empty() ? std::vector<double>() : read_numbers(request.shares, "--shares").values;
}

// What all kinds tell at the end.
void finish(const Request& request, const Common& common, Fields fields, double seconds, Fields options) {
  fields.emplace_back("seconds", seconds);
  fields.emplace_back("options", std::move(options));
  if (!request.output.empty()) fields.emplace_back("output", request.output);
  common.json ? print_json(to_json(fields)) : print_fields(fields);
}

template <class Solve>
auto timed(const Solve& solve, double& seconds) {
  const auto start = std::chrono::steady_clock::now();
  auto found = solve();
  seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return found;
}

// A bar that fills with the steps that are allowed, of which few are needed.
OnBarycenterStep teller(ProgressBar& bar, std::size_t most, const char* what) {
  return [&bar, most, what](std::size_t step, double figure) {
    bar.update(static_cast<double>(step) / static_cast<double>(most),
               fmt::format("step {}, {} {:.4g}", step, what, figure), false);
  };
}

// ---- points ----

// The measures, and what they borrow.
struct Measures {
  std::vector<Dataset> data;
  std::vector<Matrix<double>> storage;
  std::vector<std::vector<double>> weights;
  std::vector<Sample> samples;

  Measures(const Request& request, const Common& common) {
    if (!request.weights.empty() && request.weights.size() != request.data.size())
      throw RequestError(Complaint{"barycenter: --weights", fmt::format("{} of them", request.weights.size()),
                                   fmt::format("{}, one a DATA in turn", request.data.size()),
                                   "'equal' for one that has none"});
    for (std::size_t k = 0; k < request.data.size(); ++k)
      data.push_back(
          load_rows(request.data[k], load_of(request, k, common.seed), request.pictures, common.quiet));
    for (const Dataset& one : data)
      if (one.cols() != data[0].cols() || one.shape != data[0].shape)
        throw RequestError(Complaint{"barycenter",
                                     fmt::format("rows of {} ('{}') and of {} ('{}')", data[0].shape.text(),
                                                 data[0].name, one.shape.text(), one.name),
                                     "the same shape"});
    storage.resize(data.size());
    for (std::size_t k = 0; k < data.size(); ++k) {
      const bool given = !request.weights.empty() && request.weights[k] != "equal";
      weights.push_back(
          load_weights(given ? request.weights[k] : "", data[k].rows(), request.data[k], request.normalize));
      samples.push_back({data[k].points(storage[k])});
    }
    for (std::size_t k = 0; k < data.size(); ++k) samples[k].weights = weights[k];
  }
};

Matrix<double> start_of(const Request& request, const Common& common) {
  if (request.start.empty()) return {};
  return load_rows(request.start, load_of(request, request.data.size(), common.seed), request.pictures,
                   common.quiet)
      .doubles();
}

void run_points(const Request& request, const Common& common) {
  const Measures measures(request, common);
  const std::size_t d = measures.data[0].cols();
  const Matrix<double> start = start_of(request, common);
  const bool line = d == 1 && request.size == 0 && request.start.empty();
  if (request.p == 1 && !line)
    throw RequestError(
        Complaint{"barycenter: -p 1", d == 1 ? "--size or --start" : fmt::format("{} columns", d),
                  "one column, whose median is exact", "between points of the plane or of space p is 2"});
  if (!request.output.empty()) check_points_output(request.output, measures.data[0].shape, common.force);
  FreeBarycenterOptions how = {.shares = shares_of(request),
                               .size = request.size,
                               .start = start.size() > 0 ? start.view() : View<const double>{},
                               .bound = request.bound,
                               .seed = common.seed};
  if (request.iterations > 0) how.iterations = request.iterations;
  if (request.tolerance > 0) how.tolerance = request.tolerance;
  ProgressBar bar("barycenter", common.quiet);
  how.told = teller(bar, how.iterations, "value");
  double seconds = 0;
  const Barycenter found = timed(
      [&] {
        return line ? line_barycenter(measures.samples, how.shares, request.p)
                    : free_barycenter(measures.samples, how);
      },
      seconds);
  if (!request.output.empty())
    write_points(request.output, found, measures.samples, measures.data[0].columns);
  Fields fields = {{"metric", "barycenter"}, {"estimator", found.method}, {"value", found.value}};
  if (line || request.bound) fields.emplace_back("bound", found.bound), fields.emplace_back("gap", found.gap);
  fields.emplace_back("converged", found.converged);
  fields.emplace_back("stationarity", found.stationarity);
  fields.emplace_back("plan_gap", found.plan_gap);
  fields.emplace_back("iterations", found.iterations);
  if (!found.converged)
    fields.emplace_back("warning", "the points still move: more --iterations bring the value down");
  fields.emplace_back("unit", request.p == 1 ? "the data's unit" : "the data's unit to the power 2");
  fields.emplace_back("measures", measures.samples.size());
  fields.emplace_back("n", found.weights.size()), fields.emplace_back("d", d);
  Fields options = {{"p", request.p}};
  if (!request.shares.empty()) options.emplace_back("shares", how.shares);
  if (!line) options.emplace_back("tolerance", how.tolerance);
  finish(request, common, std::move(fields), seconds, std::move(options));
}

// ---- histograms ----

// A row a histogram; numbers that are written out are one, or one a row.
Dataset load_histograms(const Request& request, std::size_t k, const Common& common) {
  const std::string& argument = request.data[k];
  Dataset data = load_rows(argument, load_of(request, k, common.seed), request.pictures, common.quiet);
  if (is_number_text(argument) && argument.find(';') == std::string::npos) {
    Matrix<double> row(1, data.rows());
    const Matrix<double> column = data.doubles();
    std::copy_n(column.data(), column.size(), row.data());
    data.shape = {1, row.cols()}, data.rows_data = std::move(row);
  }
  if (data.shape.channels > 1 && data.shape.image)
    throw RequestError(Complaint{argument, fmt::format("images of {}", data.shape.text()),
                                 "one channel, whose brightness is mass", "--grey makes one of pictures"});
  return data;
}

struct Histograms {
  Matrix<double> rows{};
  RowShape shape;

  Histograms(const Request& request, const Common& common) {
    std::vector<Matrix<double>> parts;
    std::size_t count = 0;
    for (std::size_t k = 0; k < request.data.size(); ++k) {
      const Dataset data = load_histograms(request, k, common);
      if (k == 0) shape = data.shape;
      if (data.shape != shape)
        throw RequestError(Complaint{
            "barycenter",
            fmt::format("histograms of {} and of {} ('{}')", shape.text(), data.shape.text(), data.name),
            "the same grid"});
      parts.push_back(data.doubles()), count += data.rows();
    }
    if (count < 2)
      throw RequestError(Complaint{"barycenter", "one histogram", "two or more",
                                   "a row of DATA is a histogram: its own barycenter"});
    rows = Matrix<double>(count, shape.size());
    double* to = rows.data();
    for (const Matrix<double>& part : parts) to = std::copy_n(part.data(), part.size(), to);
  }
  std::vector<std::size_t> sides() const {
    if (shape.image) return {shape.height, shape.width};
    return {shape.size()};
  }
};

void run_grid(const Request& request, const Common& common) {
  const Histograms histograms(request, common);
  if (!request.output.empty()) check_masses_output(request.output, common.force);
  GridBarycenterOptions how = {
      .shares = shares_of(request), .epsilon = request.epsilon, .debias = request.debias};
  if (request.iterations > 0) how.iterations = request.iterations;
  if (request.tolerance > 0) how.tolerance = request.tolerance;
  ProgressBar bar("barycenter", common.quiet);
  how.told = teller(bar, how.iterations, "margins off by");
  double seconds = 0;
  const GridBarycenter found =
      timed([&] { return grid_barycenter(histograms.rows.view(), histograms.sides(), how); }, seconds);
  if (!request.output.empty())
    write_masses(request.output, found.masses, histograms.shape, histograms.rows.view());
  Fields fields = {
      {"metric", "barycenter"},
      {"estimator", request.debias ? "Bregman projections, debiased" : "Bregman projections (entropic)"},
      {"value", found.cost},
      {"converged", found.converged},
      {"marginal_error", found.marginal_error},
      {"iterations", found.iterations},
      {"epsilon", found.epsilon}};
  if (!found.converged)
    fields.emplace_back("warning",
                        "margins are still off: more --iterations, or a larger --epsilon, bring them nearer");
  fields.emplace_back("unit", "squared cells");
  fields.emplace_back("measures", histograms.rows.rows());
  fields.emplace_back("grid", histograms.shape.text());
  Fields options = {{"tolerance", how.tolerance}, {"debias", request.debias}};
  if (!request.shares.empty()) options.emplace_back("shares", how.shares);
  finish(request, common, std::move(fields), seconds, std::move(options));
}

// Options of one kind that were given for the other.
void check_kind(const Request& request) {
  const auto refuse = [](const char* option, const char* wanted) {
    throw RequestError(Complaint{"barycenter", option, wanted});
  };
  if (request.grid) {
    if (request.size > 0) refuse("--size with --grid", "one of them: a grid's cells are its points");
    if (!request.start.empty()) refuse("--start with --grid", "one of them");
    if (!request.weights.empty()) refuse("--weights with --grid", "masses as DATA's rows");
    if (request.p != 2) refuse("-p 1 with --grid", "the squared distance between cells");
  } else {
    if (request.epsilon > 0) refuse("--epsilon without --grid", "both, or exact plans without");
    if (request.debias) refuse("--debias without --grid", "both: exact plans do not blur");
    if (request.data.size() < 2)
      throw RequestError(
          Complaint{"barycenter", "one DATA argument", "two or more", "the barycenter of one is itself"});
  }
  if (request.size > 0 && !request.start.empty())
    refuse("--size and --start", "one of them: as many points as are begun with");
  if (request.p != 1 && request.p != 2)
    throw RequestError(Complaint{"barycenter: -p", fmt::format("{:g}", request.p), "1 or 2"});
}

constexpr const char* kExamples =
    "  pushforward barycenter 0,1,2 10,20                              on the line: exact\n"
    "  pushforward barycenter a.csv b.csv --shares 3,1 -o mid.csv      of two: along their exact plan\n"
    "  pushforward barycenter toy:moons:n=200 toy:8gaussians:n=200 toy:spiral:n=200 -o mid.png\n"
    "  pushforward barycenter a.npy b.npy c.npy --size 50 -o mid.npz   fifty points of equal weight\n"
    "  pushforward barycenter 'mnist[3]@0:10' --grid -o three.png      images as histograms, a row each\n"
    "  pushforward barycenter '8,4,2,1,0,0;0,0,1,2,4,8' --grid --debias -o mid.svg\n"
    "The value is the mean squared distance to the measures, by their shares. No measure has less than\n"
    "`bound`, so `gap` says how far from the best the points can be at most. A .csv has a row a point and\n"
    "its weight last; an .npz `points` and `weights`, or `masses` of a grid.\n";

std::function<void()> declare(CommandLine& line, const Common& common) {
  auto request = std::make_shared<Request>();
  line.texts("DATA", request->data, "Measures: files, folders, named sets or toys; with --grid a row each",
             {.required = true});
  line.text("--shares", request->shares, "How much each measure counts: 3,1 or a file (default: equal)");
  line.texts("--weights", request->weights,
             "Of the rows of each DATA in turn, as often as there are DATA: 0.2,0.8, a file or equal");
  line.flag("--normalize", request->normalize, "Divide weights by their sum");
  line.number("-p", request->p, "On the line: 2 for the mean of quantiles, 1 for their median",
              {.least = 1, .most = 2});
  line.count("--size", request->size,
             "So many points of equal weight (default: the plan's of two measures, else those of the measure "
             "with the largest share)",
             {.least = 1, .most = 1000000});
  line.text("--start", request->start, "DATA whose rows are the points to begin with, of equal weight",
            {.type = "DATA"});
  line.flag("--bound", request->bound, "Solves each pair of measures for the bound");
  line.flag("--grid", request->grid, "DATA's rows are histograms over a line of cells, or images");
  line.number("--epsilon", request->epsilon,
              "With --grid: entropy, in squared cells (default: 0.002 of the longest side's square)",
              {.least = 0, .most = 1e300});
  line.flag("--debias", request->debias, "With --grid: without the blur that entropy makes");
  line.count("--iterations", request->iterations,
             "At most so many steps (default: 100 of exact plans, 10000 of a grid)", {.least = 1});
  line.number("--tolerance", request->tolerance,
              "Of what a step still moves, over the value (default: 1e-9); of a grid's margins (1e-6)",
              {.least = 0, .most = 1});
  line.text("-o,--output", request->output, "Writes points and weights, or a grid's masses, or their picture",
            {.type = "FILE.npz|.npy|.csv|.tsv|.png|.svg", .written = true});
  line.text("--label-column", request->load.label_column, "Column of a CSV or TSV that is not a feature",
            {.type = "NAME", .group = "Data"});
  add_table_options(line, request->load);
  add_picture_options(line, request->load, request->pictures);
  return [request, &line, &common] {
    for (const char* option : {"--epsilon", "--tolerance"})
      if (const double value = option[2] == 'e' ? request->epsilon : request->tolerance;
          line.given(option) && !(value > 0))
        throw RequestError(
            Complaint{fmt::format("barycenter: {}", option), fmt::format("{}", value), "a number above 0"});
    check_kind(*request);
    request->grid ? run_grid(*request, common) : run_points(*request, common);
  };
}

}  // namespace

Command barycenter_command() {
  return {"barycenter", "The distribution nearest to several, each with its share", "Measure", kExamples,
          declare};
}

}  // namespace pushforward::cli
