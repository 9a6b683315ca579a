// SPDX-License-Identifier: Apache-2.0
// pushforward entropy: of a vector of masses, of a joint table, or of the density that a sample came from.
#include <chrono>
#include <numbers>

#include <fmt/format.h>

#include "command.hpp"
#include "data_options.hpp"
#include "masses.hpp"
#include "output.hpp"
#include "pushforward/data.hpp"
#include "pushforward/entropy.hpp"
#include "pushforward/error.hpp"
#include "pushforward/mutual_information.hpp"
#include "pushforward/neighbours.hpp"

namespace pushforward::cli {
namespace {

constexpr std::size_t kNeighbours = 5, kSplitNeighbours = 3;

struct Options {
  std::string p, samples;
  LoadOptions load{};            // of samples
  std::size_t k = 0, split = 0;  // 0: not given
  bool normalize = false, bits = false;
};

Fields entropies_of(const Masses& masses) {
  if (!masses.is_table()) return {{"entropy", entropy(masses.values)}};
  const JointEntropies h = joint_entropies(masses.view());
  return {{"joint", h.joint},
          {"x", h.x},
          {"y", h.y},
          {"y_given_x", h.y_given_x},
          {"x_given_y", h.x_given_y},
          {"mutual_information", h.mutual_information}};
}

Dataset load_samples(const Options& options, const Common& common) {
  LoadOptions load = options.load;
  load.seed = common.seed;
  return load_data(options.samples, load);
}

Fields entropy_of_samples(const Options& options, const Common& common) {
  const auto start = std::chrono::steady_clock::now();
  const Dataset data = load_samples(options, common);
  Matrix<double> storage;
  const Points points = data.points(storage);
  const std::size_t k = options.k > 0 ? options.k : kNeighbours;
  const double nats = neighbour_entropy(points, k);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return {{"entropy", options.bits ? nats / std::numbers::ln2 : nats},
          {"unit", options.bits ? "bits" : "nats"},
          {"estimator", "Kozachenko–Leonenko"},
          {"k", k},
          {"n", points.n()},
          {"d", points.d()},
          {"seconds", seconds}};
}

// Of X, the first columns, and Y, the others.
Fields information_of_samples(const Options& options, const Common& common) {
  const auto start = std::chrono::steady_clock::now();
  const Matrix<double> rows = load_samples(options, common).doubles();
  const SampleInformation found =
      sample_information(rows, options.split, options.k > 0 ? options.k : kSplitNeighbours, common.seed);
  const double unit = options.bits ? 1 / std::numbers::ln2 : 1;
  Fields result;
  const auto add = [&](const std::string& key, const std::optional<Estimated>& estimated) {
    if (!estimated) return;
    result.emplace_back(key, estimated->value * unit);
    result.emplace_back(key + "_standard_error", estimated->standard_error * unit);
  };
  add("joint", found.joint), add("x", found.x), add("y", found.y);
  add("y_given_x", found.y_given_x), add("x_given_y", found.x_given_y);
  add("mutual_information", found.mutual_information);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  for (const Field& field : Fields{{"unit", options.bits ? "bits" : "nats"},
                                   {"estimator", found.estimator},
                                   {"bias_correction", found.correction * unit},
                                   {"k", found.k},
                                   {"n", rows.rows()},
                                   {"d", rows.cols()},
                                   {"split", options.split},
                                   {"seconds", seconds}})
    result.push_back(field);
  return result;
}

void print(const Fields& result, const Common& common) {
  return common.json ? print_json(to_json(result)) : print_fields(result);
}

void run(const Options& options, const Common& common) {
  if (!options.samples.empty()) {
    if (!options.p.empty()) throw RequestError(Complaint{"entropy", "both P and --samples", "one of them"});
    if (options.normalize)
      throw RequestError(Complaint{"--normalize", "a sample", "masses, which it divides"});
    return print(
        options.split > 0 ? information_of_samples(options, common) : entropy_of_samples(options, common),
        common);
  }
  if (options.split > 0)
    throw RequestError(Complaint{"--split", "masses", "--samples DATA, whose columns it splits",
                                 "a table 'a,b;c,d' gives H(Y|X) as it is"});
  if (options.k > 0)
    throw RequestError(Complaint{"-k", "masses", "--samples DATA, whose neighbours it counts"});
  if (options.p.empty())
    throw RequestError(Complaint{"entropy", "nothing to measure", "P", "for example 0.5,0.3,0.2"});
  const Masses masses = read_masses(options.p, "P", options.normalize);
  Fields result = entropies_of(masses);
  for (Field& field : result)
    if (options.bits) field.value = std::get<double>(field.value) / std::numbers::ln2;
  result.emplace_back("unit", options.bits ? "bits" : "nats");
  print(result, common);
}

}  // namespace

Command entropy_command() {
  return {
      "entropy", "Entropy of a known distribution, of a joint table, or of a sample", "Measure",
      "  pushforward entropy 0.5,0.25,0.25 --bits\n"
      "  pushforward entropy '0.4,0.1;0.1,0.4'        rows are X, columns Y\n"
      "  pushforward entropy counts.csv --normalize\n"
      "  pushforward entropy --samples toy:gaussian:d=2 -k 5\n"
      "  pushforward entropy --samples XY.npy --split 1          H(Y|X) and I(X;Y), X the first column",
      [](CommandLine& line, const Common& common) {
        auto options = std::make_shared<Options>();
        line.text("P", options->p, "Masses: 0.5,0.3,0.2, a table 'a,b;c,d', or a .npy or .csv of them");
        line.text("--samples", options->samples,
                  "DATA, a row per observation: differential entropy by nearest neighbours");
        line.count("-k", options->k, "With --samples: which nearest neighbour (default 5, with --split 3)",
                   {.most = 1'000'000});
        line.count("--split", options->split,
                   "With --samples: entropies and information of X, the first K columns, and Y, the others");
        line.flag("--normalize", options->normalize, "Divide masses by their sum, whatever it is");
        line.flag("--bits", options->bits, "Bits in place of nats");
        line.text("--label-column", options->load.label_column,
                  "With --samples: column of a CSV or TSV that is left out",
                  {.type = "NAME", .group = "Data"});
        add_table_options(line, options->load);
        return [options, &common] { run(*options, common); };
      }};
}

}  // namespace pushforward::cli
