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

Learned read_spec(const Spec& spec) {
  SpecReader read(spec);
  Learned out{.name = "f-critic", .options = read_critic_options(read)};
  const std::string divergence = read.word("divergence", "kl", f_divergence_names());
  const std::string loss = read.word("loss", "minimax", {"minimax", "non-saturating"});
  read.finish();
  out.objective = f_objective(divergence, loss == "non-saturating", true);
  out.reading = f_objective(divergence, loss == "non-saturating");
  out.own = {{"divergence", divergence}, {"loss", loss}};
  return out;
}

}  // namespace

DistanceEntry f_critic_entry() {
  DistanceEntry entry;
  entry.name = "f-critic";
  entry.title = "f-divergence by its variational bound";
  entry.formula = "sup_T E_p T(x) − E_q f*(T(y)), T a network behind the divergence's output activation";
  entry.source =
      "Nguyen, Wainwright & Jordan, IEEE Trans. IT 56, 2010; Nowozin, Cseke & Tomioka, NeurIPS 2016";
  entry.options = critic_option_rows(
      {{"divergence", "kl",
        "D(p‖q), X of p and Y of q: kl KL(p‖q), reverse-kl KL(q‖p), chi2 ∫(p−q)²/q, hellinger (squared), tv, "
        "js"},
       {"loss", "minimax", "of a generator: minimax −E f*(T(y)), or non-saturating −E T(y)"}});
  entry.facts = learned_facts();
  entry.make = [](const Spec& spec, std::uint64_t seed) { return make_learned(read_spec(spec), seed); };
  return entry;
}

}  // namespace pushforward
