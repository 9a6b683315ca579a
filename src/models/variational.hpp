// SPDX-License-Identifier: Apache-2.0
//
// What the variational autoencoder and its importance-weighted cousin share: everything but the objective.
//
//   encoder  q(z|x) = N(μ(x), diag σ²(x))      decoder  p(x|z), see likelihood.hpp      prior  N(0, I)
//   ELBO(x)  = E_q[ln p(x|z)] − KL[q(z|x) ‖ N(0, I)]  ≤  ln p(x)
//   ln p(x)  ≈ ln 1/K Σ_k p(x, z_k)/q(z_k|x)           importance sampling, K draws of q
//
// The importance-sampled estimate streams: a running maximum and sum a row, in float64, so that K = 5000
// needs no more memory than a batch.
//
// Letters: B rows, D features, Z latents, L draws a row; row b's draw l is row l·B + b.
#pragma once

#include "models/codec.hpp"
#include "models/condition_input.hpp"
#include "models/evaluation.hpp"
#include "models/likelihood.hpp"
#include "models/registry.hpp"
#include "pushforward/condition.hpp"
#include "pushforward/models.hpp"
#include "pushforward/onnx.hpp"
#include "pushforward/row_wise.hpp"

namespace pushforward {

class Variational : public Model,
                    public Learner,
                    public Codec,
                    public Varied,
                    public Generative,
                    public Evaluates,
                    public Scores,
                    public OnnxModel,
                    public RowWise,
                    public Conditional {
 public:
  /// Of VaeOptions or IwaeOptions.
  template <class O>
  Variational(const O& options, RowShape shape)
      : Variational(options.network, options.likelihood, options.condition, options.data, shape) {}

  std::size_t latent() const override { return latent_; }
  bool draws() const override { return true; }
  std::vector<Parameter*> parameters() override;
  std::vector<Phase> phases() override { return {fit_phase(parameters())}; }
  void prepare(const Dataset& training) override;
  void after_step(std::size_t phase) override;
  std::string across_rows() const override { return likelihood_.across_rows(); }
  std::string diagnose() const override;

  void encode(View<const float> x, View<float> z, const Draw* draw) override;
  void decode(View<const float> z, View<float> x, const Draw* draw) override;
  void code_variance(View<const float> x, View<float> variance) override;
  void decoded_variance(View<const float> z, View<float> variance) override;
  void sample_latent(View<float> z, const Draw& draw) override { fill_normal(z.span(), draw); }
  bool normal_prior() const override { return true; }
  Fields evaluate(const Dataset& data, const EvaluateOptions& options) override;
  std::vector<double> scores(const Dataset& data, const EvaluateOptions& options) override;
  std::vector<Fields> summary() override;
  std::vector<OnnxPart> onnx_parts() override;
  std::size_t condition_width() const override { return told_.width(); }
  void tell(View<const float> conditions) override { told_.tell(conditions); }

 protected:
  /// What one pass over a batch leaves: x as the model sees it, `draws` latents a row, and their likelihoods.
  struct Forward {
    View<const float> x, code, output, targets;
    double kl = 0;  ///< Σ over rows
  };
  /// Encodes, draws and decodes; `row_kl` receives each row's KL where not empty.
  Forward forward(View<const float> x, std::size_t draws, const Pass& pass, std::span<double> row_kl = {});
  /// x itself, or a Bernoulli draw of it with --binarize.
  View<const float> seen(View<const float> x, const Draw& draw);
  /// The encoder's output for rows, and the decoder's for codes, told what the condition is.
  View<const float> encoded(View<const float> x, const Pass& pass);
  View<const float> decoded(View<const float> z, const Pass& pass);
  /// Backpropagates d_output_ through the decoder into d_z_.
  void backward_decoder(const Pass& pass);
  /// Backpropagates d_z_ through the draws (with weight kl_scale on the KL) and the encoder;
  /// `add_to_log_variance` is added to the gradient of every ln σ² on the way.
  void backward_code(const Forward& at, float kl_scale, float add_to_log_variance, const Pass& pass);
  /// ln p(x, z)/q(z|x) of every draw, given rows of −ln p(x|z): draws·B numbers.
  void log_weights(const Forward& at, std::span<const double> nll_rows, std::span<double> out) const;

  RowShape shape_;
  std::size_t latent_;
  bool binarize_, data_bias_;
  Likelihood likelihood_;
  ToldConditions told_;
  ConditionInput beside_x_, beside_z_;
  Network encoder_, decoder_;
  Trace encoder_trace_, decoder_trace_;
  Tensor binary_, tiled_, noise_, z_, d_output_, d_beside_z_, d_code_;
  View<float> d_z_{};  // in d_beside_z_, or a part of it

 private:
  Variational(const NetworkOptions& network, const LikelihoodOptions& likelihood,
              const ConditionOptions& condition, const DataOptions& data, RowShape shape);
  std::vector<double> importance_nll(const Dataset& data, const EvaluateOptions& options);
  void importance_block(View<const float> x, const EvaluateOptions& options, const Draw& draw,
                        std::vector<double>& out);
};

/// The options of both models, to which `own` adds those of one.
template <class T, class Own>
OptionTable<T> variational_table(const std::string& name, Own own) {
  OptionTable<T> table(name);
  table.part(&T::network, option_table(NetworkOptions{}))
      .say("output-activation",
           "of a Gaussian's means: linear, or sigmoid (default for data in 0…1, so that decoded values stay "
           "there)")
      .take(&T::likelihood, option_table(LikelihoodOptions{}), {"likelihood", "variance-floor", "binarize"})
      .take(&T::training, option_table(TrainOptions{}), {"rate", "schedule"})
      .say("rate", "learning rate (default: 0.001, or 0.01 with --hidden none)")
      .say("schedule",
           "of the rate: constant, step:N,factor=F, cosine, exponential:F or stages:N,growth=G,factor=F "
           "(default: constant, or cosine with --hidden none)")
      .part(&T::likelihood, option_table(LikelihoodOptions{}))
      .part(&T::condition, option_table(ConditionOptions{}));
  own(table);
  return table.part(&T::training, option_table(TrainOptions{})).part(&T::data, option_table(DataOptions{}));
}
/// Rate and schedule where they were left open: a linear model (--hidden none) takes ten times the rate and
/// needs it to fall, networks keep the rate that the literature's results were got with. A Gaussian decoder
/// begins at the data's own mean and variance.
void settle_variational(const NetworkOptions& network, LikelihoodOptions& likelihood, TrainOptions& training);
/// The means of a Gaussian keep to 0…1 where the data do.
void settle_means(NetworkOptions& network, LikelihoodKind likelihood, const TrainOptions& training,
                  const Dataset& data);

/// The row of either model, but for what it is called and what it says.
template <class M, class T>
ModelEntry variational_row(const OptionTable<T>& table) {
  return {.name = table.name(),
          .options = table.settings(),
          .make = model_from<M>(table),
          .settle = settled_by(table, [](T& o) { settle_variational(o.network, o.likelihood, o.training); }),
          .settle_on = settled_by(table, [](T& o, const Dataset& data) {
            settle_means(o.network, *o.likelihood.kind, o.training, data);
          })};
}

}  // namespace pushforward
