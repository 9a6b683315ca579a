// SPDX-License-Identifier: Apache-2.0
//
// The denoising autoencoder: sees a noisy observation, and is asked for the clean one.
//
//   min Σ loss(x, g(x̃)),  x̃ = noise(x) made anew each step, or the other half of a pair
//
// [Vincent, Larochelle, Bengio & Manzagol, "Extracting and composing robust features with denoising
// autoencoders", ICML 2008]. With squared error its best answer is E[x | x̃], the mean of all that could have
// been there. Noise made on the fly is never the same twice, so a network cannot learn it by heart; pairs are
// for noise that nobody can make (two exposures of one scene).
//
// With --residual the network says what to add, y = x̃ + g(x̃): where noise is small that is little, and what
// was sharp stays sharp [Zhang, Zuo, Chen, Meng & Zhang, "Beyond a Gaussian denoiser", IEEE TIP 26, 2017]. It
// needs a network that lets a whole image through, so it is the default of image networks and not of those
// with a code.
//
// Strides make an image network fast and let it see far, which strong noise on plain shapes asks for; what is
// fine in a photograph gets lost in them. Weak noise on photographs is better met without: on faces with
// Gaussian noise of 0.1 `--network 'conv 32 3x3, relu, conv 32 3x3, relu'` gains 4.5 dB where conv gains 3.9.
//
// Values are 0…1 throughout, and so is what comes out (clipped).
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
#include "pushforward/image_quality.hpp"
#include "pushforward/losses.hpp"
#include "pushforward/row_wise.hpp"

