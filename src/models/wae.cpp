// SPDX-License-Identifier: Apache-2.0
//
// The Wasserstein autoencoder: reconstruct, and bring the codes as a whole to the prior.
//
//   min  E loss(x, g(f(x))) + weight · D(f#p, ζ),  ζ = N(0, I) or U(−A, A)
//
// A VAE pulls every q(z|x) to the prior, and codes of different x into each other; here only their mixture is
// matched, by any distance: a kernel's [WAE-MMD: Tolstikhin, Bousquet, Gelly & Schölkopf, ICLR 2018], a
// discriminator's [adversarial autoencoder: Makhzani et al., 2015], sliced transport [Kolouri et al., ICLR
// 2019]. The encoder is deterministic. The inverse multiquadric's heavy tails pull codes that lie far out;
// its bandwidth is the median of prior and codes at the first step, held from then on.
//
// With --condition, (f(x, c), c) is brought to (ζ, c): a code then says nothing of what the decoder is told
// anyway [a label beside the code that a discriminator sees: Makhzani et al., 2015, section 2.3].
//
// Letters: B rows of a batch, D features, Z latents.
#include <algorithm>

#include <fmt/format.h>

#include "core/whole_number.hpp"
#include "models/codec.hpp"
#include "models/condition_input.hpp"
#include "models/distance_plug.hpp"
#include "models/evaluation.hpp"
#include "models/generator_base.hpp"
#include "models/latent_noise.hpp"
#include "models/monitor.hpp"
#include "models/onnx_parts.hpp"
#include "models/reconstruction.hpp"
#include "models/registry.hpp"
#include "pushforward/condition.hpp"
#include "pushforward/error.hpp"
#include "pushforward/row_wise.hpp"

