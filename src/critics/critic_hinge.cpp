// SPDX-License-Identifier: Apache-2.0
//
// hinge-critic: a critic trained by max(0, 1−f) on real and max(0, 1+f) on generated points [Lim & Ye,
// "Geometric GAN", 2017; Tran, Ranganath & Blei, NeurIPS 2017].
//
// The best f is the sign of p − q, where the loss is 2 − ∫|p−q|: 1 − ½·loss is the total variation then, and
// a lower bound for any other f.
#include "critics/critic_distance.hpp"

namespace pushforward {
namespace {

Learned learned_of(const HingeCriticOptions& options) {
  Learned out{.name = "hinge-critic", .options = settings_of(options.critic)};
  out.objective = out.reading = hinge_objective();
  return out;
}

}  // namespace

const OptionTable<HingeCriticOptions>& option_table(const HingeCriticOptions&) {
  using O = HingeCriticOptions;
  static const auto table = OptionTable<O>("hinge-critic").part(&O::critic, option_table(CriticOptions{}));
  return table;
}

std::unique_ptr<Distance> make_distance(const HingeCriticOptions& options, std::uint64_t seed) {
  option_table(options).check(options);
  return make_learned(learned_of(options), seed);
}

DistanceEntry hinge_critic_entry() {
  const OptionTable<HingeCriticOptions>& table = option_table(HingeCriticOptions{});
  DistanceEntry entry;
  entry.name = "hinge-critic";
  entry.title = "Total variation by a hinge critic";
  entry.formula = "sup_f 1 − ½ E_p max(0, 1−f(x)) − ½ E_q max(0, 1+f(y)) = ½∫|p−q|, f a network";
  entry.source = "Lim & Ye, Geometric GAN, 2017; Tran, Ranganath & Blei, NeurIPS 2017";
  entry.options = table.rows();
  entry.facts = learned_facts();
  entry.make = from_table(
      table, [](const HingeCriticOptions& o, std::uint64_t seed) { return make_distance(o, seed); });
  return entry;
}

}  // namespace pushforward
