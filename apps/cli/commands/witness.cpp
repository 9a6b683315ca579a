// SPDX-License-Identifier: Apache-2.0
//
// pushforward witness: the function by which a distance tells two samples apart, in numbers and drawn.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "command.hpp"
#include "data_argument.hpp"
#include "drawing_output.hpp"
#include "endings.hpp"
#include "output.hpp"
#include "pages/line_grid.hpp"
#include "progress.hpp"
#include "pushforward/distance_names.hpp"
#include "pushforward/error.hpp"
#include "pushforward/read_distance.hpp"
#include "pushforward/threads.hpp"
#include "pushforward/witness.hpp"
#include "samples.hpp"
#include "table_output.hpp"
#include "witness_picture.hpp"

namespace pushforward::cli {
namespace {

constexpr std::size_t kMostForSlopes = 4000;  // points whose pairs are looked at

struct Request {
  SampleOptions samples;
  std::string metrics = "mmd", output;
};

// Points of both samples, then those that are asked for.
struct Places {
  Matrix<double> all;
  std::size_t n = 0, m = 0;

  View<const double> asked() const { return all.view().slice(n + m, all.rows()); }
};

void append(Matrix<double>& to, std::size_t first, const Points& points) {
  for (std::size_t i = 0; i < points.n(); ++i)
    for (std::size_t k = 0; k < points.d(); ++k) to(first + i, k) = points.at(i, k);
}

Places places_of(const SamplePair& pair, const Points* asked) {
  const Sample x = pair.x(), y = pair.y();
  Places places{Matrix<double>(x.n() + y.n() + (asked ? asked->n() : 0), x.d()), x.n(), y.n()};
  append(places.all, 0, x.points), append(places.all, x.n(), y.points);
  if (asked) append(places.all, x.n() + y.n(), *asked);
  return places;
}

// One of a distance's functions, at all places.
struct Evaluated {
  std::string metric, name;
  std::vector<double> values;
};

double weighted_mean(const std::vector<double>& values, std::size_t first, std::size_t count,
                     std::span<const double> weights) {
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i)
    sum += values[first + i] * (weights.empty() ? 1 / static_cast<double>(count) : weights[i]);
  return sum;
}

struct Slope {
  double largest = 0;
  std::size_t points = 0;
};

// Over the pairs of all places, or of as many of them, evenly spaced, as kMostForSlopes.
Slope largest_slope(const Matrix<double>& at, const std::vector<double>& f) {
  const std::size_t n = std::min(at.rows(), kMostForSlopes);
  std::vector<double> slopes(n, 0);
  parallel_for(n, 1 + 100'000 / (n * at.cols()), [&](std::size_t begin, std::size_t end) {
    for (std::size_t s = begin; s < end; ++s)
      for (std::size_t t = 0; t < s; ++t) {
        const std::size_t i = s * at.rows() / n, j = t * at.rows() / n;
        double square = 0;
        for (std::size_t k = 0; k < at.cols(); ++k) square += (at(i, k) - at(j, k)) * (at(i, k) - at(j, k));
        if (square > 0) slopes[s] = std::max(slopes[s], std::abs(f[i] - f[j]) / std::sqrt(square));
      }
  });
  return {*std::max_element(slopes.begin(), slopes.end()), n};
}

std::vector<std::string> names_with_witness() {
  return distances_that([](const Facts& facts) { return facts.witness; });
}

void want_witness(const Spec& spec) {
  if (facts_of(spec).witness) return;
  throw RequestError(Complaint{"witness -m", spec.text() + ", which has none",
                               fmt::format("one of {}", fmt::join(names_with_witness(), ", "))});
}

Fields summary_of(const Spec& spec, const Fields& about, const std::vector<Evaluated>& functions,
                  const Places& places, const SamplePair& pair) {
  Fields fields = {{"metric", spec.text()}};
  fields.insert(fields.end(), about.begin(), about.end());
  for (const Evaluated& function : functions) {
    const double at_x = weighted_mean(function.values, 0, places.n, pair.x().weights),
                 at_y = weighted_mean(function.values, places.n, places.m, pair.y().weights);
    Fields parts = {{"mean_at_x", at_x}, {"mean_at_y", at_y}, {"difference_of_means", at_x - at_y}};
    const Slope slope = largest_slope(places.all, function.values);
    parts.emplace_back("largest_slope", slope.largest);
    parts.emplace_back("slope_points", slope.points);
    fields.emplace_back(function.name, parts);
  }
  return fields;
}

