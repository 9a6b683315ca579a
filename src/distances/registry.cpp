// SPDX-License-Identifier: Apache-2.0
// The table of distances. To add one: a file in this folder with a function that returns its row, and a line
// here.
#include <algorithm>

#include "core/displayed_defaults.hpp"
#include "core/row.hpp"
#include "pushforward/distance.hpp"
#include "pushforward/error.hpp"
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

const DistanceEntry& find_distance(std::string_view name) {
  std::vector<std::string> valid;
  for (const DistanceEntry& entry : distances()) {
    if (entry.name == name) return entry;
    valid.push_back(entry.name);
  }
  throw unknown_word("distance", name, valid);
}

std::unique_ptr<Distance> make_distance(const Spec& spec, std::uint64_t seed) {
  const DistanceEntry& entry = find_distance(spec.name);
  return with_displayed_defaults(entry.options, spec, [&](const Spec& s) { return entry.make(s, seed); });
}

std::unique_ptr<Witness> Distance::witness(const Sample&, const Sample&) const { return nullptr; }

Facts facts_of(const Spec& spec) {
  const DistanceEntry& entry = find_distance(spec.name);
  if (!entry.facts_of) return entry.facts;
  return with_displayed_defaults(entry.options, spec, entry.facts_of);
}

}  // namespace pushforward
