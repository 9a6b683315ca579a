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

Learned learned_of(const LsCriticOptions& options) {
  Learned out{.name = "ls-critic", .options = settings_of(options.critic)};
  out.options.label_smoothing = options.label_smoothing;
  out.objective = out.reading = least_squares_objective();
  return out;
}

}  // namespace

const OptionTable<LsCriticOptions>& option_table(const LsCriticOptions&) {
  using O = LsCriticOptions;
  static const auto table =
      OptionTable<O>("ls-critic")
          .add("label-smoothing", &O::label_smoothing,
               "share of a real point's loss that is a generated point's", number_of(0, 0.49))
          .part(&O::critic, option_table(CriticOptions{}));
  return table;
}

std::unique_ptr<Distance> make_distance(const LsCriticOptions& options, std::uint64_t seed) {
  option_table(options).check(options);
  return make_learned(learned_of(options), seed);
}

DistanceEntry ls_critic_entry() {
  const OptionTable<LsCriticOptions>& table = option_table(LsCriticOptions{});
  DistanceEntry entry;
  entry.name = "ls-critic";
  entry.title = "Triangular discrimination by a least-squares discriminator";
  entry.formula = "sup_f 2 − 4 E_p (f(x)−1)² − 4 E_q f(y)² = ∫(p−q)²/(p+q), f a network";
  entry.source = "Mao et al., Least squares generative adversarial networks, ICCV 2017";
  entry.options = table.rows();
  entry.facts = learned_facts();
  entry.make =
      from_table(table, [](const LsCriticOptions& o, std::uint64_t seed) { return make_distance(o, seed); });
  return entry;
}

}  // namespace pushforward
