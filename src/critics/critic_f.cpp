// SPDX-License-Identifier: Apache-2.0
//
// f-critic: variational f-divergences, D_f(p‖q) ≥ E_p T(x) − E_q f*(T(y)) for every function T, with equality
// for T = f′(p/q) [Nguyen, Wainwright & Jordan, IEEE Trans. IT 56, 2010; Nowozin, Cseke & Tomioka, "f-GAN",
// NeurIPS 2016]. p is the first sample, the data, and q the second, what is generated. critic_objective.cpp
// has the table of conjugates and output activations.
//
// A caution that no network can lift: for kl and chi2 the bound's second mean is over e^T or T², whose large
// values are rare, so far apart distributions need far more points than a discriminator does.
#include "critics/critic_distance.hpp"

namespace pushforward {
namespace {

Learned learned_of(const FCriticOptions& options) {
  Learned out{.name = "f-critic", .options = settings_of(options.critic)};
  const bool non_saturating = options.loss == GeneratorLoss::non_saturating;
  out.objective = f_objective(options.divergence, non_saturating, true);
  out.reading = f_objective(options.divergence, non_saturating);
  out.own = {{"divergence", options.divergence}, {"loss", word_for(generator_losses(), options.loss)}};
  return out;
}

}  // namespace

const OptionTable<FCriticOptions>& option_table(const FCriticOptions&) {
  using O = FCriticOptions;
  static const auto table =
      OptionTable<O>("f-critic")
          .add("divergence", &O::divergence,
               "D(p‖q), X of p and Y of q: kl KL(p‖q), reverse-kl KL(q‖p), chi2 ∫(p−q)²/q, hellinger "
               "(squared), tv, "
               "js",
               one_of(f_divergence_names()))
          .add("loss", &O::loss, "of a generator: minimax −E f*(T(y)), or non-saturating −E T(y)",
               word_of(generator_losses()))
          .part(&O::critic, option_table(CriticOptions{}));
  return table;
}

std::unique_ptr<Distance> make_distance(const FCriticOptions& options, std::uint64_t seed) {
  option_table(options).check(options);
  return make_learned(learned_of(options), seed);
}

DistanceEntry f_critic_entry() {
  const OptionTable<FCriticOptions>& table = option_table(FCriticOptions{});
  DistanceEntry entry;
  entry.name = "f-critic";
  entry.title = "f-divergence by its variational bound";
  entry.formula = "sup_T E_p T(x) − E_q f*(T(y)), T a network behind the divergence's output activation";
  entry.source =
      "Nguyen, Wainwright & Jordan, IEEE Trans. IT 56, 2010; Nowozin, Cseke & Tomioka, NeurIPS 2016";
  entry.options = table.rows();
  entry.facts = learned_facts();
  entry.make =
      from_table(table, [](const FCriticOptions& o, std::uint64_t seed) { return make_distance(o, seed); });
  return entry;
}

}  // namespace pushforward
