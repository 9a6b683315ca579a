// SPDX-License-Identifier: Apache-2.0
//
// The autoencoder: encode, decode, and lose as little as possible.
//
//   min Σ_x loss(x, g(f(x))),  loss = ‖x − y‖²  or  −Σ [x ln y + (1−x) ln(1−y)] on logits.
//
// With `--hidden none` both maps are linear and the optimum spans PCA's subspace [Baldi & Hornik 1989]; with
// `--tied` the decoder is the encoder's transpose; `--center` takes the training data's mean out first (it is
// kept with the model); `--unit-norm` projects the rows of every encoder weight onto the unit sphere after
// each step. Even tied unit-length rows come out as the span of the eigenvectors, not as the eigenvectors:
// evaluate therefore reports angles between subspaces.
#include <cmath>

#include <fmt/format.h>

#include "core/whole_number.hpp"
#include "models/codec.hpp"
#include "models/evaluation.hpp"
#include "models/onnx_parts.hpp"
#include "models/principal.hpp"
#include "models/reconstruction.hpp"
#include "models/registry.hpp"
#include "pushforward/row_wise.hpp"

namespace pushforward {
namespace {

class Autoencoder final : public Model,
                          public Learner,
                          public Codec,
                          public Evaluates,
                          public Scores,
                          public OnnxModel,
                          public RowWise {
 public:
  Autoencoder(const AeOptions& options, RowShape shape)
      : shape_(shape),
        latent_(*options.network.latent),
        loss_(*options.loss, options.network, options.data),
        tied_(options.tied),
        center_(options.center),
        unit_norm_(options.unit_norm),
        linear_(dense_body(options.network) && options.network.hidden->empty() &&
                *options.network.code_activation == "linear" && !loss_.cross_entropy() &&
                loss_.output_activation() == "linear"),
        mean_(kept("mean", 1, shape.size())),
        encoder_(make_encoder(options.network, shape, latent_, *options.network.code_activation)) {
    const std::string& output = loss_.output_activation();
    decoder_ = tied_ ? make_tied_decoder(options.network, encoder_, output)
                     : make_decoder(options.network, latent_, shape, output);
  }

  std::size_t latent() const override { return latent_; }
  std::vector<Parameter*> parameters() override {
    std::vector<Parameter*> all = trained();
    all.push_back(&mean_);
    return all;
  }
  std::vector<Phase> phases() override { return {fit_phase(trained())}; }

  void prepare(const Dataset& training) override {
    if (loss_.cross_entropy()) check_unit_range(training, "--loss bce", "--loss mse");
    if (center_) store(column_means(training).transpose(), mean_);
    project();
  }

  Losses accumulate(std::size_t, View<const float> batch, const Step& step) override {
    const View<const float> x = centred(batch);
    const View<const float> code = encoder_.forward(x, encoder_trace_, step.pass);
    const View<const float> y = decoder_.forward(code, decoder_trace_, step.pass);
    d_output_.resize(y.rows, y.cols), d_code_.resize(code.rows, code.cols);
    const float scale = 1.0f / static_cast<float>(batch.rows);
    const double sum = loss_(y, target(batch, x), d_output_, scale);
    decoder_.backward(decoder_trace_, d_output_, d_code_, true, step.pass);
    encoder_.backward(encoder_trace_, d_code_, {}, true, step.pass);
    return {.loss = sum / static_cast<double>(batch.rows)};
  }

  Losses validate(View<const float> batch, const Step& step) override {
    const View<const float> x = centred(batch);
    const View<const float> code = encoder_.forward(x, encoder_trace_, step.pass);
    const View<const float> y = decoder_.forward(code, decoder_trace_, step.pass);
    return {.loss = loss_(y, target(batch, x), {}, 1) / static_cast<double>(batch.rows)};
  }

  void after_step(std::size_t) override {
    encoder_.update(encoder_trace_), decoder_.update(decoder_trace_);
    project();
  }

  std::string diagnose() const override {
    const std::string place = first_not_finite(encoder_trace_, "encoder");
    return place.empty() ? first_not_finite(decoder_trace_, "decoder") : place;
  }

  void encode(View<const float> x, View<float> z, const Draw* draw) override {
    refuse_draws(draw, "an autoencoder");
    const View<const float> code = encoder_.forward(centred(x), encoder_trace_, {});
    std::copy_n(code.data, code.size(), z.data);
  }

  void decode(View<const float> z, View<float> x, const Draw* draw) override {
    refuse_draws(draw, "an autoencoder");
    loss_.finish(decoder_.forward(z, decoder_trace_, {}), x);
    if (!center_ || loss_.cross_entropy() || loss_.mixed()) return;
    for (std::size_t i = 0; i < x.rows; ++i)
      for (std::size_t j = 0; j < x.cols; ++j) x(i, j) += mean_.value(0, j);
  }

  Fields evaluate(const Dataset& data, const EvaluateOptions& options) override {
    Fields fields = {{"squared_error", mean_of(reconstruction_errors(*this, data, options))}};
    if (loss_.cross_entropy()) fields.emplace_back("cross_entropy", cross_entropy(data, options));
    if (linear_ && options.training != nullptr)
      fields.emplace_back("principal_angles", angles(*options.training));
    return fields;
  }

  std::vector<double> scores(const Dataset& data, const EvaluateOptions& options) override {
    return reconstruction_errors(*this, data, options);
  }

  std::vector<Fields> summary() override {
    std::vector<Fields> lines = encoder_.summary();
    for (Fields& line : decoder_.summary()) lines.push_back(std::move(line));
    return lines;
  }

  std::vector<OnnxPart> onnx_parts() override {
    const auto mean = [this](OnnxGraph& graph) {
      return write_parameter(graph, mean_, {1, static_cast<std::int64_t>(shape_.size())});
    };
    return {encoder_part(shape_.size(),
                         [=, this](OnnxGraph& graph, const OnnxRows& x) {
                           return write_network(graph, encoder_,
                                                center_ ? graph.each("Sub", x, {}, {mean(graph)}) : x);
                         }),
            decoder_part(latent_, [=, this](OnnxGraph& graph, const OnnxRows& z) {
              const OnnxRows y = loss_.finish(graph, write_network(graph, decoder_, z));
              if (!center_ || loss_.cross_entropy()) return y;
              return graph.each("Add", graph.of_rows(graph.rows(y), shape_.size()), {}, {mean(graph)});
            })};
  }

 private:
  // --unit-norm.
  void project() {
    if (!unit_norm_) return;
    for (std::size_t i = 0; i < encoder_.depth(); ++i) {
      const std::vector<Parameter*> own = encoder_.layer(i).parameters();
      if (!own.empty()) normalise_rows(own.front()->value);
    }
  }

  std::vector<Parameter*> trained() {
    std::vector<Parameter*> all = encoder_.parameters();
    for (Parameter* parameter : decoder_.parameters()) all.push_back(parameter);
    return all;
  }

  View<const float> centred(View<const float> x) {
    if (!center_) return x;
    centred_.resize(x.rows, x.cols);
    for (std::size_t i = 0; i < x.rows; ++i)
      for (std::size_t j = 0; j < x.cols; ++j) centred_(i, j) = x(i, j) - mean_.value(0, j);
    return centred_.view();
  }

  // Squared error is taken on centred data (the mean that decode() adds cancels), cross-entropy on data.
  View<const float> target(View<const float> x, View<const float> x_centred) const {
    return loss_.cross_entropy() || loss_.mixed() ? x : x_centred;
  }

  static void normalise_rows(View<float> weight) {
    for (std::size_t i = 0; i < weight.rows; ++i) {
      double sum = 0;
      for (std::size_t j = 0; j < weight.cols; ++j) sum += std::pow(static_cast<double>(weight(i, j)), 2);
      const auto factor = static_cast<float>(1 / std::sqrt(std::max(1e-30, sum)));
      for (std::size_t j = 0; j < weight.cols; ++j) weight(i, j) *= factor;
    }
  }

  double cross_entropy(const Dataset& data, const EvaluateOptions& options) {
    double sum = 0;
    for_evaluation(data, options, [&](View<const float> x, std::size_t) {
      const View<const float> code = encoder_.forward(centred(x), encoder_trace_, {});
      sum += loss_(decoder_.forward(code, decoder_trace_, {}), x, {}, 1);
    });
    return sum / static_cast<double>(data.rows());
  }

  // Between what the decoder spans and the training data's principal components.
  std::vector<double> angles(const Dataset& training) {
    const EigenMatrix weight = loaded(*(tied_ ? encoder_ : decoder_).layer(0).parameters().front());
    return principal_angles(tied_ ? EigenMatrix(weight.transpose()) : weight,
                            principal_components(training, latent_).components);
  }

  RowShape shape_;
  std::size_t latent_;
  ReconstructionLoss loss_;
  bool tied_, center_, unit_norm_, linear_;
  Parameter mean_;
  Network encoder_, decoder_;
  Trace encoder_trace_, decoder_trace_;
  Tensor centred_, d_output_, d_code_;
};

}  // namespace

const OptionTable<AeOptions>& option_table(const AeOptions&) {
  using O = AeOptions;
  static const auto table =
      OptionTable<O>("ae")
          .part(&O::network, option_table(NetworkOptions{}))
          .add("loss", &O::loss,
               "mse (squared error), bce (cross-entropy on logits; data in 0…1) or mixed (of a table with "
               "categories, and its default)",
               loss_kind())
          .add("tied", &O::tied, "the decoder uses the encoder's weights, transposed", yes_flag())
          .add("center", &O::center, "take the training data's mean out first, and put it back", yes_flag())
          .add("unit-norm", &O::unit_norm,
               "rows of encoder weights are projected to length 1 after each step", yes_flag())
          .take(&O::training, option_table(TrainOptions{}), "schedule")
          .say("schedule", "of the rate: cosine, constant, step:N,factor=F, exponential:F or stages:N")
          .part(&O::training, option_table(TrainOptions{}))
          .part(&O::data, option_table(DataOptions{}));
  return table;
}

ModelEntry ae_entry() {
  return {.name = "ae",
          .title = "Autoencoder: any encoder and decoder, squared error or cross-entropy",
          .formula = "min Σ ‖x − g(f(x))‖²  or  −Σ [x ln y + (1−x) ln(1−y)]",
          .source = "Hinton & Salakhutdinov, Science 313 (2006)",
          .options = option_table(AeOptions{}).settings(),
          .examples =
              "  pushforward train ae mnist -o runs/ae --hidden 400 --latent 30\n"
              "  pushforward train ae faces -o runs/faces --network conv\n"
              "  pushforward train ae photos/ -o runs/photos --network 'conv 32 4x4/2, relu, conv 64 4x4/2, "
              "relu'\n"
              "  pushforward train ae mnist -o runs/linear --hidden none --tied --center --latent 10\n",
          .make = model_from<Autoencoder>(option_table(AeOptions{}))};
}

}  // namespace pushforward