std::vector<Evaluated> evaluate(const Spec& spec, const Witness& witness, const Places& places) {
  const std::vector<std::string> names = witness.names();
  Matrix<double> values(places.all.rows(), names.size());
  witness.values(places.all, values.view());
  std::vector<Evaluated> functions;
  for (std::size_t c = 0; c < names.size(); ++c) {
    functions.push_back({spec.text(), names[c], {}});
    for (std::size_t i = 0; i < values.rows(); ++i) functions.back().values.push_back(values(i, c));
  }
  return functions;
}

std::string column_name(const Evaluated& function, bool several) {
  return several ? fmt::format("{} {}", function.metric, function.name) : function.name;
}

void write_values(const std::string& path, const Places& places, const std::vector<Evaluated>& functions,
                  const Dataset& data, bool several) {
  const View<const double> at = places.asked();
  Matrix<double> rows(at.rows, at.cols + functions.size());
  std::vector<std::string> columns = data.columns;
  if (columns.size() != at.cols) {
    columns.clear();
    for (std::size_t k = 0; k < at.cols; ++k) columns.push_back(fmt::format("x{}", k));
  }
  for (const Evaluated& function : functions) columns.push_back(column_name(function, several));
  for (std::size_t i = 0; i < at.rows; ++i) {
    for (std::size_t k = 0; k < at.cols; ++k) rows(i, k) = at(i, k);
    for (std::size_t f = 0; f < functions.size(); ++f)
      rows(i, at.cols + f) = functions[f].values[places.n + places.m + i];
  }
  write_table(path, std::as_const(rows).view(), columns);
}

void draw(const std::string& path, const Places& places, const std::vector<Evaluated>& functions,
          const SamplePair& pair, bool several) {
  std::vector<SeenFunction> seen;
  for (const Evaluated& function : functions)
    seen.push_back({column_name(function, several),
                    {function.values.begin() + static_cast<std::ptrdiff_t>(places.n + places.m),
                     function.values.end()}});
  Matrix<double> grid(places.asked().rows, places.asked().cols);
  std::copy_n(places.asked().data, grid.size(), grid.data());
  const auto drawn = grid.cols() == 1 ? draw_on_line : draw_in_plane;
  write_drawing(path, drawn(grid, seen, pair.x().points, pair.y().points),
                "What tells X and Y apart: high where X is, low where Y is");
}

std::vector<std::string> endings() {
  std::vector<std::string> all = table_endings();
  all.insert(all.end(), {".png", ".svg"});
  return all;
}

void check(const Request& request, const std::vector<Spec>& specs, const Common& common) {
  for (const Spec& spec : specs) want_witness(spec), make_distance(spec, common.seed);
  if (!request.output.empty()) check_output(request.output, endings(), common.force);
  if (!request.samples.points.empty() && request.output.empty())
    throw RequestError(Complaint{"--at", "no output", "-o F.csv beside it"});
  if (!request.samples.points.empty() && is_drawing(request.output))
    throw RequestError(Complaint{"--at", "a drawing, which has a grid of its own",
                                 "-o with a name that ends in " + endings_text(table_endings())});
}

// POINTS, a grid over both samples, or, in many dimensions, the samples themselves.
Matrix<double> asked_places(const Request& request, const SamplePair& pair, std::uint64_t seed) {
  if (!request.samples.points.empty()) {
    LoadOptions load = load_for(request.samples.points, request.samples.load, request.samples.sources());
    load.seed = seed + 2;
    const Dataset data = load_data(request.samples.points, load);
    if (data.cols() != pair.x().d())
      throw RequestError(Complaint{"--at " + request.samples.points, fmt::format("{} columns", data.cols()),
                                   fmt::format("{}, as X", pair.x().d())});
    Matrix<double> points = data.doubles();
    check_samples("--at", {points}, {points}, {});
    return points;
  }
  if (pair.x().d() == 1) return pages::line_grid(pair.x().points, pair.y().points);
  if (pair.x().d() == 2) return plane_grid(pair.x().points, pair.y().points);
  return places_of(pair, nullptr).all;
}

