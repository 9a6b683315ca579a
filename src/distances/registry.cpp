// SPDX-License-Identifier: Apache-2.0
// The table of distances. To add one: a file in this folder with a function that returns its row, and a line
// here.
#include <algorithm>

#include "core/displayed_defaults.hpp"
#include "pushforward/distance.hpp"
#include "pushforward/error.hpp"
#include "pushforward/witness.hpp"

namespace pushforward {

DistanceEntry mmd_entry();
DistanceEntry mmdagg_entry(), mmd_fuse_entry(), mmd_d_entry();
DistanceEntry energy_entry();
DistanceEntry w1_entry(), w2_entry(), w_entry();
DistanceEntry kl_knn_entry(), prdc_entry();
DistanceEntry frechet_entry();
DistanceEntry histogram_entry();
DistanceEntry sinkhorn_entry(), sliced_entry(), max_sliced_entry();
DistanceEntry jsd_critic_entry(), w1_critic_entry(), f_critic_entry(), ls_critic_entry(),
    hinge_critic_entry();
DistanceEntry c2st_entry(), c2st_logit_entry();

std::span<const DistanceEntry> distances() {
  static const std::vector<DistanceEntry> table = {
      mmd_entry(),                                                                                        //
      energy_entry(),                                                                                     //
      w1_entry(),                                                                                         //
      w2_entry(),                                                                                         //
      w_entry(),                                                                                          //
      kl_knn_entry(),                                                                                     //
      prdc_entry(),                                                                                       //
      frechet_entry(),                                                                                    //
      histogram_entry(),                                                                                  //
      sinkhorn_entry(),                                                                                   //
      sliced_entry(),                                                                                     //
      max_sliced_entry(),                                                                                 //
      jsd_critic_entry(), w1_critic_entry(),  f_critic_entry(), ls_critic_entry(), hinge_critic_entry(),  //
      c2st_entry(),       c2st_logit_entry(),                                                             //
      mmdagg_entry(),     mmd_fuse_entry(),   mmd_d_entry(),                                              //
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
