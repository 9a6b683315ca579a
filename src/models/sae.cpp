// SPDX-License-Identifier: Apache-2.0
//
// The stacked autoencoder: a deep one that is taught layer by layer before it is trained as a whole.
//
// A deep network of logistic units that begins at small random weights passes next to no gradient down, and
// what it learns is worse than PCA. So layer k first learns alone, as a shallow autoencoder of what the
// layers below make of the data, with a virtual output layer that is there for this only:
//
//   stage k   h = f_{k−1}(…f_1(x)),  min over f_k, g_k of  Σ loss(h, g_k(f_k(h̃))),  f_1 … f_{k−1} held
//   then      min over all of  Σ loss(x, g_1(…g_K(f_K(…f_1(x)))))                      (fine-tuning)
//
// [Bengio, Lamblin, Popovici & Larochelle, "Greedy layer-wise training of deep networks", NIPS 2006; Hinton &
// Salakhutdinov, Science 313, 2006, with restricted Boltzmann machines in place of shallow autoencoders]. h̃
// is h, or h with a share of its values set to 0 (--corruption, a share a layer: the stacked denoising
// autoencoder of Vincent et al., JMLR 11, 2010).
//
// --dropout leaves out a share of each encoder layer's inputs and scales the others up, h̃ = h ⊙ m/(1−share),
// in fine-tuning as well as in pre-training, and nowhere else: what the layers below make of the data in a
// stage, h itself, is made without it. So the autoencoder of Li, Swersky & Zemel [ICML 2015] learns codes in
// which no unit leans on another. Its hidden layers are logistic and are given back by cross-entropy, too
// (--stage-loss bce), on the logits of the virtual output layer; hidden activations of the decoder are then
// layers of their own, so that logits can be had.
//
// The virtual output layer g_k *is* the layer of the mirrored decoder that undoes f_k: it has its shape and
// its activation, so nothing is copied when the stack is folded open; --fresh-decoder throws what it learnt
// away. Parameters are listed pair by pair (f_1, g_1, f_2, g_2, …), so that a stage moves one stretch of
// memory.
//
// What the layers below make of a batch is computed anew each step. Keeping it (240 MB for 60000 codes of
// 1000) would save their forward passes, which are a quarter of pre-training's products in
// 784-1000-500-250-30 and a tenth of a training's; it was not worth the memory.
#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "core/whole_number.hpp"
#include "data/noise.hpp"
#include "models/codec.hpp"
#include "models/evaluation.hpp"
#include "models/onnx_parts.hpp"
#include "models/reconstruction.hpp"
#include "models/registry.hpp"
#include "models/stack.hpp"
#include "pushforward/losses.hpp"
#include "pushforward/optimizer.hpp"
#include "pushforward/row_wise.hpp"

