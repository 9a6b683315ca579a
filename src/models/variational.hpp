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
#include "pushforward/condition.hpp"
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
  Variational(const Options& options, RowShape shape);

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
  std::vector<double> importance_nll(const Dataset& data, const EvaluateOptions& options);
  void importance_block(View<const float> x, const EvaluateOptions& options, const Draw& draw,
                        std::vector<double>& out);
};

/// The options of both models.
std::vector<OptionRow> variational_options();
/// Rate and schedule where they were left open: a linear model (--hidden none) takes ten times the rate and
/// needs it to fall, networks keep the rate that the literature's results were got with. A Gaussian decoder
/// begins at the data's own mean and variance.
void settle_variational(Options& options);
/// The means of a Gaussian keep to 0…1 where the data do.
void settle_means(Options& options, const Dataset& training);

}  // namespace pushforward
