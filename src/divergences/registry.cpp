// SPDX-License-Identifier: Apache-2.0
// The table of divergences between known distributions. To add one: a file here with its row, and a line
// below.
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "core/displayed_defaults.hpp"
#include "core/row.hpp"
#include "pushforward/divergence.hpp"
#include "pushforward/error.hpp"

namespace pushforward {

#define ROW(name) PUSHFORWARD_ROW(DivergenceEntry, name)

std::span<const DivergenceEntry> divergences() {
  static const std::vector<DivergenceEntry> table = {
      ROW(total_variation_row),           //
      ROW(hellinger_row),                 //
      ROW(squared_euclidean_row),         //
      ROW(chi_square_row),                //
      ROW(kullback_leibler_row),          //
      ROW(reverse_kullback_leibler_row),  //
      ROW(jensen_shannon_row),            //
      ROW(root_jensen_shannon_row),       //
      ROW(cross_entropy_row),             //
      ROW(renyi_row),                     //
      ROW(alpha_row),                     //
      ROW(f_divergence_row),              //
      ROW(wasserstein_1_row),             //
      ROW(wasserstein_2_row),             //
      ROW(wasserstein_p_row),             //
      ROW(energy_row),                    //
      ROW(kernel_discrepancy_row),        //
  };
  return table;
}

const DivergenceEntry& find_divergence(std::string_view name) {
  return find_row(divergences(), name, "divergence");
}

Spec divergence_meant(Spec spec) {
  return spec_meant(std::move(spec), "divergence", names_of(divergences()));
}

std::vector<Spec> parse_divergences(std::string_view text, std::string_view where) {
  std::vector<Spec> specs;
  for (Spec& spec : parse_spec_list(text, where)) specs.push_back(divergence_meant(std::move(spec)));
  return specs;
}

std::unique_ptr<Divergence> make_divergence(const Spec& spec) {
  const Spec meant = divergence_meant(spec);
  const DivergenceEntry& entry = find_divergence(meant.name);
  return with_displayed_defaults(entry.options, meant, entry.make);
}

DivergenceFacts divergence_facts(const Spec& spec) {
  const Spec meant = divergence_meant(spec);
  const DivergenceEntry& entry = find_divergence(meant.name);
  if (!entry.facts_of) return entry.facts;
  return with_displayed_defaults(entry.options, meant, entry.facts_of);
}

double divergence(const Spec& spec, std::span<const double> p, std::span<const double> q,
                  std::span<const double> positions, std::span<double> gradient) {
  const auto complain = [&](std::size_t got, std::string_view of, std::size_t wanted) {
    throw RequestError(
        Complaint{spec.name, fmt::format("{} {}", got, of), fmt::format("{}, as P has", wanted)});
  };
  if (q.size() != p.size()) complain(q.size(), "masses in Q", p.size());
  if (!positions.empty() && positions.size() != p.size()) complain(positions.size(), "positions", p.size());
  if (!gradient.empty() && gradient.size() != p.size())
    complain(gradient.size(), "gradient entries", p.size());
  for (std::size_t i = 0; i < positions.size(); ++i)
    if (!std::isfinite(positions[i]))
      throw RequestError(
          Complaint{spec.name, fmt::format("position {} at entry {}", positions[i], i), "finite positions"});
  const std::vector<double> left = distribution_of("P", p), right = distribution_of("Q", q);
  return make_divergence(spec)->measure({left, right, positions}, gradient);
}

std::string divergence_unit(const DivergenceEntry& entry, bool bits) {
  switch (entry.scale) {
    case DivergenceScale::information:
      return bits ? "bits" : "nats";
    case DivergenceScale::root_information:
      return bits ? "√bits" : "√nats";
    case DivergenceScale::position:
      return "unit of the positions";
    case DivergenceScale::number:
      break;
  }
  return entry.unit.empty() ? "dimensionless" : entry.unit;
}

std::string density_unit(const DivergenceEntry& entry, bool bits) {
  if (entry.scale == DivergenceScale::position) return "unit of x";
  return entry.unit_of_densities.empty() ? divergence_unit(entry, bits) : entry.unit_of_densities;
}

double in_divergence_unit(const DivergenceEntry& entry, double value, bool bits) {
  if (!bits) return value;
  if (entry.scale == DivergenceScale::information) return value / std::numbers::ln2;
  if (entry.scale == DivergenceScale::root_information) return value / std::sqrt(std::numbers::ln2);
  return value;
}

}  // namespace pushforward
