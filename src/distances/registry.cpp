// SPDX-License-Identifier: Apache-2.0
// The table of distances. To add one: a file in this folder with a function that returns its row, and a line
// here.
#include "core/displayed_defaults.hpp"
#include "core/row.hpp"
#include "pushforward/distance.hpp"
#include "pushforward/distance_names.hpp"
#include "pushforward/witness.hpp"

namespace pushforward {

#define ROW(name) PUSHFORWARD_ROW(DistanceEntry, name)

std::span<const DistanceEntry> distances() {
  static const std::vector<DistanceEntry> table = {
      ROW(mmd_entry),           //
      ROW(energy_entry),        //
      ROW(w1_entry),            //
      ROW(w2_entry),            //
      ROW(w_entry),             //
      ROW(kl_knn_entry),        //
      ROW(prdc_entry),          //
      ROW(frechet_entry),       //
      ROW(histogram_entry),     //
      ROW(sinkhorn_entry),      //
      ROW(sliced_entry),        //
      ROW(max_sliced_entry),    //
      ROW(jsd_critic_entry),    //
      ROW(w1_critic_entry),     //
      ROW(f_critic_entry),      //
      ROW(ls_critic_entry),     //
      ROW(hinge_critic_entry),  //
      ROW(c2st_entry),          //
      ROW(c2st_logit_entry),    //
      ROW(mmdagg_entry),        //
      ROW(mmd_fuse_entry),      //
      ROW(mmd_d_entry),         //
  };
  return table;
}

const DistanceEntry& find_distance(std::string_view name) { return find_row(distances(), name, "distance"); }

Spec distance_meant(Spec spec) { return spec_meant(std::move(spec), "distance", names_of(distances())); }

std::vector<Spec> parse_distances(std::string_view text, std::string_view where) {
  std::vector<Spec> specs;
  for (Spec& spec : parse_spec_list(text, where)) specs.push_back(distance_meant(std::move(spec)));
  return specs;
}

std::unique_ptr<Distance> make_distance(const Spec& spec, std::uint64_t seed) {
  const Spec meant = distance_meant(spec);
  const DistanceEntry& entry = find_distance(meant.name);
  return with_displayed_defaults(entry.options, meant, [&](const Spec& s) { return entry.make(s, seed); });
}

std::unique_ptr<Witness> Distance::witness(const Sample&, const Sample&) const { return nullptr; }

Facts facts_of(const Spec& spec) {
  const Spec meant = distance_meant(spec);
  const DistanceEntry& entry = find_distance(meant.name);
  if (!entry.facts_of) return entry.facts;
  return with_displayed_defaults(entry.options, meant, entry.facts_of);
}

}  // namespace pushforward