namespace pushforward {
namespace {

constexpr std::size_t kEvaluated = 2000;  // codes that the distance to the prior is read on

class Wae final : public Model,
                  public Learner,
                  public Monitored,
                  public Adversarial,
                  public Codec,
                  public Generative,
                  public Evaluates,
                  public Scores,
                  public OnnxModel,
                  public RowWise,
                  public Conditional {
 public:
  Wae(const WaeOptions& options, RowShape shape)
      : spec_(plugged_spec(options.plug)),
        shape_(shape),
        latent_(*options.network.latent),
        batch_(*options.training.batch),
        loss_(*options.loss, options.network, options.data),
        weight_(options.distance_weight),
        prior_(options.prior),
        told_(options.condition),
        beside_x_(told_, shape, !dense_body(options.network)),
        beside_z_(told_, {.width = latent_}, false),
        beside_code_(beside_z_),
        beside_prior_(beside_z_),
        encoder_(make_encoder(options.network, beside_x_.shape(), latent_, *options.network.code_activation)),
        decoder_(make_decoder(options.network, beside_z_.shape().size(), shape, loss_.output_activation())),
        plug_(make_distance(spec_, options.training.seed), facts_of(spec_), spec_.name, beside_z_.shape(), 1),
        critic_(critic_training(options.plug, plug_.learned())),
        monitor_(options.monitor) {}

  std::size_t latent() const override { return latent_; }
  bool draws() const override { return loss_.mixed(); }
  std::size_t condition_width() const override { return told_.width(); }
  void tell(View<const float> conditions) override { told_.tell(conditions); }
  std::vector<Parameter*> parameters() override {
    std::vector<Parameter*> all = plug_.parameters();
    for (Network* network : {&encoder_, &decoder_})
      for (Parameter* parameter : network->parameters()) all.push_back(parameter);
    return all;
  }

  std::vector<Phase> phases() override {
    std::vector<Phase> all;
    if (plug_.learned()) all.push_back(critic_.phase(plug_.learnt()));
    Phase fit{.name = "fit", .parameters = encoder_.parameters()};
    for (Parameter* parameter : decoder_.parameters()) fit.parameters.push_back(parameter);
    std::erase_if(fit.parameters, [](const Parameter* p) { return !p->trained; });
    all.push_back(std::move(fit));
    return all;
  }

  std::string across_rows() const override { return plug_.across_rows(); }

  void prepare(const Dataset& training) override {
    if (loss_.cross_entropy()) check_unit_range(training, "--loss bce", "--loss mse");
    refuse_few(std::min(batch_, training.rows()));
    if (plug_.learned()) return;
    const Tensor rows = training.spaced(0, batch_);
    told_.keep_spaced(training.rows(), batch_);
    const View<const float> codes = usable(encoded(rows, {}));
    plug_.freeze(beside_code_.join(codes), prior_of(codes.rows, Draw{0, stream_id("prior"), 0}));
  }

  Losses accumulate(std::size_t phase, View<const float> batch, const Step& step) override {
    const bool to_critic = plug_.learned() && phase == 0;
    Pass pass = step.pass;
    if (plug_.learned())  // fresh draws for every update of a step
      pass.draw.step = pass.draw.step * (critic_.steps + 1) + (to_critic ? step.repeat : critic_.steps);
    told_.tell(step.inputs);
    const View<const float> code = encoded(batch, pass);
    if (to_critic)
      return plug_.critic().accumulate(prior_of(code.rows, pass.draw), beside_code_.join(code), pass);
    return fit(batch, code, pass);
  }

  Losses validate(View<const float> batch, const Step& step) override {
    told_.tell(step.inputs);
    const View<const float> code = encoded(batch, step.pass);
    const View<const float> y = decoded(code, step.pass);
    const double error = loss_(y, batch, {}, 1) / static_cast<double>(batch.rows);
    const View<const float> codes = usable(code);
    return named(error,
                 plug_.loss(beside_code_.join(codes), prior_of(codes.rows, step.pass.draw), {}, step.pass));
  }

  Losses monitor(View<const float> held_out, const Step& step) override {
    if (!monitor_.any()) return {};
    told_.tell(step.inputs);
    Tensor points(held_out.rows, shape_.size());
    decode(prior(held_out.rows, step.pass.draw), points, nullptr);
    return monitor_.measure(points, held_out);
  }
  std::string warning(const Losses& seen) const override { return monitor_.warning(seen); }

  void after_step(std::size_t phase) override {
    if (plug_.learned() && phase == 0) return plug_.critic().after_step();
    encoder_.update(encoder_trace_);
    decoder_.update(decoder_trace_);
  }

  std::string diagnose() const override {
    std::string place = first_not_finite(encoder_trace_, "encoder");
    if (place.empty()) place = first_not_finite(decoder_trace_, "decoder");
    return place.empty() && plug_.learned() ? plug_.critic().diagnose() : place;
  }

  void encode(View<const float> x, View<float> z, const Draw* draw) override {
    refuse_draws(draw, "a Wasserstein autoencoder");
    const View<const float> code = encoded(x, {});
    std::copy_n(code.data, code.size(), z.data);
  }
  void decode(View<const float> z, View<float> x, const Draw* draw) override {
    if (!loss_.mixed()) refuse_draws(draw, "a Wasserstein autoencoder");
    const View<const float> y = decoded(z, {});
    loss_.finish(y, x);
    if (draw != nullptr) loss_.draw(x, *draw);
  }
  void sample_latent(View<float> z, const Draw& draw) override { prior_.fill(z, draw); }
  bool normal_prior() const override { return prior_.normal(); }

  Fields evaluate(const Dataset& data, const EvaluateOptions& options) override {
    Fields fields = {{"squared_error", mean_of(reconstruction_errors(*this, data, options))}};
    const Tensor some = data.spaced(0, kEvaluated);
    if (some.rows() < plug_.least_rows()) return fields;
    if (told_.width() > 0 && options.inputs != nullptr) tell(options.inputs->spaced(0, kEvaluated));
    const View<const float> codes = encoded(some, {});
    for (Field& field : plug_.figures(beside_code_.join(codes),
                                      prior_of(codes.rows, Draw{options.seed, stream_id("evaluate"), 0})))
      fields.push_back(std::move(field));
    return fields;
  }
  std::vector<double> scores(const Dataset& data, const EvaluateOptions& options) override {
    return reconstruction_errors(*this, data, options);
  }

  Critic* critic() override { return plug_.learned() ? &plug_.critic() : nullptr; }
  bool compares_rows() const override { return false; }  // but codes
  const Spec& distance() const override { return spec_; }

  std::vector<Fields> summary() override {
    std::vector<Fields> lines = encoder_.summary();
    for (Fields& line : decoder_.summary()) lines.push_back(std::move(line));
    if (plug_.learned())
      for (Fields& line : plug_.critic().summary()) lines.push_back(std::move(line));
    return lines;
  }

  std::vector<OnnxPart> onnx_parts() override {
    refuse_conditions(told_.width(), "export");
    std::vector<OnnxPart> parts = {
        encoder_part(shape_.size(), [this](OnnxGraph& graph,
                                           const OnnxRows& x) { return write_network(graph, encoder_, x); }),
        decoder_part(latent_, [this](OnnxGraph& graph, const OnnxRows& z) {
          return loss_.finish(graph, write_network(graph, decoder_, z));
        })};
    if (plug_.learned()) parts.push_back(critic_part(plug_.critic(), latent_, OnnxUnits::none));
    return parts;
  }

 private:
  View<const float> encoded(View<const float> x, const Pass& pass) {
    return encoder_.forward(beside_x_.join(x), encoder_trace_, pass);
  }
  View<const float> decoded(View<const float> z, const Pass& pass) {
    return decoder_.forward(beside_z_.join(z), decoder_trace_, pass);
  }

  Losses fit(View<const float> batch, View<const float> code, const Pass& pass) {
    const View<const float> y = decoded(code, pass);
    d_output_.resize(y.rows, y.cols), d_beside_code_.resize(code.rows, beside_z_.shape().size());
    const auto rows = static_cast<double>(batch.rows);
    const double error = loss_(y, batch, d_output_, static_cast<float>(1 / rows)) / rows;
    decoder_.backward(decoder_trace_, d_output_, d_beside_code_, true, pass);
    d_code_ = beside_z_.part(d_beside_code_);
    const double distance = add_distance(code, pass);
    encoder_.backward(encoder_trace_, d_code_, {}, true, pass);
    return named(error, distance);
  }

  void refuse_few(std::size_t rows) const {
    if (rows < plug_.least_rows())
      throw RequestError(Complaint{
          rows == batch_ ? "--batch" : "training data", fmt::format("{} rows", rows),
          fmt::format("{} or more, which --distance {} compares at once", plug_.least_rows(), spec_.name)});
  }

  // Adds weight · ∂D/∂codes; an epoch's last batch goes without where it is too small for the distance.
  double add_distance(View<const float> code, const Pass& pass) {
    if (code.rows < plug_.least_rows()) return 0;
    d_distance_.resize(code.rows, beside_code_.shape().size());
    const double distance =
        plug_.loss(beside_code_.join(code), prior_of(code.rows, pass.draw), d_distance_, pass);
    const View<float> d_codes = beside_code_.part(d_distance_);
    const auto weight = static_cast<float>(weight_);
    for (std::size_t i = 0; i < d_code_.size(); ++i) d_code_.data[i] += weight * d_codes.data[i];
    return distance;
  }

  Losses named(double error, double distance) const {
    Losses out{.loss = error + weight_ * distance};
    out.add("reconstruction", error);
    out.add("distance", distance);
    return out;
  }

  View<const float> prior(std::size_t rows, const Draw& draw) {
    prior_draws_.resize(rows, latent_);
    prior_.fill(prior_draws_, draw.on("prior"));
    return std::as_const(prior_draws_).view();
  }

  // Codes and prior meet with their conditions beside them.
  View<const float> prior_of(std::size_t rows, const Draw& draw) {
    return beside_prior_.join(prior(rows, draw));
  }

  // Never fewer codes than the distance needs.
  View<const float> usable(View<const float> codes) {
    if (codes.rows >= plug_.least_rows()) return codes;
    repeated_.resize(plug_.least_rows(), codes.cols);
    for (std::size_t i = 0; i < repeated_.rows(); ++i)
      std::copy_n(codes.row(i % codes.rows), codes.cols, repeated_.row(i));
    return std::as_const(repeated_).view();
  }

  Spec spec_;
  RowShape shape_;
  std::size_t latent_, batch_;
  ReconstructionLoss loss_;
  double weight_;
  LatentNoise prior_;
  ToldConditions told_;
  ConditionInput beside_x_, beside_z_, beside_code_, beside_prior_;
  Network encoder_, decoder_;
  DistancePlug plug_;
  CriticTraining critic_;
  Monitor monitor_;
  Trace encoder_trace_, decoder_trace_;
  View<float> d_code_{};  // in d_beside_code_, or a part of it
  Tensor prior_draws_, d_output_, d_beside_code_, d_distance_, repeated_;
};

}  // namespace

const OptionTable<WaeOptions>& option_table(const WaeOptions&) {
  using O = WaeOptions;
  static const auto table =
      OptionTable<O>("wae")
          .part(&O::network, option_table(NetworkOptions{}))
          .say("hidden", "sizes of hidden layers, mirrored in the decoder; none = a linear map each way")
          .take(&O::plug, option_table(PlugOptions{}), "distance")
          .say("distance", "between codes and prior: any distance with a gradient, closed-form or learned")
          .add("distance-weight", &O::distance_weight, "its weight beside the reconstruction error",
               number_of(0, 1e30))
          .add("noise-distribution", &O::prior, "prior of the codes: normal, or uniform:A on (−A, A), A=1",
               latent_kind())
          .add("loss", &O::loss,
               "mse (squared error), bce (cross-entropy on logits; data in 0…1) or mixed (of a table with "
               "categories, and its default)",
               loss_kind())
          .take(&O::training, option_table(TrainOptions{}), "batch")
          .part(&O::plug, option_table(PlugOptions{}))
          .part(&O::monitor, option_table(MonitorOptions{}))
          .part(&O::condition, option_table(ConditionOptions{}))
          .part(&O::training, option_table(TrainOptions{}))
          .part(&O::data, option_table(DataOptions{}));
  return table;
}

ModelEntry wae_entry() {
  return {.name = "wae",
          .title = "Wasserstein autoencoder: codes as a whole follow the prior, by any distance",
          .formula = "min E loss(x, g(f(x))) + weight · D(f(x), z)",
          .source = "Tolstikhin, Bousquet, Gelly & Schölkopf, ICLR 2018; Makhzani et al., 2015",
          .options = option_table(WaeOptions{}).settings(),
          .examples =
              "  pushforward train wae mnist -o runs/wae\n"
              "  pushforward train wae mnist -o runs/sliced --distance sliced --distance-weight 10\n"
              "  pushforward train wae mnist -o runs/aae --distance jsd-critic --distance-weight 10\n",
          .make = model_from<Wae>(option_table(WaeOptions{})),
          .settle_on = settled_by(option_table(WaeOptions{}), [](WaeOptions& o, const Dataset& training) {
            settle_critic(o.plug);
            if (*o.loss == ReconstructionError::mse) settle_output(o.network, o.training, training);
          })};
}

}  // namespace pushforward
