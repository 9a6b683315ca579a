// SPDX-License-Identifier: Apache-2.0
//
// Conditional flow matching: a velocity field that carries one sample into another, learnt by regression on
// pairs.
//
//   min E‖v(x_t, t) − (x₁ − x₀)‖²,  x_t = (1 − t)x₀ + t x₁ + σε,  t ~ U(0, 1), (x₀, x₁) ~ a coupling
//
// [Lipman, Chen, Ben-Hamu, Nickel & Le, "Flow matching for generative modeling", ICLR 2023; Albergo &
// Vanden-Eijnden, ICLR 2023; Liu, Gong & Liu, "Rectified flow", ICLR 2023; couplings: flow_coupling.hpp.] The
// minimum is the mean velocity of those who pass through x at t, and it carries the source's marginals into
// the data's whatever the coupling; an optimal one makes ways straight, so that few Euler steps suffice.
//
// Its code is where a row came from: encode() runs the flow backwards, and latent() is as wide as a row.
//
// Letters: B rows, D features.
#include <algorithm>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "models/evaluation.hpp"
#include "models/flow_figures.hpp"
#include "models/flow_pairs.hpp"
#include "models/generator_base.hpp"
#include "models/monitor.hpp"
#include "models/registry.hpp"
#include "pushforward/condition.hpp"
#include "pushforward/error.hpp"
#include "pushforward/flow.hpp"
#include "pushforward/onnx.hpp"
#include "pushforward/row_wise.hpp"
#include "pushforward/transport.hpp"

