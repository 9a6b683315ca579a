// SPDX-License-Identifier: Apache-2.0
//
// c2st-logit: how far apart a classifier's mean logits of the two samples are on held-out points [Cheng &
// Cloninger, "Classification logit two-sample testing by neural networks for differentiating near manifold
// densities", IEEE Trans. IT 68, 2022], after the classifier test of Lopez-Paz & Oquab, ICLR 2017.
//
//   T = 1/n Σ f(x_i) − 1/m Σ f(y_j),   f the logit of a classifier fitted to other rows
//
// A share of right answers (c2st) forgets how sure the classifier was; the logit estimates ln p/q, and T the
// symmetric Kullback-Leibler divergence, so that a test of it has more power from as many points. Relabelling
// the held-out rows gives an exact p-value.
#include "critics/critic_distance.hpp"

namespace pushforward {
namespace {

Learned learned_of(const C2stLogitOptions& options) {
  Learned out{.name = "c2st-logit", .options = settings_of(options.critic)};
  out.objective = jsd_objective(true), out.reading = logit_objective();
  return out;
}

}  // namespace

const OptionTable<C2stLogitOptions>& option_table(const C2stLogitOptions&) {
  using O = C2stLogitOptions;
  static const auto table = OptionTable<O>("c2st-logit").part(&O::critic, option_table(CriticOptions{}));
  return table;
}

std::unique_ptr<Distance> make_distance(const C2stLogitOptions& options, std::uint64_t seed) {
  option_table(options).check(options);
  return make_learned(learned_of(options), seed);
}

DistanceEntry c2st_logit_entry() {
  const OptionTable<C2stLogitOptions>& table = option_table(C2stLogitOptions{});
  DistanceEntry entry;
  entry.name = "c2st-logit";
  entry.title = "Classifier two-sample test: held-out difference of mean logits";
  entry.formula = "E_p f − E_q f, f the logit of a classifier fitted to other rows";
  entry.source = "Cheng & Cloninger, Classification logit two-sample testing, IEEE Trans. IT 68 (2022)";
  entry.options = table.rows();
  entry.facts = learned_facts();
  entry.make =
      from_table(table, [](const C2stLogitOptions& o, std::uint64_t seed) { return make_distance(o, seed); });
  return entry;
}

}  // namespace pushforward
