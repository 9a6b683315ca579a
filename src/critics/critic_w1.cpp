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

CriticOptions defaults() {
  CriticOptions options;
  options.lipschitz = {Lipschitz::Kind::penalty, 10};
  return options;
}

Learned read_spec(const Spec& spec) {
  SpecReader read(spec);
  Learned out{.name = "w1-critic", .options = read_critic_options(read, defaults())};
  out.options.lipschitz = parse_lipschitz(read.text("lipschitz", lipschitz_text(out.options.lipschitz)));
  read.finish();
  out.objective = out.reading = w1_objective();
  return out;
}

}  // namespace

DistanceEntry w1_critic_entry() {
  DistanceEntry entry;
  entry.name = "w1-critic";
  entry.title = "1-Wasserstein distance by a critic";
  entry.formula = "sup_f E_p f(x) − E_q f(y), f a network that rises no faster than 1";
  entry.source =
      "Arjovsky, Chintala & Bottou, ICML 2017; Gulrajani et al., NeurIPS 2017; Miyato et al., ICLR 2018";
  entry.options =
      critic_option_rows({{"lipschitz", lipschitz_text(defaults().lipschitz),
                           "what holds f back: penalty+λ, one-sided-penalty+λ, clip+c, spectral, none"}},
                         defaults());
  entry.facts = learned_facts();
  entry.make = [](const Spec& spec, std::uint64_t seed) { return make_learned(read_spec(spec), seed); };
  return entry;
}

}  // namespace pushforward