namespace pushforward {
namespace {

constexpr std::size_t kEvaluated = 2000;  // rows between which transport is measured

class Flow final : public Model,
                   public Learner,
                   public Monitored,
                   public Codec,
                   public Generative,
                   public FlowModel,
                   public Evaluates,
                   public Scores,
                   public OnnxModel,
                   public RowWise,
                   public Conditional {
 public:
  Flow(const FlowOptions& options, RowShape shape)
      : shape_(shape),
        sigma_(static_cast<float>(options.sigma)),
        solver_(options.solver),
        pairs_(options, shape.size()),
        field_(options, shape),
        monitor_(options.monitor) {}

  std::size_t latent() const override { return shape_.size(); }
  std::vector<Parameter*> parameters() override { return field_.parameters(); }
  std::vector<Phase> phases() override { return {{.name = "fit", .parameters = field_.parameters()}}; }

  std::string across_rows() const override {
    return pairs_.row_wise() ? "" : "a --coupling, which pairs the rows of a batch";
  }

  void set_solver(const Solver& solver) override { solver_ = solver; }
  const Solver& solver() const override { return solver_; }
  void carry(View<float> z, double from, double to) override {
    pushforward::carry(field_, z, from, to, solver_);
  }

  void begin(const Dataset& training) override { pairs_.learn_from(training); }

  Losses accumulate(std::size_t, View<const float> batch, const Step& step) override {
    const double loss = regress(batch, step);
    field_.backward(error_, step.pass);
    return {.loss = loss};
  }
  Losses validate(View<const float> batch, const Step& step) override {
    return {.loss = regress(batch, step)};
  }

  Losses monitor(View<const float> held_out, const Step& step) override {
    if (!monitor_.any()) return {};
    tell(step.inputs);
    generated_.resize(held_out.rows, held_out.cols);
    generate(generated_, step.pass.draw, false);
    return monitor_.measure(generated_, held_out);
  }
  std::string warning(const Losses& seen) const override { return monitor_.warning(seen); }
  void after_step(std::size_t) override { field_.update(); }
  std::string diagnose() const override { return field_.not_finite(); }

  std::size_t condition_width() const override { return field_.told().width(); }
  void tell(View<const float> conditions) override { field_.told().tell(conditions); }

  void sample_latent(View<float> z, const Draw& draw) override { pairs_.source().fill(z, draw); }
  bool normal_prior() const override { return pairs_.source().normal(); }
  void encode(View<const float> x, View<float> z, const Draw* draw) override { move(x, z, draw, 1, 0); }
  void decode(View<const float> z, View<float> x, const Draw* draw) override { move(z, x, draw, 0, 1); }

  Fields evaluate(const Dataset& data, const EvaluateOptions& options) override {
    Fields figures = transport_figures(data, options);
    if (!pairs_.source().has_density()) return figures;
    const LogLikelihoods all = likelihoods(data, options);
    const double mean = mean_of(all.values);
    figures.emplace_back("log_likelihood", mean);
    figures.emplace_back("log_likelihood_standard_error", standard_error_of(all.values));
    if (!all.variances.empty())  // of the mean of n independent estimates
      figures.emplace_back("trace_standard_error",
                           std::sqrt(mean_of(all.variances) / static_cast<double>(all.variances.size())));
    figures.emplace_back("bits_per_dimension",
                         -mean / (static_cast<double>(shape_.size()) * std::numbers::ln2));
    return figures;
  }
  std::vector<double> scores(const Dataset& data, const EvaluateOptions& options) override {
    if (!pairs_.source().has_density())
      throw RequestError("scores: a flow from DATA has no density; --source normal or uniform has one");
    std::vector<double> values = likelihoods(data, options).values;
    for (double& v : values) v = -v;
    return values;
  }
  std::vector<Fields> summary() override { return field_.summary(); }
  std::vector<OnnxPart> onnx_parts() override {
    refuse_conditions(field_.told().width(), "export");
    return {
        {"velocity",
         {{"x", shape_.size(), OnnxUnits::data}, {"t", 1}},
         [this](OnnxGraph& graph, const std::vector<OnnxRows>& in) {
           return std::vector<OnnxPart::Output>{{"v", field_.write(graph, in[0], in[1]), OnnxUnits::rate}};
         }}};
  }

 private:
  // The loss; 2(v − u)/B is left in error_.
  double regress(View<const float> batch, const Step& step) {
    const FlowPairs::Rows rows = pairs_.of(batch, step);
    const std::size_t b = rows.to.rows, d = rows.to.cols;
    tell(rows.told);
    times_.resize(b), between_.resize(b, d), error_.resize(b, d);
    fill_uniform(times_, step.pass.draw.on("time"), 0, 1);
    sigma_ > 0 ? fill_normal(between_.span(), step.pass.draw.on("sigma"), 0, sigma_) : between_.zero();
    for (std::size_t i = 0; i < b; ++i)
      for (std::size_t j = 0; j < d; ++j)
        between_(i, j) += std::lerp(rows.from(i, j), rows.to(i, j), times_[i]);
    const View<const float> v = field_.at(between_, times_, step.pass);
    double sum = 0;
    for (std::size_t e = 0; e < v.size(); ++e) {
      const float off = v.data[e] - (rows.to.data[e] - rows.from.data[e]);
      sum += static_cast<double>(off) * static_cast<double>(off);
      error_.data()[e] = 2 * off / static_cast<float>(b);
    }
    return sum / static_cast<double>(b);
  }

  void move(View<const float> from, View<float> to, const Draw* draw, double begin, double end) {
    refuse_draws(draw, "a flow");
    std::copy_n(from.data, from.size(), to.data);
    carry(to, begin, end);
  }

  // Values to some 1e-5 whatever samples are drawn with.
  LogLikelihoods likelihoods(const Dataset& data, const EvaluateOptions& options) {
    const Solver solver = solver_.adaptive() ? solver_ : Solver{};
    LogLikelihoods all;
    for_evaluation(*this, data, options, [&](View<const float> rows, std::size_t first) {
      const Draw draw{options.seed, stream_id("trace"), first};
      const LogLikelihoods some = log_likelihoods(field_, pairs_.source(), rows,
                                                  std::max<std::size_t>(4, options.draws), draw, solver);
      all.values.insert(all.values.end(), some.values.begin(), some.values.end());
      all.variances.insert(all.variances.end(), some.variances.begin(), some.variances.end());
    });
    return all;
  }

  // W₂² between the data and what 1, 10 and the solver's steps make, and how straight ways are.
  Fields transport_figures(const Dataset& data, const EvaluateOptions& options) {
    const Tensor real = data.spaced(0, kEvaluated);
    Tensor told;
    if (condition_width() > 0 && options.inputs != nullptr) told = options.inputs->spaced(0, kEvaluated);
    if (!told.empty()) tell(told);
    Tensor source(real.rows(), real.cols());
    sample_latent(source, Draw{options.seed}.on("evaluate"));
    const auto to_data = [&](const Tensor& points) {
      return solve_transport({.points = points}, {.points = real}).value;
    };
    Fields figures;
    for (const std::size_t steps : {1, 10}) {
      Tensor points = source;
      pushforward::carry(field_, points, 0, 1, {.kind = Solver::Kind::euler, .steps = steps});
      figures.emplace_back(fmt::format("w2_squared_{}_euler", steps), to_data(points));
    }
    Tensor points = source;
    const double energy = path_energy(field_, points, solver_),
                 least = told.empty() ? to_data(source) : least_cost(source, real, told);
    figures.emplace_back("w2_squared", to_data(points));
    figures.emplace_back("path_energy", energy);
    figures.emplace_back("source_w2_squared", least);
    if (least > 0) figures.emplace_back("energy_over_w2_squared", energy / least);
    return figures;
  }

  RowShape shape_;
  float sigma_;
  Solver solver_;
  FlowPairs pairs_;
  VelocityField field_;
  Monitor monitor_;
  std::vector<float> times_;
  Tensor between_, error_, generated_;
};

// Columns that are brought to one scale would move the data away from where the source is.
void settle_flow_on(FlowOptions& o, const Dataset& training) {
  if (!starts_from_data(o.source)) return;
  if (o.training.standardize.value_or(false))
    throw RequestError(Complaint{"--standardize", "--source " + o.source,
                                 "--source normal or uniform beside it",
                                 "DATA are carried in the units that both have"});
  o.training.standardize = false;
  settle_source(o, training);
}

OptionKind<Solver> solver_kind() {
  return {.read = [](const OptionText& text) { return parse_solver(parse_spec(text.text, text.where)); },
          .text =
              [](const Solver& solver, char) {
                const std::string text = solver.text();
                return solver.adaptive()
                           ? text.substr(0, text.find('=') + 1) + fmt::format("{}", solver.tolerance)
                           : text;
              },
          .check =
              [](const Solver& solver, const std::string& where) {
                number_of(1e-12, 1).check(solver.tolerance, where + ":tolerance");
                count_of(1, 1'000'000).check(solver.steps, where + ":steps");
              }};
}

}  // namespace

const OptionTable<FlowOptions>& option_table(const FlowOptions&) {
  using O = FlowOptions;
  static const auto table =
      OptionTable<O>("flow")
          .take(&O::network, option_table(NetworkOptions{}),
                {"hidden", "activation", "initial", "init", "names"})
          .say("hidden", "sizes of the velocity's hidden layers")
          .say("activation",
               "of hidden layers: silu, selu, relu, leaky-relu, elu, gelu, softplus, tanh, sigmoid, linear; "
               "smooth ones integrate in fewer steps")
          .add("norm", &O::norm, "between a hidden layer's product and its activation: none or layer",
               one_of({"none", "layer"}))
          .add("time", &O::waves,
               "how the network is told of it: fourier:K (waves of K frequencies), or plain", time_kind())
          .add("source", &O::source,
               "where ways begin: normal, uniform:A on (−A, A), or any DATA as wide as the rows", any_text())
          .add("source-digest", &O::source_digest,
               "set by the program: by which the DATA of --source are known again", any_text())
          .add("coupling", &O::coupling,
               "who goes where in a batch: independent, exact (the optimal plan), or sinkhorn:eps=E in units "
               "of the mean cost",
               coupling_kind())
          .add("coupling-batch", &O::coupling_batch,
               "rows that are coupled at once (default: as many as --batch); 4096 make ways straighter and "
               "serve 16 steps",
               count_of(1))
          .add("sigma", &O::sigma, "deviation of the noise that is added between the ends", number_of(0, 1e6))
          .add("solver", &O::solver,
               "how velocities are integrated: dopri5:tolerance=1e-5, or euler, heun, rk4 with steps=N; "
               "sample and others take another",
               solver_kind())
          .shown("dopri5")
          .take(&O::training, option_table(TrainOptions{}), "batch")
          .part(&O::monitor, option_table(MonitorOptions{}))
          .part(&O::condition, option_table(ConditionOptions{}))
          .part(&O::training, option_table(TrainOptions{}))
          .part(&O::data, option_table(DataOptions{}));
  return table;
}

ModelEntry flow_entry() {
  return {
      .name = "flow",
      .title = "Flow matching: a velocity field from noise, or from other data, to the data",
      .formula = "min E‖v(x_t, t) − (x₁ − x₀)‖², x_t = (1−t)x₀ + t·x₁ + σε, (x₀, x₁) coupled by transport",
      .source = "Lipman et al., ICLR 2023; Tong et al., TMLR 2024",
      .options = option_table(FlowOptions{}).settings(),
      .examples =
          "  pushforward train flow toy:moons -o runs/flow --steps 5000\n"
          "  pushforward train flow toy:moons:scale=3,noise=0.2 -o runs/between "
          "--source toy:8gaussians:scale=5,noise=0.06\n"
          "  pushforward train flow mnist -o runs/digits --hidden 1024,1024,1024 --coupling-batch 2048 --ema "
          "0.999\n",
      .make = model_from<Flow>(option_table(FlowOptions{})),
      .settle_on = settled_by(option_table(FlowOptions{}), settle_flow_on)};
}

}  // namespace pushforward