namespace pushforward {
namespace {

Noise plain_noise(const DaeOptions::Noise& noise) {
  return {static_cast<Noise::Kind>(noise.kind), noise.level};
}

std::optional<Noise> noise_of(const DaeOptions& options) {
  if (!options.noisy.empty()) return std::nullopt;
  if (options.noise->kind == DaeOptions::Noise::Kind::none)
    throw RequestError("dae requires --noise or --noisy");
  return plain_noise(*options.noise);
}

// None is "".
OptionKind<DaeOptions::Noise> noise_kind() {
  using Given = DaeOptions::Noise;
  return {.read = [](const OptionText& text) -> Given {
            if (text.text.empty()) return {Given::Kind::none};
            const Noise noise = Noise::parse(text.text, text.where);
            return {static_cast<Given::Kind>(noise.kind()), noise.level()};
          },
          .text = [](const Given& value, char) -> std::string {
            return value.kind == Given::Kind::none ? "" : plain_noise(value).text();
          },
          .check =
              [](const Given& value, const std::string& where) {
                positive_number().check(value.level, where), number_of(0, 1).check(value.level, where);
              }};
}

// Corrects what it sees: from image to image, or through a code to which what it saw is added again.
class DenoisingAutoencoder : public Model,
                             public Learner,
                             public Reconstructs,
                             public Evaluates,
                             public Scores,
                             public OnnxModel,
                             public RowWise {
 public:
  DenoisingAutoencoder(const DaeOptions& options, RowShape shape)
      : shape_(shape),
        loss_(*options.loss, options.network, options.data),
        noise_(noise_of(options)),
        residual_(options.residual.value_or(false)) {
    const NetworkOptions& network = options.network;
    clips_ = shape.image || !noise_ || noise_->clips() || blocks_of(options.data).empty();
    if (residual_ && loss_.cross_entropy())
      throw RequestError(Complaint{"--residual", "--loss bce", "--loss mse",
                                   "a sum of an image and a correction is no logit: add --no-residual"});
    if (dense_body(network)) {
      latent_ = *network.latent;
      networks_.push_back(make_encoder(network, shape, latent_, *network.code_activation));
      networks_.push_back(make_decoder(network, latent_, shape, loss_.output_activation()));
    } else {
      networks_.push_back(make_image_network(network, shape, loss_.output_activation()));
    }
    traces_.resize(networks_.size()), gradients_.resize(networks_.size());
  }

  std::vector<Parameter*> parameters() override {
    std::vector<Parameter*> all;
    for (Network& network : networks_)
      for (Parameter* parameter : network.parameters()) all.push_back(parameter);
    return all;
  }
  std::vector<Phase> phases() override { return {fit_phase(parameters())}; }

  void prepare(const Dataset& training) override {
    const auto [low, high] = training.range();
    if (!clips_ || (low >= 0 && high <= 1)) return;
    throw RequestError(Complaint{"model dae (its noise and its output are clipped to 0…1)",
                                 fmt::format("data from {} to {}", low, high), "values in 0…1",
                                 "bring them there first; an autoencoder, train ae, takes any data"});
  }

  Losses accumulate(std::size_t, View<const float> batch, const Step& step) override {
    const View<const float> y = forward(seen(batch, step), step.pass);
    const auto b = static_cast<double>(batch.rows);
    gradients_.back().resize(y.rows, y.cols);
    const double sum = loss_(y, batch, gradients_.back(), static_cast<float>(1 / b));
    for (std::size_t i = networks_.size(); i-- > 0;) {
      if (i > 0) gradients_[i - 1].resize(y.rows, networks_[i].inputs());
      networks_[i].backward(traces_[i], gradients_[i], i > 0 ? gradients_[i - 1].view() : View<float>{}, true,
                            step.pass);
    }
    return {.loss = sum / b};
  }

  Losses validate(View<const float> batch, const Step& step) override {
    const View<const float> y = forward(seen(batch, step), step.pass);
    return {.loss = loss_(y, batch, {}, 1) / static_cast<double>(batch.rows)};
  }

  void after_step(std::size_t) override {
    for (std::size_t i = 0; i < networks_.size(); ++i) networks_[i].update(traces_[i]);
  }

  std::string diagnose() const override {
    for (std::size_t i = 0; i < networks_.size(); ++i)
      if (const std::string place = first_not_finite(traces_[i], names()[i]); !place.empty()) return place;
    return {};
  }

  std::vector<OnnxPart> onnx_parts() override {
    OnnxPart denoiser{"denoiser", {{"noisy", shape_.size(), OnnxUnits::data}}, {}};
    denoiser.write = [this](OnnxGraph& graph, const std::vector<OnnxRows>& x) {
      OnnxRows y = x.front();
      for (const Network& network : networks_) y = write_network(graph, network, y);
      if (residual_) y = graph.each("Add", x.front(), {}, {graph.rows(y)});
      return std::vector<OnnxPart::Output>{{"x", finish(graph, y), OnnxUnits::data}};
    };
    return {denoiser};
  }

  void reconstruct(View<const float> x, View<float> y, const Draw* draw) override {
    refuse_draws(draw, "a denoising autoencoder");
    finish(forward(x, {}), y);
  }

  Fields evaluate(const Dataset& data, const EvaluateOptions& options) override;

  std::vector<double> scores(const Dataset& data, const EvaluateOptions& options) override {
    return reconstruction_errors(*this, data, options);
  }

  std::vector<Fields> summary() override {
    std::vector<Fields> lines;
    for (Network& network : networks_)
      for (Fields& line : network.summary()) lines.push_back(std::move(line));
    return lines;
  }

 protected:
  void finish(View<const float> y, View<float> x) const {
    loss_.finish(y, x);
    if (!clips_) return;
    for (float& value : x.span()) value = std::clamp(value, 0.0f, 1.0f);
  }
  OnnxRows finish(OnnxGraph& graph, const OnnxRows& y) const {
    return graph.each("Clip", loss_.finish(graph, y), {},
                      {graph.scalar("least", 0), graph.scalar("most", 1)});
  }

  RowShape shape_;
  std::size_t latent_ = 0;
  std::vector<Network> networks_;  // an encoder and a decoder, or one from image to image
  std::vector<Trace> traces_;

 private:
  std::vector<std::string> names() const {
    return networks_.size() == 1 ? std::vector<std::string>{"network"}
                                 : std::vector<std::string>{"encoder", "decoder"};
  }

  // What the network sees of a batch: the rows' noisy halves, or the rows with noise on them.
  View<const float> seen(View<const float> batch, const Step& step) {
    if (!noise_) {
      if (step.inputs.wanted()) return step.inputs;
      throw RequestError(Complaint{"model dae", "clean rows alone", "pairs, as --noisy says (Run::inputs)"});
    }
    noisy_.resize(batch.rows, batch.cols);
    noise_->apply(batch, noisy_, step.pass.draw.on("noise"));
    return noisy_.view();
  }

  View<const float> forward(View<const float> x, const Pass& pass) {
    View<const float> y = x;
    for (std::size_t i = 0; i < networks_.size(); ++i) y = networks_[i].forward(y, traces_[i], pass);
    if (!residual_) return y;
    sum_.resize(y.rows, y.cols);
    for (std::size_t i = 0; i < y.size(); ++i) sum_.data()[i] = x.data[i] + y.data[i];
    return sum_.view();
  }

  ReconstructionLoss loss_;
  std::optional<Noise> noise_;  // null: pairs
  bool residual_;
  bool clips_ = true;              // images, and whatever the noise is clipped for
  std::vector<Tensor> gradients_;  // of each network's output
  Tensor noisy_, sum_;
};

// All that comes out went through the code.
class CodingDenoiser final : public DenoisingAutoencoder, public virtual Decodes, public Encodes {
 public:
  using DenoisingAutoencoder::DenoisingAutoencoder;

