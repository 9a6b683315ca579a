// SPDX-License-Identifier: Apache-2.0
// How good generated rows are.
#include "evaluation/generation.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "data/parts.hpp"
#include "evaluation/sample_source.hpp"
#include "pushforward/error.hpp"
#include "pushforward/read_distance.hpp"
#include "pushforward/scores.hpp"

namespace pushforward {
namespace {

constexpr std::size_t kModeSamples = 2500, kParzenSamples = 10000;  // of the published protocols

Dataset generated_data(const SampleSource& source, std::size_t n) {
  return source.table ? source.table(n) : as_data(source.name, source.shape, source.rows(n));
}

Fields mode_fields(const SampleSource& source, const Dataset& data, const Listener& listener) {
  if (data.modes.centres.empty()) return {};
  if (data.modes.sd == 0) {
    listener.tell("modes are points (noise=0): nothing is within three standard deviations of them");
    return {};
  }
  const Tensor rows = source.rows(kModeSamples);
  const ModeScores scores = score_modes(rows.view(), data.modes);
  return {
      {"modes", scores.covered}, {"high_quality", scores.high_quality}, {"reverse_kl", scores.reverse_kl}};
}

// The rows that σ is chosen on. Both papers hold out the end of the training images: rows 50000 … 50999 of
// MNIST's 60000 (gan), the last 5000 (gmmn).
Tensor validation_rows(const std::string& argument, const GenerationOptions& options,
                       const Listener& listener) {
  if (!options.parzen_validation.empty()) {
    const Dataset data = load_data(options.parzen_validation, {.seed = options.seed});
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
  listener.tell(fmt::format("σ is chosen on '{}'", rows));
  return load_data(rows).floats(0, count);
}

Fields parzen_fields(const SampleSource& source, const Against& against, const GenerationOptions& options,
                     const Listener& listener) {
  if (options.parzen.empty()) return {};
  const std::vector<double> widths = parzen_widths(options.parzen);
  const Tensor validation = validation_rows(against.name, options, listener);
  if (validation.cols() != against.data.cols())
    throw RequestError(Complaint{"--parzen-validation", fmt::format("rows of {} numbers", validation.cols()),
                                 fmt::format("{}, as DATA", against.data.cols())});
  const Tensor samples = source.rows(kParzenSamples);
  if (samples.rows() < kParzenSamples)
    listener.tell(fmt::format("{} samples; the published protocols take {}", samples.rows(), kParzenSamples));
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
                           const GenerationOptions& options, const Listener& listener) {
  if (against.training == nullptr) return {};
  Matrix<double> storage[3];
  Dataset kept[3];
  const Points held_out =
      points_in(against.space, first_rows(against.data, options.samples), storage[1], kept[1]);
  const Points generated =
      points_in(against.space, generated_data(source, options.samples), storage[0], kept[0]);
  const Memorisation found =
      memorisation(generated, held_out, points_in(against.space, *against.training, storage[2], kept[2]));
  if (!found.ratio) {
    listener.tell("no memorisation check: DATA holds training rows");
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

// Of tables, whose columns are measured in their deviations (TableUnits).
void name_unit(Fields& reading) {
  constexpr std::string_view kUnit = "the data's unit";
  for (Field& field : reading)
    if (std::string* text = std::get_if<std::string>(&field.value); text && field.key == "unit")
      if (const std::size_t at = text->find(kUnit); at != std::string::npos)
        text->replace(at, kUnit.size(), "standard deviations");
}

// Of what is cheap and has a value, where there are rows enough.
void add_floor_of(Fields& reading, const Spec& spec, const Sample& x, const Sample& y, std::uint64_t seed) {
  const Facts facts = facts_of(spec);
  if (facts.learned || !facts.single_value || x.n() / 2 < std::max<std::size_t>(1, facts.smallest_n)) return;
  const std::unique_ptr<Distance> distance = make_distance(spec, seed);
  add_floor(reading, measure_floor(*distance, facts, x, y, {.seed = seed}));
}

// What a bar shows while a distance is learned.
OnFit fit_teller(const Listener::Bar& bar) {
  if (!bar) return {};
  return [bar](std::size_t step, std::size_t most, double loss) {
    bar(static_cast<double>(step) / static_cast<double>(std::max<std::size_t>(1, most)),
        fmt::format("loss {:.6g}  step {} of at most {}", loss, step, most));
  };
}

}  // namespace

Dataset first_rows(const Dataset& data, std::size_t most) {
  std::vector<std::uint32_t> index(std::min(most, data.rows()));
  std::iota(index.begin(), index.end(), 0u);
  return data.select(index);
}

Fields generation_scores(const SampleSource& source, const Against& against, const GenerationOptions& options,
                         const Listener& listener) {
  Fields fields = mode_fields(source, against.data, listener);
  append(fields, parzen_fields(source, against, options, listener));
  const auto memorise = [&] { append(fields, memorisation_fields(source, against, options, listener)); };
  options.training.empty() ? or_leave_out("the memorisation check", memorise, listener) : memorise();
  return fields;
}

void or_leave_out(const std::string& what, const std::function<void()>& work, const Listener& listener) {
  try {
    work();
  } catch (const RequestError& problem) {
    listener.tell(fmt::format("{} is left out: {}", what, problem.what()));
  }
}

void measure_generation(Generation& found, const SampleSource& source, const Against& against,
                        const GenerationOptions& options, const Listener& listener) {
  const Dataset real = against.space(first_rows(against.data, options.samples));
  const Dataset generated = against.space(generated_data(source, options.samples));
  const Tensor p = real.floats(0, real.rows()), q = generated.floats(0, generated.rows());
  const bool defaults = options.distances.empty();
  for (const Spec& spec : defaults ? parse_spec_list(kDefaultDistances, "") : options.distances) {
    const auto measure = [&] {
      const Listener::Bar bar = listener.begin ? listener.begin("fitting " + spec.name) : nullptr;
      Fields reading = read_distance(spec, {p.view()}, {q.view()}, options.seed, fit_teller(bar));
      if (options.floors) add_floor_of(reading, spec, {p.view()}, {q.view()}, options.seed);
      if (source.table) name_unit(reading);
      found.specs.push_back(spec), found.readings.push_back(std::move(reading));
    };
    defaults ? or_leave_out(spec.text(), measure, listener) : measure();
  }
}

}  // namespace pushforward
