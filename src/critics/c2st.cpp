// SPDX-License-Identifier: Apache-2.0
//
// c2st: how often a classifier tells held-out points of the two samples apart [Lopez-Paz & Oquab, "Revisiting
// classifier two-sample tests", ICLR 2017].
//
// The discriminator of jsd-critic is fitted to some rows; its accuracy is read on the others, the two samples
// counting half each: ½ by chance, ½ + ½·TV at best. As a test it needs no permutations: if p = q, labels of
// held-out rows are exchangeable, so of the c rows that it takes for real, the number that are real follows
// the hypergeometric law (Fisher's exact test). That is the p-value beside the value. `pushforward test` does
// the same by relabelling.
#include "critics/critic_distance.hpp"

namespace pushforward {
namespace {

Learned learned_of(const C2stOptions& options) {
  Learned out{.name = "c2st", .options = settings_of(options.critic)};
  out.objective = jsd_objective(true), out.reading = accuracy_objective();
  return out;
}

}  // namespace

const OptionTable<C2stOptions>& option_table(const C2stOptions&) {
  using O = C2stOptions;
  static const auto table = OptionTable<O>("c2st").part(&O::critic, option_table(CriticOptions{}));
  return table;
}

std::unique_ptr<Distance> make_distance(const C2stOptions& options, std::uint64_t seed) {
  option_table(options).check(options);
  return make_learned(learned_of(options), seed);
}

DistanceEntry c2st_entry() {
  const OptionTable<C2stOptions>& table = option_table(C2stOptions{});
  DistanceEntry entry;
  entry.name = "c2st";
  entry.title = "Classifier two-sample test: held-out accuracy";
  entry.formula = "½ P_p(f(x) > 0) + ½ P_q(f(y) ≤ 0), f the logit of a classifier fitted to other rows";
  entry.source = "Lopez-Paz & Oquab, Revisiting classifier two-sample tests, ICLR 2017";
  entry.options = table.rows();
  entry.facts = learned_facts();
  entry.make =
      from_table(table, [](const C2stOptions& o, std::uint64_t seed) { return make_distance(o, seed); });
  return entry;
}

}  // namespace pushforward
