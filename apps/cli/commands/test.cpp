// SPDX-License-Identifier: Apache-2.0
// pushforward test: do two samples come from one distribution?
#include <chrono>

#include <fmt/format.h>

#include "command.hpp"
#include "core/synonyms.hpp"
#include "data_options.hpp"
#include "output.hpp"
#include "progress.hpp"
#include "pushforward/choose_test.hpp"
#include "pushforward/distance_names.hpp"
#include "pushforward/error.hpp"
#include "pushforward/two_sample.hpp"
#include "reading.hpp"
#include "samples.hpp"
#include "waiting.hpp"

namespace pushforward::cli {
namespace {

// Asked when the user names no metric: two that see every difference, one without and one with a bandwidth.
constexpr const char* kDefaultMetrics = "energy,mmd";

struct Options {
  SampleOptions samples;  // without weights, which break exchangeability
  std::vector<std::string> metrics;
  std::size_t permutations = 1000;
  double level = 0.05;
};

// CLI.md: what a test adds to a reading, placed before the options that end it.
Fields test_fields(const Spec& spec, const PermutationTest& test, const Sample& x, const Sample& y,
                   double seconds, const PermutationOptions& options) {
  Fields fields = reading_fields(spec.name, test.reading, x, y, seconds);
  std::erase_if(fields,
                [](const Field& f) { return f.key == "p_value"; });  // a classifier's own: one is told
  Fields quantiles;
  for (const auto& [probability, value] : test.null_quantiles)
    quantiles.emplace_back(fmt::format("{}", probability), value);
  Fields added = {{"p_value", test.p_value}, {"level", options.level}, {"reject", test.reject}};
  if (test.effect) added.emplace_back("effect", *test.effect);
  added.emplace_back("null_quantiles", quantiles);
  added.emplace_back("permutations", options.permutations);
  const auto at =
      std::find_if(fields.begin(), fields.end(), [](const Field& f) { return f.key == "options"; });
  fields.insert(at, added.begin(), added.end());
  return fields;
}

// The least p that B relabellings can give is a bound: more of them might find a smaller one.
std::string p_text(const Fields& fields) {
  const auto text = [&](const char* key) { return short_text(find_field(fields, key)->value); };
  const auto count = static_cast<double>(std::get<long long>(find_field(fields, "permutations")->value));
  const double p = std::get<double>(find_field(fields, "p_value")->value);
  if (p > 1 / (1 + count))
    return fmt::format("p = {}, {} permutations", text("p_value"), text("permutations"));
  return fmt::format("p ≤ {:.3g}, the least that {} permutations can give", p, text("permutations"));
}

void print_verdict(const Fields& fields) {
  Fields reading;
  const std::vector<std::string> told = {"p_value", "level",          "reject",
                                         "effect",  "null_quantiles", "permutations"};
  for (const Field& field : fields)
    if (std::find(told.begin(), told.end(), field.key) == told.end()) reading.push_back(field);
  const auto text = [&](const char* key) { return short_text(find_field(fields, key)->value); };
  const bool reject = std::get<bool>(find_field(fields, "reject")->value);
  print_line(fmt::format("{}: {} (level {})", reject ? "the samples differ" : "no difference found",
                         p_text(fields), text("level")));
  print_reading(reading);
  if (find_field(fields, "effect"))
    print_line(fmt::format("    {} standard deviations from the mean of relabelled samples", text("effect")));
  print_line("    quantiles of relabelled samples: " + text("null_quantiles"));
}

constexpr std::size_t kTimedRows = 250;

// None for what is learned, whose fit has a bar of its own.
std::optional<double> seconds_of(const Spec& spec, const Sample& x, const Sample& y,
                                 const PermutationOptions& options, const Common& common) {
  const Facts facts = facts_of(spec);
  if (facts.learned) return std::nullopt;
  return seconds_ahead(
      [&](const Sample& some_x, const Sample& some_y) {
        permutation_test(*make_distance(spec, common.seed), facts, some_x, some_y, options);
      },
      x, y, kTimedRows);
}

Spec chosen(const Spec& spec, const Sample& x, const Sample& y, const Common& common) {
  if (!spec.options.empty())
    throw RequestError(Complaint{"-m auto", "options", "none", "name the test that they are for"});
  TestChoice choice = choose_test(x.n(), y.n(), x.d());
  note(fmt::format("auto: {}, for {}", choice.test.name, choice.reason), common.quiet);
  return std::move(choice.test);
}

std::vector<std::string> words_of_metric() {
  std::vector<std::string> words = distances_that([](const Facts& facts) { return facts.single_value; });
  words.emplace_back("auto");
  return words;
}

void run(Options options, const Common& common) {
  if (options.metrics.empty()) {
    options.metrics = {kDefaultMetrics};
    note(fmt::format("no -m given: {}; distance --list shows all", kDefaultMetrics), common.quiet);
  }
  const SamplePair pair(options.samples, common.seed, common.quiet);
  const Sample x = pair.x(), y = pair.y();
  PermutationOptions permutations;
  permutations.permutations = options.permutations;
  permutations.level = options.level, permutations.seed = common.seed;
  std::vector<Spec> specs;
  for (const std::string& list : options.metrics)
    for (Spec& spec : parse_spec_list(list, "-m"))
      specs.push_back(plain_word(spec.name) == "auto" ? chosen(spec, x, y, common)
                                                      : distance_meant(std::move(spec)));
  for (const Spec& spec : specs) {  // all before the first is measured
    make_distance(spec, common.seed);
    check_test(spec.name, facts_of(spec), x, y, permutations);
  }
  Json results = Json::array();
  for (const Spec& spec : specs) {
    const Waiting waiting("relabelling for " + spec.name, seconds_of(spec, x, y, permutations, common),
                          common.quiet);
    const auto start = std::chrono::steady_clock::now();
    const std::unique_ptr<Distance> distance = make_distance(spec, common.seed);
    const PermutationTest test = [&] {
      ProgressBar bar("fitting " + spec.name, common.quiet);
      watch_fit(*distance, fit_teller(bar));
      return permutation_test(*distance, facts_of(spec), x, y, permutations);
    }();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    Fields fields = test_fields(spec, test, x, y, seconds, permutations);
    if (options.samples.standardize) tell_standardized(fields);
    if (common.json)
      results.push_back(to_json(fields));
    else {
      if (&spec != &specs.front()) print_line("");
      print_verdict(fields);
    }
  }
  if (common.json) print_json(results);
}

}  // namespace

Command test_command() {
  return {
      "test", "Whether two samples come from one distribution: a permutation test for any distance",
      "Measure",
      "  pushforward test real.npy generated.npy                   by energy distance and MMD\n"
      "  pushforward test a.csv b.csv -m energy,w1 --permutations 5000 --level 0.01\n"
      "  pushforward test a.npy b.npy -m auto                      a test for samples of this size\n"
      "  pushforward test a.npy b.npy -m c2st                      a classifier, fitted to one half\n"
      "  pushforward test 'toy:moons:n=500' 'toy:moons:n=500,noise=0.3' -m mmd:bandwidth=0.5 --json",
      [](CommandLine& line, const Common& common) {
        auto options = std::make_shared<Options>();
        line.text("X", options->samples.x, "The first sample (any DATA)", {.required = true});
        line.text("Y", options->samples.y, "The second sample", {.required = true});
        line.texts(
            "-m,--metric", options->metrics,
            fmt::format("Distance whose value is the test's statistic: SPEC[,SPEC…], or auto, which chooses "
                        "by the samples' size and says why (default {})",
                        kDefaultMetrics),
            {.type = "SPEC", .words = words_of_metric});
        line.count("--permutations", options->permutations, "Random relabellings", {.most = 10'000'000});
        line.number("--level", options->level, "Reject when p is not above this", {.least = 0, .most = 1});
        add_data_options(line, options->samples.load, options->samples.pictures);
        add_standardize(line, options->samples);
        return [options, &common] { run(*options, common); };
      }};
}

}  // namespace pushforward::cli
