// SPDX-License-Identifier: Apache-2.0
//
// A critic's update and a generator's view of it.
//
// Real and generated rows go through the network as one batch, real above generated: half as many products of
// twice the height, which is faster, and the same numbers, for rows do not look at each other. Where they do
// (batch norm, the layers without a tangent pass) either sample is a batch of its own, as in published
// programs. Points are copied into that batch once; instance noise [Sønderby et al., ICLR 2017] is added on
// the way. Label smoothing is one-sided [Salimans et al., NeurIPS 2016]: a real point bears a share s of the
// loss of a generated one, which for cross-entropy is the target 1 − s.
//
// The penalty stands at x̂ = u·x + (1−u)·y, u uniform a row [Gulrajani et al., NeurIPS 2017]; the clip at the
// weights after each step [Arjovsky et al., ICML 2017].
//
// Every draw is the pass's, on streams of its own that keep the caller's apart.
#include "critics/critic_network.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <boost/math/distributions/hypergeometric.hpp>

#include "critics/critic_reading.hpp"
#include "layers/named_network.hpp"
#include "pushforward/error.hpp"
#include "pushforward/layers.hpp"

namespace pushforward {
namespace {

constexpr std::size_t kChunk = 1024;                 // rows that are read at a time
constexpr std::size_t kQuickOperations = 1'000'000;  // of a slope that only judges

DenseChain chain_of(const CriticSettings& options) {
  DenseChain chain = options.network;
  chain.outputs = 1;
  chain.spectral = chain.spectral || options.lipschitz.kind == Lipschitz::Kind::spectral;
  return chain;
}

// `pack` rows side by side: pictures stand on top of each other, which rows are without a copy.
RowShape packed_shape(RowShape point, std::size_t pack) {
  (point.image ? point.height : point.width) *= pack;
  return point;
}

// A body of convolutions, then the dense layers.
Network critic_network(const CriticSettings& options, RowShape input) {
  DenseChain chain = chain_of(options);
  if (options.body == "mlp") return dense_chain(input, chain);
  if (chain.spectral)
    throw RequestError(Complaint{"critic", "spectral norms with network=" + options.body,
                                 "network=mlp, or another bound on the slope", "lipschitz=penalty+10"});
  const bool penalised = options.lipschitz.kind == Lipschitz::Kind::penalty;
  std::vector<LayerPlan> body =
      named_network(options.body, chain.activation, penalised ? BodyRole::penalised : BodyRole::reads);
  if (const double rate = std::exchange(chain.input_dropout, 0); rate > 0)
    body.insert(body.begin(), DropoutOptions{rate});
  Network network = build_network(input, body, read_initial(chain.initial));
  append_dense_chain(network, chain);
  return network;
}

Pass stream_of(const Pass& pass, std::string_view name) {
  Pass own = pass;
  own.draw.stream ^= stream_id(name);
  return own;
}

// P(H ≥ hits): of n real and m generated rows, labelled at random, as many of the `taken` ones are real.
double fisher_p_value(std::size_t hits, std::size_t taken, std::size_t n, std::size_t m) {
  if (hits == 0) return 1;
  const boost::math::hypergeometric_distribution<double> law(
      static_cast<unsigned>(n), static_cast<unsigned>(taken), static_cast<unsigned>(n + m));
  const auto least = static_cast<double>(taken > m ? taken - m : 0);
  const auto below = static_cast<double>(hits - 1);
  return below < least ? 1 : std::min(1.0, cdf(complement(law, below)));
}

bool not_finite(const Tensor& output) {
  return std::ranges::any_of(output.span(), [](float v) { return !std::isfinite(v); });
}

}  // namespace

NetworkCritic::NetworkCritic(const CriticSettings& options, const Objective& objective,
                             const Objective& reading, RowShape point, std::size_t pack)
    : options_(options),
      objective_(objective),
      reading_(reading),
      pack_(pack),
      network_(critic_network(options, packed_shape(point, pack))),
      together_(network_.has_tangent()) {
  network_.name_parameters("critic");
  if (options_.lipschitz.kind == Lipschitz::Kind::penalty) check_penalised(network_);
}

View<const float> NetworkCritic::packed(View<const float> points) const {
  return {points.data, points.rows / pack_, points.cols * pack_};
}

std::size_t NetworkCritic::check_batch(View<const float> real, View<const float> generated) const {
  if (real.rows != generated.rows)
    throw RequestError(Complaint{"critic",
                                 fmt::format("{} real and {} generated points", real.rows, generated.rows),
                                 "as many of both"});
  if (real.rows % pack_ != 0)
    throw RequestError(Complaint{"critic", fmt::format("a batch of {} points", real.rows),
                                 fmt::format("a multiple of {}, the points that it sees at once", pack_)});
  return real.rows / pack_;
}

void NetworkCritic::place(View<const float> points, View<float> to, const Draw& draw) {
  if (options_.instance_noise == 0) {
    std::copy_n(points.data, points.size(), to.data);
    return;
  }
  fill_normal(to.span(), draw, 0, static_cast<float>(options_.instance_noise));
  for (std::size_t i = 0; i < points.size(); ++i) to.data[i] += points.data[i];
}

// Adds weight · slope of a term's mean to `slopes`, counts values above the threshold, and returns weight ·
// the mean.
double NetworkCritic::descend(View<const float> values, Objective::Function term, double weight,
                              View<float> slopes, std::size_t& above) const {
  const double share = weight / static_cast<double>(values.rows);
  const double threshold = objective_.threshold.value_or(0);
  double sum = 0;
  for (std::size_t i = 0; i < values.rows; ++i) {
    const auto v = static_cast<double>(values.data[i]);
    const Term t = term(v);
    sum += share * t.value;
    slopes.data[i] += static_cast<float>(share * t.slope);
    above += v > threshold ? 1 : 0;
  }
  return sum;
}

double NetworkCritic::add_penalty(std::size_t rows, const Pass& pass) {
  const View<float> all = batch_;
  shares_.resize(rows, 1), interpolates_.resize(rows, all.cols);
  fill_uniform(shares_.span(), stream_of(pass, "critic interpolates").draw);
  for (std::size_t i = 0; i < rows; ++i) {
    const float u = shares_.data()[i], *x = all.row(i), *y = all.row(rows + i);
    float* to = interpolates_.row(i);
    for (std::size_t j = 0; j < all.cols; ++j) to[j] = y[j] + u * (x[j] - y[j]);
  }
  return gradient_penalty(network_, interpolates_, options_.lipschitz.amount, options_.lipschitz.one_sided,
                          penalty_, stream_of(pass, "critic penalty"));
}

Losses NetworkCritic::accumulate(View<const float> real, View<const float> generated, const Pass& pass) {
  const std::size_t rows = check_batch(real, generated);
  batch_.resize(2 * rows, network_.inputs()), slopes_.resize(2 * rows, 1);
  const View<float> all = batch_, slopes = slopes_;
  place(packed(real), all.slice(0, rows), stream_of(pass, "critic noise real").draw);
  place(packed(generated), all.slice(rows, 2 * rows), stream_of(pass, "critic noise generated").draw);
  const std::size_t passes = together_ ? 1 : 2, each = 2 * rows / passes;
  const auto pass_of = [&](std::size_t p) { return stream_of(pass, p == 0 ? "critic" : "critic generated"); };
  for (std::size_t p = 0; p < passes; ++p)
    network_.forward(all.slice(p * each, (p + 1) * each), traces_[p], pass_of(p));
  const auto values = [&](std::size_t half) {
    return together_ ? traces_[0].output().slice(half * rows, (half + 1) * rows) : traces_[half].output();
  };
  slopes_.zero();
  const double smooth = options_.label_smoothing;
  std::size_t real_above = 0, generated_above = 0, unused = 0;
  const double on_real = descend(values(0), objective_.real, 1 - smooth, slopes.slice(0, rows), real_above);
  const double smoothed =
      smooth > 0 ? descend(values(0), objective_.generated, smooth, slopes.slice(0, rows), unused) : 0;
  const double on_generated =
      descend(values(1), objective_.generated, 1, slopes.slice(rows, 2 * rows), generated_above);
  for (std::size_t p = 0; p < passes; ++p)
    network_.backward(traces_[p], slopes.slice(p * each, (p + 1) * each), {}, true, pass_of(p));

  Losses losses{.loss = on_real + smoothed + on_generated};
  losses.add("critic", losses.loss);
  losses.add("estimate", objective_.distance(on_real / (1 - smooth), on_generated));
  if (options_.lipschitz.kind == Lipschitz::Kind::penalty) {
    losses.add("penalty", add_penalty(rows, pass));
    losses.loss += losses.parts[losses.count - 1].value;
  }
  if (objective_.threshold)
    losses.add("accuracy",
               static_cast<double>(real_above + rows - generated_above) / static_cast<double>(2 * rows));
  return losses;
}

void NetworkCritic::after_step() {
  if (options_.lipschitz.kind == Lipschitz::Kind::clip) {
    const auto most = static_cast<float>(options_.lipschitz.amount);
    for (Parameter* p : network_.parameters())
      if (p->trained)
        for (float& w : p->value.span()) w = std::clamp(w, -most, most);
  }
  for (const Trace& trace : traces_)
    if (!trace.saved.empty()) network_.update(trace);
}

double NetworkCritic::generator_loss(View<const float> generated, View<float> gradient, const Pass& pass) {
  check_batch(generated, generated);
  View<const float> x = packed(generated);
  if (options_.instance_noise > 0) {
    generator_batch_.resize(x.rows, x.cols);
    place(x, generator_batch_, stream_of(pass, "critic noise generator").draw);
    x = generator_batch_;
  }
  const Pass own = stream_of(pass, "critic generator");
  const View<const float> values = network_.forward(x, generator_trace_, own);
  generator_slopes_.resize(x.rows, 1), generator_slopes_.zero();
  std::size_t unused = 0;
  const double loss = descend(values, objective_.generator, 1, generator_slopes_, unused);
  if (gradient.wanted())
    network_.backward(generator_trace_, generator_slopes_, {gradient.data, x.rows, x.cols}, false, own);
  return loss;
}

void NetworkCritic::values(View<const float> points, std::span<float> v) {
  const View<const float> x = packed(points);
  for (std::size_t begin = 0; begin < x.rows; begin += kChunk) {
    const std::size_t end = std::min(begin + kChunk, x.rows);
    const View<const float> out = network_.forward(x.slice(begin, end), reading_trace_, Pass{});
    std::copy_n(out.data, out.rows, v.data() + begin);
  }
}

double NetworkCritic::slope_bound(const ValuedPoints& x, const ValuedPoints& y) {
  if (options_.lipschitz.kind == Lipschitz::Kind::spectral)
    if (const auto norms = operator_norm_product(network_, options_)) return *norms;
  std::size_t pairs = 0;
  return largest_slope(x, y, kQuickOperations, pairs);
}

Reading NetworkCritic::read(View<const float> real, View<const float> generated) {
  Reading reading = read_plainly(real, generated);
  if (reading_.lipschitz) add_exact_w1(reading, packed(real), packed(generated));
  judge_reading(reading, reading_);
  return reading;
}

Reading NetworkCritic::read_plainly(View<const float> real, View<const float> generated) {
  std::vector<float> v(real.rows / pack_), w(generated.rows / pack_);
  values(real, v), values(generated, w);
  const double threshold = reading_.threshold.value_or(0);
  const TermMoments p = term_moments(reading_.real, v, threshold);
  const TermMoments q = term_moments(reading_.generated, w, threshold);
  Reading reading;
  reading.value = reading_.distance(p.mean, q.mean);
  reading.standard_error = reading_.scale * std::sqrt(p.variance / static_cast<double>(p.count) +
                                                      q.variance / static_cast<double>(q.count));
  reading.estimator = reading_.estimator, reading.unit = reading_.unit;
  if (reading_.lipschitz)
    divide_by_slope(reading, network_, options_, {packed(real), v}, {packed(generated), w});
  else if (!reading_.bound.empty())
    reading.extra.emplace_back("bound", reading_.bound);
  if (reading_.root && *reading.value >= 0) reading.extra.emplace_back("root", std::sqrt(*reading.value));
  if (reading_.threshold) reading.extra.emplace_back("accuracy", 0.5 * (p.share_above + 1 - q.share_above));
  if (reading_.counts) {
    const auto above = [](const TermMoments& t) {
      return static_cast<std::size_t>(std::lround(t.share_above * static_cast<double>(t.count)));
    };
    reading.extra.emplace_back("p_value", fisher_p_value(above(p), above(p) + above(q), p.count, q.count));
  }
  reading.options = critic_option_fields(options_);
  return reading;
}

std::vector<std::string> NetworkCritic::score_names() const {
  if (objective_.classifier) return {"d", "log_ratio"};
  if (objective_.log_ratio) return {"f", "log_ratio"};
  return {"f"};
}

void NetworkCritic::score(View<const float> points, View<float> scores) {
  if (pack_ != 1)
    throw RequestError(Complaint{"critic", fmt::format("scores asked of a critic of {} points", pack_),
                                 "one that sees a point at a time"});
  std::vector<float> v(points.rows);
  values(points, v);
  for (std::size_t i = 0; i < v.size(); ++i) {
    const auto a = static_cast<double>(v[i]);
    scores(i, 0) = objective_.classifier ? static_cast<float>(1 / (1 + std::exp(-a))) : v[i];
    if (scores.cols > 1)
      scores(i, 1) = static_cast<float>(a * objective_.log_ratio.value_or(1) + objective_.log_ratio_shift);
  }
}

std::string NetworkCritic::diagnose() const {
  for (const Trace* trace : {&traces_[0], &traces_[1], &penalty_.trace, &generator_trace_})
    for (std::size_t i = 0; i < trace->outputs.size(); ++i)
      if (not_finite(trace->outputs[i])) return fmt::format("critic.{}", i);
  return {};
}

TermMoments term_moments(Objective::Function term, std::span<const float> values, double threshold) {
  TermMoments out;
  double square = 0;
  for (const float value : values) {  // Welford 1962
    const auto v = static_cast<double>(value);
    const double t = term(v).value, off = t - out.mean;
    out.mean += off / static_cast<double>(++out.count);
    square += off * (t - out.mean);
    out.share_above += v > threshold ? 1 : 0;
  }
  const auto n = static_cast<double>(out.count);
  out.variance = out.count > 1 ? square / (n - 1) : 0;
  out.share_above /= n;
  return out;
}

}  // namespace pushforward
