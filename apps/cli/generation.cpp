// SPDX-License-Identifier: Apache-2.0
#include "generation.hpp"

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <optional>

#include <fmt/format.h>

#include "conditions.hpp"
#include "data/parts.hpp"
#include "output.hpp"
#include "pushforward/distance.hpp"
#include "pushforward/error.hpp"
#include "pushforward/scores.hpp"
#include "pushforward/table_encoding.hpp"
#include "reading.hpp"
#include "run_argument.hpp"
#include "run_rows.hpp"

namespace pushforward::cli {
namespace {

constexpr std::size_t kModeSamples = 2500, kParzenSamples = 10000;  // of the published protocols

Dataset as_data(std::string name, RowShape shape, Tensor rows) {
  Dataset data;
  data.name = std::move(name), data.shape = shape, data.rows_data = std::move(rows);
  return data;
}

Dataset first_rows(const Dataset& data, std::size_t begin, std::size_t end) {
  std::vector<std::uint32_t> index(std::min(end, data.rows()) - begin);
  std::iota(index.begin(), index.end(), static_cast<std::uint32_t>(begin));
  return data.select(index);
}

Dataset generated_data(const SampleSource& source, std::size_t n) {
  return source.table ? source.table(n) : as_data(source.name, source.shape, source.rows(n));
}

Fields mode_fields(const SampleSource& source, const Dataset& data, const Common& common) {
  if (data.modes.centres.empty()) return {};
  if (data.modes.sd == 0) {
    note("modes are points (noise=0): nothing is within three standard deviations of them", common.quiet);
    return {};
  }
  const Tensor rows = source.rows(kModeSamples);
  const ModeScores scores = score_modes(rows.view(), data.modes);
  return {
      {"modes", scores.covered}, {"high_quality", scores.high_quality}, {"reverse_kl", scores.reverse_kl}};
}

// The rows that σ is chosen on. Both papers hold out the end of the training images: rows 50000 … 50999 of
// MNIST's 60000 (gan), the last 5000 (gmmn).
Tensor validation_rows(const std::string& argument, const GenerationOptions& options, const Common& common) {
  if (!options.parzen_validation.empty()) {
    const Dataset data = load_data(options.parzen_validation, {.seed = common.seed});
    return data.floats(0, data.rows());
  }
  const std::string source = data::parse_argument(argument).source;
  const bool gan = options.parzen == "gan";
  const std::size_t from_end = gan ? 10000 : 5000, count = gan ? 1000 : 5000;
  if (!source.ends_with(":test") || !data::is_named(source))
    throw RequestError(Complaint{"--parzen", fmt::format("'{}', whose training rows are not known", argument),
                                 "a named set's test rows, such as mnist:test",
                                 "--parzen-validation DATA names the rows that σ is chosen on"});
  const std::string training = source.substr(0, source.size() - 5);
  const std::size_t all = load_data(training).rows();
  if (all < from_end)
    throw RequestError(Complaint{"--parzen", fmt::format("{} training rows", all),
                                 fmt::format("{} or more", from_end),
                                 "--parzen-validation DATA names the rows that σ is chosen on"});
  const std::string rows = fmt::format("{}@{}:{}", training, all - from_end, all - from_end + count);
  note(fmt::format("σ is chosen on '{}'", rows), common.quiet);
  return load_data(rows).floats(0, count);
}

Fields parzen_fields(const SampleSource& source, const Against& against, const GenerationOptions& options,
                     const Common& common) {
  if (options.parzen.empty()) return {};
  const std::vector<double> widths = parzen_widths(options.parzen);
  const Tensor validation = validation_rows(against.name, options, common);
  if (validation.cols() != against.data.cols())
    throw RequestError(Complaint{"--parzen-validation", fmt::format("rows of {} numbers", validation.cols()),
                                 fmt::format("{}, as DATA", against.data.cols())});
  const Tensor samples = source.rows(kParzenSamples);
  if (samples.rows() < kParzenSamples)
    note(fmt::format("{} samples; the published protocols take {}", samples.rows(), kParzenSamples),
         common.quiet);
  const ParzenScore score = parzen(samples, validation, against.data.floats(0, against.data.rows()), widths);
  return {{"parzen", score.log_likelihood},
          {"parzen_standard_error", score.standard_error},
          {"sigma", score.width}};
}

Points points_in(const Space& space, Dataset rows, Matrix<double>& storage, Dataset& kept) {
  kept = space(std::move(rows));
  return kept.points(storage);
}

Fields memorisation_fields(const SampleSource& source, const Against& against,
                           const GenerationOptions& options, const Common& common) {
  if (against.training == nullptr) return {};
  Matrix<double> storage[3];
  Dataset kept[3];
  const Points held_out =
      points_in(against.space, first_rows(against.data, 0, options.samples), storage[1], kept[1]);
  const Points generated =
      points_in(against.space, generated_data(source, options.samples), storage[0], kept[0]);
  const Memorisation found =
      memorisation(generated, held_out, points_in(against.space, *against.training, storage[2], kept[2]));
  if (!found.ratio) {
    note("no memorisation check: DATA holds training rows", common.quiet);
    return {};
  }
  return {{"memorisation", Fields{{"ratio", *found.ratio},
                                  {"closer", found.closer},
                                  {"distance", found.distance},
                                  {"held_out_distance", found.held_out_distance}}}};
}

void append(Fields& to, Fields more) {
  for (Field& field : more) to.push_back(std::move(field));
}

}  // namespace

void add_generation_options(CommandLine& line, GenerationOptions& options) {
  line.text("-m,--metrics", options.metrics,
            fmt::format("Distances of generated rows to DATA [{}]", kDefaultDistances), {.type = "SPECS"});
  line.count("--samples", options.samples, "Generated rows for them, against as many of DATA",
             {.most = 100'000'000});
  line.text("--features", options.features, "Distances on this autoencoder's codes", {.type = "RUN"});
  line.text("--parzen", options.parzen,
            "Log-likelihood under Parzen windows on 10000 generated rows, by a published protocol: gan "
            "or gmmn",
            {.type = "gan|gmmn"});
  line.text("--parzen-validation", options.parzen_validation,
            "Rows that its σ is chosen on (default: the protocol's rows of a named set)", {.type = "DATA"});
  line.text("--training", options.training,
            "Training rows for the memorisation check (default: the run's own)", {.type = "DATA"});
}

SampleSource samples_of(const Run& run, std::uint64_t seed, const Dataset* conditions) {
  const auto told = [&run, seed, conditions](std::size_t n) {  // the rows' own, again and again
    return conditions != nullptr ? *conditions : drawn_conditions(run, n, {}, seed);
  };
  const auto made = [&run, seed](std::size_t n, const Dataset& own) {
    return generate_rows(run, n, seed, draws_by_default(run), &own);
  };
  SampleSource source{run.path, written_shape(run), [&run, made, told](std::size_t n) {
                        const Dataset own = told(n);
                        Tensor rows = made(n, own);
                        if (run.conditions && run.conditions->columns())
                          return restore_rows(run, rows, own).floats(0, n);
                        restore_units(run, rows);
                        return rows;
                      }};
  if (run.encoding)
    source.table = [&run, made, told](std::size_t n) {
      const Dataset own = told(n);
      Tensor rows = made(n, own);
      return restore_rows(run, rows, own);
    };
  return source;
}

SampleSource samples_of(Dataset data) {
  auto kept = std::make_shared<const Dataset>(std::move(data));
  return {kept->name, kept->shape,
          [kept](std::size_t n) { return kept->floats(0, std::min(n, kept->rows())); }};
}

bool stands_for_a_run(const std::string& argument) {
  std::error_code ignored;
  if (std::filesystem::is_directory(argument, ignored) && !argument.ends_with("/")) return false;
  if (std::filesystem::exists(argument + "/config.toml", ignored)) return false;
  const std::string source = data::parse_argument(argument).source;
  return source.starts_with("toy:") || data::is_named(source) || source.ends_with("/") ||
         source.find(".npz:") != std::string::npos || std::filesystem::is_regular_file(source, ignored);
}

Space units_of(const Run& run) {
  if (!run.encoding) return [&run](Dataset data) { return prepare_data(run, std::move(data)); };
  const auto units = std::make_shared<std::optional<TableUnits>>();
  return [units](Dataset data) {  // whatever is measured first gives the units: the same for every run
    if (!*units) units->emplace(data);
    return (*units)->measured(data);
  };
}

Space codes_of(const std::string& path) {
  auto run = std::make_shared<Run>(open_run(path));
  want_encoder(*run, "--features");
  if (run->conditions)
    throw RequestError(Complaint{"--features " + path, "a run with --condition",
                                 "one without: its codes must not know what rows were told"});
  return [run](Dataset data) {
    if (data.cols() != run->shape.size())
      throw RequestError(Complaint{"--features " + run->path,
                                   fmt::format("an autoencoder of rows of {}", run->shape.text()),
                                   fmt::format("one of {}, as the data", data.shape.text())});
    const Dataset prepared = prepare_data(*run, std::move(data));
    Tensor codes = encode_rows(*run, prepared);
    const RowShape shape{.width = codes.cols()};
    return as_data(prepared.name, shape, std::move(codes));
  };
}

Fields generation_scores(const SampleSource& source, const Against& against, const GenerationOptions& options,
                         const Common& common) {
  Fields fields = mode_fields(source, against.data, common);
  append(fields, parzen_fields(source, against, options, common));
  const auto memorise = [&] { append(fields, memorisation_fields(source, against, options, common)); };
  options.training.empty() ? or_leave_out("the memorisation check", memorise, common) : memorise();
  return fields;
}

void or_leave_out(const std::string& what, const std::function<void()>& work, const Common& common) {
  try {
    work();
  } catch (const RequestError& problem) {
    note(fmt::format("{} is left out: {}", what, problem.what()), common.quiet);
  }
}

std::vector<Spec> specs_of(const GenerationOptions& options) {
  return parse_spec_list(options.metrics.empty() ? kDefaultDistances : options.metrics, "-m");
}

namespace {

// Of tables, whose columns are measured in their deviations (TableUnits).
void name_unit(Fields& reading) {
  constexpr std::string_view kUnit = "the data's unit";
  for (Field& field : reading)
    if (std::string* text = std::get_if<std::string>(&field.value); text && field.key == "unit")
      if (const std::size_t at = text->find(kUnit); at != std::string::npos)
        text->replace(at, kUnit.size(), "standard deviations");
}

// Of what is cheap and has a value, where there are rows enough.
void add_floor_of(Fields& reading, const Spec& spec, const Sample& x, const Sample& y, const Common& common) {
  const Facts facts = facts_of(spec);
  if (facts.learned || !facts.single_value || x.n() / 2 < std::max<std::size_t>(1, facts.smallest_n)) return;
  const std::unique_ptr<Distance> distance = make_distance(spec, common.seed);
  add_floor(reading, measure_floor(*distance, facts, x, y, {.seed = common.seed}));
}

}  // namespace

Distances generation_distances(const SampleSource& source, const Against& against,
                               const GenerationOptions& options, const Common& common) {
  const Dataset real = against.space(first_rows(against.data, 0, options.samples));
  const Dataset generated = against.space(generated_data(source, options.samples));
  const Tensor p = real.floats(0, real.rows()), q = generated.floats(0, generated.rows());
  Distances found;
  for (const Spec& spec : specs_of(options)) {
    const auto measure = [&] {
      found.readings.push_back(read_distance(spec, {p.view()}, {q.view()}, common));
      if (options.floors) add_floor_of(found.readings.back(), spec, {p.view()}, {q.view()}, common);
      if (source.table) name_unit(found.readings.back());
      found.specs.push_back(spec);
    };
    options.metrics.empty() ? or_leave_out(spec.text(), measure, common) : measure();
  }
  return found;
}

void note_scores(const GenerationOptions& options, const Common& common) {
  if (options.parzen.empty()) return;
  note(
      "Parzen scores check programs against published tables, not quality: on MNIST, 10000 real training "
      "images score 242.5 by the gan protocol, and k-means centroids score above real images",
      common.quiet);
}

}  // namespace pushforward::cli