  std::size_t latent() const override { return latent_; }
  void encode(View<const float> x, View<float> z, const Draw* draw) override {
    refuse_draws(draw, "a denoising autoencoder");
    const View<const float> code = networks_[0].forward(x, traces_[0], {});
    std::copy_n(code.data, code.size(), z.data);
  }
  void decode(View<const float> z, View<float> x, const Draw* draw) override {
    refuse_draws(draw, "a denoising autoencoder");
    finish(networks_[1].forward(z, traces_[1], {}), x);
  }

  std::vector<OnnxPart> onnx_parts() override {
    std::vector<OnnxPart> parts = DenoisingAutoencoder::onnx_parts();
    parts.push_back(encoder_part(shape_.size(), [this](OnnxGraph& graph, const OnnxRows& x) {
      return write_network(graph, networks_[0], x);
    }));
    parts.push_back(decoder_part(latent_, [this](OnnxGraph& graph, const OnnxRows& z) {
      return finish(graph, write_network(graph, networks_[1], z));
    }));
    return parts;
  }
};

// Sums of a quality over images, before and after.
struct Quality {
  double before = 0, after = 0;

  void add(const std::vector<double>& noisy, const std::vector<double>& denoised) {
    for (const double value : noisy) before += value;
    for (const double value : denoised) after += value;
  }
};

// Noise of row i depends on the seed and i alone, so any batch size meets the same.
Fields DenoisingAutoencoder::evaluate(const Dataset& data, const EvaluateOptions& options) {
  if (!noise_ && options.inputs == nullptr)
    throw RequestError(
        Complaint{"evaluate", "clean rows alone", "their noisy halves, too, as in training", "--noisy DATA"});
  if (options.inputs != nullptr) check_pairs(data, *options.inputs);
  Quality peak, structure;
  double error = 0;
  Tensor noisy, denoised;
  for_evaluation(data, options, [&](View<const float> clean, std::size_t first) {
    if (options.inputs != nullptr)
      noisy = options.inputs->floats(first, first + clean.rows);
    else
      noisy.resize(clean.rows, clean.cols), noise_->apply_rows(clean, noisy, noise_draw(options.seed), first);
    denoised.resize(clean.rows, clean.cols);
    reconstruct(std::as_const(noisy).view(), denoised, nullptr);
    error += squared_error(std::as_const(denoised).view(), clean, {}, 1);
    peak.add(psnr(std::as_const(noisy).view(), clean), psnr(std::as_const(denoised).view(), clean));
    if (has_ssim(shape_))
      structure.add(ssim(std::as_const(noisy).view(), clean, shape_),
                    ssim(std::as_const(denoised).view(), clean, shape_));
  });
  const auto n = static_cast<double>(data.rows());
  Fields fields = {{"squared_error", error / n}, {"psnr", peak.after / n}};
  if (has_ssim(shape_)) fields.emplace_back("ssim", structure.after / n);
  fields.emplace_back("noisy_psnr", peak.before / n);
  if (has_ssim(shape_)) fields.emplace_back("noisy_ssim", structure.before / n);
  return fields;
}

// Pairs need no noise.
void settle_noise(DaeOptions& o) {
  if (o.noisy.empty()) return;
  if (o.noise.given() && o.noise->kind != DaeOptions::Noise::Kind::none)
    throw RequestError(
        Complaint{"--noise", noise_kind().text(*o.noise, ',') + " beside --noisy", "one of the two"});
  o.noise = DaeOptions::Noise{DaeOptions::Noise::Kind::none};
}

// Images get an image network, and that one corrects what it sees, unless asked otherwise.
void settle_body(DaeOptions& o, const Dataset& training) {
  o.network.network.unless_set(training.shape.image ? "conv" : "mlp");
  o.residual.unless_set(!dense_body(o.network) && *o.loss == ReconstructionError::mse &&
                        !o.network.output_activation.has_value());
}

}  // namespace

const OptionTable<DaeOptions>& option_table(const DaeOptions&) {
  using O = DaeOptions;
  static const auto table =
      OptionTable<O>("dae")
          .part(&O::network, option_table(NetworkOptions{}))
          .say("network", "mlp, conv, … (default: conv for images, which then may have any size; else mlp)")
          .add("noise", &O::noise,
               "made on the fly: gaussian:SD, salt-pepper:SHARE or masking:SHARE, clipped to 0…1",
               noise_kind())
          .add("noisy", &O::noisy, "noisy data that belong to the clean DATA row by row, in place of --noise",
               any_text())
          .add("loss", &O::loss,
               "mse (squared error), bce (cross-entropy on logits) or mixed (of a table with categories, and "
               "its default)",
               loss_kind())
          .add("residual", &O::residual,
               "the network says what to add to what it sees (default: yes for image networks)", yes_flag())
          .take(&O::training, option_table(TrainOptions{}), "schedule")
          .say("schedule",
               "of the rate: cosine, constant, step:N,factor=F, exponential:F or stages:N,factor=F")
          .part(&O::training, option_table(TrainOptions{}))
          .part(&O::data, option_table(DataOptions{}));
  return table;
}

ModelEntry dae_entry() {
  return {.name = "dae",
          .title = "Denoising autoencoder: a noisy observation in, the clean one out",
          .formula = "min Σ ‖x − g(x̃)‖², x̃ = noise(x)",
          .source = "Vincent et al., ICML 2008",
          .options = option_table(DaeOptions{}).settings(),
          .examples =
              "  pushforward train dae mnist -o runs/dae --noise salt-pepper:0.1\n"
              "  pushforward train dae clean/ -o runs/pairs --noisy noisy/\n"
              "  pushforward train dae photos/ -o runs/fine --noise gaussian:0.1 --ema 0.999 "
              "--network 'conv 32 3x3, relu, conv 32 3x3, relu'\n"
              "  pushforward denoise runs/dae mnist:test --noise salt-pepper:0.1 -o denoised.png\n",
          .make = [](const Options& given, RowShape shape) -> std::unique_ptr<Model> {
            const DaeOptions options = option_table(DaeOptions{}).read(given);
            if (!dense_body(options.network) || options.residual.value_or(false))
              return std::make_unique<DenoisingAutoencoder>(options, shape);
            return std::make_unique<CodingDenoiser>(options, shape);
          },
          .settle = settled_by(option_table(DaeOptions{}), settle_noise),
          .settle_on = settled_by(option_table(DaeOptions{}), settle_body)};
}

}  // namespace pushforward
