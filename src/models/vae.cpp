// SPDX-License-Identifier: Apache-2.0
//
// The variational autoencoder: maximise E_q[ln p(x|z)] − β·KL[q(z|x) ‖ N(0, I)].
//
// [Kingma & Welling, "Auto-encoding variational Bayes", ICLR 2014; Rezende, Mohamed & Wierstra, ICML 2014; β:
// Higgins et al., ICLR 2017]. With z = μ + σ⊙ε, ε ~ N(0, I), the first term's gradient is that of L draws,
// and
//   −KL = ½ Σ_j (1 + ln σ_j² − μ_j² − σ_j²)
// is in closed form. Sums over features and latents, mean over the batch. β may rise from 0 over --warmup
// steps [Sønderby et al., NeurIPS 2016]; what validation and evaluation report always has the full β, or β
// = 1.
#include "core/whole_number.hpp"
#include "models/registry.hpp"
#include "models/variational.hpp"

namespace pushforward {
namespace {

class Vae final : public Variational {
 public:
  Vae(const VaeOptions& options, RowShape shape)
      : Variational(options, shape),
        draws_(options.draws),
        beta_(options.beta),
        warmup_(static_cast<double>(options.training.warmup)) {}

  Losses accumulate(std::size_t, View<const float> batch, const Step& step) override {
    const double risen = warmup_ > 0 ? std::min(1.0, static_cast<double>(step.step + 1) / warmup_) : 1;
    const double beta = beta_ * risen, b = static_cast<double>(batch.rows);
    tell(step.inputs);
    const Forward at = forward(batch, draws_, step.pass);
    const double n = b * static_cast<double>(draws_);
    const double nll = likelihood_.nll(at.output, at.targets, d_output_, static_cast<float>(1 / n));
    backward_decoder(step.pass);
    backward_code(at, static_cast<float>(beta / b), 0, step.pass);
    return named(nll / n, at.kl / b, beta);
  }

  Losses validate(View<const float> batch, const Step& step) override {
    const double b = static_cast<double>(batch.rows), n = b * static_cast<double>(draws_);
    tell(step.inputs);
    const Forward at = forward(batch, draws_, step.pass);
    return named(likelihood_.nll(at.output, at.targets, {}, 1) / n, at.kl / b, beta_);
  }

 private:
  static Losses named(double nll, double kl, double beta) {
    Losses out{.loss = nll + beta * kl};
    out.add("reconstruction", nll);
    out.add("kl", kl);
    return out;
  }

  std::size_t draws_;
  double beta_, warmup_;
};

}  // namespace

const OptionTable<VaeOptions>& option_table(const VaeOptions&) {
  static const auto table = variational_table<VaeOptions>("vae", [](OptionTable<VaeOptions>& own) {
    own.add("beta", &VaeOptions::beta, "weight of the KL term", number_of(0, 1e9))
        .add("draws", &VaeOptions::draws, "draws of z a row and step", count_of(1, kMostRepeats));
  });
  return table;
}

ModelEntry vae_entry() {
  ModelEntry row = variational_row<Vae>(option_table(VaeOptions{}));
  row.title = "Variational autoencoder: a decoder whose latents follow N(0, I)";
  row.formula = "max E_q[ln p(x|z)] − β·KL[q(z|x) ‖ N(0, I)], q(z|x) = N(μ(x), diag σ²(x))";
  row.source = "Kingma & Welling, ICLR 2014";
  row.examples =
      "  pushforward train vae mnist -o runs/vae\n"
      "  pushforward train vae mnist -o runs/convolutions --network conv\n"
      "  pushforward train vae mnist -o runs/plane --latent 2 --hidden 500,500 --epochs 30\n"
      "  pushforward train vae faces -o runs/faces --likelihood gaussian:learned --validation 0.1\n";
  return row;
}

}  // namespace pushforward
