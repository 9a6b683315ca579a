// SPDX-License-Identifier: Apache-2.0
//
// The importance-weighted autoencoder: a tighter bound from K draws at once.
//
//   L_K(x) = E ln 1/K Σ_k w_k,   w_k = p(x, z_k)/q(z_k|x),   L_1 = ELBO ≤ L_K ≤ L_{K+1} ≤ ln p(x)
// [Burda, Grosse & Salakhutdinov, "Importance weighted autoencoders", ICLR 2016]. Its reparametrised gradient
// is
//   ∇L_K = Σ_k w̃_k ∇ ln w_k,   w̃ = w/Σw:
// each draw's gradient weighted by its share. With z_k = μ + σ⊙ε_k,
//   −∇ ln w_k = ∇ nll_k + z_k ∇z_k − ½ ∇ ln σ²,
// because −ln q(z_k|x) = ½Σ(ε² + ln σ²) + constant and ε is held. The KL term is thus sampled, not analytic.
#include <cmath>

#include "core/whole_number.hpp"
#include "models/registry.hpp"
#include "models/variational.hpp"

namespace pushforward {
namespace {

class Iwae final : public Variational {
 public:
  Iwae(const IwaeOptions& options, RowShape shape)
      : Variational(options, shape), draws_(options.importance) {}

  Losses accumulate(std::size_t, View<const float> batch, const Step& step) override {
    tell(step.inputs);
    const Forward at = forward(batch, draws_, step.pass);
    const float scale = 1.0f / static_cast<float>(batch.rows);
    const double bound = weigh(at, d_output_, scale);
    likelihood_.weight_rows(d_output_, nll_, weights_, scale);
    backward(at, scale, step.pass);
    return named(at, bound);
  }

  Losses validate(View<const float> batch, const Step& step) override {
    tell(step.inputs);
    const Forward at = forward(batch, draws_, step.pass);
    return named(at, weigh(at, {}, 1));
  }

 private:
  // Fills nll_ and weights_ = w̃ (draws·B each) and returns Σ_b L_K(x_b).
  double weigh(const Forward& at, View<float> gradient, float scale) {
    const std::size_t b = at.code.rows;
    nll_.resize(draws_ * b), weights_.resize(draws_ * b);
    likelihood_.weighted_nll(at.output, at.targets, gradient, scale, nll_);
    log_weights(at, nll_, weights_);
    double bound = 0;
    for (std::size_t i = 0; i < b; ++i) bound += share(i, b);
    return bound;
  }

  // Turns the ln w of row i into shares; returns its ln mean w.
  double share(std::size_t i, std::size_t b) {
    double top = -HUGE_VAL, sum = 0;
    for (std::size_t k = 0; k < draws_; ++k) top = std::max(top, weights_[k * b + i]);
    for (std::size_t k = 0; k < draws_; ++k) sum += weights_[k * b + i] = std::exp(weights_[k * b + i] - top);
    for (std::size_t k = 0; k < draws_; ++k) weights_[k * b + i] /= sum;
    return top + std::log(sum / static_cast<double>(draws_));
  }

  void backward(const Forward& at, float scale, const Pass& pass) {
    backward_decoder(pass);
    for (std::size_t i = 0; i < z_.rows(); ++i)
      for (std::size_t j = 0; j < latent_; ++j)
        d_z_(i, j) += scale * static_cast<float>(weights_[i]) * z_(i, j);
    backward_code(at, 0, -0.5f * scale, pass);
  }

  static Losses named(const Forward& at, double bound) {
    const double b = static_cast<double>(at.code.rows);
    Losses out{.loss = -bound / b};
    out.add("kl", at.kl / b);
    return out;
  }

  std::size_t draws_;
  std::vector<double> nll_, weights_;
};

}  // namespace

const OptionTable<IwaeOptions>& option_table(const IwaeOptions&) {
  static const auto table = variational_table<IwaeOptions>("iwae", [](OptionTable<IwaeOptions>& own) {
    own.add("importance", &IwaeOptions::importance, "draws K of the bound", count_of(1, kMostRepeats));
  });
  return table;
}

ModelEntry iwae_entry() {
  ModelEntry row = variational_row<Iwae>(option_table(IwaeOptions{}));
  row.title = "Importance-weighted autoencoder: a bound from K draws at once";
  row.formula = "max E ln 1/K Σ_k p(x, z_k)/q(z_k|x)";
  row.source = "Burda, Grosse & Salakhutdinov, ICLR 2016";
  row.examples = "  pushforward train iwae mnist -o runs/iwae --binarize --importance 5\n";
  return row;
}

}  // namespace pushforward
