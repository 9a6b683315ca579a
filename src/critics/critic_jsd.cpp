// SPDX-License-Identifier: Apache-2.0
//
// jsd-critic: a discriminator D(x) = s(f(x)), trained by cross-entropy to tell real from generated points.
//
// The loss of a batch of m real and m generated points is (1/m) Σ −ln D(x) + (1/m) Σ −ln(1 − D(y)). Its
// least value is 2 ln 2 − 2·JSD(p, q), at D = p/(p+q) [Goodfellow et al., "Generative adversarial nets",
// NeurIPS 2014, theorem 1], so that ln 2 − ½·loss is the Jensen–Shannon divergence for the best D and a lower
// bound for any other, and the logit f is then ln p/q. Everything is computed on logits, where no logarithm
// of 0 can come up.
#include "critics/critic_distance.hpp"

namespace pushforward {
namespace {

Learned learned_of(const JsdCriticOptions& options) {
  Learned out{.name = "jsd-critic", .options = settings_of(options.critic)};
  out.options.label_smoothing = options.label_smoothing;
  out.objective = out.reading = jsd_objective(options.loss == GeneratorLoss::non_saturating);
  out.own = {{"loss", word_for(generator_losses(), options.loss)}};
  return out;
}

}  // namespace

const OptionTable<JsdCriticOptions>& option_table(const JsdCriticOptions&) {
  using O = JsdCriticOptions;
  static const auto table =
      OptionTable<O>("jsd-critic")
          .add("loss", &O::loss, "of a generator: non-saturating −ln D(y), or minimax ln(1 − D(y))",
               word_of(generator_losses()))
          .add("label-smoothing", &O::label_smoothing,
               "share of a real point's loss that is a generated point's", number_of(0, 0.49))
          .part(&O::critic, option_table(CriticOptions{}));
  return table;
}

std::unique_ptr<Distance> make_distance(const JsdCriticOptions& options, std::uint64_t seed) {
  option_table(options).check(options);
  return make_learned(learned_of(options), seed);
}

DistanceEntry jsd_critic_entry() {
  const OptionTable<JsdCriticOptions>& table = option_table(JsdCriticOptions{});
  DistanceEntry entry;
  entry.name = "jsd-critic";
  entry.title = "Jensen-Shannon divergence by a discriminator";
  entry.formula = "sup_D ln 2 + ½ E_p ln D(x) + ½ E_q ln(1 − D(y)), D = 1/(1 + e^(−f)), f a network";
  entry.source = "Goodfellow et al., Generative adversarial nets, NeurIPS 2014";
  entry.options = table.rows();
  entry.facts = learned_facts();
  entry.make =
      from_table(table, [](const JsdCriticOptions& o, std::uint64_t seed) { return make_distance(o, seed); });
  return entry;
}

}  // namespace pushforward
