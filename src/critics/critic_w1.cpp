// SPDX-License-Identifier: Apache-2.0
//
// w1-critic: a critic f that rises no faster than 1, trained to make E_p f − E_q f large.
//
// By Kantorovich and Rubinstein the supremum over 1-Lipschitz functions is W1(p, q). What holds f back:
//
//   penalty+λ            λ·E (‖∇f(x̂)‖ − 1)² between the samples [Gulrajani et al., NeurIPS 2017]
//   one-sided-penalty+λ  λ·E max(0, ‖∇f(x̂)‖ − 1)²              [Petzka, Fischer & Lukovnikov, ICLR 2018]
//   clip+c               |w| ≤ c for all weights                  [Arjovsky, Chintala & Bottou, ICML 2017]
//   spectral             every weight's largest singular value 1  [Miyato et al., ICLR 2018]
//
// A penalty lets slopes exceed 1 (by about W/(2λ)) and clipping leaves them unknown, so a measurement divides
// the held-out difference of means by a bound of f's slope: critic_lipschitz.cpp says which and what it makes
// of the value, and critic_extension.cpp what is better where points are dense.
#include "critics/critic_distance.hpp"

namespace pushforward {
namespace {

Learned learned_of(const W1CriticOptions& options) {
  Learned out{.name = "w1-critic", .options = settings_of(options.critic)};
  out.options.lipschitz = options.lipschitz;
  out.objective = out.reading = w1_objective();
  return out;
}

}  // namespace

const OptionTable<W1CriticOptions>& option_table(const W1CriticOptions&) {
  using O = W1CriticOptions;
  static const auto table =
      OptionTable<O>("w1-critic")
          .add("lipschitz", &O::lipschitz,
               "what holds f back: penalty+λ, one-sided-penalty+λ, clip+c, spectral, none", lipschitz_kind())
          .part(&O::critic, option_table(CriticOptions{}));
  return table;
}

std::unique_ptr<Distance> make_distance(const W1CriticOptions& options, std::uint64_t seed) {
  option_table(options).check(options);
  return make_learned(learned_of(options), seed);
}

DistanceEntry w1_critic_entry() {
  const OptionTable<W1CriticOptions>& table = option_table(W1CriticOptions{});
  DistanceEntry entry;
  entry.name = "w1-critic";
  entry.title = "1-Wasserstein distance by a critic";
  entry.formula = "sup_f E_p f(x) − E_q f(y), f a network that rises no faster than 1";
  entry.source =
      "Arjovsky, Chintala & Bottou, ICML 2017; Gulrajani et al., NeurIPS 2017; Miyato et al., ICLR 2018";
  entry.options = table.rows();
  entry.facts = learned_facts();
  entry.make =
      from_table(table, [](const W1CriticOptions& o, std::uint64_t seed) { return make_distance(o, seed); });
  return entry;
}

}  // namespace pushforward
