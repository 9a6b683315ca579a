// SPDX-License-Identifier: Apache-2.0
// pushforward distance: how far apart two samples are.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <utility>

#include <fmt/format.h>

#include "command.hpp"
#include "core/row.hpp"
#include "distance_gradient.hpp"
#include "distance_score.hpp"
#include "endings.hpp"
#include "io/atomic_file.hpp"
#include "output.hpp"
#include "pages/reading_page.hpp"
#include "progress.hpp"
#include "pushforward/distance_names.hpp"
#include "pushforward/error.hpp"
#include "pushforward/floor.hpp"
#include "pushforward/read_distance.hpp"
#include "pushforward/subsample.hpp"
#include "reading.hpp"
#include "result_pages.hpp"
#include "samples.hpp"
#include "waiting.hpp"

namespace pushforward::cli {
namespace {

// Asked when the user names no metric: one with every pair, one with a bandwidth, one that is a length.
constexpr const char* kDefaultMetrics = "energy,mmd,sliced";

constexpr std::size_t kMostSplits = 1000, kFloorNotSaid = kMostSplits + 1;
constexpr std::size_t kFloorSplits = 3, kFloorRows = 5000;  // measured unasked up to so many rows

struct Request {
  SampleOptions samples;
  std::vector<std::string> metrics;
  ScoreRequest score;
  GradientRequest gradient;
  bool list = false;
  std::size_t repeat = 0;              // 0: not asked for
  std::size_t splits = kFloorNotSaid;  // of X, for the floor
  std::size_t rows = 0;                // of each sample, spread evenly; 0: all
  std::string page{};                  // -o with such an ending
};

std::vector<Spec> specs_of(const std::vector<std::string>& texts) {
  std::vector<Spec> specs;
  for (const std::string& text : texts)
    for (Spec& spec : parse_distances(text, "-m")) specs.push_back(std::move(spec));
  return specs;
}

double cpu_now() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

// As asked; unasked where it costs no more than the reading and there are rows enough, and not where only
// times, scores or gradients are wanted.
std::size_t floor_splits(const Request& request, const Facts& facts, const Sample& x) {
  if (request.splits != kFloorNotSaid) return request.splits;
  const bool only_value = request.repeat == 0 && !request.score.wanted() && !request.gradient.wanted();
  const bool enough = x.n() / 2 >= std::max<std::size_t>(1, facts.smallest_n);
  const std::size_t rows = request.rows > 0 ? std::min(request.rows, x.n()) : x.n();
  const bool cheap = !facts.learned && rows <= kFloorRows;
  return only_value && facts.single_value && enough && cheap ? kFloorSplits : 0;
}

// Rows from which a distance is timed before it is measured: a few hundredths of a second.
constexpr std::size_t kTimedRows = 1000;
constexpr double kLong = 10;  // seconds that are told ahead

// None for what is learned, whose fit has a bar of its own.
std::optional<double> tell_cost(const Spec& spec, const Distance& distance, const SamplePair& pair,
                                const Request& request, const Common& common) {
  if (facts_of(spec).learned) return std::nullopt;
  const Work work = [&](const Sample& x, const Sample& y) { distance.measure(x, y); };
  if (request.rows > 0) {
    const RowsOf x = evenly_spread(pair.x(), request.rows), y = evenly_spread(pair.y(), request.rows);
    const auto once = seconds_ahead(work, x.sample(), y.sample(), kTimedRows);
    return once ? std::optional(*once * SubsampleOptions{}.most) : once;
  }
  const std::optional<double> seconds = seconds_ahead(work, pair.x(), pair.y(), kTimedRows);
  if (seconds && *seconds > kLong)
    note(fmt::format("{} of {} and {} rows takes {}, roughly; --sample {} measures so many rows of each",
                     spec.name, pair.x().n(), pair.y().n(), about(*seconds),
                     std::min<std::size_t>(20'000, std::max(pair.x().n(), pair.y().n()) / 4)),
         common.quiet);
  return seconds;
}

// Of as many rows as the reading has.
Floor floor_of(Distance& distance, const Facts& facts, const SamplePair& pair, const Request& request,
               const FloorOptions& options) {
  if (request.rows == 0) return measure_floor(distance, facts, pair.x(), pair.y(), options);
  const RowsOf x = evenly_spread(pair.x(), request.rows), y = evenly_spread(pair.y(), request.rows);
  return measure_floor(distance, facts, x.sample(), y.sample(), options);
}

// Measures once, or `repeat` times with median times; every repetition gives the same reading.
Fields measure(const Spec& spec, const SamplePair& pair, const Request& request, const Common& common) {
  const std::uint64_t seed = common.seed;
  const std::unique_ptr<Distance> distance = make_distance(spec, seed);
  ProgressBar bar("fitting " + spec.name, common.quiet);
  watch_fit(*distance, fit_teller(bar));
  const Sample x = pair.x(), y = pair.y();
  const Waiting waiting("measuring " + spec.name,
                        request.repeat > 0 ? std::nullopt : tell_cost(spec, *distance, pair, request, common),
                        common.quiet);
  Reading reading;
  std::vector<double> wall, cpu;
  for (std::size_t r = 0; r < std::max<std::size_t>(1, request.repeat); ++r) {
    const auto start = std::chrono::steady_clock::now();
    const double cpu_start = cpu_now();
    reading = request.score.wanted() ? fit_and_score(*distance, pair, request.score, request.samples, seed)
              : request.gradient.wanted() ? measure_gradient(*distance, pair, request.gradient)
              : request.rows > 0          ? measure_subsamples(*distance, x, y, {.rows = request.rows})
                                          : distance->measure(x, y);
    wall.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    cpu.push_back(cpu_now() - cpu_start);
  }
  if (reading.value && std::isnan(*reading.value))
    throw WorkError(Complaint{spec.text(), "NaN", "a number", "please report this as a bug"});
  if (request.repeat > 0) reading.extra.emplace_back("cpu_seconds", median(cpu));
  Fields fields = reading_fields(spec.name, reading, x, y, median(wall));
  if (request.samples.standardize) tell_standardized(fields);
  const bool unknown = !reading.value && facts_of(spec).single_value;
  const std::size_t splits = unknown ? 0 : floor_splits(request, facts_of(spec), x);
  if (splits > 0) try {
      add_floor(fields, floor_of(*distance, facts_of(spec), pair, request, {splits, seed}));
    } catch (const WorkError& error) {
      note(fmt::format("no floor: {}", error.what()), common.quiet);
    }
  return fields;
}

void list(const Request& request, bool json) {
  std::vector<std::string> names;
  for (const std::string& name : {request.samples.x, request.samples.y})
    if (!name.empty()) names.push_back(name);
  for (const Spec& spec : specs_of(request.metrics)) names.push_back(spec.name);
  list_distances(names, json);
}

pages::Page page_of(const SamplePair& pair, const std::vector<Spec>& specs,
                    const std::vector<Fields>& readings, bool weighted, const Common& common) {
  pages::TwoSamples samples{.x = pair.x_data(), .y = pair.y_data(), .weighted = weighted};
  if (pair.units())
    samples.in_units = [&pair](const Points& places) { return pair.units()->measured(places); };
  return pages::reading_page(samples, specs, readings, common.seed);
}

// Without --score, -o is a page.
void take_page(Request& request, bool force) {
  if (!has_ending(request.score.output, ".html") || !request.score.points.empty()) return;
  check_output(request.score.output, {".html"}, force);
  request.page = std::exchange(request.score.output, {});
}

void run(Request request, const Common& common) {
  if (request.list) return list(request, common.json);
  if (request.samples.x.empty() || request.samples.y.empty())
    throw RequestError(Complaint{"distance", request.samples.x.empty() ? "no data" : "one DATA argument",
                                 "two: X and Y", "see pushforward distance --help"});
  if (request.metrics.empty()) {
    request.metrics = {kDefaultMetrics};
    note(fmt::format("no -m given: {}; distance --list shows all", kDefaultMetrics), common.quiet);
  }
  const std::vector<Spec> specs = specs_of(request.metrics);
  for (const Spec& spec : specs) make_distance(spec, common.seed);  // a misspelt option costs no loading
  if (request.rows > 0 && (request.score.wanted() || request.gradient.wanted()))
    throw RequestError("distance: --sample requires a reading alone, without --score or --gradient");
  take_page(request, common.force);
  if (request.samples.standardize && (request.score.wanted() || request.gradient.wanted()))
    throw RequestError("distance: --standardize requires a reading alone, without --score or --gradient");
  check_score(request.score, specs, request.samples, common.force);
  check_gradient(request.gradient, specs, common.force);
  const SamplePair pair(request.samples, common.seed, common.quiet);
  check_distances(specs, pair.x(), pair.y());
  bool has_floor = false;
  Json readings = Json::array();
  std::vector<Fields> all;
  for (const Spec& spec : specs) {
    all.push_back(measure(spec, pair, request, common));
    const Fields& reading = all.back();
    if (common.json) {
      readings.push_back(to_json(reading));
      continue;
    }
    if (&spec != &specs.front()) print_line("");
    print_reading(reading);
    has_floor |= find_field(reading, "floor") != nullptr;
  }
  if (!request.page.empty()) {
    io::write_file(request.page, page_of(pair, specs, all, request.samples.weighted(), common).html());
    note(request.page + " written; open it in a browser", common.quiet);
  }
  if (common.json) return print_json(readings);
  if (has_floor && !request.samples.weighted())
    print_line("\nWhether chance alone would do it: pushforward test " +
               data_words(request.samples, common.seed));
}

constexpr const char* kExamples =
    "  pushforward distance a.csv b.csv                         three distances, explained\n"
    "  pushforward distance a.csv b.csv -o page.html            what tells them apart, to look at\n"
    "  pushforward distance mnist@0:1000 mnist:test@0:1000 -m mmd:bandwidth=4+8,energy\n"
    "  pushforward distance toy:moons toy:8gaussians -m w2 --json\n"
    "  pushforward distance a.npy b.npy --weights-x w.npy -m w1   weighted observations\n"
    "  pushforward distance a.npy b.npy -m jsd-critic --score new.npy -o scores.csv\n"
    "                                                           which sample each new point looks like\n"
    "  pushforward distance lab.csv[1] lab.csv[0] --label-column y -m jsd-critic --score lab.csv -o d.csv\n"
    "                                                           a discriminator as likelihood, on labels\n"
    "  pushforward distance a b -m mmd:estimator=biased,bandwidth=1 --gradient g.csv --of y --check\n"
    "       GMMN's gradient in each generated point y_j, beside differences:\n"
    "       (2/M²) Σ_i k(y_i,y_j)(y_i−y_j)/σ² − (2/NM) Σ_i k(x_i,y_j)(x_i−y_j)/σ²\n"
    "  pushforward distance --list                              every distance and its options\n"
    "  pushforward distance --list mmd                          one of them\n";

std::function<void()> declare(CommandLine& line, const Common& common) {
  auto request = std::make_shared<Request>();
  line.text("X", request->samples.x, "The data p: a file, a folder, a named set or a toy");
  line.text("Y", request->samples.y, "What is compared with it, q");
  line.texts(
      "-m,--metric", request->metrics,
      fmt::format("Distances as NAME[:key=value,…], separated by commas (default {})", kDefaultMetrics),
      {.words = [] { return names_of(distances()); }});
  line.flag("--list", request->list,
            "Show every distance (or the named one): formula, facts, options, source");
  line.count("--repeat", request->repeat, "Measure N times, report median times and \"cpu_seconds\"",
             {.most = 1'000'000});
  line.count("--sample", request->rows,
             "Measures N rows of each sample, spread evenly, up to four times: mean and standard error "
             "(default: all rows)");
  line.count(
      "--floor", request->splits,
      fmt::format("Splits of X into halves, whose distances are the floor (default {} where X has at most "
                  "{} rows and nothing is learned; 0: none)",
                  kFloorSplits, kFloorRows),
      {.least = 0, .most = kMostSplits});
  line.text("--score", request->score.points,
            "Of a learned distance: what its network says of these points (D(x) and ln p/q, or f)",
            {.type = "POINTS"});
  line.text("-o,--output", request->score.output,
            "A page: readings, what tells X and Y apart, rows that differ most, every column; with --score, "
            "where that writes, a row a point",
            {.type = "PAGE.html|SCORES.csv|.tsv|.npy", .written = true});
  line.text("--labels", request->score.labels,
            "Labels of POINTS, one a row: what D is worth on them (likelihood, cross-entropy, accuracy, "
            "calibration, JSD); a label column of POINTS does the same",
            {.type = "FILE"});
  line.text("--label-x", request->score.label_x,
            "Which label of POINTS is X's; all others are Y's (default: the one that X selects, DATA[LABEL], "
            "else 1)",
            {.type = "LABEL"});
  line.text("--gradient", request->gradient.output,
            "Writes the derivative of the value, a row a point; what is derived from the data (a bandwidth) "
            "is held constant",
            {.type = "G.npy|.csv|.tsv", .written = true});
  line.text("--of", request->gradient.of, "Which sample's gradient", {.type = "x|y"});
  line.text("--wrt", request->gradient.wrt, "In its points, or its weights (up to a constant)",
            {.type = "points|weights"});
  line.flag("--check", request->gradient.check,
            "Compares the gradient with central differences and prints the largest error");
  add_sample_options(line, request->samples);
  add_standardize(line, request->samples);
  return [request, &common] {
    request->samples.points = request->score.points;
    run(*request, common);
  };
}

}  // namespace

pages::Page distance_page(const SampleOptions& samples, const Common& common) {
  Request request;
  request.samples = samples;
  const std::vector<Spec> specs = specs_of({kDefaultMetrics});
  const SamplePair pair(samples, common.seed, common.quiet);
  if (std::max(pair.x().n(), pair.y().n()) > kFloorRows) request.rows = kFloorRows;
  std::vector<Fields> readings;
  for (const Spec& spec : specs) readings.push_back(measure(spec, pair, request, common));
  return page_of(pair, specs, readings, samples.weighted(), common);
}

Command distance_command() {
  return {"distance", "How far apart two samples are, by any of many distances", "Measure", kExamples,
          declare};
}

}  // namespace pushforward::cli
