// SPDX-License-Identifier: Apache-2.0
// pushforward divergence: how far apart two known distributions over the same values are.
#include "pushforward/divergence.hpp"
#include <algorithm>

#include "command.hpp"
#include "core/row.hpp"
#include "divergence_list.hpp"
#include "drawing_output.hpp"
#include "endings.hpp"
#include "masses.hpp"
#include "masses_picture.hpp"
#include "output.hpp"
#include "pushforward/error.hpp"

#include <fmt/format.h>

namespace pushforward::cli {
namespace {

struct Options {
  std::string positions, picture;
  std::vector<std::string> masses, metrics;
  bool normalize = false, bits = false, list = false;
};

std::vector<double> read_positions(const std::string& argument, std::size_t k) {
  if (argument.empty()) return {};
  std::vector<double> positions = read_numbers(argument, "--positions").values;
  if (positions.size() != k)
    throw RequestError(Complaint{"--positions", fmt::format("{} numbers", positions.size()),
                                 fmt::format("{}, as P has", k)});
  for (std::size_t i = 0; i < k; ++i)
    if (!std::isfinite(positions[i]))
      throw RequestError(Complaint{
          "--positions", fmt::format("{} at entry {} (counting from 0)", positions[i], i), "finite numbers"});
  return positions;
}

// ---- two: a row a divergence ----

double between(const Spec& spec, const Masses& p, const Masses& q, const std::vector<double>& positions,
               bool bits) {
  const double natural = make_divergence(spec)->measure({p.values, q.values, positions});
  return in_divergence_unit(find_divergence(spec.name), natural, bits);
}

Json described(const Spec& spec, bool bits) {
  const DivergenceEntry& entry = find_divergence(spec.name);
  Json item = {{"metric", spec.name}, {"value", nullptr}, {"unit", divergence_unit(entry, bits)}};
  if (const Fields used = options_used(entry, spec); !used.empty()) item["options"] = to_json(used);
  return item;
}

void print_pair(const std::vector<Spec>& specs, const std::vector<Masses>& all,
                const std::vector<double>& positions, const Options& options, bool json) {
  Json list = Json::array();
  std::vector<std::vector<std::string>> rows;
  for (const Spec& spec : specs) {
    const DivergenceEntry& entry = find_divergence(spec.name);
    const double value = between(spec, all[0], all[1], positions, options.bits);
    list.push_back(described(spec, options.bits));
    list.back()["value"] = json_number(value);
    rows.push_back({labelled(entry, spec), short_number(value), divergence_unit(entry, options.bits),
                    entry.range, entry.formula});
  }
  if (json) return print_json(list);
  print_table({"divergence", "value", "unit", "range", "definition"}, rows);
}

// ---- more: a matrix a divergence, D(row, column) ----

// A, B, C, … Z, then 27, 28, …
std::string letter(std::size_t i) {
  return i < 26 ? std::string(1, static_cast<char>('A' + i)) : fmt::format("{}", i + 1);
}

void print_matrices(const std::vector<Spec>& specs, const std::vector<Masses>& all,
                    const std::vector<double>& positions, const Options& options, bool json) {
  Json list = Json::array();
  std::vector<std::string> header = {"divergence", "of"};
  for (std::size_t j = 0; j < all.size(); ++j) header.push_back(letter(j));
  std::vector<std::vector<std::string>> rows;
  for (const Spec& spec : specs) {
    Json matrix = Json::array();
    for (std::size_t i = 0; i < all.size(); ++i) {
      rows.push_back({i == 0 ? labelled(find_divergence(spec.name), spec) : "", letter(i)});
      Json row = Json::array();
      for (const Masses& q : all) {
        const double value = between(spec, all[i], q, positions, options.bits);
        row.push_back(json_number(value)), rows.back().push_back(short_number(value));
      }
      matrix.push_back(std::move(row));
    }
    list.push_back(described(spec, options.bits));
    list.back().erase("value");
    list.back()["matrix"] = std::move(matrix);
  }
  if (json) return print_json(list);
  print_table(header, rows);
}

std::string name_of(std::size_t i, std::size_t count) {
  return count > 2 ? letter(i) : std::string(i == 0 ? "P" : "Q");
}

// ---- all of it drawn ----

DivergenceMatrix matrix_of(const Spec& spec, const std::vector<Masses>& all,
                           const std::vector<double>& positions, const Options& options) {
  DivergenceMatrix matrix{spec.text(), {}};
  for (const Masses& p : all) {
    matrix.values.emplace_back();
    for (const Masses& q : all) matrix.values.back().push_back(between(spec, p, q, positions, options.bits));
  }
  return matrix;
}

void draw(const std::vector<Spec>& specs, const std::vector<Masses>& all,
          const std::vector<double>& positions, const Options& options) {
  std::vector<NamedMasses> named;
  for (std::size_t i = 0; i < all.size(); ++i) named.push_back({name_of(i, all.size()), all[i].values});
  std::vector<DivergenceMatrix> matrices;
  for (const Spec& spec : specs) matrices.push_back(matrix_of(spec, all, positions, options));
  write_drawing(options.picture, draw_masses(named, positions, matrices),
                "Distributions over the same values, and the divergences between them");
}

std::vector<Masses> read_all(const Options& options) {
  if (options.masses.size() < 2)
    throw RequestError(Complaint{"divergence", "fewer than two distributions", "P and Q",
                                 "for example 0.5,0.3,0.2 0.2,0.3,0.5"});
  std::vector<Masses> all;
  for (std::size_t i = 0; i < options.masses.size(); ++i) {
    const std::string name = name_of(i, options.masses.size());
    all.push_back(read_masses(options.masses[i], name, options.normalize));
    check_same_values(all.front(), all.back(), name);
  }
  return all;
}

void run(const Options& options, const Common& common) {
  if (options.list) {
    std::vector<std::string> names = options.masses;
    if (!options.metrics.empty())
      for (const Spec& spec : chosen_divergences(options.metrics)) names.push_back(spec.name);
    return list_divergences(names, common.json);
  }
  if (!options.picture.empty()) check_output(options.picture, {".png", ".svg"}, common.force);
  const std::vector<Masses> all = read_all(options);
  const std::vector<double> positions = read_positions(options.positions, all[0].values.size());
  const std::vector<Spec> specs = chosen_divergences(options.metrics);
  const bool placed = std::any_of(specs.begin(), specs.end(), [](const Spec& spec) {
    return find_divergence(spec.name).facts.uses_positions;
  });
  if (!positions.empty() && !placed)
    throw RequestError(
        Complaint{"--positions", "no metric that uses them", "w1, w2, w, energy or mmd among -m"});
  if (!options.picture.empty()) draw(specs, all, positions, options);
  if (all.size() == 2) return print_pair(specs, all, positions, options, common.json);
  print_matrices(specs, all, positions, options, common.json);
}

}  // namespace

Command divergence_command() {
  return {
      "divergence", "How far apart two known distributions over the same values are", "Measure",
      "  pushforward divergence 0.5,0.3,0.2 0.2,0.3,0.5\n"
      "  pushforward divergence P.npy Q.csv -m kl,js,renyi:alpha=0.5 --bits\n"
      "  pushforward divergence 1/3,1/3,1/3 0,1/2,1/2 -m emd --positions 0,10,11\n"
      "  pushforward divergence 1,0,0,0 0,1,0,0 0,0,0,1 -m tv,js,emd,mmd:bandwidth=5    a matrix for each\n"
      "  pushforward divergence 1,0,0,0 0,1,0,0 0,0,0,1 -m tv,emd -o abc.png          and a picture\n"
      "  pushforward divergence --list                every divergence, its formula and facts\n"
      "  pushforward divergence --list renyi",
      [](CommandLine& line, const Common& common) {
        auto options = std::make_shared<Options>();
        line.texts("P", options->masses,
                   "Masses of the same values, two or more: 0.5,0.3,0.2, or a .npy or .csv of them");
        line.texts("-m,--metric", options->metrics, "SPEC[,SPEC…] of --list (default: all of them)",
                   {.words = [] { return names_of(divergences()); }});
        line.flag("--normalize", options->normalize, "Divide masses by their sum, whatever it is");
        line.text("--positions", options->positions,
                  "Where the values lie, for w1, w2, energy, mmd (default 0,1,2,…)");
        line.text("-o,--output", options->picture, "Draws the masses, and a matrix a divergence",
                  {.type = "FILE.png|.svg", .written = true});
        line.flag("--bits", options->bits, "Bits in place of nats");
        line.flag("--list", options->list, "Every divergence: formula, range, facts, options, source");
        return [options, &common] { run(*options, common); };
      }};
}

}  // namespace pushforward::cli
