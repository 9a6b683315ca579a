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

Learned read_spec(const Spec& spec) {
  SpecReader read(spec);
  Learned out{.name = "c2st-logit", .options = read_critic_options(read)};
  read.finish();
  out.objective = jsd_objective(true), out.reading = logit_objective();
  return out;
}

}  // namespace

DistanceEntry c2st_logit_entry() {
  DistanceEntry entry;
  entry.name = "c2st-logit";
  entry.title = "Classifier two-sample test: held-out difference of mean logits";
  entry.formula = "E_p f − E_q f, f the logit of a classifier fitted to other rows";
  entry.source = "Cheng & Cloninger, Classification logit two-sample testing, IEEE Trans. IT 68 (2022)";
  entry.options = critic_option_rows({});
  entry.facts = learned_facts();
  entry.make = [](const Spec& spec, std::uint64_t seed) { return make_learned(read_spec(spec), seed); };
  return entry;
}

}  // namespace pushforward
