// SPDX-License-Identifier: Apache-2.0
// The kinds; the one learned number is a parameter like any other.
#include "models/likelihood.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "core/synonyms.hpp"
#include "core/unknown_word.hpp"
#include "models/codec.hpp"
#include "models/moments.hpp"
#include "ops/activation.hpp"
#include "pushforward/losses.hpp"
#include "pushforward/option_table.hpp"

namespace pushforward {
namespace {

double softplus(double a) { return a > 0 ? a + std::log1p(std::exp(-a)) : std::log1p(std::exp(a)); }
// h with softplus(h) = a, for a > 0.
double softplus_inverse(double a) { return a > 30 ? a : std::log(std::expm1(a)); }

constexpr const char* kWords[] = {"bernoulli",        "gaussian",      "gaussian:learned",
                                  "gaussian:optimal", "gaussian:head", "mixed"};

LikelihoodKind read_likelihood(const OptionText& text) {
  static const std::vector<std::string> words(std::begin(kWords), std::end(kWords));
  static const std::vector<std::string> gaussian = {"gaussian"};
  if (const auto place =
          place_of_word(text.text, words))  // of a Gaussian alone, the variance that fits any data
    return words[*place] == "gaussian" ? LikelihoodKind::gaussian_learned
                                       : static_cast<LikelihoodKind::Kind>(*place);
  const Spec spec = parse_spec(text.text, text.where);
  if (!place_of_word(spec.name, gaussian) || spec.options.size() != 1 || !spec.options.front().first.empty())
    throw UnknownWord(
        RequestError(Complaint{text.where, fmt::format("'{}'", text.text),
                               "bernoulli, gaussian:VARIANCE, gaussian:learned, gaussian:optimal, "
                               "gaussian:head or mixed"}),
        words);
  const std::string& variance = spec.options.front().second;
  const LikelihoodKind out(LikelihoodKind::gaussian, parse_number(variance, text.where + " gaussian"));
  if (!(out.variance > 0))
    throw RequestError(
        Complaint{text.where + " gaussian", variance, "a variance above 0, learned, optimal or head"});
  return out;
}

OptionKind<LikelihoodKind> likelihood_kind() {
  return {.read = read_likelihood,
          .text = [](const LikelihoodKind& value, char) -> std::string {
            const std::string word = kWords[value.kind];
            return value.kind == LikelihoodKind::gaussian ? fmt::format("{}:{}", word, value.variance) : word;
          },
          .check = [](const LikelihoodKind& value,
                      const std::string& where) { positive_number().check(value.variance, where); }};
}

}  // namespace

const OptionTable<LikelihoodOptions>& option_table(const LikelihoodOptions&) {
  using O = LikelihoodOptions;
  static const auto table =
      OptionTable<O>("likelihood")
          .add("likelihood", &O::kind,
               "p(x|z): bernoulli, gaussian:VARIANCE, gaussian:learned (one number; also gaussian alone), "
               "gaussian:optimal (the mean squared error), gaussian:head (σ²(z) a feature) or mixed (of a "
               "table: a variance a column, categories); left open, what the data ask for",
               likelihood_kind())
          .add("variance-floor", &O::variance_floor,
               "least variance of gaussian:learned, gaussian:optimal and gaussian:head",
               number_of(1e-12, 1e12))
          .shown("1e-4")
          .add("binarize", &O::binarize,
               "observations are drawn as Bernoulli(x) anew each time they are seen", yes_flag())
          .add("output-bias", &O::output_bias,
               "of the decoder's last layer: initial (as its weights), or data (the training mean; default "
               "with a Gaussian likelihood)",
               output_bias_kind());
  return table;
}

OptionKind<OutputBias> output_bias_kind() {
  return word_of(OptionWords<OutputBias>{{"initial", OutputBias::initial}, {"data", OutputBias::data}});
}

Likelihood::Likelihood(const LikelihoodOptions& options, const NetworkOptions& network,
                       const DataOptions& data, std::size_t features)
    : features_(features),
      kind_(options.kind->kind),
      fixed_(options.kind->variance),
      floor_(std::log(options.variance_floor)) {
  const std::string means = network.output_activation.value_or("linear");
  if (kind_ == Kind::mixed) blocks_ = blocks_of(data), read_mixed(means);
  if (kind_ == Kind::bernoulli || kind_ == Kind::mixed) return;
  squashed_ = means == "sigmoid";
  if (!squashed_ && means != "linear")
    throw unknown_word("--output-activation", means, std::vector<std::string>{"linear", "sigmoid"});
  raw_.name = "log_variance", raw_.rows = raw_.cols = 1;
  raw_.decays = false, raw_.trained = kind_ == Kind::gaussian_learned;
}

void Likelihood::read_mixed(const std::string& output_activation) {
  std::size_t numbers = 0;
  for (const TableBlock& block : blocks_)
    if (block.kind == TableBlock::Kind::numbers) numbers += block.size;
  if (blocks_.empty() || blocks_.back().begin + blocks_.back().size != features_)
    throw RequestError(Complaint{"--likelihood", "mixed", "a table for it, or another likelihood",
                                 "gaussian:learned takes any data"});
  if (output_activation != "linear")
    throw RequestError(Complaint{"--output-activation", output_activation, "linear with --likelihood mixed"});
  if (numbers == 0) return;
  raw_.name = "log_variance", raw_.rows = 1, raw_.cols = numbers;
  raw_.decays = false;
}

std::vector<Parameter*> Likelihood::parameters() {
  if (kind_ == Kind::mixed && raw_.cols == 0) return {};
  const bool own = kind_ == Kind::gaussian_learned || kind_ == Kind::gaussian_optimal || kind_ == Kind::mixed;
  return own ? std::vector<Parameter*>{&raw_} : std::vector<Parameter*>{};
}

void Likelihood::prepare(const Dataset& training) {
  if (bernoulli()) check_unit_range(training, "--likelihood bernoulli", "--likelihood gaussian:learned");
  if (kind_ == Kind::mixed) return prepare_mixed(training);
  if (kind_ != Kind::gaussian_learned && kind_ != Kind::gaussian_optimal) return;
  const Eigen::VectorXd mean = column_means(training);
  double sum = 0;
  for_blocks(training, 512, [&](View<const float> rows, std::size_t) {
    for (std::size_t i = 0; i < rows.rows; ++i)
      for (std::size_t j = 0; j < rows.cols; ++j)
        sum += std::pow(static_cast<double>(rows(i, j)) - mean[static_cast<Eigen::Index>(j)], 2);
  });
  const double variance = sum / static_cast<double>(training.rows() * training.cols());
  const double above = std::max(1e-3, std::log(std::max(1e-300, variance)) - floor_);
  if (kind_ == Kind::gaussian_optimal) {
    raw_.value(0, 0) = static_cast<float>(last_log_variance_ = floor_ + above);
    return;
  }
  raw_.value(0, 0) = static_cast<float>(floor_ + softplus_inverse(above));
}

// A variance a column begins at the data's.
void Likelihood::prepare_mixed(const Dataset& training) {
  if (raw_.cols == 0) return;
  const Eigen::VectorXd mean = column_means(training);
  std::vector<double> squares(features_, 0);
  for_blocks(training, 512, [&](View<const float> rows, std::size_t) {
    for (std::size_t i = 0; i < rows.rows; ++i)
      for (std::size_t j = 0; j < rows.cols; ++j)
        squares[j] += std::pow(static_cast<double>(rows(i, j)) - mean[static_cast<Eigen::Index>(j)], 2);
  });
  std::size_t number = 0;
  for (const TableBlock& block : blocks_)
    for (std::size_t j = 0; block.kind == TableBlock::Kind::numbers && j < block.size; ++j) {
      const double variance = squares[block.begin + j] / static_cast<double>(training.rows());
      const double above = std::max(1e-3, std::log(std::max(1e-300, variance)) - floor_);
      raw_.value(0, number++) = static_cast<float>(floor_ + softplus_inverse(above));
    }
}

std::vector<double> Likelihood::log_variances() const {
  std::vector<double> out(raw_.cols);
  for (std::size_t k = 0; k < out.size(); ++k)
    out[k] = floor_ + softplus(static_cast<double>(raw_.value(0, k)) - floor_);
  return out;
}

// d nll / d ln v = ½ − ½ (x−m)²/v of every number that is not missing; no weights are ones.
void Likelihood::learn_mixed(std::span<const double> weights, float scale) {
  for (std::size_t k = 0; k < raw_.cols; ++k) {
    double slope = 0;
    for (std::size_t i = 0; i < squares_.rows(); ++i)
      if (squares_(i, k) >= 0)
        slope += (weights.empty() ? 1 : weights[i]) * 0.5 * (1 - static_cast<double>(squares_(i, k)));
    const double bend = 1 / (1 + std::exp(floor_ - static_cast<double>(raw_.value(0, k))));
    raw_.gradient(0, k) += static_cast<float>(static_cast<double>(scale) * slope * bend);
  }
}

double Likelihood::log_variance() const {
  if (kind_ == Kind::gaussian_optimal) return static_cast<double>(raw_.value(0, 0));
  if (kind_ != Kind::gaussian_learned) return std::log(fixed_);
  return floor_ + softplus(static_cast<double>(raw_.value(0, 0)) - floor_);
}

double Likelihood::log_variance_slope() const {
  return 1 / (1 + std::exp(floor_ - static_cast<double>(raw_.value(0, 0))));
}

double Likelihood::variance() const { return single_variance() ? std::exp(log_variance()) : 0; }

View<const float> Likelihood::bent(View<const float> output) {
  if (!squashed_) return output;
  bent_.resize(output.rows, output.cols);
  std::copy_n(output.data, output.size(), bent_.data());
  for (std::size_t i = 0; i < output.rows; ++i) {
    const std::span<float> means(bent_.row(i), features_);
    activate(parse_activation("sigmoid"), means, means);
  }
  return std::as_const(bent_).view();
}

// s′ = s(1 − s).
void Likelihood::unbend(View<const float> bent, View<float> gradient) const {
  if (!squashed_ || !gradient.wanted()) return;
  for (std::size_t i = 0; i < gradient.rows; ++i)
    for (std::size_t j = 0; j < features_; ++j) gradient(i, j) *= bent(i, j) * (1 - bent(i, j));
}

double Likelihood::nll(View<const float> output, View<const float> x, View<float> gradient, float scale,
                       std::span<double> rows) {
  if (kind_ == Kind::bernoulli) return cross_entropy_logits(output, x, gradient, scale, rows);
  if (kind_ == Kind::mixed) {
    const double mixed = mixed_nll(blocks_, output, x, log_variances(), gradient, scale, rows, &squares_);
    if (gradient.wanted()) learn_mixed({}, scale);
    return mixed;
  }
  const View<const float> y = bent(output);
  const bool learn = kind_ == Kind::gaussian_learned && gradient.wanted();
  double slope = 0, log_variance = kind_ == Kind::gaussian_head ? 0 : this->log_variance();
  if (kind_ == Kind::gaussian_optimal && gradient.wanted())
    log_variance = last_log_variance_ =
        optimal_log_variance(squared_error(y, x, {}, 1), static_cast<double>(y.rows));
  const double sum = kind_ == Kind::gaussian_head
                         ? gaussian_nll_head(y, x, floor_, gradient, scale, rows)
                         : gaussian_nll(y, x, log_variance, gradient, learn ? &slope : nullptr, scale, rows);
  unbend(y, gradient);
  if (learn) raw_.gradient(0, 0) += static_cast<float>(slope * log_variance_slope());
  return sum;
}

double Likelihood::weighted_nll(View<const float> output, View<const float> x, View<float> gradient,
                                float scale, std::span<double> rows) {
  if (kind_ == Kind::mixed)
    return mixed_nll(blocks_, output, x, log_variances(), gradient, scale, rows, &squares_);
  if (!single_variance()) return nll(output, x, gradient, scale, rows);
  const View<const float> y = bent(output);
  const double sum = gaussian_nll(y, x, log_variance(), gradient, nullptr, scale, rows);
  unbend(y, gradient);
  return sum;
}

// The variance that makes Σ −ln p least: the mean squared error [Rybkin, Daniilidis & Levine, "Simple and
// effective VAE training with calibrated decoders", ICML 2021]. As d nll / d ln v = 0 there, the gradient in
// the means is that of a fixed variance.
double Likelihood::optimal_log_variance(double squares, double rows) const {
  const double mean = squares / (rows * static_cast<double>(features_));
  return std::max(floor_, std::log(std::max(1e-300, mean)));
}

void Likelihood::after_step() {
  constexpr double kShare = 0.02;  // of the last batch
  if (kind_ == Kind::gaussian_optimal)
    raw_.value(0, 0) += static_cast<float>(kShare * (last_log_variance_ - log_variance()));
}

std::string Likelihood::across_rows() const {
  return kind_ == Kind::gaussian_optimal ? "gaussian:optimal, whose variance is a whole batch's" : "";
}

// Of rows whose nll_r at the kept variance is known: ½ s_r/v = nll_r − ½D ln 2πv.
double Likelihood::weighted_optimum(std::span<const double> rows, std::span<const double> weights) const {
  const double constant =
      0.5 * static_cast<double>(features_) * (std::log(2 * std::numbers::pi) + log_variance());
  double squares = 0, count = 0;
  for (std::size_t i = 0; i < rows.size(); ++i)
    squares += weights[i] * 2 * variance() * (rows[i] - constant), count += weights[i];
  return optimal_log_variance(squares, count);
}

// With one variance v, nll_r = ½ s_r/v + ½ D ln 2πv, so d nll_r / d ln v = ½D − ½ s_r/v = ½D + ½D ln 2πv −
// nll_r.
void Likelihood::weight_rows(View<float> gradient, std::span<const double> rows,
                             std::span<const double> weights, float scale) {
  for (std::size_t i = 0; i < gradient.rows; ++i)
    for (float* g = gradient.row(i); g != gradient.row(i) + gradient.cols; ++g)
      *g *= static_cast<float>(weights[i]);
  if (kind_ == Kind::mixed) return learn_mixed(weights, scale);
  if (kind_ == Kind::gaussian_optimal) last_log_variance_ = weighted_optimum(rows, weights);
  if (kind_ != Kind::gaussian_learned) return;
  const double half = 0.5 * static_cast<double>(features_);
  const double constant = half + half * (std::log(2 * std::numbers::pi) + log_variance());
  double slope = 0;
  for (std::size_t i = 0; i < gradient.rows; ++i) slope += weights[i] * (constant - rows[i]);
  raw_.gradient(0, 0) += static_cast<float>(static_cast<double>(scale) * slope * log_variance_slope());
}

void Likelihood::means(View<const float> output, View<float> x) const {
  if (kind_ == Kind::mixed) return mixed_means(blocks_, output, x);
  for (std::size_t i = 0; i < x.rows; ++i) std::copy_n(output.row(i), features_, x.row(i));
  if (bernoulli() || squashed_) activate(parse_activation("sigmoid"), x.span(), x.span());
}

OnnxRows Likelihood::means(OnnxGraph& graph, const OnnxRows& output) const {
  if (kind_ == Kind::mixed) return mixed_means(graph, blocks_, output);
  const OnnxRows m = kind_ == Kind::gaussian_head ? graph.columns(output, 0, features_) : output;
  return logits() ? graph.each("Sigmoid", m) : m;
}

double Likelihood::head_log_variance(float h) const {
  return floor_ + softplus(static_cast<double>(h) - floor_);
}

void Likelihood::variances(View<const float> output, View<float> variance) const {
  means(output, variance);
  if (kind_ == Kind::mixed) {
    const std::vector<double> log_variance = log_variances();
    for (std::size_t i = 0; i < variance.rows; ++i) {
      std::size_t number = 0;
      for (const TableBlock& block : blocks_)
        for (std::size_t j = block.begin; j < block.begin + block.size; ++j) {
          float& v = variance(i, j);
          v = block.kind == TableBlock::Kind::numbers ? static_cast<float>(std::exp(log_variance[number++]))
                                                      : v * (1 - v);
        }
    }
    return;
  }
  for (std::size_t i = 0; i < variance.rows; ++i)
    for (std::size_t j = 0; j < features_; ++j) {
      float& v = variance(i, j);
      v = bernoulli() ? v * (1 - v)
          : kind_ == Kind::gaussian_head
              ? static_cast<float>(std::exp(head_log_variance(output(i, features_ + j))))
              : static_cast<float>(std::exp(log_variance()));
    }
}

std::vector<float> Likelihood::data_bias(const Dataset& training) const {
  const Eigen::VectorXd mean = column_means(training);
  if (kind_ == Kind::mixed) return mixed_bias(blocks_, {mean.data(), features_});
  std::vector<float> bias(outputs());
  for (std::size_t j = 0; j < features_; ++j) {
    const double m = mean[static_cast<Eigen::Index>(j)], p = std::clamp(m, 0.001, 0.999);
    bias[j] = static_cast<float>(bernoulli() || squashed_ ? std::log(p / (1 - p)) : m);
  }
  if (kind_ != Kind::gaussian_head) return bias;
  std::vector<double> square(features_, 0);
  for_blocks(training, 512, [&](View<const float> rows, std::size_t) {
    for (std::size_t i = 0; i < rows.rows; ++i)
      for (std::size_t j = 0; j < features_; ++j)
        square[j] += std::pow(static_cast<double>(rows(i, j)) - mean[static_cast<Eigen::Index>(j)], 2);
  });
  for (std::size_t j = 0; j < features_; ++j) {
    const double variance = square[j] / static_cast<double>(training.rows());
    const double above = std::max(1e-3, std::log(std::max(1e-300, variance)) - floor_);
    bias[features_ + j] = static_cast<float>(floor_ + softplus_inverse(above));
  }
  return bias;
}

void Likelihood::draw(View<const float> output, View<float> x, const Draw& draw) const {
  means(output, x);
  Tensor noise(x.rows, x.cols);
  if (bernoulli()) {
    fill_uniform(noise.span(), draw);
    for (std::size_t i = 0; i < x.size(); ++i) x.data[i] = noise.data()[i] < x.data[i] ? 1.0f : 0.0f;
    return;
  }
  fill_normal(noise.span(), draw);
  if (kind_ == Kind::mixed) {
    draw_categories(blocks_, x, draw.on("categories"));
    const std::vector<double> log_variance = log_variances();
    for (std::size_t i = 0; i < x.rows; ++i) {
      std::size_t number = 0;
      for (const TableBlock& block : blocks_)
        for (std::size_t j = 0; block.kind == TableBlock::Kind::numbers && j < block.size; ++j)
          x(i, block.begin + j) +=
              static_cast<float>(std::exp(0.5 * log_variance[number++])) * noise(i, block.begin + j);
    }
    return;
  }
  for (std::size_t i = 0; i < x.rows; ++i)
    for (std::size_t j = 0; j < features_; ++j) {
      const double lv =
          kind_ == Kind::gaussian_head ? head_log_variance(output(i, features_ + j)) : log_variance();
      x(i, j) += static_cast<float>(std::exp(0.5 * lv)) * noise(i, j);
    }
}

}  // namespace pushforward
