// SPDX-License-Identifier: Apache-2.0
// pushforward entropy: of a vector of masses, or of a joint table.
#include <numbers>

#include <fmt/format.h>

#include "command.hpp"
#include "masses.hpp"
#include "output.hpp"
#include "pushforward/entropy.hpp"
#include "pushforward/error.hpp"

namespace pushforward::cli {
namespace {

struct Options {
  std::string p;
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

void run(const Options& options, const Common& common) {
  if (options.p.empty())
    throw RequestError(Complaint{"entropy", "nothing to measure", "P", "for example 0.5,0.3,0.2"});
  const Masses masses = read_masses(options.p, "P", options.normalize);
  Fields result = entropies_of(masses);
  for (Field& field : result)
    if (options.bits) field.value = std::get<double>(field.value) / std::numbers::ln2;
  result.emplace_back("unit", options.bits ? "bits" : "nats");
  if (common.json) return print_json(to_json(result));
  print_fields(result);
}

}  // namespace

Command entropy_command() {
  return {"entropy", "Entropy of a known distribution, joint and conditional ones of a table", "Measure",
          "  pushforward entropy 0.5,0.25,0.25 --bits\n"
          "  pushforward entropy '0.4,0.1;0.1,0.4'        rows are X, columns Y\n"
          "  pushforward entropy counts.csv --normalize",
          [](CLI::App& app, const Common& common) {
            auto options = std::make_shared<Options>();
            app.add_option("P", options->p,
                           "Masses: 0.5,0.3,0.2, a table 'a,b;c,d', or a .npy or .csv of them");
            app.add_flag("--normalize", options->normalize, "Divide masses by their sum, whatever it is");
            app.add_flag("--bits", options->bits, "Bits in place of nats");
            return [options, &common] { run(*options, common); };
          }};
}

}  // namespace pushforward::cli