namespace pushforward {
namespace {

std::vector<std::size_t> mirrored(std::vector<std::size_t> sizes) {
  std::reverse(sizes.begin(), sizes.end());
  return sizes;
}

// --corruption or --dropout, for each layer of the encoder: hidden ones and the code.
std::vector<double> shares_of(const SaeOptions& options, const std::vector<double>& shares,
                              const std::string& name) {
  const std::size_t layers = options.network.hidden->size() + 1;
  if (shares.empty()) return std::vector<double>(layers, 0);
  if (shares.size() != layers)
    throw RequestError(Complaint{name, fmt::format("{} shares", shares.size()),
                                 fmt::format("{}, one a layer of the encoder, the code's included", layers)});
  return shares;
}

// All of an option's text stands in its errors.
OptionKind<std::vector<double>> shares_kind() {
  OptionKind<std::vector<double>> kind = numbers_of(any_number());
  kind.check = [](const std::vector<double>& shares, const std::string& where) {
    for (const double share : shares)
      if (!(share >= 0 && share < 1))
        throw RequestError(
            Complaint{where, fmt::format("{}", fmt::join(shares, ",")), "shares from 0 to below 1"});
  };
  kind.read = [read = numbers_of(any_number()).read, check = kind.check](const OptionText& text) {
    if (text.text.empty()) return std::vector<double>{};
    std::vector<double> shares = read(text);
    check(shares, text.where);
    return shares;
  };
  return kind;
}

bool takes_logits(const SaeOptions& options) {
  if (options.stage_loss == ReconstructionError::mse) return false;
  if (*options.network.activation != "sigmoid")
    throw RequestError(Complaint{"--stage-loss bce", "--activation " + *options.network.activation,
                                 "--activation sigmoid", "cross-entropy wants values in 0…1"});
  return true;
}

class StackedAutoencoder final : public Model,
                                 public Learner,
                                 public Staged,
                                 public Codec,
                                 public Evaluates,
                                 public Scores,
                                 public OnnxModel,
                                 public RowWise {
 public:
  StackedAutoencoder(const SaeOptions& options, RowShape shape)
      : shape_(shape),
        latent_(*options.network.latent),
        loss_(options.loss.value_or(ReconstructionError::mse), options.network, options.data),
        epochs_(options.pretrain_epochs),
        fresh_decoder_(options.fresh_decoder),
        corruption_(shares_of(options, options.corruption, "--corruption")),
        logits_(takes_logits(options)),
        pretrain_optimizer_(options.pretrain_optimizer),
        encoder_(make_stack(shape,
                            {.hidden = *options.network.hidden,
                             .outputs = latent_,
                             .activation = *options.network.activation,
                             .output_activation = *options.network.code_activation,
                             .initial = *options.network.initial,
                             .dropout = shares_of(options, options.dropout, "--dropout")},
                            "encoder")),
        decoder_(make_stack({.width = latent_},
                            {.hidden = mirrored(*options.network.hidden),
                             .outputs = shape.size(),
                             .activation = *options.network.activation,
                             .output_activation = loss_.output_activation(),
                             .initial = *options.network.initial,
                             .apart = logits_},
                            "decoder")),
        encoder_at_(dense_places(encoder_)),
        decoder_at_(dense_places(decoder_)),
        stage_errors_(kept("stage_errors", 1, depth())) {
    find_option_word({body_of(options.network), "--network"}, {"mlp"});
    stage_errors_.initial = ConstantInitial{-1};  // not measured yet
  }

  std::size_t latent() const override { return latent_; }
  std::vector<Parameter*> parameters() override {
    std::vector<Parameter*> all = trained();
    all.push_back(&stage_errors_);
    return all;
  }
  std::vector<Phase> phases() override { return {{.name = "fit", .parameters = trained()}}; }

  std::vector<Stage> pretraining() override {
    std::vector<Stage> stages;
    for (std::size_t k = 0; epochs_ > 0 && k < depth(); ++k)
      stages.push_back({fmt::format("layer {}", k + 1),
                        epochs_,
                        {{.name = "fit", .parameters = pair(k), .optimizer = pretrain_optimizer_}}});
    return stages;
  }

  void prepare(const Dataset& training) override {
    if (loss_.cross_entropy()) check_unit_range(training, "--loss bce", "--loss mse");
  }

  void begin_stage(std::size_t stage, const Draw& draw) override {
    if (!fresh_decoder_ || stage != depth()) return;
    for (Parameter* parameter : decoder_.parameters()) initialise(*parameter, draw);
  }

  void end_stage(std::size_t stage, const Dataset& rows) override {
    double sum = 0;
    for_evaluation(rows, {}, [&](View<const float> x, std::size_t) {
      const View<const float> code = encode_through(x, stage + 1, {});
      d_output_.resize(x.rows, x.cols);
      loss_.finish(decode_from(code, mirror(stage), {}), d_output_);
      sum += squared_error(d_output_, x, {}, 1);
    });
    stage_errors_.value(0, stage) = static_cast<float>(sum / static_cast<double>(rows.rows()));
  }

  std::vector<double> stage_errors() const override {
    std::vector<double> errors;
    for (const float error : stage_errors_.value.span())
      if (error >= 0) errors.push_back(static_cast<double>(error));
    return errors;
  }

  Losses accumulate(std::size_t, View<const float> batch, const Step& step) override {
    return {.loss = pretrains(step) ? stage_loss(batch, step, true) : whole_loss(batch, step, true)};
  }
  Losses validate(View<const float> batch, const Step& step) override {
    return {.loss = pretrains(step) ? stage_loss(batch, step, false) : whole_loss(batch, step, false)};
  }

  std::string diagnose() const override {
    const std::string place = first_not_finite(encoder_trace_, "encoder");
    return place.empty() ? first_not_finite(decoder_trace_, "decoder") : place;
  }

  void encode(View<const float> x, View<float> z, const Draw* draw) override {
    refuse_draws(draw, "an autoencoder");
    const View<const float> code = encode_through(x, depth(), {});
    std::copy_n(code.data, code.size(), z.data);
  }

  void decode(View<const float> z, View<float> x, const Draw* draw) override {
    refuse_draws(draw, "an autoencoder");
    loss_.finish(decode_from(z, 0, {}), x);
  }

  Fields evaluate(const Dataset& data, const EvaluateOptions& options) override {
    Fields fields = {{"squared_error", mean_of(reconstruction_errors(*this, data, options))}};
    if (loss_.cross_entropy()) fields.emplace_back("cross_entropy", cross_entropy(data, options));
    const std::vector<double> errors = stage_errors();
    if (!errors.empty()) fields.emplace_back("stage_squared_errors", errors);
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
    return {
        encoder_part(shape_.size(), [this](OnnxGraph& graph,
                                           const OnnxRows& x) { return write_network(graph, encoder_, x); }),
        decoder_part(latent_, [this](OnnxGraph& graph, const OnnxRows& z) {
          return loss_.finish(graph, write_network(graph, decoder_, z));
        })};
  }

 private:
  std::size_t depth() const { return encoder_at_.size(); }  // dense layers of the encoder
  bool pretrains(const Step& step) const { return epochs_ > 0 && step.stage < depth(); }
  std::size_t mirror(std::size_t k) const { return depth() - 1 - k; }  // of encoder layer k in the decoder

  // Encoder layer k and its virtual output layer.
  std::vector<Parameter*> pair(std::size_t k) {
    std::vector<Parameter*> both = encoder_.layer(encoder_at_[k]).parameters();
    for (Parameter* parameter : decoder_.layer(decoder_at_[mirror(k)]).parameters())
      both.push_back(parameter);
    return both;
  }
  std::vector<Parameter*> trained() {
    std::vector<Parameter*> all;
    for (std::size_t k = 0; k < depth(); ++k)
      for (Parameter* parameter : pair(k)) all.push_back(parameter);
    return all;
  }

  // Layer i of a network on x; its output stays in the trace.
  static View<const float> pass_layer(Network& network, std::size_t i, View<const float> x, Trace& trace,
                                      const Pass& pass) {
    trace.outputs.resize(network.depth()), trace.saved.resize(network.depth());
    trace.outputs[i].resize(x.rows, network.layer(i).output_shape().size());
    network.layer(i).forward(x, trace.outputs[i], trace.saved[i], pass);
    return trace.outputs[i];
  }
  View<const float> encode_through(View<const float> x, std::size_t layers, const Pass& pass) {
    const std::size_t end = layers == 0 ? 0 : encoder_at_[layers - 1] + 1;
    for (std::size_t i = 0; i < end; ++i) x = pass_layer(encoder_, i, x, encoder_trace_, pass);
    return x;
  }
  View<const float> decode_from(View<const float> code, std::size_t first, const Pass& pass) {
    for (std::size_t i = decoder_at_[first]; i < decoder_.depth(); ++i)
      code = pass_layer(decoder_, i, code, decoder_trace_, pass);
    return code;
  }

  // What layer k sees in its stage: its input with a share of values set to 0, and dropout.
  View<const float> seen(View<const float> h, std::size_t k, const Pass& pass) {
    if (pass.training && corruption_[k] > 0) {
      noisy_.resize(h.rows, h.cols);
      Noise(Noise::Kind::masking, corruption_[k]).apply(h, noisy_, pass.draw.on("corruption"));
      h = noisy_.view();
    }
    const std::size_t begin = k == 0 ? 0 : encoder_at_[k - 1] + 1;
    for (std::size_t i = begin; i < encoder_at_[k]; ++i) h = pass_layer(encoder_, i, h, encoder_trace_, pass);
    return h;
  }

  double inner_loss(View<const float> y, View<const float> h, View<float> gradient, float scale) const {
    return logits_ ? cross_entropy_logits(y, h, gradient, scale) : squared_error(y, h, gradient, scale);
  }

  double stage_loss(View<const float> batch, const Step& step, bool learn) {
    const std::size_t k = step.stage, f = encoder_at_[k], g = decoder_at_[mirror(k)];
    const View<const float> target =
        encode_through(batch, k, {.training = false, .precision = step.pass.precision});
    const View<const float> x = seen(target, k, step.pass);
    const View<const float> code = pass_layer(encoder_, f, x, encoder_trace_, step.pass);
    const View<const float> y = pass_layer(decoder_, g, code, decoder_trace_, step.pass);
    d_output_.resize(y.rows, y.cols), d_code_.resize(code.rows, code.cols);
    const View<float> gradient = learn ? d_output_.view() : View<float>{};
    const auto b = static_cast<double>(batch.rows);
    const auto scale = static_cast<float>(1 / b);
    const double sum = k == 0 ? loss_(y, target, gradient, scale) : inner_loss(y, target, gradient, scale);
    if (!learn) return sum / b;
    decoder_.layer(g).backward(code, y, decoder_trace_.saved[g], d_output_, d_code_, true, step.pass);
    encoder_.layer(f).backward(x, code, encoder_trace_.saved[f], d_code_, {}, true, step.pass);
    return sum / b;
  }

  double whole_loss(View<const float> batch, const Step& step, bool learn) {
    const View<const float> code = encoder_.forward(batch, encoder_trace_, step.pass);
    const View<const float> y = decoder_.forward(code, decoder_trace_, step.pass);
    const auto b = static_cast<double>(batch.rows);
    if (!learn) return loss_(y, batch, {}, 1) / b;
    d_output_.resize(y.rows, y.cols), d_code_.resize(code.rows, code.cols);
    const double sum = loss_(y, batch, d_output_, static_cast<float>(1 / b));
    decoder_.backward(decoder_trace_, d_output_, d_code_, true, step.pass);
    encoder_.backward(encoder_trace_, d_code_, {}, true, step.pass);
    return sum / b;
  }

  double cross_entropy(const Dataset& data, const EvaluateOptions& options) {
    double sum = 0;
    for_evaluation(data, options, [&](View<const float> x, std::size_t) {
      sum += loss_(decode_from(encode_through(x, depth(), {}), 0, {}), x, {}, 1);
    });
    return sum / static_cast<double>(data.rows());
  }

  RowShape shape_;
  std::size_t latent_;
  ReconstructionLoss loss_;
  std::size_t epochs_;  // of pre-training, each layer
  bool fresh_decoder_;
  std::vector<double> corruption_;  // a share a layer
  bool logits_;                     // hidden layers are given back by cross-entropy
  std::optional<OptimizerOptions> pretrain_optimizer_;
  Network encoder_, decoder_;
  std::vector<std::size_t> encoder_at_, decoder_at_;  // dense layers
  Parameter stage_errors_;                            // squared error of the stack so far, after each stage
  Trace encoder_trace_, decoder_trace_;
  Tensor noisy_, d_output_, d_code_;
};

// Without pre-training the whole network gets all epochs: the same budget.
void settle_budget(SaeOptions& o) {
  if (!o.no_pretrain) return;
  count_of(1).check(*o.training.epochs, "--epochs");
  o.training.epochs = *o.training.epochs + o.pretrain_epochs * (o.network.hidden->size() + 1);
  o.pretrain_epochs = 0;
}

// Cross-entropy wherever the data allow it: logistic units then get further in the same epochs, even measured
// by the squared error (MNIST, 5 and 20 epochs: 3.99 against 7.21).
void settle_loss(SaeOptions& o, const Dataset& training) {
  const auto [low, high] = training.range();
  const bool unit = low >= 0 && high <= 1 && !o.training.standardize.value_or(training.table);
  const bool sigmoid = o.network.output_activation.value_or("sigmoid") == "sigmoid";
  o.loss.unless_set(unit && sigmoid ? ReconstructionError::bce : ReconstructionError::mse);
}

}  // namespace

const OptionTable<SaeOptions>& option_table(const SaeOptions&) {
  using O = SaeOptions;
  static const auto shares = shares_kind();
  static const auto table =
      OptionTable<O>("sae")
          .part(&O::network, option_table(NetworkOptions{}))
          .say("hidden", "sizes of hidden layers, mirrored in the decoder")
          .say("activation",
               "of hidden layers: sigmoid, tanh, relu, leaky-relu, elu, selu, gelu, silu, softplus, linear")
          .add("loss", &O::loss,
               "mse (squared error), bce (cross-entropy on logits; default for data in 0…1) or mixed (of a "
               "table with categories, and its default)",
               loss_kind())
          .take(&O::training, option_table(TrainOptions{}), "epochs")
          .say("epochs", "of fine-tuning, after those of pre-training; 0 = the stack as these leave it")
          .add("pretrain-epochs", &O::pretrain_epochs, "of each layer's pre-training; 0 = none", count_of())
          .add("no-pretrain", &O::no_pretrain,
               "train the whole network from its random weights, for as many epochs in all", yes_flag())
          .add("corruption", &O::corruption,
               "share of each layer's inputs that pre-training sets to 0, a share a layer: 0.1,0.2,0.2,0",
               shares)
          .add(
              "dropout", &O::dropout,
              "share of each encoder layer's inputs that training leaves out, a share a layer, from the data "
              "on: 0.2,0.5,0.5,0",
              shares)
          .add(
              "stage-loss", &O::stage_loss,
              "by which pre-training gives hidden layers back: mse, or bce (cross-entropy) for sigmoid units",
              word_of(OptionWords<ReconstructionError>{{"mse", ReconstructionError::mse},
                                                       {"bce", ReconstructionError::bce}}))
          .add("pretrain-optimizer", &O::pretrain_optimizer, "of pre-training (default: that of --optimizer)",
               choice_of(optimizers()))
          .add("fresh-decoder", &O::fresh_decoder,
               "throw the virtual output layers away: fine-tuning begins with a random decoder", yes_flag())
          .take(&O::training, option_table(TrainOptions{}), "schedule")
          .say("schedule",
               "of the rate in each stage: cosine, constant, step:N,factor=F, exponential:F or "
               "stages:N,factor=F")
          .part(&O::training, option_table(TrainOptions{}))
          .part(&O::data, option_table(DataOptions{}));
  return table;
}

ModelEntry sae_entry() {
  return {
      .name = "sae",
      .title = "Stacked autoencoder: taught layer by layer, then as a whole",
      .formula = "stage k: min Σ ‖h_{k−1} − g_k(f_k(h_{k−1}))‖²; then min Σ ‖x − g_1(…f_1(x))‖²",
      .source = "Bengio et al., NIPS 2006; Vincent et al., JMLR 11 (2010)",
      .options = option_table(SaeOptions{}).settings(),
      .examples =
          "  pushforward train sae mnist -o runs/sae --validation mnist:test\n"
          "  pushforward train sae mnist -o runs/codes --hidden 1024 --latent 32 --code-activation sigmoid "
          "--dropout 0.2,0.5 --stage-loss bce\n"
          "  pushforward train sae mnist -o runs/plain --no-pretrain --validation mnist:test\n"
          "  pushforward train sae mnist -o runs/sdae --hidden 1000,500 --corruption 0.25,0.2,0\n",
      .make = model_from<StackedAutoencoder>(option_table(SaeOptions{})),
      .settle = settled_by(option_table(SaeOptions{}), settle_budget),
      .settle_on = settled_by(option_table(SaeOptions{}), settle_loss)};
}

}  // namespace pushforward
