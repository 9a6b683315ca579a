// SPDX-License-Identifier: Apache-2.0
// pushforward divergence: how far apart two known distributions over the same values are.
#include "pushforward/divergence.hpp"
#include <algorithm>

#include "command.hpp"
#include "divergence_list.hpp"
#include "masses.hpp"
#include "output.hpp"
#include "pushforward/error.hpp"

#include <fmt/format.h>

namespace pushforward::cli {
namespace {

struct Options {
  std::string p, q, positions;
  std::vector<std::string> metrics;
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

void run(const Options& options, const Common& common) {
  if (options.list) {
    std::vector<std::string> names;
    for (const std::string& name : {options.p, options.q})
      if (!name.empty()) names.push_back(name);
    if (!options.metrics.empty())
      for (const Spec& spec : chosen_divergences(options.metrics)) names.push_back(spec.name);
    return list_divergences(names, common.json);
  }
  if (options.p.empty() || options.q.empty())
    throw RequestError(Complaint{"divergence", "fewer than two distributions", "P and Q",
                                 "for example 0.5,0.3,0.2 0.2,0.3,0.5"});
  const Masses p = read_masses(options.p, "P", options.normalize),
               q = read_masses(options.q, "Q", options.normalize);
  check_same_values(p, q);
  const std::vector<double> positions = read_positions(options.positions, p.values.size());
  Json list = Json::array();
  std::vector<std::vector<std::string>> rows;
  const std::vector<Spec> specs = chosen_divergences(options.metrics);
  const bool placed = std::any_of(specs.begin(), specs.end(), [](const Spec& spec) {
    return find_divergence(spec.name).facts.uses_positions;
  });
  if (!positions.empty() && !placed)
    throw RequestError(Complaint{"--positions", "no metric that uses them", "w1, w2, w or energy among -m"});
  for (const Spec& spec : specs) {
    const DivergenceEntry& entry = find_divergence(spec.name);
    const double natural = make_divergence(spec)->measure({p.values, q.values, positions});
    const double value = in_divergence_unit(entry, natural, options.bits);
    const std::string unit = divergence_unit(entry, options.bits);
    Json item = {{"metric", spec.name}, {"value", json_number(value)}, {"unit", unit}};
    if (const Fields used = options_used(entry, spec); !used.empty()) item["options"] = to_json(used);
    list.push_back(std::move(item));
    rows.push_back({labelled(entry, spec), short_number(value), unit, entry.range, entry.formula});
  }
  if (common.json) return print_json(list);
  print_table({"divergence", "value", "unit", "range", "definition"}, rows);
}

}  // namespace

Command divergence_command() {
  return {"divergence", "How far apart two known distributions over the same values are", "Measure",
          "  pushforward divergence 0.5,0.3,0.2 0.2,0.3,0.5\n"
          "  pushforward divergence P.npy Q.csv -m kl,js,renyi:alpha=0.5 --bits\n"
          "  pushforward divergence 1/3,1/3,1/3 0,1/2,1/2 -m emd --positions 0,10,11\n"
          "  pushforward divergence --list                every divergence, its formula and facts\n"
          "  pushforward divergence --list renyi",
          [](CommandLine& line, const Common& common) {
            auto options = std::make_shared<Options>();
            line.text("P", options->p, "Masses: 0.5,0.3,0.2, or a .npy or .csv of them");
            line.text("Q", options->q, "Masses of the same values");
            line.texts("-m,--metric", options->metrics, "SPEC[,SPEC…] of --list (default: all of them)");
            line.flag("--normalize", options->normalize, "Divide masses by their sum, whatever it is");
            line.text("--positions", options->positions,
                      "Where the values lie, for w1, w2, energy (default 0,1,2,…)");
            line.flag("--bits", options->bits, "Bits in place of nats");
            line.flag("--list", options->list, "Every divergence: formula, range, facts, options, source");
            return [options, &common] { run(*options, common); };
          }};
}

}  // namespace pushforward::cli
