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

Learned read_spec(const Spec& spec) {
  SpecReader read(spec);
  Learned out{.name = "hinge-critic", .options = read_critic_options(read)};
  read.finish();
  out.objective = out.reading = hinge_objective();
  return out;
}

}  // namespace

DistanceEntry hinge_critic_entry() {
  DistanceEntry entry;
  entry.name = "hinge-critic";
  entry.title = "Total variation by a hinge critic";
  entry.formula = "sup_f 1 − ½ E_p max(0, 1−f(x)) − ½ E_q max(0, 1+f(y)) = ½∫|p−q|, f a network";
  entry.source = "Lim & Ye, Geometric GAN, 2017; Tran, Ranganath & Blei, NeurIPS 2017";
  entry.options = critic_option_rows({});
  entry.facts = learned_facts();
  entry.make = [](const Spec& spec, std::uint64_t seed) { return make_learned(read_spec(spec), seed); };
  return entry;
}

}  // namespace pushforward
