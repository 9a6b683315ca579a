// SPDX-License-Identifier: Apache-2.0
#include "pushforward/learn_theta.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "pushforward/error.hpp"

namespace pushforward {
namespace {

constexpr double kStep = 1e-3;  // of the difference in θ; rows are float32

void check_family(const ThetaFamily& family, const std::string& text) {
  const Tensor one = family.rows(1, 8, 0), other = family.rows(1.5, 8, 0);
  if (!std::equal(one.span().begin(), one.span().end(), other.span().begin())) return;
  throw RequestError(Complaint{text, "a toy that does not depend on it", "one that does",
                               "toy:lines:theta or toy:gaussian:d=1,mean=theta"});
}

// One learning of θ.
class Descent {
 public:
  Descent(const ThetaFamily& family, const Dataset& data, const Spec& spec, const ThetaOptions& options)
      : family_(family), data_(data), options_(options), distance_(make_distance(spec, options.seed)) {
    check_learnable(spec, data, options);
    if (!facts_of(spec).learned) {
      freeze();
      return;
    }
    critic_ = distance_->critic(data.shape, 1);
    arena_.bind(critic_->parameters(), Draw{options.seed, stream_id("initial"), 0});
    optimizer_ = make_optimizer(AdamOptions{.beta1 = 0.5, .beta2 = 0.9}, arena_.trained_size(), 0, {});
  }

  ThetaStep step(double theta, std::size_t at) {
    for (std::size_t k = 0; critic_ && k < options_.critic_steps; ++k) update_critic(theta, at, k);
    const std::uint64_t seed = seed_of(at, options_.critic_steps);
    const Tensor real = batch(seed), generated = family_.rows(theta, options_.batch, seed);
    Matrix<double> slopes(generated.rows(), generated.cols());
    ThetaStep seen{theta, 0, 0};
    if (critic_) {
      Tensor narrow(generated.rows(), generated.cols());
      seen.loss = critic_->generator_loss(generated.view(), narrow.view(), pass(seed));
      std::copy_n(narrow.data(), narrow.size(), slopes.data());
    } else {
      distance_->redraw(seed);
      seen.loss = distance_->measure_in_y({real.view()}, {generated.view()}, {.points = slopes.view()})
                      .value.value_or(0);
    }
    seen.slope = family_.derivative(theta, seed, std::as_const(slopes).view());
    return seen;
  }

 private:
  void freeze() {
    const Tensor real = batch(seed_of(0, 0)), generated = family_.rows(options_.start, options_.batch, 1);
    distance_->freeze({real.view()}, {generated.view()});
  }

  void update_critic(double theta, std::size_t at, std::size_t repeat) {
    const std::uint64_t seed = seed_of(at, repeat);
    const Tensor real = batch(seed), generated = family_.rows(theta, options_.batch, seed);
    critic_->accumulate(real.view(), generated.view(), pass(seed));
    optimizer_->step({arena_.values().data, 1, arena_.trained_size()}, arena_.gradients(),
                     options_.critic_rate, 1, ++updates_);
    critic_->after_step();
  }

  // Another one for each batch; that of generated rows is far from that of the data's.
  std::uint64_t seed_of(std::size_t at, std::size_t repeat) const {
    return options_.seed * 1'000'003 + at * (options_.critic_steps + 1) + repeat + 7;
  }
  Pass pass(std::uint64_t seed) const { return {true, Draw{options_.seed}.on("theta").at(seed)}; }

  // Rows of the data with repetition.
  Tensor batch(std::uint64_t seed) const {
    std::vector<std::uint32_t> index(options_.batch);
    for (std::size_t i = 0; i < index.size(); ++i)
      index[i] = static_cast<std::uint32_t>(
          uniform01(Draw{options_.seed}.on("theta rows").at(seed), static_cast<std::uint32_t>(i)) *
          static_cast<double>(data_.rows()));
    Tensor rows(index.size(), data_.cols());
    data_.gather(index, rows);
    return rows;
  }

  const ThetaFamily& family_;
  const Dataset& data_;
  const ThetaOptions& options_;
  std::unique_ptr<Distance> distance_;
  std::unique_ptr<Critic> critic_;
  Arena arena_;
  std::unique_ptr<Optimizer> optimizer_;
  std::uint64_t updates_ = 0;
};

}  // namespace

ThetaFamily::ThetaFamily(const std::string& text) {
  const std::string start = "toy:";
  const std::size_t colon = text.find(':', start.size());
  if (!text.starts_with(start) || colon == std::string::npos)
    throw RequestError(Complaint{"FAMILY", "'" + text + "'", "a toy with an option that is theta",
                                 "toy:lines:theta or toy:gaussian:d=1,mean=theta"});
  toy_ = text.substr(0, colon);
  for (const std::string& piece : split(text.substr(colon + 1), ',')) {
    const bool free = piece == "theta" || piece.ends_with("=theta");
    if (!free) others_.push_back(piece);
    if (free && !option_.empty()) throw RequestError(Complaint{"FAMILY", text, "one option that is theta"});
    if (free) option_ = piece == "theta" ? piece : piece.substr(0, piece.size() - 6);
  }
  if (option_.empty())
    throw RequestError(Complaint{"FAMILY", "'" + text + "'", "a toy with an option that is theta",
                                 "toy:lines:theta or toy:gaussian:d=1,mean=theta"});
  check_family(*this, text);
}

Tensor ThetaFamily::rows(double theta, std::size_t n, std::uint64_t seed) const {
  std::string text = fmt::format("{}:{}={},n={},seed={}", toy_, option_, theta, n, seed);
  for (const std::string& other : others_) text += "," + other;
  const Dataset data = load_data(text);
  return data.floats(0, data.rows());
}

double ThetaFamily::derivative(double theta, std::uint64_t seed, View<const double> slopes) const {
  const double h = kStep * std::max(1.0, std::abs(theta));
  const Tensor above = rows(theta + h, slopes.rows, seed), below = rows(theta - h, slopes.rows, seed);
  double sum = 0;
  for (std::size_t e = 0; e < slopes.size(); ++e)
    sum += slopes.data[e] * (static_cast<double>(above.data()[e]) - static_cast<double>(below.data()[e])) /
           (2 * h);
  return sum;
}

void check_learnable(const Spec& distance, const Dataset& data, const ThetaOptions& options) {
  const Facts facts = facts_of(distance);
  if (!facts.learned && !facts.gradient_points)
    throw RequestError(Complaint{"--by", distance.text() + ", which has no gradient", "one that has",
                                 "w1, mmd, energy, sinkhorn, jsd-critic, w1-critic, …"});
  make_distance(distance, options.seed);
  if (facts.learned) return;  // its network takes batches of any size
  const Tensor batch = data.floats(0, std::min(options.batch, data.rows()));
  check_samples(distance.name, {batch.view()}, {batch.view()}, facts);
}

std::vector<ThetaStep> learn_theta(const ThetaFamily& family, const Dataset& data, const Spec& distance,
                                   const ThetaOptions& options) {
  Descent descent(family, data, distance, options);
  std::vector<ThetaStep> path;
  double theta = options.start;
  for (std::size_t at = 0; at <= options.steps; ++at) {
    path.push_back(descent.step(theta, at));
    theta -= options.rate * path.back().slope;
    if (!std::isfinite(theta))
      throw WorkError(Complaint{"learn-theta --by " + distance.text(),
                                fmt::format("theta = {} after step {}", theta, at), "a finite number",
                                "a smaller --rate"});
  }
  return path;
}

}  // namespace pushforward
