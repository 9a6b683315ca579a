// SPDX-License-Identifier: Apache-2.0
//
// ls-critic: a discriminator trained by squared error towards 1 on real and 0 on generated points [Mao, Li,
// Xie, Lau, Wang & Smolley, "Least squares generative adversarial networks", ICCV 2017].
//
// The loss ½E_p (f−1)² + ½E_q f² is least at f = p/(p+q), where it is ½∫pq/(p+q). With (p−q)² = (p+q)² − 4pq,
// 2 − 8·loss is then ∫(p−q)²/(p+q), the triangular discrimination [Topsøe, IEEE Trans. IT 46, 2000], and a
// lower bound for any other f.
#include "critics/critic_distance.hpp"

namespace pushforward {
namespace {

Learned read_spec(const Spec& spec) {
  SpecReader read(spec);
  Learned out{.name = "ls-critic", .options = read_critic_options(read)};
  out.options.label_smoothing = read.number("label-smoothing", 0, 0, 0.49);
  read.finish();
  out.objective = out.reading = least_squares_objective();
  return out;
}

}  // namespace

DistanceEntry ls_critic_entry() {
  DistanceEntry entry;
  entry.name = "ls-critic";
  entry.title = "Triangular discrimination by a least-squares discriminator";
  entry.formula = "sup_f 2 − 4 E_p (f(x)−1)² − 4 E_q f(y)² = ∫(p−q)²/(p+q), f a network";
  entry.source = "Mao et al., Least squares generative adversarial networks, ICCV 2017";
  entry.options = critic_option_rows(
      {{"label-smoothing", "0", "share of a real point's loss that is a generated point's"}});
  entry.facts = learned_facts();
  entry.make = [](const Spec& spec, std::uint64_t seed) { return make_learned(read_spec(spec), seed); };
  return entry;
}

}  // namespace pushforward
