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

Learned read_spec(const Spec& spec) {
  SpecReader read(spec);
  Learned out{.name = "jsd-critic", .options = read_critic_options(read)};
  const std::string loss = read.word("loss", "non-saturating", {"non-saturating", "minimax"});
  out.options.label_smoothing = read.number("label-smoothing", 0, 0, 0.49);
  read.finish();
  out.objective = out.reading = jsd_objective(loss == "non-saturating");
  out.own = {{"loss", loss}};
  return out;
}

}  // namespace

DistanceEntry jsd_critic_entry() {
  DistanceEntry entry;
  entry.name = "jsd-critic";
  entry.title = "Jensen-Shannon divergence by a discriminator";
  entry.formula = "sup_D ln 2 + ½ E_p ln D(x) + ½ E_q ln(1 − D(y)), D = 1/(1 + e^(−f)), f a network";
  entry.source = "Goodfellow et al., Generative adversarial nets, NeurIPS 2014";
  entry.options = critic_option_rows(
      {{"loss", "non-saturating", "of a generator: non-saturating −ln D(y), or minimax ln(1 − D(y))"},
       {"label-smoothing", "0", "share of a real point's loss that is a generated point's"}});
  entry.facts = learned_facts();
  entry.make = [](const Spec& spec, std::uint64_t seed) { return make_learned(read_spec(spec), seed); };
  return entry;
}

}  // namespace pushforward
