// SPDX-License-Identifier: Apache-2.0
//
// The generator: x = G(z), with any distance plugged in.
//
//   min_G D(G#ζ, p),  z ~ ζ = N(0, I) or U(−A, A)
//
// A kernel for D makes it a generative moment matching network [Li, Swersky & Zemel, ICML 2015; Dziugaite,
// Roy & Ghahramani, UAI 2015], a discriminator a GAN [Goodfellow et al., NeurIPS 2014], a critic a
// Wasserstein GAN [Arjovsky, Chintala & Bottou, ICML 2017; Gulrajani et al., NeurIPS 2017], a variational
// f-divergence an f-GAN [Nowozin, Cseke & Tomioka, NeurIPS 2016], Sinkhorn's divergence [Genevay, Peyré &
// Cuturi, AISTATS 2018] and sliced transport [Deshpande, Zhang & Schwing, CVPR 2018] theirs. There is one
// class for all: it draws z, pushes it through G, asks the plug for the loss and its gradient in the points,
// and sends that back through G.
//
// With a learned distance a step has two phases: the critic's, --critic-steps times with fresh noise and
// other rows, then the generator's. Where the critic has one update, the generator learns from the same
// points, as in the program of the 2014 paper: G has not moved and is not run again. Both critic and
// generator see batches that are a multiple of --pack; what is left of the last, smaller batch of an epoch is
// left out, and one with fewer rows than the distance needs is repeated until it has them.
//
// With --code the points are codes of an autoencoder (code_space.hpp), of the training data once and for all
// (learnt_from), and what is generated is decoded.
//
// Letters: B rows of a batch, M generated points, D features, Z latents.
#include "pushforward/generator.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/whole_number.hpp"
#include "models/code_space.hpp"
#include "models/codec.hpp"
#include "models/condition_input.hpp"
#include "models/distance_plug.hpp"
#include "models/evaluation.hpp"
#include "models/generator_base.hpp"
#include "models/generator_network.hpp"
#include "models/latent_noise.hpp"
#include "models/mixed.hpp"
#include "models/monitor.hpp"
#include "models/onnx_parts.hpp"
#include "models/registry.hpp"
#include "pushforward/condition.hpp"
#include "pushforward/error.hpp"
#include "pushforward/row_wise.hpp"

