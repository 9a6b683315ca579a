// SPDX-License-Identifier: Apache-2.0
// Passes, codes, samples and evaluation; the objectives are in vae.cpp and iwae.cpp.
#include "models/variational.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/whole_number.hpp"
#include "models/generator_base.hpp"
#include "models/onnx_parts.hpp"
#include "pushforward/losses.hpp"

namespace pushforward {
namespace {

// ln Σ exp(a_i), one number at a time.
struct LogSum {
  double top = -HUGE_VAL, sum = 0;

  void add(double a) {
    if (a > top) {
      sum = sum * std::exp(top - a) + 1;
      top = a;
    } else {
      sum += std::exp(a - top);
    }
  }
  double value() const { return top + std::log(sum); }
};

View<const float> tile(View<const float> x, std::size_t times, Tensor& room) {
  if (times == 1) return x;
  room.resize(times * x.rows, x.cols);
  for (std::size_t l = 0; l < times; ++l) std::copy_n(x.data, x.size(), room.row(l * x.rows));
  return std::as_const(room).view();
}

}  // namespace

Variational::Variational(const NetworkOptions& network, const LikelihoodOptions& likelihood,
                         const ConditionOptions& condition, const DataOptions& data, RowShape shape)
    : shape_(shape),
      latent_(*network.latent),
      binarize_(likelihood.binarize),
      data_bias_(*likelihood.output_bias == OutputBias::data),
      likelihood_(likelihood, network, data, shape.size()),
      told_(condition),
      beside_x_(told_, shape, !dense_body(network)),
      beside_z_(told_, {.width = latent_}, false),
      encoder_(make_encoder(network, beside_x_.shape(), 2 * latent_, "linear")),
      decoder_(make_decoder(network, beside_z_.shape().size(), shape, "linear",
                            likelihood_.outputs() / shape.size())) {
  if (binarize_ && !likelihood_.bernoulli())
    throw RequestError(Complaint{"--binarize", option_table(likelihood).settings(likelihood).front().fallback,
                                 "--likelihood bernoulli beside it"});
}

std::vector<Parameter*> Variational::parameters() {
  std::vector<Parameter*> all = encoder_.parameters();
  for (Parameter* p : decoder_.parameters()) all.push_back(p);
  for (Parameter* p : likelihood_.parameters()) all.push_back(p);
  return all;
}

// --output-bias data: the decoder begins at the training mean (a logit clipped to 0.001…0.999 where it is
// squashed) and, with gaussian:head, at each feature's own variance. Else the first epochs' one aim is the
// mean face, which a one-sided code serves as well as a bias: codes then lie at one side of the prior for
// good.
void Variational::prepare(const Dataset& training) {
  likelihood_.prepare(training);
  if (!data_bias_) return;
  const View<float> bias = decoder_.parameters().back()->value;
  const std::vector<float> wanted = likelihood_.data_bias(training);
  if (bias.cols == wanted.size()) {
    std::copy(wanted.begin(), wanted.end(), bias.data);
    return;
  }
  const Eigen::VectorXd mean = column_means(training);
  const std::size_t shared = bias.cols < shape_.size() ? shape_.channels : shape_.size();  // a convolution's
  const std::size_t places = shape_.size() / shared;
  const auto pixels = static_cast<double>(places);
  for (std::size_t c = 0; c < shared; ++c) {
    double m = 0;
    for (std::size_t j = c; j < shape_.size(); j += shared) m += mean[static_cast<Eigen::Index>(j)] / pixels;
    const double p = std::clamp(m, 0.001, 0.999);
    bias(0, c) = static_cast<float>(likelihood_.logits() ? std::log(p / (1 - p)) : m);
  }
}

void Variational::after_step(std::size_t) {
  encoder_.update(encoder_trace_), decoder_.update(decoder_trace_);
  likelihood_.after_step();
}

std::string Variational::diagnose() const {
  const std::string place = first_not_finite(encoder_trace_, "encoder");
  return place.empty() ? first_not_finite(decoder_trace_, "decoder") : place;
}

View<const float> Variational::seen(View<const float> x, const Draw& draw) {
  if (!binarize_) return x;
  binary_.resize(x.rows, x.cols);
  fill_uniform(binary_.span(), draw);
  for (std::size_t i = 0; i < x.size(); ++i) binary_.data()[i] = binary_.data()[i] < x.data[i] ? 1.0f : 0.0f;
  return std::as_const(binary_).view();
}

View<const float> Variational::encoded(View<const float> x, const Pass& pass) {
  return encoder_.forward(beside_x_.join(x), encoder_trace_, pass);
}

View<const float> Variational::decoded(View<const float> z, const Pass& pass) {
  return decoder_.forward(beside_z_.join(z), decoder_trace_, pass);
}

Variational::Forward Variational::forward(View<const float> x, std::size_t draws, const Pass& pass,
                                          std::span<double> row_kl) {
  Forward at;
  at.x = seen(x, pass.draw.on("binarize"));
  at.code = encoded(at.x, pass);
  noise_.resize(draws * x.rows, latent_), z_.resize(draws * x.rows, latent_);
  fill_normal(noise_.span(), pass.draw.on("latent"));
  at.kl = reparametrise(at.code, noise_, z_, row_kl);
  at.output = decoded(std::as_const(z_).view(), pass);
  at.targets = tile(at.x, draws, tiled_);
  d_output_.resize(at.output.rows, at.output.cols);
  return at;
}

void Variational::backward_decoder(const Pass& pass) {
  d_beside_z_.resize(z_.rows(), beside_z_.shape().size());
  decoder_.backward(decoder_trace_, d_output_, d_beside_z_, true, pass);
  d_z_ = beside_z_.part(d_beside_z_);
}

void Variational::backward_code(const Forward& at, float kl_scale, float add_to_log_variance,
                                const Pass& pass) {
  d_code_.resize(at.code.rows, at.code.cols);
  reparametrise_backward(at.code, noise_, d_z_, kl_scale, d_code_);
  if (add_to_log_variance != 0)
    for (std::size_t i = 0; i < at.code.rows; ++i)
      for (std::size_t j = latent_; j < 2 * latent_; ++j) d_code_(i, j) += add_to_log_variance;
  encoder_.backward(encoder_trace_, d_code_, {}, true, pass);
}

// ln N(z; 0, I) − ln N(z; μ, σ²) = ½ Σ (ε² + ln σ² − z²): the constants cancel.
void Variational::log_weights(const Forward& at, std::span<const double> nll_rows,
                              std::span<double> out) const {
  for (std::size_t i = 0; i < out.size(); ++i) {
    const float *z = z_.row(i), *e = noise_.row(i), *lv = at.code.row(i % at.code.rows) + latent_;
    double sum = 0;
    for (std::size_t j = 0; j < latent_; ++j) {
      const double zj = static_cast<double>(z[j]), ej = static_cast<double>(e[j]);
      sum += ej * ej + static_cast<double>(lv[j]) - zj * zj;
    }
    out[i] = 0.5 * sum - nll_rows[i];
  }
}

void Variational::encode(View<const float> x, View<float> z, const Draw* draw) {
  const View<const float> code = encoded(x, {});
  Tensor noise(z.rows, z.cols);
  if (draw != nullptr) fill_normal(noise.span(), *draw);
  for (std::size_t i = 0; i < z.rows; ++i)
    for (std::size_t j = 0; j < latent_; ++j)
      z(i, j) = code(i, j) + (draw ? std::exp(0.5f * code(i, latent_ + j)) * noise(i, j) : 0.0f);
}

void Variational::decode(View<const float> z, View<float> x, const Draw* draw) {
  const View<const float> output = decoded(z, {});
  if (draw != nullptr)
    likelihood_.draw(output, x, *draw);
  else
    likelihood_.means(output, x);
}

void Variational::code_variance(View<const float> x, View<float> variance) {
  const View<const float> code = encoded(x, {});
  for (std::size_t i = 0; i < variance.rows; ++i)
    for (std::size_t j = 0; j < latent_; ++j) variance(i, j) = std::exp(code(i, latent_ + j));
}

void Variational::decoded_variance(View<const float> z, View<float> variance) {
  likelihood_.variances(decoded(z, {}), variance);
}

// −ELBO of every row.
std::vector<double> Variational::scores(const Dataset& data, const EvaluateOptions& options) {
  std::vector<double> out, nll, kl;
  const std::size_t draws = std::max<std::size_t>(1, options.draws);
  for_evaluation(*this, data, options, [&](View<const float> x, std::size_t first) {
    const Pass pass{false, Draw{options.seed, stream_id("evaluate"), first}, options.precision};
    kl.assign(x.rows, 0), nll.assign(draws * x.rows, 0);
    const Forward at = forward(x, draws, pass, kl);
    likelihood_.nll(at.output, at.targets, {}, 1, nll);
    for (std::size_t i = 0; i < x.rows; ++i) {
      double sum = 0;
      for (std::size_t l = 0; l < draws; ++l) sum += nll[l * x.rows + i];
      out.push_back(sum / static_cast<double>(draws) + kl[i]);
    }
  });
  return out;
}

namespace {

// Latents whose posterior mean varies over the data: Var_x(μ_j) > 0.01 [Burda et al. 2016, section 5.3].
long long count_active(const std::vector<Eigen::ArrayXd>& sums, double n) {
  const Eigen::ArrayXd mean = sums[0] / n;
  return ((sums[1] / n - mean.square()) > 0.01).count();
}

}  // namespace

Fields Variational::evaluate(const Dataset& data, const EvaluateOptions& options) {
  const double n = static_cast<double>(data.rows()), elbo = -mean_of(scores(data, options));
  const auto z = static_cast<Eigen::Index>(latent_);
  std::vector<Eigen::ArrayXd> sums(2, Eigen::ArrayXd::Zero(z));
  double kl = 0, cross_entropy = 0;
  for_evaluation(*this, data, options, [&](View<const float> x, std::size_t first) {
    const Pass pass{false, Draw{options.seed, stream_id("evaluate"), first}, options.precision};
    const Forward at = forward(x, 1, pass);
    kl += at.kl;
    const EigenMatrix means = loaded(at.code).leftCols(z);
    sums[0] += means.colwise().sum().transpose().array(),
        sums[1] += means.array().square().colwise().sum().transpose();
    if (likelihood_.bernoulli()) {
      for (std::size_t i = 0; i < x.rows; ++i) std::copy_n(at.code.row(i), latent_, z_.row(i));
      cross_entropy += likelihood_.nll(decoded(std::as_const(z_).view(), pass), at.x, {}, 1);
    }
  });
  Fields fields = {{"elbo", elbo},
                   {"kl", kl / n},
                   {"active_units", count_active(sums, n)},
                   {"squared_error", mean_of(reconstruction_errors(*this, data, options))}};
  if (likelihood_.bernoulli()) fields.emplace_back("cross_entropy", cross_entropy / n);
  if (likelihood_.variance() > 0) fields.emplace_back("noise_variance", likelihood_.variance());
  if (options.importance == 0) return fields;
  const std::vector<double> nll = importance_nll(data, options);
  fields.emplace_back("nll", mean_of(nll));
  fields.emplace_back("nll_standard_error", standard_error_of(nll));
  fields.emplace_back("importance", static_cast<long long>(options.importance));
  return fields;
}

// A block of rows against K draws, a few hundred decoded rows at a time.
void Variational::importance_block(View<const float> x, const EvaluateOptions& options, const Draw& draw,
                                   std::vector<double>& out) {
  constexpr std::size_t kDecodedRows = 500;  // what fits a second-level cache
  const std::size_t most = std::max<std::size_t>(1, kDecodedRows / x.rows);
  Tensor fixed(x.rows, x.cols);  // binarised once, for all draws
  const View<const float> binary = seen(x, draw.on("binarize"));
  std::copy_n(binary.data, binary.size(), fixed.data());
  std::vector<LogSum> sums(x.rows);
  std::vector<double> nll, weights;
  Forward at;
  at.code = encoded(std::as_const(fixed).view(), {.precision = options.precision});
  const View<const float> targets =
      tile(std::as_const(fixed).view(), std::min(most, options.importance), tiled_);
  for (std::size_t done = 0; done < options.importance;) {
    const std::size_t draws = std::min(most, options.importance - done);
    nll.assign(draws * x.rows, 0), weights.assign(draws * x.rows, 0);
    noise_.resize(draws * x.rows, latent_), z_.resize(draws * x.rows, latent_);
    Draw block = draw.on("importance");
    block.step = draw.step * (options.importance + 1) + done;
    fill_normal(noise_.span(), block);
    reparametrise(at.code, noise_, z_);
    const Pass pass{.precision = options.precision};
    likelihood_.nll(decoded(std::as_const(z_).view(), pass), targets.slice(0, draws * x.rows), {}, 1, nll);
    log_weights(at, nll, weights);
    for (std::size_t i = 0; i < weights.size(); ++i) sums[i % x.rows].add(weights[i]);
    done += draws;
  }
  for (const LogSum& sum : sums)
    out.push_back(std::log(static_cast<double>(options.importance)) - sum.value());
}

std::vector<double> Variational::importance_nll(const Dataset& data, const EvaluateOptions& options) {
  EvaluateOptions small = options;
  small.batch = 20;
  std::vector<double> out;
  for_evaluation(*this, data, small, [&](View<const float> x, std::size_t first) {
    importance_block(x, options, Draw{options.seed, 0, first}, out);
  });
  return out;
}

std::vector<Fields> Variational::summary() {
  std::vector<Fields> lines = encoder_.summary();
  for (Fields& line : decoder_.summary()) lines.push_back(std::move(line));
  return lines;
}

// The encoder has two outputs: means z and ln σ².
std::vector<OnnxPart> Variational::onnx_parts() {
  refuse_conditions(told_.width(), "export");
  OnnxPart encoder{"encoder", {{"x", shape_.size(), OnnxUnits::data}}, {}};
  encoder.write = [this](OnnxGraph& graph, const std::vector<OnnxRows>& x) {
    const OnnxRows code = write_network(graph, encoder_, x.front());
    return std::vector<OnnxPart::Output>{{"z", graph.columns(code, 0, latent_)},
                                         {"log_variance", graph.columns(code, latent_, 2 * latent_)}};
  };
  return {encoder, decoder_part(latent_, [this](OnnxGraph& graph, const OnnxRows& z) {
            return likelihood_.means(graph, write_network(graph, decoder_, z));
          })};
}

void settle_variational(const NetworkOptions& network, LikelihoodOptions& likelihood,
                        TrainOptions& training) {
  if (likelihood.kind->kind != LikelihoodKind::bernoulli)
    likelihood.output_bias.unless_given(OutputBias::data);
  const bool linear = network.hidden->empty() && dense_body(network);
  training.rate.unless_set(linear ? 0.01 : 0.001);
  training.schedule.unless_set(linear ? ScheduleOptions(CosineSchedule{}) : ConstantSchedule{});
}

void settle_means(NetworkOptions& network, LikelihoodKind likelihood, const TrainOptions& training,
                  const Dataset& data) {
  const bool bernoulli = likelihood.kind == LikelihoodKind::bernoulli;
  if (!bernoulli && likelihood.kind != LikelihoodKind::mixed) settle_output(network, training, data);
  if (bernoulli && network.output_activation.value_or("sigmoid") != "sigmoid")
    throw RequestError(Complaint{"--output-activation", *network.output_activation,
                                 "sigmoid, which a Bernoulli likelihood has",
                                 "or --likelihood gaussian:head"});
}

}  // namespace pushforward