void run(const Request& request, const Common& common) {
  if (request.samples.x.empty() || request.samples.y.empty())
    throw RequestError(
        Complaint{"witness", request.samples.x.empty() ? "no data" : "one DATA argument", "two: X and Y"});
  const std::vector<Spec> specs = parse_distances(request.metrics, "-m");
  check(request, specs, common);
  const SamplePair pair(request.samples, common.seed, common.quiet);
  if (is_drawing(request.output) && pair.x().d() > 2)
    throw RequestError(Complaint{request.output, fmt::format("points of {} features", pair.x().d()),
                                 "points of the line or the plane", "write a table: -o F.csv"});
  for (const Spec& spec : specs)  // of what is not learned, a witness asks less of the samples than a reading
    if (facts_of(spec).learned) check_distances({&spec, 1}, pair.x(), pair.y());
  const Matrix<double> asked = asked_places(request, pair, common.seed);
  const Points asked_points(asked);
  const Places places = places_of(pair, request.output.empty() ? nullptr : &asked_points);
  std::vector<Evaluated> all;
  Json summaries = Json::array();
  for (const Spec& spec : specs) {
    const std::unique_ptr<Distance> distance = make_distance(spec, common.seed);
    ProgressBar bar("fitting " + spec.name, common.quiet);
    watch_fit(*distance, fit_teller(bar));
    const std::unique_ptr<Witness> witness = distance->witness(pair.x(), pair.y());
    std::vector<Evaluated> functions = evaluate(spec, *witness, places);
    const Fields summary = summary_of(spec, witness->about(), functions, places, pair);
    for (Evaluated& function : functions) all.push_back(std::move(function));
    if (common.json) summaries.push_back(to_json(summary));
    if (common.json) continue;
    if (&spec != &specs.front()) print_line("");
    print_fields(summary);
  }
  const bool several = specs.size() > 1;
  if (!request.output.empty())
    is_drawing(request.output) ? draw(request.output, places, all, pair, several)
                               : write_values(request.output, places, all, pair.x_data(), several);
  if (common.json) print_json(summaries);
  if (!request.output.empty()) note(request.output + " written", common.quiet);
}

constexpr const char* kExamples =
    "  pushforward witness a.csv b.csv -m mmd:bandwidth=1 -o f.csv   MMD's witness, of norm 1 in\n"
    "                                             the kernel's space, over a grid (1-D, the plane)\n"
    "  pushforward witness a.npy b.npy -m w1 --at new.npy -o f.csv   Kantorovich's potential,\n"
    "                                             slope at most 1\n"
    "  pushforward witness a.csv b.csv -m mmd,w1,w1-critic,jsd-critic -o f.png  all on one axis\n"
    "  pushforward witness toy:moons toy:8gaussians -m jsd-critic -o d.svg     contours of D and ln p/q\n"
    "High where p, the law of X, has more; low where q, that of Y, has.\n";

std::function<void()> declare(CommandLine& line, const Common& common) {
  auto request = std::make_shared<Request>();
  line.text("X", request->samples.x, "The data, of p: a file, a folder, a named set or a toy");
  line.text("Y", request->samples.y, "What is compared with it, of q");
  line.text("-m,--metric", request->metrics,
            fmt::format("Distances with a witness: {}", fmt::join(names_with_witness(), ", ")),
            {.type = "SPEC", .words = names_with_witness});
  line.text("--at", request->samples.points,
            "Where the function is asked (default: a grid; in many dimensions, X and Y)", {.type = "POINTS"});
  line.text("-o,--output", request->output, "Writes a row a point, or draws curves or contours",
            {.type = "F.csv|.tsv|.npy|.png|.svg", .written = true});
  add_sample_options(line, request->samples);
  return [request, &common] { run(*request, common); };
}

}  // namespace

Command witness_command() {
  return {"witness", "The function by which a distance tells two samples apart", "Measure", kExamples,
          declare};
}

}  // namespace pushforward::cli