namespace pushforward {
namespace {

constexpr std::size_t kEvaluated = 2000;  // rows that the trained distance is read on

// Whether a critic reads points by convolutions.
bool convolutional_critic(const Spec& spec) {
  const auto body = std::ranges::find(spec.options, "network", &std::pair<std::string, std::string>::first);
  return body != spec.options.end() && !is_dense_body(body->second, "--critic-network");
}

class Generator final : public Model,
                        public Learner,
                        public Monitored,
                        public Adversarial,
                        public Generative,
                        public Evaluates,
                        public OnnxModel,
                        public RowWise,
                        public Pooled,
                        public Conditional {
 public:
  Generator(const GeneratorOptions& options, RowShape shape, std::unique_ptr<Distance> distance,
            const Facts& facts, const Spec& spec)
      : shape_(shape),
        latent_(*options.network.latent),
        samples_(options.samples.value_or(0)),
        batch_(*options.training.batch),
        data_bias_(options.output_bias == OutputBias::data),
        output_activation_(options.network.output_activation.value_or("")),
        noise_(*options.noise),
        code_(options.code.empty() ? nullptr : std::make_unique<CodeSpace>(options.code_config, shape)),
        code_run_(options.code),
        told_(options.condition),
        beside_z_(told_, {.width = latent_}, false),
        beside_real_(told_, code_ ? code_->shape() : shape, convolutional_critic(spec)),
        beside_points_(beside_real_),
        head_(code_ ? std::vector<TableBlock>{} : blocks_of(options.data)),
        network_(make_generator_network(options.network, *options.norm, beside_z_.shape().size(),
                                        code_ ? code_->shape() : shape)),
        spec_(spec),
        plug_(std::move(distance), facts, spec.name, beside_real_.shape(), options.pack),
        critic_(critic_training(options.plug, plug_.learned())),
        monitor_(options.monitor) {
    check(options);
    if (!compares_conditions()) return;
    beside_real_.scale_by(condition_scale_), beside_points_.scale_by(condition_scale_);
  }

  std::size_t latent() const override { return latent_; }
  bool draws() const override { return head_.any(); }
  std::size_t condition_width() const override { return told_.width(); }
  void tell(View<const float> conditions) override { told_.tell(conditions), shared_rows_ = 0; }
  Critic* critic() override { return plug_.learned() ? &plug_.critic() : nullptr; }
  bool compares_rows() const override { return !code_ && told_.width() == 0 && plug_.pack() == 1; }
  const Spec& distance() const override { return spec_; }
  std::vector<Parameter*> parameters() override {
    std::vector<Parameter*> all = plug_.parameters();
    for (Parameter* parameter : network_.parameters()) all.push_back(parameter);
    if (code_)
      for (Parameter* parameter : code_->parameters()) all.push_back(parameter);
    if (compares_conditions()) all.push_back(&condition_scale_);
    return all;
  }

  std::vector<Phase> phases() override {
    std::vector<Phase> all;
    if (plug_.learned()) all.push_back(critic_.phase(plug_.learnt()));
    all.push_back({.name = "generator", .parameters = network_.parameters()});
    std::erase_if(all.back().parameters, [](const Parameter* p) { return !p->trained; });
    return all;
  }

  std::string across_rows() const override {
    return samples_ > 0 ? "--samples, as many for any batch" : plug_.across_rows();
  }

  bool compares_conditions() const { return told_.width() > 0 && !plug_.learned(); }
  bool pools() const override { return !plug_.learned() && samples_ == 0 && told_.width() == 0; }
  std::size_t least_rows() const override { return plug_.least_rows(); }
  View<const float> make(std::size_t rows, const Step& step) override { return points(rows, step.pass); }
  double compare(View<const float> made, View<const float> rows, View<float> gradient,
                 const Step& step) override {
    return plug_.loss(made, rows, gradient, on(step.pass, "critic"));
  }
  void learn(View<const float> gradient, const Step& step) override {
    d_points_.resize(gradient.rows, gradient.cols);
    std::copy_n(gradient.data, gradient.size(), d_points_.data());
    if (head_.any()) head_.backward(d_points_);
    network_.backward(trace_, d_points_, {}, true, on(step.pass, "generator"));
  }

  std::optional<Dataset> learnt_from(const Dataset& rows) override {
    if (!code_) return {};
    return code_->encoded(rows);
  }

  void prepare(const Dataset& training) override {
    if (code_) code_->load(code_run_);
    if (data_bias_) begin_at_mean(training);
    if (plug_.learned()) return;
    const Tensor rows = training.spaced(0, batch_);
    const View<const float> real = usable(in_code(rows));
    if (compares_conditions()) condition_scale_.value.data[0] = matching_scale(real, told_.all());
    told_.keep_spaced(training.rows(), batch_);
    const View<const float> generated = points(generated_rows(real.rows), {});
    plug_.freeze(beside_points_.join(generated), beside_real_.join(real));
  }

  Losses accumulate(std::size_t phase, View<const float> batch, const Step& step) override {
    const bool to_critic = plug_.learned() && phase == 0;
    told_.tell(step.inputs);
    const View<const float> real = beside_real_.join(usable(batch));
    Pass pass = step.pass;  // fresh draws for every update of a step, but where the critic has only one
    if (critic_.steps > 1)
      pass.draw.step = pass.draw.step * (critic_.steps + 1) + (to_critic ? step.repeat : critic_.steps);
    const std::size_t rows = generated_rows(real.rows);
    const bool there = !to_critic && shared_rows_ == rows && shared_draw_ == pass.draw.step;
    const View<const float> generated = beside_points_.join(there ? points_ : points(rows, pass));
    if (to_critic) {
      shared_rows_ = critic_.steps > 1 ? 0 : rows, shared_draw_ = pass.draw.step;
      return plug_.critic().accumulate(real, generated, on(pass, "critic"));
    }
    shared_rows_ = 0;
    d_beside_points_.resize(generated.rows, generated.cols);
    const double loss = plug_.loss(generated, real, d_beside_points_, on(pass, "critic"));
    const View<float> d_points = beside_points_.part(d_beside_points_);
    if (head_.any()) head_.backward(d_points);
    network_.backward(trace_, d_points, {}, true, on(pass, "generator"));
    return {.loss = loss};
  }

  Losses validate(View<const float> batch, const Step& step) override {
    told_.tell(step.inputs);
    const View<const float> real = beside_real_.join(usable(batch));
    const View<const float> generated = beside_points_.join(points(generated_rows(real.rows), step.pass));
    return {.loss = plug_.loss(generated, real, {}, step.pass)};
  }

  Losses monitor(View<const float> held_out, const Step& step) override {
    if (!monitor_.any()) return {};
    told_.tell(step.inputs);
    return monitor_.measure(as_data(points(held_out.rows, step.pass)), held_out);
  }
  std::string warning(const Losses& seen) const override { return monitor_.warning(seen); }

  void after_step(std::size_t phase) override {
    if (plug_.learned() && phase == 0)
      plug_.critic().after_step();
    else
      network_.update(trace_);
  }

  std::string diagnose() const override {
    const std::string place = first_not_finite(trace_, "generator");
    return place.empty() && plug_.learned() ? plug_.critic().diagnose() : place;
  }

  void decode(View<const float> z, View<float> x, const Draw* draw) override {
    if (!head_.any()) refuse_draws(draw, "a generator");
    shared_rows_ = 0;
    const View<const float> y = network_.forward(beside_z_.join(z), trace_, {});
    if (code_)
      code_->decode(y, x);
    else if (head_.any())
      finish(y, x, draw);
    else
      std::copy_n(y.data, y.size(), x.data);
  }
  void sample_latent(View<float> z, const Draw& draw) override { noise_.fill(z, draw); }
  bool normal_prior() const override { return noise_.normal(); }

  // The distance that was trained against, on as many generated points as there are rows, at most 2000.
  Fields evaluate(const Dataset& data, const EvaluateOptions& options) override {
    const Tensor some = data.spaced(0, kEvaluated);
    if (told_.width() > 0 && options.inputs != nullptr) tell(options.inputs->spaced(0, kEvaluated));
    const View<const float> real = beside_real_.join(usable(in_code(some)));
    const Pass pass{false, Draw{options.seed, stream_id("evaluate"), 0}, options.precision};
    return plug_.figures(beside_points_.join(points(real.rows, pass)), real);
  }

  std::vector<Fields> summary() override {
    std::vector<Fields> lines = network_.summary();
    if (plug_.learned())
      for (Fields& line : plug_.critic().summary()) lines.push_back(std::move(line));
    if (code_)
      for (Fields& line : code_->summary()) lines.push_back(std::move(line));
    return lines;
  }

  // With --code the critic sees codes.
  std::vector<OnnxPart> onnx_parts() override {
    refuse_conditions(told_.width(), "export");
    std::vector<OnnxPart> parts = {decoder_part(
        latent_,
        [this](OnnxGraph& graph, const OnnxRows& z) {
          const OnnxRows y = write_network(graph, network_, z);
          if (head_.any()) return mixed_means(graph, head_.blocks(), y);
          return code_ ? code_->decode(graph, y) : y;
        },
        "generator")};
    const std::size_t width = code_ ? code_->shape().size() : shape_.size();
    const OnnxUnits units = code_ ? OnnxUnits::none : OnnxUnits::data;
    if (plug_.learned()) parts.push_back(critic_part(plug_.critic(), width, units, plug_.pack()));
    return parts;
  }

 private:
  void finish(View<const float> y, View<float> x, const Draw* draw) {
    mixed_means(head_.blocks(), y, x);
    if (draw != nullptr) draw_categories(head_.blocks(), x, *draw);
  }

  void check(const GeneratorOptions& options) const {
    const bool linear = output_activation_ == "linear";
    if (*options.network.code_activation != "linear")
      throw RequestError(Complaint{"--code-activation", *options.network.code_activation,
                                   "a model with an encoder", "a generator's is --output-activation"});
    if (data_bias_ && (code_ || (!sigmoid() && !linear)))
      throw RequestError(Complaint{"--output-bias data", code_ ? "points that are codes" : output_activation_,
                                   "a sigmoid or linear output in the data's space"});
    if (head_.any() && !output_activation_.empty() && !linear)
      throw RequestError(
          Complaint{"--output-activation", output_activation_, "linear for a table with categories"});
    if (!plug_.learned() && plug_.pack() > 1)
      throw RequestError(Complaint{"--pack", "a distance that is not learned", "a learned one beside it"});
    if (!plug_.learned()) return;
    if (samples_ > 0 && samples_ != batch_)
      throw RequestError(Complaint{"--samples", fmt::format("{}", samples_),
                                   fmt::format("--batch, {}: a critic sees as many of both", batch_)});
    if (batch_ % plug_.pack() != 0)
      throw RequestError(Complaint{"--pack", fmt::format("{}", plug_.pack()),
                                   fmt::format("a number that divides --batch, {}", batch_)});
  }

  // The last layer's bias such that a zero weight gives the training mean (clipped to 0.001…0.999 for a
  // sigmoid).
  void begin_at_mean(const Dataset& training) {
    const Eigen::VectorXd mean = column_means(training);
    const View<float> bias = network_.layer(network_.depth() - 1).parameters().back()->value;
    for (std::size_t j = 0; j < bias.cols; ++j) {
      const double m = mean[static_cast<Eigen::Index>(j)], p = std::clamp(m, 0.001, 0.999);
      bias(0, j) = static_cast<float>(sigmoid() ? std::log(p / (1 - p)) : m);
    }
  }

  bool sigmoid() const { return output_activation_ == "sigmoid"; }

  static Pass on(const Pass& pass, std::string_view stream) {
    return {pass.training, pass.draw.on(stream), pass.precision};
  }

  View<const float> as_data(View<const float> generated) {
    if (!code_) return generated;
    decoded_.resize(generated.rows, shape_.size());
    code_->decode(generated, decoded_);
    return std::as_const(decoded_).view();
  }

  std::size_t generated_rows(std::size_t real) const { return samples_ > 0 ? samples_ : real; }

  // Generated points; they live in trace_ or head_.
  View<const float> points(std::size_t count, const Pass& pass) {
    z_.resize(count, latent_);
    noise_.fill(z_, pass.draw.on("latent"));
    shared_rows_ = 0;
    points_ = network_.forward(beside_z_.join(std::as_const(z_).view()), trace_, on(pass, "generator"));
    if (head_.any()) points_ = head_.forward(points_, pass.draw.on("categories"));
    return points_;
  }

  // Rows of data in the space where the distance is taken.
  View<const float> in_code(View<const float> rows) { return code_ ? code_->encode(rows) : rows; }

  // As many of them as are a multiple of pack, and never fewer than the distance needs.
  View<const float> usable(View<const float> batch) {
    if (batch.rows >= plug_.least_rows()) return batch.slice(0, batch.rows / plug_.pack() * plug_.pack());
    repeated_.resize(plug_.least_rows(), batch.cols);
    for (std::size_t i = 0; i < repeated_.rows(); ++i)
      std::copy_n(batch.row(i % batch.rows), batch.cols, repeated_.row(i));
    return std::as_const(repeated_).view();
  }

  RowShape shape_;
  std::size_t latent_, samples_, batch_;
  bool data_bias_;
  std::string output_activation_;
  LatentNoise noise_;
  std::unique_ptr<CodeSpace> code_;  // null: points are data
  std::string code_run_;
  ToldConditions told_;
  ConditionInput beside_z_, beside_real_, beside_points_;
  Parameter condition_scale_ = kept("condition_scale", 1, 1);  // for a distance that learns none
  TableHead head_;                                             // of tables with categories, which are drawn
  Network network_;
  Spec spec_;
  DistancePlug plug_;
  CriticTraining critic_;
  Monitor monitor_;
  Trace trace_;
  View<const float> points_{};
  std::size_t shared_rows_ = 0;    // points of this step's critic update that are still there
  std::uint64_t shared_draw_ = 0;  // and of which draw
  Tensor z_, d_points_, d_beside_points_, repeated_, decoded_;
};

}  // namespace

std::unique_ptr<Model> make_generator(const GeneratorOptions& options, RowShape data,
                                      std::unique_ptr<Distance> distance, const Facts& facts) {
  return std::make_unique<Generator>(options, data, std::move(distance), facts, Spec{"own"});
}

std::unique_ptr<Model> make_generator(const GeneratorOptions& options, RowShape data) {
  const Spec spec = plugged_spec(options.plug);
  return std::make_unique<Generator>(options, data, make_distance(spec, options.training.seed),
                                     facts_of(spec), spec);
}

ModelEntry generator_entry() {
  ModelEntry row = generator_row(Recipe::generator);
  row.title = "Generator against any distance that has a gradient, measured or learned";
  row.formula = "min_G D(G(z), data), z normal or uniform";
  row.source = "Genevay, Peyré & Cuturi, AISTATS 2018, and those of the distances";
  row.examples =
      "  pushforward train generator toy:8gaussians -o runs/ring --distance sinkhorn:p=1 --latent 2\n"
      "  pushforward train generator mnist -o runs/energy --distance energy\n"
      "  pushforward train generator toy:25gaussians -o runs/grid --distance f-critic:divergence=kl\n";
  return row;
}

}  // namespace pushforward
